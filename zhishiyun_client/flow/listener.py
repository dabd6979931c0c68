"""What the machines report, taken into the room: recorder, guard, server news."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from zhishiyun_client.domain.phases import RECORDED, WITH_SESSION, Event, Phase
from zhishiyun_client.flow import phone_words
from zhishiyun_client.flow.help_line import HelpLine
from zhishiyun_client.flow.notices import Notices
from zhishiyun_client.flow.room import Room
from zhishiyun_client.flow.views import NoticeView, Tone
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ports.recorder import (
    DeviceBack,
    Devices,
    FromServer,
    Note,
    Recovered,
    Status,
    Trouble,
    Uploaded,
)
from zhishiyun_client.ports.watching import Finding
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_protocol.clock import ServerClock
from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_protocol.messages.live import News, NewsKind
from zhishiyun_protocol.messages.sitting import PaperKey, Sitting

MS_PER_S = 1000
LASTING_TROUBLES = {
    "DISK_FULL": (T.NOTICE_E503, "E503", Tone.CAUTION),
    "DISK_LOW": (T.NOTICE_DISK_LOW, "E503", Tone.CAUTION),
    "DISK_HELD": (T.NOTICE_E504, "E504", Tone.CALM),
    "WRITES_SLOW": (T.NOTICE_DISK_SLOW, "WRITES_SLOW", Tone.CAUTION),
}
"""What the candidate reads, the code that she tells on the telephone, and how calmly."""


class Listener:
    """Keeps the room true; steps hear the same reports afterwards."""

    def __init__(
        self,
        room: Room,
        notices: Notices,
        help_line: HelpLine,
        happened: Callable[[Event], None],
    ) -> None:
        self._room = room
        self._notices = notices
        self._help = help_line
        self._happened = happened

    def hear(self, report: object, phase: Phase) -> None:
        """Take one report."""
        if isinstance(report, Status):
            self._take_status(report)
        elif isinstance(report, Devices):
            self._room.devices = report
        elif isinstance(report, Uploaded):
            self._room.receipt = report.receipt
        elif isinstance(report, FromServer):
            self._take_news(report.news, phase)
        elif isinstance(report, Finding):
            self._take_finding(report, phase)
        elif isinstance(report, Recovered | DeviceBack | Trouble):
            self._tell(report, phase)

    def _take_status(self, status: Status) -> None:
        self._room.status = status
        if status.clock is not None:
            clock = status.clock
            self._room.ports.clock.learn(
                ServerClock(clock.at_us, clock.server_us, clock.error_us, clock.speed)
            )

    def _take_finding(self, finding: Finding, phase: Phase) -> None:
        if finding.ended_us is None:
            self._room.findings[finding.key] = finding
        else:
            self._room.findings.pop(finding.key, None)
        if phase in RECORDED:
            self._room.ports.recorder.say(Note(finding=finding.as_record()))

    def _tell(self, report: Recovered | DeviceBack | Trouble, phase: Phase) -> None:
        local_us = monotonic_us()
        if isinstance(report, Recovered):
            seconds = max(1, round(report.gap_ms / MS_PER_S))
            words = text(T.NOTICE_E502, seconds=seconds)
            self._notices.show(NoticeView("recovered", words, Tone.GOOD, "E502"), local_us)
        elif isinstance(report, DeviceBack):
            said = T.NOTICE_SWITCHED if report.other else T.DEVICE_BACK
            words = text(said, device=report.name)
            self._notices.show(NoticeView(f"back.{report.track}", words, Tone.GOOD), local_us)
        elif report.over:
            self._notices.dismiss(f"trouble.{report.code}")
        else:
            self._tell_trouble(report, local_us)

    def _tell_trouble(self, report: Trouble, local_us: int) -> None:
        """What lasts stands until it is over; what happened once fades."""
        key = f"trouble.{report.code}"
        lasting = LASTING_TROUBLES.get(report.code)
        if lasting is None:
            self._notices.show(NoticeView(key, report.zh, Tone.CAUTION, report.code), local_us)
        else:
            words, code, tone = lasting
            notice = NoticeView(key, text(words), tone, code)
            self._notices.show(notice, local_us, until_over=True)

    def _take_news(self, news: News, phase: Phase) -> None:
        if news.kind is NewsKind.HELP:
            self._help.look_soon()
        elif news.kind is NewsKind.REMIND:
            words = text(T.NOTICE_SUPERVISOR, words=news.text)
            notice = NoticeView(f"remind.{news.cursor}", words, Tone.CAUTION, may_close=True)
            self._notices.show(notice, monotonic_us())
        elif news.kind is NewsKind.PAPER_KEY:
            self._room.papers.take_key(msgspec.convert(news.data, PaperKey))
        elif news.kind is NewsKind.TAKEN_OVER and phase in WITH_SESSION:
            self._room.ports.api.use_session("")
            self._room.sitting = None
            self._happened(Event.SESSION_LOST)
        elif news.kind in (NewsKind.PHONE, NewsKind.STATE):
            self.refresh()

    def refresh(self) -> None:
        """Fetch the server's view again."""
        room = self._room
        room.run("sitting", room.ports.api.sitting, self._take_sitting, self._on_failure)

    def _take_sitting(self, sitting: Sitting) -> None:
        before = self._room.sitting
        self._room.take_sitting(sitting)
        notice = phone_words.recovered(before.phone if before else None, sitting.phone)
        if notice is not None:
            self._notices.show(notice, monotonic_us())

    def _on_failure(self, error: ZhishiyunError) -> None:
        """The next news, or the candidate's 【刷新】, ask again."""
