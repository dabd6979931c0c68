"""Decides which devices of a rehearsal are real and which are stand-ins, and runs the stand-ins."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType

from .camera import FILM_FPS, DemonstrationCamera
from .desktop import DesktopSize, VirtualDesktop
from .found import Found
from .inventory import Inventory
from .reasons import Reason
from .sound import MICROPHONE_NAME, VirtualMicrophone

StandIn = VirtualDesktop | DemonstrationCamera | VirtualMicrophone


class Kind(StrEnum):
    """What is recorded."""

    SCREEN = "screen"
    CAMERA = "camera"
    MICROPHONE = "microphone"


class Origin(StrEnum):
    """Where a track comes from."""

    REAL = "real"
    """The machine's own device."""
    DEMONSTRATION = "demonstration"
    """A stand-in through the same adapter; the attempt is not formal."""
    ABSENT = "absent"
    """Neither: the track is missing, for the reason given."""


class Wish(StrEnum):
    """What the person who rehearses asks for."""

    AUTO = "auto"
    """Real where there is one, a stand-in elsewhere."""
    REAL = "real"
    """Never a stand-in; what is missing is absent."""
    DEMONSTRATION = "demonstration"
    """Always stand-ins, even beside real devices."""


@dataclass(frozen=True, slots=True)
class PlannedDevice:
    """One device of a rehearsal and why it is what it is."""

    kind: Kind
    origin: Origin
    reason: Reason


@dataclass(frozen=True, slots=True)
class DevicePlan:
    """The three devices of a rehearsal."""

    screen: PlannedDevice
    camera: PlannedDevice
    microphone: PlannedDevice

    @property
    def all(self) -> tuple[PlannedDevice, ...]:
        """The three, in a fixed order."""
        return self.screen, self.camera, self.microphone

    @property
    def demonstrations(self) -> tuple[Kind, ...]:
        """What every page must name and the server must know: the kinds that are stand-ins."""
        return tuple(it.kind for it in self.all if it.origin is Origin.DEMONSTRATION)

    @property
    def absent(self) -> tuple[Kind, ...]:
        """The tracks that will be missing."""
        return tuple(it.kind for it in self.all if it.origin is Origin.ABSENT)


@dataclass(frozen=True, slots=True)
class Media:
    """The files that stand-ins play."""

    film: Path
    voice: Path
    film_fps: int = FILM_FPS

    @classmethod
    def of(cls, resources: Path) -> Media:
        """The shipped ones."""
        folder = resources / "rehearsal"
        return cls(folder / "film.mjpg", folder / "voice.ogg")


def plan(inventory: Inventory, wish: Wish = Wish.AUTO, system: str = sys.platform) -> DevicePlan:
    """Decide, for what was found and what is wished, on a system (`sys.platform`)."""
    on_linux = system == "linux"
    has_portaudio = inventory.microphone.reason is not Reason.NO_PORTAUDIO
    return DevicePlan(
        screen=_decide(Kind.SCREEN, inventory.screen, wish, on_linux),
        camera=_decide(Kind.CAMERA, inventory.camera, wish, True),
        microphone=_decide(Kind.MICROPHONE, inventory.microphone, wish, on_linux and has_portaudio),
    )


def _decide(kind: Kind, found: Found, wish: Wish, has_stand_in: bool) -> PlannedDevice:
    if wish is Wish.DEMONSTRATION and has_stand_in:
        return PlannedDevice(kind, Origin.DEMONSTRATION, Reason.ASKED_FOR)
    if found.is_usable:
        return PlannedDevice(kind, Origin.REAL, found.reason)
    if wish is Wish.REAL or found.reason is Reason.NO_PORTAUDIO:
        return PlannedDevice(kind, Origin.ABSENT, found.reason)
    if has_stand_in:
        return PlannedDevice(kind, Origin.DEMONSTRATION, found.reason)
    return PlannedDevice(kind, Origin.ABSENT, Reason.NO_STAND_IN)


class DemonstrationDevices:
    """The stand-ins of a plan, up from `with` to the end of the block.

    Enter it in the process that outlives desk and recorder, and start both with `environment`
    on top of their own: the stand-ins then survive the death of either.

    Raises on entering: Fixable, Transient: of the stand-in that did not come up; none is left.
    """

    def __init__(self, plan: DevicePlan, media: Media, size: DesktopSize | None = None) -> None:
        self.plan = plan
        self._desktop = VirtualDesktop(size)
        self._camera = DemonstrationCamera(media.film, media.film_fps)
        self._microphone = VirtualMicrophone(media.voice)
        self._stack = ExitStack()

    @property
    def environment(self) -> dict[str, str]:
        """What the desk and the recorder need on top of their own environment."""
        merged: dict[str, str] = {}
        for stand_in in self._playing().values():
            merged.update(stand_in.environment)
        return merged

    @property
    def camera_address(self) -> str:
        """What OpenCV opens as the camera; empty for the machine's own."""
        return self._camera.address if Kind.CAMERA in self.plan.demonstrations else ""

    @property
    def microphone_name(self) -> str:
        """What PortAudio calls the microphone; empty for the machine's default."""
        return MICROPHONE_NAME if Kind.MICROPHONE in self.plan.demonstrations else ""

    def fallen(self) -> tuple[Kind, ...]:
        """The stand-ins that have ended by themselves."""
        return tuple(kind for kind, stand_in in self._playing().items() if not stand_in.is_up)

    def __enter__(self) -> DemonstrationDevices:
        with ExitStack() as stack:
            for stand_in in self._playing().values():
                stack.enter_context(stand_in)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _playing(self) -> dict[Kind, StandIn]:
        stand_ins: dict[Kind, StandIn] = {
            Kind.SCREEN: self._desktop,
            Kind.CAMERA: self._camera,
            Kind.MICROPHONE: self._microphone,
        }
        return {kind: stand_ins[kind] for kind in self.plan.demonstrations}
