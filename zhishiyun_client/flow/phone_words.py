"""What the candidate reads of the phone that films from behind (R060–R072)."""

from __future__ import annotations

from zhishiyun_client.domain.phases import RECORDED, Phase
from zhishiyun_client.flow.views import NoticeView, Tone
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_protocol.messages.phone import PhonePhase
from zhishiyun_protocol.messages.sitting import PhoneState

STATES = {
    PhonePhase.CONSENT: T.PHONE_STATE_PREPARING,
    PhonePhase.CHECKING: T.PHONE_STATE_PREPARING,
    PhonePhase.SWEEP: T.PHONE_STATE_SWEEP,
    PhonePhase.PLACING: T.PHONE_STATE_PLACING,
    PhonePhase.RECORDING: T.PHONE_STATE_RECORDING,
    PhonePhase.INTERRUPTED: T.PHONE_STATE_INTERRUPTED,
    PhonePhase.STOPPED: T.PHONE_STATE_STOPPED,
    PhonePhase.UPLOADING: T.PHONE_STATE_UPLOADING,
    PhonePhase.DONE: T.PHONE_STATE_DONE,
}
WORDS_OF_PHASE = {phase.value: words for phase, words in STATES.items()}
CAUSES = {
    "call": T.PHONE_CAUSE_CALL,
    "background": T.PHONE_CAUSE_BACKGROUND,
    "screen_off": T.PHONE_CAUSE_SCREEN_OFF,
    "camera_taken": T.PHONE_CAUSE_CAMERA_TAKEN,
    "page_closed": T.PHONE_CAUSE_PAGE_CLOSED,
    "phone_off": T.PHONE_CAUSE_PHONE_OFF,
    "power_lost": T.PHONE_CAUSE_PHONE_OFF,
    "hot": T.PHONE_CAUSE_HOT,
    "device_lost": T.PHONE_CAUSE_DEVICE,
    "device_absent": T.PHONE_CAUSE_DEVICE,
    "disk_full": T.PHONE_CAUSE_DISK,
    "replaced": T.PHONE_CAUSE_REPLACED,
}
TROUBLES = {
    "battery_critical": T.PHONE_BATTERY_CRITICAL,
    "battery_low": T.PHONE_BATTERY_LOW,
    "storage_low": T.PHONE_STORAGE_LOW,
    "dark": T.PHONE_DARK,
    "moved": T.PHONE_MOVED,
    "no_sound": T.PHONE_NO_SOUND,
}
"""What a phone warns of on both devices (R072)."""

FILMED = (PhonePhase.STOPPED, PhonePhase.UPLOADING, PhonePhase.DONE)
AIMING = (PhonePhase.CHECKING, PhonePhase.SWEEP, PhonePhase.PLACING, PhonePhase.RECORDING)
"""Phases in which the phone's picture helps to put it in place."""


def state_words(phone: PhoneState) -> Words:
    """Where the phone stands, in one or two words."""
    if phone.silent:
        return text(T.PHONE_STATE_SILENT)
    return text(WORDS_OF_PHASE.get(phone.phase, T.PHONE_STATE_BOUND))


def line_words(phone: PhoneState) -> Words:
    """Name and state: the line in the side panel."""
    return text(T.PHONE_LINE, name=phone.name, state=state_words(phone))


def is_filming(phone: PhoneState) -> bool:
    """Whether the phone films, as far as is known."""
    return phone.bound and not phone.silent and phone.phase == PhonePhase.RECORDING


def is_well(phone: PhoneState) -> bool:
    """Whether nobody needs to look at the phone."""
    broken = phone.silent or phone.phase == PhonePhase.INTERRUPTED
    return phone.bound and not broken and not any(code in TROUBLES for code in phone.troubles)


def warning(phone: PhoneState) -> Words | None:
    """The gravest thing that the candidate can mend."""
    for code, words in TROUBLES.items():
        if code in phone.troubles:
            return text(words)
    return None


def cause_words(cause: str) -> Words:
    """Why it was interrupted."""
    return text(CAUSES.get(cause, T.PHONE_CAUSE_OTHER))


def recovered(before: PhoneState | None, now: PhoneState) -> NoticeView | None:
    """E701, once, when the film goes on after an interruption."""
    if before is None or not is_filming(now):
        return None
    was_cut = before.phase == PhonePhase.INTERRUPTED  # the phone counts one from its beginning on
    if not was_cut and now.interruptions <= before.interruptions:
        return None
    words = text(
        T.NOTICE_E701, seconds=max(1, now.interrupted_s), cause=cause_words(now.last_cause)
    )
    return NoticeView("phone.recovered", words, Tone.GOOD, "E701", may_close=True)


def notices(phone: PhoneState, phase: Phase) -> list[NoticeView]:
    """What stands above the page while the exam is recorded; nothing of it blocks."""
    if phase not in RECORDED or not phone.bound:
        return []
    if phone.silent:
        return [NoticeView("phone.silent", text(T.NOTICE_PHONE_LOST), Tone.CAUTION)]
    if phone.phase == PhonePhase.INTERRUPTED:
        words = text(T.PHONE_INTERRUPTED, cause=cause_words(phone.last_cause))
        return [NoticeView("phone.interrupted", words, Tone.CAUTION, "E701")]
    if phone.phase in FILMED:
        return [NoticeView("phone.stopped", text(T.PHONE_STOPPED_EARLY), Tone.CAUTION)]
    trouble = warning(phone)
    if trouble is None:
        return []
    return [NoticeView("phone.trouble", trouble, Tone.CAUTION, may_close=True)]
