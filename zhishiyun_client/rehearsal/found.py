"""What looking for a device brought."""

from __future__ import annotations

from dataclasses import dataclass

from .reasons import Reason


@dataclass(frozen=True, slots=True)
class Found:
    """Whether a device of one kind can be used, why (not), and names for people."""

    is_usable: bool
    reason: Reason
    names: tuple[str, ...] = ()
