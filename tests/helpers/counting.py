"""A candidate's pages without a window, as a program: what do they count, and what do they show?

counting.py URL SESSION      one line a frame, once the exam's clock is known: µs of
                             CLOCK_MONOTONIC, phase, seconds that the countdown shows, papers
                             shown, this machine's date in seconds
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Slot

from tests.helpers.paper_room import PaperRoom
from zhishiyun_client.domain.phases import STAGES, Phase
from zhishiyun_client.flow.conductor import Conductor
from zhishiyun_client.flow.room import Room
from zhishiyun_client.flow.views import FrameView
from zhishiyun_client.net.channel import Channel
from zhishiyun_client.net.client import ExamClient
from zhishiyun_client.net.live_socket import LiveSocket
from zhishiyun_client.net.wire import Wire
from zhishiyun_client.ports.line import ClockKnown, NewsArrived
from zhishiyun_client.ports.recorder import FromServer
from zhishiyun_client.runtime.clock import ExamClock, monotonic_us
from zhishiyun_client.runtime.relay import Relay
from zhishiyun_protocol.messages.entering import Enrolled
from zhishiyun_protocol.messages.live import Heartbeat

GIVES_UP_MS = 120_000
LOOK_MS = 20


class Candidate(QObject):
    """Real pages, clock, channel and calls; everything else is of paper."""

    def __init__(self, url: str, session: str, folder: Path) -> None:
        super().__init__()
        self.wire, self.clock = Wire(url), ExamClock()
        self.relay = Relay(self.hear)
        self.conductor = Conductor(self.room(session, folder), Phase.WAITING)
        self.conductor.framed.connect(self.show)
        self.channel = Channel(
            self.conductor.room.ports.api,
            lambda: LiveSocket.open(self.wire.server_url, session, self.wire.context),
            lambda: Heartbeat(sent_us=0),
            self.relay.post,
            beat_every_s=1.0,
        )
        self.waits = QTimer(self)
        self.waits.setInterval(LOOK_MS)
        self.waits.timeout.connect(self.begin)

    def room(self, session: str, folder: Path) -> Room:
        api = ExamClient(self.wire, session)
        sitting = api.sitting()
        paper = PaperRoom(folder, "a")
        ports = replace(paper.room.ports, api=api, clock=self.clock)
        enrolled = Enrolled(
            exam_id=sitting.exam_id,
            exam_title="",
            plan=sitting.plan,
            starts_us=sitting.starts_us,
            ticket_tail="",
            subject=sitting.subject,
            formal=False,
        )
        room = Room(ports, paper.room.identity, enrolled)
        room.take_sitting(sitting)
        return room

    def start(self) -> None:
        self.channel.start()
        self.waits.start()

    @Slot()
    def begin(self) -> None:
        if self.clock.known is not None:
            self.waits.stop()
            self.conductor.start()

    def hear(self, report: object) -> None:
        if isinstance(report, ClockKnown):
            self.clock.learn(report.clock)
        elif isinstance(report, NewsArrived):
            self.conductor.hear(FromServer(news=report.news))

    @Slot(object)
    def show(self, frame: FrameView) -> None:
        at_us, phase = monotonic_us(), self.conductor.phase
        counts = frame.panel.countdown.remaining_s if frame.panel.countdown else -1
        papers = len(getattr(frame.page, "papers", ()))
        print(at_us, phase.value, counts, papers, int(time.time()), flush=True)
        if phase not in {Phase.WAITING, *STAGES}:
            QCoreApplication.exit(0)

    def close(self) -> None:
        self.channel.stop(5)
        self.wire.close()


def main() -> int:
    application = QCoreApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory() as folder:
        candidate = Candidate(sys.argv[1], sys.argv[2], Path(folder))
        candidate.start()
        QTimer.singleShot(GIVES_UP_MS, application.quit)
        application.exec()
        candidate.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
