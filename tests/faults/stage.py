"""A desk without a window for the tests of the recorder: it speaks, listens, remembers."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from tests.client.capture.recordings import Content, content, wait_until
from zhishiyun_client.app.recorder_link import PreviewFinder, RecorderLink
from zhishiyun_client.ports.recorder import (
    Begin,
    Choose,
    Finish,
    Hello,
    Quit,
    RecorderState,
    Status,
    ToRecorder,
)
from zhishiyun_protocol.evidence.verify import Verdict, Verifier
from zhishiyun_protocol.plan import Recording
from zhishiyun_protocol.signing import SigningKey, to_text

KEY = bytes(range(32))
DEVICE = SigningKey.from_bytes(bytes(range(1, 33)))
ATTEMPT = "attempt-1"
FAR_AWAY_US = 9 * 10**18


class DeskStandIn:
    """Starts a recorder in `home` as the desk does and takes part in a recording."""

    def __init__(self, home: Path, restart: tuple[str, ...] = ()) -> None:
        self.home = home
        self.log = home / "attempts" / ATTEMPT / f"{ATTEMPT}.zlog"
        self.status: Status | None = None
        self.statuses = 0
        self.heard: list[Any] = []
        self.finder = PreviewFinder()
        hello = Hello(desk_pid=os.getpid(), restart=restart)
        self._link = RecorderLink(home, hello, self._hear)
        self.pids: set[int] = set()

    def __enter__(self) -> Self:
        self._link.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._link.say(Quit())
        self._link.stop(5)
        for pid in self.pids:
            _end(pid)

    def say(self, message: ToRecorder) -> None:
        self._link.say(message)

    def until(self, what: str, holds: Callable[[Status], bool], within_s: float = 25.0) -> Status:
        """Wait for a status of which this holds."""

        def look() -> bool:
            return self.status is not None and holds(self.status)

        wait_until(what, look, within_s)
        assert self.status is not None
        return self.status

    def prepare(self, camera: str = "", microphone: str = "") -> None:
        """Choose devices and wait until both give something."""
        self.say(Choose(camera_id=camera, microphone_id=microphone))
        self.until("devices", lambda s: s.camera.state == "ok" and s.microphone.state == "ok")

    def begin(self, recording: Recording | None = None) -> None:
        """Have the recording begin and wait for the first packets."""
        self.say(begin_message(recording or Recording()))
        self.until("recording", lambda s: s.state == "recording" and s.microphone.frames > 0)

    def record_for(self, seconds: float) -> None:
        """Wait until so much more of the timeline has been recorded."""
        status = self.status
        assert status is not None
        wanted_s = status.timeline_s + seconds
        self.until(f"{seconds} s more", lambda s: s.timeline_s >= wanted_s, seconds + 15)

    def finish(self) -> Verdict:
        """End the exam and verify what lies on disk."""
        self.say(Finish(why="candidate"))
        self.until("closed log", lambda s: s.state == RecorderState.UPLOADING)
        return verdict(self.log)

    def kill_recorder(self) -> int:
        """SIGKILL; the instant, µs of the monotonic clock."""
        assert self.status is not None
        before = self.status.recorder_pid
        os.kill(before, signal.SIGKILL)
        killed_us = time.monotonic_ns() // 1000
        self.until(
            "another recorder",
            lambda s: s.recorder_pid != before and s.camera.frames > 5 and s.microphone.frames > 5,
        )
        return killed_us

    def abandon(self) -> None:
        """Hang up without a word and SIGKILL the recorder; nobody starts another one."""
        self._link.stop(5)
        for pid in self.pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def content(self) -> Content:
        return content(self.log, KEY)

    def told(self, kind: type) -> list[Any]:
        return [message for message in self.heard if isinstance(message, kind)]

    def _hear(self, report: object) -> None:
        if isinstance(report, Status):
            self.pids.add(report.recorder_pid)
            self.status = report
            self.statuses += 1
            self.finder.follow(report.preview)
        else:
            self.heard.append(report)


def begin_message(recording: Recording | None = None) -> Begin:
    return Begin(
        attempt_id=ATTEMPT,
        exam_id="exam-1",
        plan_sha256="0" * 64,
        evidence_key=to_text(KEY),
        device_key=to_text(DEVICE.private_bytes()),
        server_key=to_text(DEVICE.public_bytes()),
        formal=False,
        ends_us=FAR_AWAY_US,
        recording=recording or Recording(),
    )


def verdict(log: Path) -> Verdict:
    verifier = Verifier()
    verifier.feed(log.read_bytes())
    return verifier.verdict()


def _end(pid: int) -> None:
    """Let a recorder that outlived its test go."""
    try:
        process = psutil.Process(pid)
        process.terminate()
        process.wait(8)
    except psutil.NoSuchProcess:
        return
    except psutil.TimeoutExpired:
        process.kill()
