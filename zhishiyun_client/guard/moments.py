"""What happens in a moment and does not last: a screenshot's keys, a touched clipboard. Pure."""

from __future__ import annotations

from zhishiyun_client.guard.standing import Sight
from zhishiyun_client.ports.watching import Cause, Says, Severity, facts

SCREENSHOT_CHORDS = frozenset({"print", "snip"})  # as in `chords.refused_as`


def kept_back(reason: str) -> Sight | None:
    """A chord that was kept back is worth a finding when it would have taken a picture."""
    if reason not in SCREENSHOT_CHORDS:
        return None
    return Sight(
        rule="screenshot.key",
        subject=reason,
        cause=Cause.SCREENSHOT,
        severity=Severity.NOTICE,  # nothing came of it, and hands slip
        explanation=Says.SCREENSHOT_KEY,
        facts=facts(reason=reason),
    )


def foreign_clipboard() -> Sight:
    """Another program put something on the clipboard; it was removed unread."""
    return Sight(
        rule="clipboard.foreign",
        subject="clipboard",
        cause=Cause.CLIPBOARD,
        severity=Severity.NOTICE,
        explanation=Says.CLIPBOARD_FOREIGN,
    )
