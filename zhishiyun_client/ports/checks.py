"""The checks of 设备准备: what each measures, what comes out, and the probes they ask (R030–R037).

A result is a number against a threshold, not only a tick (R035). Texts are catalogue keys: the
name of a check is "check.<id>", its advice one of `Advice`. Nothing here names a person.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from zhishiyun_client.ports.api import ExamApi
from zhishiyun_client.ports.devices import Picture
from zhishiyun_client.ports.keeping import SecretStore
from zhishiyun_client.ports.watching import FindingProbe


class CheckId(enum.StrEnum):
    """The checks, in the order in which they run: what can be mended soonest comes first."""

    SYSTEM = "system"
    DISPLAYS = "displays"
    PROGRAMS = "programs"
    CAMERA = "camera"
    MICROPHONE = "microphone"
    SCREEN = "screen"
    NETWORK = "network"
    LATENCY = "latency"
    UPLINK = "uplink"
    CLOCK = "clock"
    MEMORY = "memory"
    DISK = "disk"
    DISK_SPEED = "disk_speed"
    PROCESSOR = "processor"
    BATTERY = "battery"
    SLEEP = "sleep"  # sleep and updates: a restart that waits to happen (R037)
    FACE_PACK = "face_pack"
    KEY_STORE = "key_store"

    @property
    def name_key(self) -> str:
        """The catalogue's key of its name."""
        return f"check.{self.value}"


class Outcome(enum.StrEnum):
    """What came out."""

    PASSED = "passed"
    WEAK = "weak"  # goes, with the consequence that the advice tells
    FAILED = "failed"
    SKIPPED = "skipped"  # there was nothing to measure it with


class Unit(enum.StrEnum):
    """Units of measured numbers."""

    NONE = ""
    COUNT = "count"
    GIB = "GiB"
    MIB_PER_S = "MiB/s"
    KBPS = "kbit/s"
    MS = "ms"
    SHARE = "share"  # 0…1
    FPS = "fps"
    DB = "dBFS"


class Bound(enum.StrEnum):
    """On which side of the threshold the measured number should be."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class Advice(enum.StrEnum):
    """What a result means and what to do about it: keys of the catalogue."""

    NONE = ""
    SYSTEM_OLD = "check.system_old"
    DISPLAYS_MANY = "check.displays_many"  # {count}
    DISPLAYS_UNSEEN = "check.displays_unseen"
    DISPLAYS_ODD = "check.displays_odd"
    PROGRAMS_OPEN = "check.programs_open"  # {names}
    PROGRAMS_WARN = "check.programs_warn"  # {names}
    CAMERA_NONE = "check.camera_none"
    CAMERA_BUSY = "check.camera_busy"  # {program}
    CAMERA_SLOW = "check.camera_slow"
    CAMERA_DARK = "check.camera_dark"
    CAMERA_COVERED = "device.camera_covered"
    CAMERA_FROZEN = "device.camera_frozen"
    CAMERA_FORBIDDEN = "device.camera_forbidden"
    CAMERA_NO_PICTURE = "device.camera_in_use"
    MICROPHONE_NONE = "check.microphone_none"
    MICROPHONE_FORBIDDEN = "device.microphone_forbidden"
    MICROPHONE_SILENT = "check.microphone_silent"
    MICROPHONE_LOUD = "check.microphone_loud"
    SCREEN_NONE = "check.screen_none"
    SCREEN_BLACK = "check.screen_black"
    NETWORK_NONE = "check.network_none"
    NETWORK_LOSSY = "check.network_lossy"
    NETWORK_SLOW = "check.network_slow"
    CLOCK_WRONG = "check.clock_wrong"
    MEMORY_LOW = "check.memory_low"
    DISK_LOW = "check.disk_low"
    DISK_READ_ONLY = "check.disk_read_only"
    DISK_SLOW = "check.disk_slow"
    PROCESSOR_SLOW = "check.processor_slow"
    BATTERY_LOW = "check.battery_low"
    RESTART_PENDING = "check.restart_pending"
    FACE_PACK_MISSING = "check.face_pack_missing"
    FACE_PACK_LICENCE = "check.face_pack_licence"
    KEY_STORE_PLAIN = "check.key_store_plain"
    NO_PROBE = "check.no_probe"
    TOO_LONG = "check.too_long"  # {seconds}
    BROKEN = "check.broken"


Params = tuple[tuple[str, str], ...]
"""Values of an advice's placeholders, frozen."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found; also the report that tells so.

    measured, threshold: in `unit`; None where there is no number
    is_required:         whether a failure keeps one from going on; the others never do (R035)
    noted:               facts for the technical report, English, never about a person
    """

    id: CheckId
    outcome: Outcome
    measured: float | None = None
    unit: Unit = Unit.NONE
    threshold: float | None = None
    bound: Bound = Bound.AT_LEAST
    advice: Advice = Advice.NONE
    params: Params = ()
    noted: Params = ()
    is_required: bool = False
    took_s: float = 0.0

    @property
    def blocks(self) -> bool:
        """Whether one cannot go on with it."""
        return self.is_required and self.outcome is Outcome.FAILED


@dataclass(frozen=True, slots=True)
class CheckStarted:
    """A report: this check runs now."""

    id: CheckId


@dataclass(frozen=True, slots=True)
class ChecksDone:
    """A report: all that were asked for have run."""

    results: tuple[CheckResult, ...]

    @property
    def may_go_on(self) -> bool:
        """Whether nothing required failed."""
        return not any(result.blocks for result in self.results)


@dataclass(frozen=True, slots=True)
class Missing:
    """A device could not be sampled.

    reason: NONE (there is none), BUSY (somebody has it), FORBIDDEN (the system's settings),
            EMPTY (it is there and gives nothing), REFUSED
    """

    reason: str
    program: str = ""  # who has it, where the system tells


@dataclass(frozen=True, slots=True)
class CameraReading:
    """A few seconds of the camera.

    fps:              measured
    brightness_share: mean luma, 0 black … 1 white
    format:           what the camera gives and why, one line for the technical report
    """

    width_px: int
    height_px: int
    fps: float
    brightness_share: float
    picture: Picture = Picture.GOOD
    format: str = ""
    is_demonstration: bool = False


@dataclass(frozen=True, slots=True)
class SoundReading:
    """A few seconds of the microphone, in dB of full scale (0 is the loudest there is)."""

    level_db: float
    peak_db: float
    is_demonstration: bool = False


@dataclass(frozen=True, slots=True)
class ScreenReading:
    """A few pictures of the screen. is_black: every one was one colour; permission, mostly."""

    width_px: int
    height_px: int
    fps: float
    is_black: bool
    is_demonstration: bool = False


class CameraProbe(Protocol):
    """Samples the camera that will record."""

    def sample(self, for_s: float) -> CameraReading | Missing:
        """Look for so long. Thread: a check's."""
        ...


class MicrophoneProbe(Protocol):
    """Samples the microphone that will record."""

    def sample(self, for_s: float) -> SoundReading | Missing:
        """Listen for so long. Thread: a check's."""
        ...


class ScreenProbe(Protocol):
    """Samples the screen as it will be recorded."""

    def sample(self, for_s: float) -> ScreenReading | Missing:
        """Look for so long. Thread: a check's."""
        ...


class UplinkProbe(Protocol):
    """Estimates how much the line carries up to the real server."""

    def kbps(self, for_s: float) -> float:
        """Send for about so long and measure.

        Raises:
            Transient, Refused: as `ExamApi`.
        """
        ...


@dataclass(frozen=True, slots=True)
class PackSeen:
    """The face pack: its name, version and digest, and its licence; or what is wrong with it."""

    pack: str
    licence: str = ""
    fault: str = ""
    """A stable code; "" when it is whole."""


@dataclass(frozen=True, slots=True)
class Probes:
    """Whatever this start of the program can measure with; what is None is skipped."""

    findings: FindingProbe | None = None
    camera: CameraProbe | None = None
    microphone: MicrophoneProbe | None = None
    screen: ScreenProbe | None = None
    api: ExamApi | None = None
    uplink: UplinkProbe | None = None
    secrets: SecretStore | None = None
    face_pack: Callable[[], PackSeen] | None = None
    """Opens the face pack that this installation uses."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What the exam asks of the machine; the defaults are those of an exam of an hour and a half.

    recording_s: the longest that will be recorded
    uses_face:   whether the face pack must be there
    gpl_encoders: whether the plan lets GPL encoders be used
    """

    recording_s: int = 90 * 60
    camera_width_px: int = 1280
    camera_height_px: int = 720
    camera_fps: int = 15
    screen_fps: int = 10
    uses_face: bool = True
    gpl_encoders: bool = True


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What a check may use.

    folder:    where the recording will lie; it exists
    local_us:  the machine's monotonic clock, µs
    wall_us:   the machine's wall clock, µs since 1970 UTC: only to tell when it is wrong
    wait:      wait so many seconds; True when the check should leave
    """

    needs: Needs
    folder: Path
    probes: Probes
    local_us: Callable[[], int]
    wall_us: Callable[[], int]
    wait: Callable[[float], bool]


class Check(Protocol):
    """One check.

    id:          its stable name
    limit_s:     after so long it is given up and the result says so
    is_required: whether a failure keeps one from going on
    """

    id: CheckId
    limit_s: float
    is_required: bool

    def run(self, context: CheckContext) -> CheckResult:
        """Measure. Thread: one of its own."""
        ...
