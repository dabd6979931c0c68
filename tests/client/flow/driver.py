"""A conductor that is taken through its pages, for every test of the flow."""

from __future__ import annotations

from collections.abc import Callable

from tests.helpers.paper_room import PaperRoom
from zhishiyun_client.domain.phases import Phase
from zhishiyun_client.flow import intents, views
from zhishiyun_client.flow.conductor import Conductor
from zhishiyun_client.ports.checks import CheckId, CheckResult, ChecksDone, Outcome
from zhishiyun_client.ports.devices import Sound, TrackState
from zhishiyun_client.ports.faces import FaceDecision, Verdict
from zhishiyun_client.ports.recorder import RecorderState, Status, TrackStatus

MATCHED = FaceDecision(Verdict.MATCHED, 0.9, 5, "pack/1/0")
OTHER = FaceDecision(Verdict.NOT_MATCHED, 0.1, 5, "pack/1/0")


class Driver:
    """Takes a conductor through its pages by intents and reports, as window and machines would."""

    def __init__(self, qapp, paper: PaperRoom, start: Phase) -> None:
        self._qapp = qapp
        self.paper = paper
        self.frames: list[views.FrameView] = []
        self.conductor = Conductor(paper.room, start)
        self.conductor.framed.connect(self.frames.append)
        self.conductor._machine.start()
        self.settle()

    @property
    def phase(self) -> Phase:
        return self.conductor.phase

    @property
    def page(self):
        self.beat()
        return self.frames[-1].page

    def settle(self) -> None:
        for _ in range(3):
            self._qapp.processEvents()

    def beat(self) -> None:
        self.conductor._on_beat()
        self.settle()

    def take(self, *wishes: intents.Intent) -> None:
        for wish in wishes:
            self.conductor.take(wish)
            self.settle()

    def hear(self, *reports: object) -> None:
        for report in reports:
            self.conductor.hear(report)
            self.settle()

    def at(self, seconds: float) -> None:
        self.paper.at(seconds)
        self.beat()
        self.beat()

    def prepare(self) -> None:
        for item in self.page.room:
            self.take(intents.TickRoomItem(item.name, True))
        self.take(intents.StartChecks())
        result = CheckResult(CheckId.CAMERA, Outcome.PASSED)
        self.hear(result, ChecksDone((result,)))
        self.take(intents.Continue())

    def consent(self) -> None:
        self.take(intents.TickFaceConsent(True), intents.AgreeAndContinue())

    def come_to_login(self) -> None:
        self.consent()
        self.prepare()

    def log_in(self) -> None:
        self.beat()
        self.hear(MATCHED)

    def confirm_devices(self) -> None:
        self.hear(status(RecorderState.RECORDING))
        self.beat()
        self.take(intents.EnterWaiting())


def status(state: RecorderState) -> Status:
    there = TrackStatus(state=TrackState.OK, device_id="0")
    return Status(
        state=state,
        recorder_pid=1,
        attempt_id="at-1",
        camera=there,
        microphone=there,
        screen=there,
        sound=Sound(level_share=0.5),
    )


Drive = Callable[[PaperRoom, Phase], Driver]
