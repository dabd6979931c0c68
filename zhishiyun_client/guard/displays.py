"""One display: what counts as a second one, and what does not (R033, R034, F14). Pure.

What is counted is displays that show a picture, not desktops: a mirrored second screen shows the
same desktop and is still a second screen. Whether the only one is built in or stands on a desk
beside a computer without a panel makes no difference.
"""

from __future__ import annotations

from zhishiyun_client.guard.standing import Sight
from zhishiyun_client.ports.watching import (
    Cause,
    Connection,
    DisplayFact,
    Says,
    Severity,
    Unseen,
    facts,
)

_ODD_ALONE = {
    Connection.WIRELESS: Severity.WARNING,  # the picture is in another room, perhaps
    Connection.INDIRECT: Severity.NOTICE,  # USB adapters of honest people look like this
    Connection.VIRTUAL: Severity.NOTICE,  # a virtual machine's, mostly: other eyes judge that
}


def judge(
    displays: tuple[DisplayFact, ...] | Unseen, *, one_display: bool = True
) -> tuple[Sight, ...]:
    """What there is to say about the displays.

    Args:
        one_display: whether the plan wants exactly one; else a second is only noted.
    """
    if isinstance(displays, Unseen):
        return (_unseen(displays.reason),)
    active = tuple(display for display in displays if display.is_active)
    if not active:
        return (_unseen("NO_ACTIVE_DISPLAY"),)  # a driver's oddity: never a reason to refuse
    if len(active) > 1:
        return (_extra(active, Severity.BLOCKS_ENTRY if one_display else Severity.NOTICE),)
    idle = tuple(d for d in displays if not d.is_active and d.connection is Connection.EXTERNAL)
    return (*_odd_alone(active[0]), *((_connected(idle),) if idle else ()))


def _extra(active: tuple[DisplayFact, ...], severity: Severity) -> Sight:
    mirrored = len({display.source for display in active}) < len(active)
    return Sight(
        rule="display.extra",
        subject=_names(active),
        cause=Cause.EXTRA_DISPLAY,
        severity=severity,
        explanation=Says.DISPLAY_MIRRORED if mirrored else Says.DISPLAY_EXTRA,
        facts=facts(
            displays=len(active),
            outputs=_names(active),
            connection=",".join(display.connection.value for display in active),
            mirrored="yes" if mirrored else "no",
        ),
    )


def _odd_alone(display: DisplayFact) -> tuple[Sight, ...]:
    severity = _ODD_ALONE.get(display.connection)
    if severity is None:
        return ()
    return (
        Sight(
            rule="display.indirect",
            subject=display.output,
            cause=Cause.UNKNOWN,
            severity=severity,
            explanation=Says.DISPLAY_INDIRECT,
            facts=facts(outputs=display.output, connection=display.connection.value),
        ),
    )


def _connected(idle: tuple[DisplayFact, ...]) -> Sight:
    return Sight(
        rule="display.connected",
        subject=_names(idle),
        cause=Cause.UNKNOWN,
        severity=Severity.NOTICE,
        explanation=Says.DISPLAY_CONNECTED,
        facts=facts(outputs=_names(idle)),
    )


def _unseen(reason: str) -> Sight:
    return Sight(
        rule="display.unseen",
        subject=reason,
        cause=Cause.UNKNOWN,
        severity=Severity.NOTICE,
        explanation=Says.DISPLAY_UNSEEN,
        facts=facts(reason=reason),
    )


def _names(displays: tuple[DisplayFact, ...]) -> str:
    return ",".join(display.output for display in displays)
