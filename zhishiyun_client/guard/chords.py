"""Which keys are kept from leaving the exam while it is locked. Pure; both systems' keys map here.

What must work always: letters, editing, Esc (closes what lies over the page), Tab, and everything
an input method is switched by: Shift, Ctrl+Space, Shift+Space, Ctrl+Shift, Ctrl+. and the like.
"""

from __future__ import annotations

from dataclasses import dataclass

WITH_ALT = frozenset({"tab", "escape", "space", "enter"})
NEVER_ALONE = frozenset({"print", "menu"})
F_KEYS = frozenset(f"f{number}" for number in range(1, 25))
MODIFIERS = frozenset({"shift", "ctrl", "alt", "altgr"})


@dataclass(frozen=True, slots=True)
class Chord:
    """A key and what is held with it. key: a name as in `refused_as`, lower case."""

    key: str
    ctrl: bool = False
    alt: bool = False
    shift: bool = False
    win: bool = False


def refused_as(chord: Chord) -> str:
    """Why this chord is kept back, a short stable name; "" when it passes."""
    if chord.key in MODIFIERS and not chord.win:
        return ""
    rules = (
        (chord.key == "print", "print"),
        (chord.win and chord.shift and chord.key == "s", "snip"),  # Windows' own cutting tool
        (chord.win or chord.key == "win", "win"),
        (chord.key in NEVER_ALONE, chord.key),
        (chord.ctrl and chord.alt, "ctrl_alt"),  # shortcuts of chat programs and desktops
        (chord.alt and chord.key in WITH_ALT | F_KEYS, f"alt_{chord.key}"),
        (chord.ctrl and chord.key == "escape", "ctrl_escape"),
    )
    return next((reason for applies, reason in rules if applies), "")


@dataclass(frozen=True, slots=True)
class ChordRefused:
    """A chord was kept back. reason: as in `refused_as`; nothing else of what was typed."""

    reason: str
