"""What everybody is told of the phone, how it yields, and the hour after the exam (R065–R076)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.log_rig import plain_log, send
from tests.server.phone_rig import Phone, bound_phone, film, line_of, phone_news
from tests.server.rig import (
    MINUTE_US,
    PLAN,
    Candidate,
    Room,
    code_of,
    make_exam,
    photo,
    room,
    told,
)
from zhishiyun_protocol.messages.evidence import Receipt
from zhishiyun_protocol.messages.live import LiveLook
from zhishiyun_protocol.messages.phone import PhoneWish
from zhishiyun_protocol.messages.sitting import ActKind
from zhishiyun_protocol.timing import schedule, upload_due_us
from zhishiyun_server.phone_watch import look_for_silence


@pytest.fixture
def candidate(here: Room) -> Candidate:
    here.clock.to(-320)
    return here.candidate().log_in().get_ready()


@pytest.fixture
def phone(here: Room, candidate: Candidate) -> Phone:
    return bound_phone(here, candidate)


# ── what everybody sees ──────────────────────────────────────────────────


def test_only_what_would_be_shown_otherwise_is_news(candidate: Candidate, phone: Phone) -> None:
    before = phone_news(candidate)
    counts = []
    for status in (
        {"phase": "recording", "battery_share": 0.80, "recorded_s": 1},
        {"phase": "recording", "battery_share": 0.79, "recorded_s": 6, "waiting_bytes": 9**7},
        {"phase": "recording", "battery_share": 0.79, "troubles": ("battery_low",)},
        {"phase": "interrupted", "battery_share": 0.79, "troubles": ("call",)},
        {
            "phase": "recording",
            "battery_share": 0.79,
            "interruptions": 1,
            "interrupted_s": 6,
            "last_cause": "call",
        },
    ):
        phone.say(**status)
        counts.append(phone_news(candidate) - before)
    state = candidate.sitting().phone

    assert counts == [1, 1, 2, 3, 4]
    assert (state.interruptions, state.interrupted_s, state.last_cause) == (1, 6, "call")


def test_a_phone_that_says_nothing_is_noticed(
    here: Room, candidate: Candidate, phone: Phone
) -> None:  # R072
    portal = here.client.portal
    assert portal is not None
    phone.say(phase="recording")
    portal.call(look_for_silence, here.premises)
    spoke = candidate.sitting().phone
    here.clock.us += MINUTE_US
    portal.call(look_for_silence, here.premises)
    silent = candidate.sitting().phone
    news = phone_news(candidate)
    phone.say(phase="recording")

    assert (spoke.silent, silent.silent) == (False, True)
    assert line_of(here, candidate).phone.silent is False
    assert phone_news(candidate) == news + 1


@pytest.mark.parametrize(
    "status",
    [
        {"recorded_s": -1},
        {"log_bytes": 1 << 63},
        {"troubles": ("<script>",)},
        {"phase": "x" * 40},
        {"battery_share": 2.0},
    ],
)
def test_nonsense_of_a_phone_is_refused(phone: Phone, status: dict[str, object]) -> None:
    assert code_of(phone.post("status", status)) == (400, "BAD_REQUEST")


def test_the_hour_after_the_exam_is_everybodys_same_hour(
    here: Room, candidate: Candidate, phone: Phone
) -> None:  # R068, R186, R224
    candidate.enter()
    scribe, pieces = film(phone, here.clock.us)
    during = phone.say(phase="recording", log_bytes=scribe.length, waiting_bytes=scribe.length)
    here.clock.to(600)
    over = phone.say(phase="uploading", log_bytes=scribe.length, waiting_bytes=scribe.length)
    in_time = line_of(here, candidate).overdue
    here.clock.to(600 + 3601)
    overdue = line_of(here, candidate)
    phone.send_all(pieces)
    receipt = told(phone.seal(scribe.seal()), Receipt)

    assert (during.may_stop, over.may_stop) == (False, True)
    assert over.closes_us == over.ends_us + 60 * MINUTE_US == candidate.sitting().phone.closes_us
    assert (in_time, overdue.overdue, overdue.phone.parts_missing) == (False, True, 1)
    assert (receipt.body.late, candidate.sitting().phone.late) == (True, True)


def test_who_ends_early_has_the_same_clock_everywhere(
    here: Room, candidate: Candidate, phone: Phone
) -> None:  # R068, R186: computer, phone and receipt never name two instants
    candidate.enter()
    scribe, pieces = film(phone, here.clock.us)
    phone.send_all(pieces)
    here.clock.to(60)
    candidate.act(ActKind.EXAM_ENDED)
    sitting, told_phone = candidate.sitting(), phone.say(phase="uploading")
    here.clock.us = told_phone.closes_us or 0
    receipt = told(phone.seal(scribe.seal()), Receipt)

    assert sitting.ended_us is not None
    times = schedule(sitting.plan, sitting.subject, sitting.starts_us)
    due_us = upload_due_us(sitting.plan, sitting.starts_us, times)
    assert (told_phone.closes_us, sitting.phone.closes_us) == (due_us, due_us)
    assert (told_phone.may_stop, receipt.body.late) == (True, False)


def test_the_phones_picture_is_there_while_somebody_looks(
    here: Room, candidate: Candidate, phone: Phone
) -> None:  # R065
    jpeg = photo()
    before = phone.say().wanted
    phone.show(jpeg)
    first = told(candidate.get("/v1/me/phone/picture"), LiveLook)
    wished = phone.say().wanted
    shown = phone.show(jpeg)
    seen = told(candidate.get("/v1/me/phone/picture"), LiveLook)

    assert (before, first.picture, wished) == ((), "", (PhoneWish.PICTURE,))
    assert shown.status_code == 204
    assert seen.picture.startswith("data:image/jpeg;base64,")
    assert code_of(phone.show(b"no picture")) == (422, "PHOTO_UNREADABLE")
    assert phone.show(b"x" * (513 * 1024)).status_code == 413


def test_an_exam_may_want_a_phone_that_films(tmp_path: Path) -> None:
    plan = PLAN.replace("required = false", "required = true\nmust_film = true")
    with room(make_exam(tmp_path, plan=plan, count=1), at_s=-320) as here:
        candidate = here.candidate().log_in().get_ready()
        without = candidate.try_entry()
        phone = bound_phone(here, candidate)
        phone.say(phase="placing")
        placing = candidate.try_entry()
        phone.say(phase="recording")

        assert code_of(without) == (403, "PHONE_UNBOUND")
        assert code_of(placing) == (403, "PHONE_NOT_FILMING")
        assert candidate.try_entry().status_code == 200


# ── the phone yields ─────────────────────────────────────────────────────


def test_the_phone_yields_while_the_computer_has_a_backlog(
    here: Room, candidate: Candidate, phone: Phone
) -> None:
    log = plain_log(candidate, candidate.enter(), packets=900)
    free = phone.say().most_bytes_per_s
    candidate.beat(lag_bytes=4_000_000)
    stuck = phone.say().most_bytes_per_s
    send(candidate, log, about=200_000)
    candidate.beat(lag_bytes=4_000_000)
    slowed = phone.say().most_bytes_per_s
    candidate.beat(lag_bytes=100_000)
    drained = phone.say().most_bytes_per_s
    candidate.beat(lag_bytes=4_000_000)
    here.clock.us += MINUTE_US
    gone = phone.say().most_bytes_per_s

    assert (free, drained, gone) == (None, None, None)
    assert stuck == 8 * 1024
    assert slowed == round(len(log.data) / 20 / 3)
