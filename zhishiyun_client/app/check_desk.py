"""The self-test behind 设备准备: the checks, and probes that ask the recorder, guard and server."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from zhishiyun_client import __version__
from zhishiyun_client.face.choice import chosen_pack
from zhishiyun_client.ports.api import ExamApi
from zhishiyun_client.ports.checks import (
    CameraReading,
    CheckContext,
    CheckId,
    CheckResult,
    ChecksDone,
    Missing,
    Needs,
    PackSeen,
    Probes,
    SoundReading,
)
from zhishiyun_client.ports.devices import TrackState
from zhishiyun_client.ports.keeping import SecretStore
from zhishiyun_client.ports.recorder import Status, TrackStatus
from zhishiyun_client.ports.watching import Finding
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_client.runtime.paths import home, private_folder, resources
from zhishiyun_client.runtime.worker import Report
from zhishiyun_client.selftest.order import all_checks, chosen
from zhishiyun_client.selftest.report import as_text
from zhishiyun_client.selftest.runner import CheckRun
from zhishiyun_client.selftest.words import CheckWords
from zhishiyun_protocol.errors import ZhishiyunError

OPEN_WITHIN_S = 6.0
MEASURED_WITHIN_S = 6.0  # three sizes, two seconds each (capture/camera_formats.py)
REASONS = {
    "DEVICE_BUSY": "BUSY",
    "DEVICE_FORBIDDEN": "FORBIDDEN",
    "DEVICE_GONE": "EMPTY",
    "NO_FRAMES": "EMPTY",
}
LOOK_EVERY_S = 0.1
QUIET_DB = -96.0
UNCLIPPED_DB = -1.0
METER_DB = 60.0  # the meter's scale: -60 dBFS … 0 dBFS is 0 … 1


@dataclass(frozen=True, slots=True)
class RecorderProbe:
    """Samples camera and microphone through the recorder, which owns them."""

    status: Callable[[], Status | None]

    def _opened(self, track: Callable[[Status], TrackStatus]) -> TrackStatus | Missing:
        deadline_s = time.monotonic() + OPEN_WITHIN_S
        while time.monotonic() < deadline_s:
            status = self.status()
            if status is not None and track(status).state is TrackState.OK:
                return track(status)
            time.sleep(LOOK_EVERY_S)
        status = self.status()
        found = track(status) if status is not None else TrackStatus()
        return Missing(REASONS.get(found.cause, "NONE"), found.held_by)


class RecorderCamera(RecorderProbe):
    """Implements `CameraProbe`."""

    def sample(self, for_s: float) -> CameraReading | Missing:
        """Let it run, then take what the recorder measured."""
        opened = self._opened(lambda status: status.camera)
        if isinstance(opened, Missing):
            return opened
        time.sleep(for_s)
        status = self._measured()
        if status is None or status.camera.state is not TrackState.OK:
            return Missing("EMPTY")
        return CameraReading(
            width_px=status.camera.width_px,
            height_px=status.camera.height_px,
            fps=status.camera.fps,
            brightness_share=status.brightness_share or 0.0,
            picture=status.picture,
            format=status.camera.format,
            is_demonstration=status.camera.demonstration,
        )

    def _measured(self) -> Status | None:
        """Wait until the recorder knows what the camera gives; a camera may be asked twice."""
        deadline_s = time.monotonic() + MEASURED_WITHIN_S
        while True:
            status = self.status()
            camera = status.camera if status else TrackStatus()
            if camera.fps > 0 and (camera.format or camera.demonstration):
                return status
            if time.monotonic() > deadline_s:
                return status
            time.sleep(LOOK_EVERY_S)


class RecorderMicrophone(RecorderProbe):
    """Implements `MicrophoneProbe`."""

    def sample(self, for_s: float) -> SoundReading | Missing:
        """Listen, and keep the loudest of what the meter showed."""
        opened = self._opened(lambda status: status.microphone)
        if isinstance(opened, Missing):
            return opened
        level_db = QUIET_DB
        peak_share, clipped = 0.0, False
        deadline_s = time.monotonic() + for_s
        while time.monotonic() < deadline_s:
            status = self.status()
            if status is not None:
                level_db = max(level_db, (status.sound.level_share - 1) * METER_DB)
                peak_share = max(peak_share, status.sound.peak_share)
                clipped |= status.sound.clipped
            time.sleep(LOOK_EVERY_S)
        peak_db = QUIET_DB if peak_share <= 0 else max(QUIET_DB, 20 * math.log10(peak_share))
        if not clipped:
            peak_db = min(peak_db, UNCLIPPED_DB)  # a knock on the desk is no distorted voice
        return SoundReading(level_db, peak_db, is_demonstration=opened.demonstration)


@dataclass(frozen=True, slots=True)
class StandingFindings:
    """Implements `FindingProbe` with what the watch saw last."""

    findings: Callable[[], tuple[Finding, ...]]

    def look(self, now_us: int) -> tuple[Finding, ...]:
        """What stands."""
        return self.findings()


class SelfTestDesk:
    """Implements `ports.desk.CheckDesk`."""

    def __init__(
        self,
        needs: Needs,
        api: ExamApi,
        secrets: SecretStore,
        findings: Callable[[], tuple[Finding, ...]],
        status: Callable[[], Status | None],
        report: Report,
    ) -> None:
        self._needs = needs
        self._report = report
        self._results: dict[CheckId, CheckResult] = {}
        self._run: CheckRun | None = None
        self._probes = Probes(
            findings=StandingFindings(findings),
            camera=RecorderCamera(status),
            microphone=RecorderMicrophone(status),
            api=api,
            secrets=secrets,
            face_pack=face_pack,
        )

    def names(self) -> tuple[CheckId, ...]:
        """All checks but the screen, which the recorder films from entry on only."""
        return tuple(check.id for check in all_checks() if check.id is not CheckId.SCREEN)

    def start(self, names: tuple[CheckId, ...]) -> None:
        """Run these."""
        context = CheckContext(
            needs=self._needs,
            folder=private_folder(home()),
            probes=self._probes,
            local_us=monotonic_us,
            wall_us=_wall_us,
            wait=_wait,
        )
        self._run = CheckRun(chosen(names), context, self._hear)
        self._run.start()

    def report_text(self) -> str:
        """Everything measured so far, bilingual."""
        words = CheckWords((resources() / "texts",))
        return as_text(tuple(self._results.values()), words, __version__)

    def _hear(self, report: object) -> None:
        if isinstance(report, ChecksDone):
            self._results.update({result.id: result for result in report.results})
        self._report(report)


def face_pack() -> PackSeen:
    """Open the face pack that this installation uses; loads no net."""
    choice = chosen_pack()
    try:
        pack = choice.open()
    except ZhishiyunError as error:
        return PackSeen(choice.folder.name, fault=error.code)
    return PackSeen(str(pack.facts), pack.recipe.licence)


def _wall_us() -> int:
    return time.time_ns() // 1000


def _wait(seconds: float) -> bool:
    time.sleep(seconds)
    return False
