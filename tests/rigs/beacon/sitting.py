"""A candidate who has entered a real exam and a real recorder that records and uploads it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import httpx

from tests.client.capture.recordings import wait_until
from tests.faults.stage import FAR_AWAY_US, DeskStandIn
from tests.rigs.beacon.reading import Recording, read_export
from tests.rigs.beacon.scene import MICROPHONE
from tests.server.rig import Candidate, ExamHome, Process, make_exam, serving, wall_us
from zhishiyun_client.ports.recorder import Attach, Begin, Finish, Uploaded
from zhishiyun_protocol.evidence.verify import Verdict, Verifier
from zhishiyun_protocol.signing import to_text

EXAM = "exam-1"


@dataclass
class Admission:
    """What the desk hears at entry."""

    attach: Attach
    begin: Begin


@contextmanager
def exam_in(folder: Path) -> Iterator[tuple[ExamHome, Process]]:
    """An exam that begins in ten minutes and its server."""
    exam = make_exam(folder, starts_at="+600", count=1, exam_id=EXAM)
    with serving(exam) as server:
        yield exam, server


def admit(exam: ExamHome, url: str) -> Admission:
    """Go through everything that stands before the entry, and enter."""
    with httpx.Client(base_url=url) as http:
        candidate = Candidate(http, exam.tickets(url)[0], wall_us)
        candidate.now_us = lambda: http.post("/v1/time", json={"sent_us": 0}).json()[
            "server_sent_us"
        ]
        granted = candidate.log_in().get_ready().enter()
        sitting = candidate.sitting()
        begin = Begin(
            attempt_id=granted.attempt_id,
            exam_id=exam.exam_id,
            plan_sha256=sitting.plan.sha256(),
            evidence_key=granted.evidence_key,
            device_key=to_text(candidate.device.private_bytes()),
            server_key=granted.server_key,
            formal=False,
            ends_us=FAR_AWAY_US,
        )
        return Admission(Attach(session=candidate.session, server_url=url), begin)


class ServedDesk(DeskStandIn):
    """A desk stand-in whose recorder uploads to the exam's server."""

    def __init__(self, home: Path, admission: Admission) -> None:
        super().__init__(home)
        self._admission = admission
        name = admission.begin.attempt_id
        self.log = home / "attempts" / name / f"{name}.zlog"

    def record(
        self, camera: str = "camera:0", microphone: str = MICROPHONE, within_s: float = 60.0
    ) -> None:
        """Devices, server, recording; wait until all three tracks are coming."""
        self.prepare(camera, microphone)
        self.say(self._admission.attach)
        self.say(self._admission.begin)
        self.until(
            "three tracks",
            lambda s: min(s.camera.frames, s.microphone.frames, s.screen.frames) > 5,
            within_s,
        )

    def hand_in(self, within_s: float = 120.0) -> Verdict:
        """End the exam, wait for the server's receipt; what the log is worth."""
        self.say(Finish(why="candidate"))
        wait_until("the receipt", lambda: bool(self.told(Uploaded)), within_s)
        return verdict_of(self.log)


def verdict_of(log: Path) -> Verdict:
    """Verify a log of any length."""
    verifier = Verifier()
    with log.open("rb") as file:
        while piece := file.read(1 << 20):
            verifier.feed(piece)
    return verifier.verdict()


def export(exam: ExamHome, attempt_id: str, out: Path) -> Recording:
    """`zhishiyun-server export`, and everything in it decoded."""
    assert exam.run("export", "--attempt", attempt_id, "--out", str(out)) == 0
    return read_export(out / attempt_id)


class Surroundings:
    """This process's environment with a scene in it, as long as the block lasts."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._wanted = dict(environment)
        self._before: dict[str, str | None] = {}

    def __enter__(self) -> None:
        self._before = {name: os.environ.get(name) for name in self._wanted}
        os.environ.update(self._wanted)

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
