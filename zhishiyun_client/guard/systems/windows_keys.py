"""Windows key codes as chords; follows what is held by itself. Imports everywhere, pure.

Source: "Virtual-Key Codes" and KBDLLHOOKSTRUCT of the Windows documentation.
"""

from __future__ import annotations

from zhishiyun_client.guard.chords import Chord

NAMES = {
    0x09: "tab",
    0x0D: "enter",
    0x1B: "escape",
    0x20: "space",
    0x2C: "print",
    0x2E: "delete",
    0x5B: "win",
    0x5C: "win",
    0x5D: "menu",
    **{0x70 + index: f"f{index + 1}" for index in range(24)},
}
HELD = {
    0x10: "shift", 0xA0: "shift", 0xA1: "shift",
    0x11: "ctrl", 0xA2: "ctrl", 0xA3: "ctrl",
    0x12: "alt", 0xA4: "alt", 0xA5: "alt",
    0x5B: "win", 0x5C: "win",
}  # fmt: skip
ALT_DOWN = 0x20  # LLKHF_ALTDOWN: the system's own word on Alt


class HeldKeys:
    """Which modifiers are down, from the events alone: the system's state lags in a hook.

    Thread: the hook's.
    """

    def __init__(self) -> None:
        self._down: set[int] = set()

    def take(self, code: int, flags: int, *, is_down: bool) -> Chord:
        """One event; the chord it belongs to."""
        if code in HELD:
            (self._down.add if is_down else self._down.discard)(code)
        held = {HELD[down] for down in self._down if down != code}
        return Chord(
            key=NAMES.get(code) or HELD.get(code) or _letter(code),
            ctrl="ctrl" in held,
            alt="alt" in held or bool(flags & ALT_DOWN and HELD.get(code) != "alt"),
            shift="shift" in held,
            win="win" in held,
        )

    @property
    def down(self) -> frozenset[int]:
        """The codes that are held, as far as the events told."""
        return frozenset(self._down)

    def forget(self, codes: frozenset[int]) -> None:
        """These are up after all: releases get lost while the secure desktop is in front."""
        self._down -= codes


def _letter(code: int) -> str:
    return chr(code).lower() if 0x30 <= code <= 0x5A else f"vk{code:02x}"
