"""What to say of listed programs that run, by the plan's treatment of their category. Pure."""

from __future__ import annotations

from zhishiyun_client.guard.standing import Sight
from zhishiyun_client.ports.watching import Cause, ProcessHit, Says, Severity, Unseen, facts
from zhishiyun_protocol.plan import Treatment

_SEVERITIES = {
    Treatment.MUST_CLOSE: (Severity.BLOCKS_ENTRY, Says.PROGRAM_MUST_CLOSE),
    Treatment.WARN: (Severity.WARNING, Says.PROGRAM_WARN),
    Treatment.NOTICE: (Severity.NOTICE, Says.PROGRAM_NOTICE),
}


def judge(
    hits: tuple[ProcessHit, ...], pids_with_windows: frozenset[int] | Unseen
) -> tuple[Sight, ...]:
    """One sight a product.

    Args:
        pids_with_windows: owners of visible windows. A browser without one is part of the system's
            furniture and is not mentioned; where windows cannot be seen it is only a notice.
    """
    return tuple(
        _sight(hit, surely=not isinstance(pids_with_windows, Unseen))
        for hit in hits
        if not hit.needs_window
        or isinstance(pids_with_windows, Unseen)
        or any(pid in pids_with_windows for pid, _ in hit.processes)
    )


def _sight(hit: ProcessHit, *, surely: bool) -> Sight:
    treatment = Treatment.NOTICE if hit.needs_window and not surely else hit.treatment
    severity, says = _SEVERITIES[treatment]
    return Sight(
        rule=f"process.{hit.category}",
        subject=hit.product,
        cause=Cause.OTHER_PROGRAM,
        severity=severity,
        explanation=says,
        facts=facts(
            product=hit.product,
            zh=hit.zh,
            en=hit.en,
            category=hit.category,
            program=hit.program,
            matched=hit.matched.value,
            processes=len(hit.processes),
        ),
    )
