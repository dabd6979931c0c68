"""Which calm lines stand above the page: from the recorder, the guard, the server and the clock."""

from __future__ import annotations

from zhishiyun_client.domain.phases import RECORDED, Phase
from zhishiyun_client.flow import device_words, phone_words
from zhishiyun_client.flow.room import Room
from zhishiyun_client.flow.views import CountdownView, NoticeView, Tone
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_client.ports.watching import Cause, Finding, Severity

SHOW_NEWS_US = 20_000_000  # of monotonic time: how long a passing notice stays
FOR_EVER_US = 2**62
TIME_WARNINGS = (
    (10, T.NOTICE_TEN_SECONDS),
    (60, T.NOTICE_ONE_MINUTE),
    (300, T.NOTICE_FIVE_MINUTES),
)
WARNING_STAYS_S = 15
SAID_IN_FULL = frozenset(
    {
        Cause.REMOTE_SESSION,
        Cause.VIRTUAL_MACHINE,
        Cause.VIRTUAL_CAMERA,
        Cause.HIDDEN_WINDOW,
        Cause.DEVICE_SHARED,
        Cause.POWER,
    }
)  # their explanation is the notice; the others have shorter words here


class Notices:
    """Standing states are computed from the room; passing ones are put here and fade."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._passing: dict[str, tuple[NoticeView, int]] = {}
        self._dismissed: set[str] = set()

    def show(self, notice: NoticeView, local_us: int, *, until_over: bool = False) -> None:
        """Show a notice for a while, or until it is dismissed."""
        self._dismissed.discard(notice.key)
        until_us = FOR_EVER_US if until_over else local_us + SHOW_NEWS_US
        self._passing[notice.key] = (notice, until_us)

    def dismiss(self, key: str) -> None:
        """The candidate closed it."""
        self._passing.pop(key, None)
        self._dismissed.add(key)

    def standing(
        self, phase: Phase, countdown: CountdownView | None, local_us: int
    ) -> tuple[NoticeView, ...]:
        """All that stand now, the gravest first."""
        self._passing = {k: v for k, v in self._passing.items() if v[1] > local_us}
        notices = [
            *self._of_recorder(phase),
            *self._of_phone(phase),
            *self._of_guard(phase),
            *_of_clock(phase, countdown),
            *(notice for notice, _ in self._passing.values()),
        ]
        return tuple(n for n in notices if n.key not in self._dismissed)

    def _of_recorder(self, phase: Phase) -> list[NoticeView]:
        status = self._room.status
        if status is None:
            return []
        notices: list[NoticeView] = []
        if status.line_up is False:
            words = T.NOTICE_E501 if phase in RECORDED else T.NOTICE_NETWORK_START
            notices.append(NoticeView("network", text(words), Tone.CAUTION, "E501"))
        if phase in RECORDED and phase is not Phase.DEVICE_CONFIRMATION:  # that page says it itself
            notices += device_words.notices(status)
        return notices

    def _of_phone(self, phase: Phase) -> list[NoticeView]:
        sitting = self._room.sitting
        return phone_words.notices(sitting.phone, phase) if sitting is not None else []

    def _of_guard(self, phase: Phase) -> list[NoticeView]:
        if phase not in RECORDED:
            return []
        notices: list[NoticeView] = []
        for finding in self._room.findings.values():
            if self._room.is_allowed(finding):
                continue
            words = _finding_words(finding, self._room.ports.guard.displays())
            if words is not None:
                notices.append(NoticeView(f"guard.{finding.subject}", words, Tone.CAUTION))
        return notices


def _finding_words(finding: Finding, displays: int) -> Words | None:
    if finding.cause in SAID_IN_FULL and finding.severity >= Severity.WARNING:
        return text(T(finding.explanation.value), **dict(finding.facts))
    if finding.cause.is_ordinary:
        return None
    if finding.cause is Cause.EXTRA_DISPLAY:
        return text(T.NOTICE_DISPLAY_ADDED, count=displays)
    if finding.rule.startswith("process."):
        return text(T.NOTICE_PROGRAM_FOUND, program=finding.fact("zh"))
    return text(T.NOTICE_FOCUS_LOST) if finding.rule.startswith("focus") else None


def _of_clock(phase: Phase, countdown: CountdownView | None) -> list[NoticeView]:
    if (
        countdown is None
        or phase not in RECORDED
        or phase in (Phase.WAITING, Phase.DEVICE_CONFIRMATION)
    ):
        return []
    for at_s, words in TIME_WARNINGS:
        if at_s - WARNING_STAYS_S < countdown.remaining_s <= at_s:
            key = f"time.{at_s}"
            return [NoticeView(key, text(words, stage=countdown.stage), Tone.CALM, may_close=True)]
    return []
