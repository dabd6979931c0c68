"""What an installation may choose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `burst` at once, refilled at `per_minute`."""

    burst: int
    per_minute: float


@dataclass(frozen=True, slots=True)
class Limits:
    """Rates per key and sizes; an examination hall shares one address, hence the large ones."""

    login_per_ticket: Rate = Rate(10, 10)
    login_per_address: Rate = Rate(300, 300)
    enrolment_per_address: Rate = Rate(300, 300)
    binding_per_attempt: Rate = Rate(10, 10)
    phone_per_address: Rate = Rate(300, 300)
    staff_per_address: Rate = Rate(10, 10)
    wrong_codes_per_address: Rate = Rate(20, 20)  # of ten digits that live five minutes
    body_bytes: int = 256 * 1024
    photo_bytes: int = 2 * MIB
    import_bytes: int = 256 * MIB
    attempt_bytes: int = 32 * 1024 * MIB
    reserve_bytes: int = 64 * MIB  # disk space that evidence never takes: state must go on


@dataclass(frozen=True, slots=True)
class Settings:
    """One server process. `speed` None: as the clock ran before."""

    home: Path
    speed: float | None = None
    public_url: str = ""  # how phones reach this server; "" means as the request did
    limits: Limits = field(default_factory=Limits)
    is_first: bool = True  # nobody else serves from this folder: what lies there half done goes
    welcome: Callable[[], None] = lambda: None  # that has gone: others may serve as well
