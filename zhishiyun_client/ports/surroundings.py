"""What the guard sees of the computer itself: where it is sat at, what it runs in, its power.

Facts are words of a fixed small set and numbers, never names of people, hosts or addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that speaks for something. Strong signs do not occur in honest people's machines.

    name: a short stable word: "session", "firmware", "pci", …
    """

    name: str
    is_strong: bool


@dataclass(frozen=True, slots=True)
class Battery:
    """The battery as the system tells it."""

    percent: int
    is_plugged: bool


@dataclass(frozen=True, slots=True)
class Hardware:
    """What the machine says of itself, for the rules; read once, never kept or sent.

    firmware:    maker, model and BIOS as the firmware names them, lower case
    pci_vendors: vendor numbers of its devices, four hexadecimal digits
    hypervisor:  the system itself says that it is a guest ("xen", "apple", …), "" when not
    """

    firmware: tuple[str, ...] = ()
    pci_vendors: frozenset[str] = frozenset()
    hypervisor: str = ""


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera that is plugged in. is_virtual: the system says that no hardware is behind it."""

    name: str
    is_virtual: bool = False


@dataclass(frozen=True, slots=True)
class DeviceUse:
    """A program that uses a device just now. device: "camera", "microphone" or "screen"."""

    device: str
    program: str


class SurroundingsProbe(Protocol):
    """Asks the system. Thread: one at a time."""

    def remote(self) -> tuple[Sign, ...]:
        """What speaks for a session that is seen or steered from elsewhere."""
        ...

    def hardware(self) -> Hardware:
        """What the machine says of itself; asked once."""
        ...

    def cameras(self) -> tuple[Camera, ...]:
        """Cameras the system knows; () where only the recorder knows them."""
        ...

    def devices_in_use(self) -> tuple[DeviceUse, ...]:
        """Other programs that use camera, microphone or screen; () where the system is silent."""
        ...

    def battery(self) -> Battery | None:
        """None without a battery."""
        ...

    def slept_s(self) -> float:
        """Seconds that this machine has slept since it was started."""
        ...
