"""What is kept of the candidate at this moment, why, and until when; pure, from the room."""

from __future__ import annotations

from zhishiyun_client.domain.phases import Phase
from zhishiyun_client.flow.clock_words import calendar_day
from zhishiyun_client.flow.consenting import Face
from zhishiyun_client.flow.processing import local_kept
from zhishiyun_client.flow.room import Room
from zhishiyun_client.flow.views import KeptView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_protocol.plan import Factor
from zhishiyun_protocol.timing import SECOND_US

VERIFIED_BY_FACE = "face"
DAY_US = 24 * 3600 * SECOND_US
OVER = frozenset({Phase.ENDING, Phase.UPLOADING, Phase.RECEIPT})
BEFORE_LOGIN = frozenset({Phase.DEVICE_PREPARATION, Phase.CONSENT})


def kept_of(room: Room, phase: Phase) -> tuple[KeptView, ...]:
    """One row a kind of data, only those that this plan has."""
    plan, until = room.plan, server_until(room)
    rows = []
    if Factor.FACE in plan.login.factors:
        rows.append(KeptView(
            text(T.MY_DATA_FACE), text(T.MY_DATA_FACE_WHY), face_state(room, phase),
            text(T.MY_DATA_FACE_UNTIL),
        ))  # fmt: skip
    rows.append(KeptView(
        text(T.MY_DATA_LOGIN), text(T.MY_DATA_LOGIN_WHY),
        _there(room.sitting is not None, T.MY_DATA_ON_SERVER), until,
    ))  # fmt: skip
    is_recorded = room.sitting is not None and room.sitting.entered_us is not None
    rows.append(KeptView(
        text(T.MY_DATA_RECORDING), text(T.CONSENT_RECORDING_PURPOSE),
        _there(is_recorded, T.MY_DATA_RECORDING_STATE), until,
    ))  # fmt: skip
    rows.append(KeptView(
        text(T.MY_DATA_LOCAL), text(T.CONSENT_LOCAL_PURPOSE),
        text(T.MY_DATA_LOCAL_STATE), local_kept(plan),
    ))  # fmt: skip
    rows.append(KeptView(
        text(T.MY_DATA_DECISION), text(T.MY_DATA_DECISION_WHY),
        decision_words(room), text(T.MY_DATA_DECISION_UNTIL),
    ))  # fmt: skip
    return tuple(rows)


def decision_words(room: Room) -> Words:
    """What was decided about the face, when, and about which notice."""
    consent = room.consent
    if consent is None:
        return text(T.MY_DATA_NOT_DECIDED)
    key = {
        Face.GIVEN: T.MY_DATA_GIVEN,
        Face.DECLINED: T.MY_DATA_DECLINED,
        Face.WITHDRAWN: T.MY_DATA_WITHDRAWN,
    }[consent.face]
    at = calendar_day(consent.at_us) if consent.at_us else "—"
    return text(key, at=at, version=consent.version[:8])


def face_state(room: Room, phase: Phase) -> Words:
    """Where the numbers of the face are now."""
    consent, sitting = room.consent, room.sitting
    if consent is None or phase in BEFORE_LOGIN:
        return text(T.MY_DATA_FACE_NOT_YET)
    if consent.face is Face.DECLINED:
        return text(T.MY_DATA_FACE_DECLINED)
    if consent.face is Face.WITHDRAWN or phase in OVER:
        return text(T.MY_DATA_FACE_GONE)
    if phase is Phase.FACE_LOGIN:
        return text(T.MY_DATA_FACE_LOGIN)
    watched = room.plan.recording.presence_per_s > 0
    matched = sitting is not None and sitting.verified_by == VERIFIED_BY_FACE
    return text(T.MY_DATA_FACE_WATCHED if watched and matched else T.MY_DATA_FACE_GONE)


def consequences_of(room: Room, phase: Phase) -> Words:
    """What follows from withdrawing now, said plainly."""
    if room.sitting is None:
        return text(T.MY_DATA_WITHDRAW_BEFORE)
    if phase in OVER:
        return text(T.MY_DATA_WITHDRAW_AFTER)
    return text(T.MY_DATA_WITHDRAW_DURING)


def server_until(room: Room) -> Words:
    """The day until which the server keeps what it has."""
    ends_us = room.schedule()[-1].ends_us
    return calendar_day(ends_us + room.plan.retention.recordings_days * DAY_US)


def _there(is_there: bool, words: T) -> Words:
    return text(words if is_there else T.MY_DATA_NOTHING_YET)
