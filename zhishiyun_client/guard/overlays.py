"""Other programs' windows that no recording can show, and overlays one can see through. Pure.

A window that its program hides from capture is missing in every screenshot, recording and shared
screen: what AI overlays of today do. Share bars of meetings and password managers do it too; who
may is data (resources/guard/surroundings.toml).
"""

from __future__ import annotations

from collections.abc import Iterable

from zhishiyun_client.guard.catalogue import stem
from zhishiyun_client.guard.standing import Sight
from zhishiyun_client.guard.surroundings import WindowWords
from zhishiyun_client.ports.watching import Cause, Says, Severity, Unseen, WindowFact, facts

OVERLAY = frozenset({"topmost", "click_through", "layered"})  # all three: glass over the exam


def judge(windows: tuple[WindowFact, ...] | Unseen, words: WindowWords) -> tuple[Sight, ...]:
    """One sight a program: hidden is told, a mere overlay only kept."""
    if isinstance(windows, Unseen):
        return ()
    allowed = frozenset(map(stem, words.allowed))
    foreign = [w for w in windows if w.program and stem(w.program) not in allowed]
    hidden = _by_program(w for w in foreign if w.is_hidden)
    glass = _by_program(w for w in foreign if not w.is_hidden and w.signs >= OVERLAY)
    return (
        *(_sight("window.hidden", w, Severity.WARNING, Says.WINDOW_HIDDEN) for w in hidden),
        *(_sight("window.overlay", w, Severity.NOTICE, Says.WINDOW_OVERLAY) for w in glass),
    )


def _by_program(windows: Iterable[WindowFact]) -> tuple[WindowFact, ...]:
    return tuple({stem(window.program): window for window in windows}.values())


def _sight(rule: str, window: WindowFact, severity: Severity, says: Says) -> Sight:
    return Sight(
        rule=rule,
        subject=stem(window.program),
        cause=Cause.HIDDEN_WINDOW,
        severity=severity,
        explanation=says,
        facts=facts(program=window.program, signs=",".join(sorted(window.signs))),
    )
