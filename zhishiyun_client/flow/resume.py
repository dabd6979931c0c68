"""Where to continue after a start: from the server's view and the journal, never guessed."""

from __future__ import annotations

from zhishiyun_client.domain.phases import RECORDED, STAGES, Phase
from zhishiyun_client.flow.room import Room
from zhishiyun_client.ports.keeping import Journal
from zhishiyun_protocol.messages.sitting import ActKind, Sitting

BEFORE_ENTRY = (
    Phase.HOME,
    Phase.READING_FLOW,
    Phase.BINDING,
    Phase.LOTTERY,
    Phase.ATTACHMENTS,
    Phase.ENTRY,
)


def phase_to_continue(room: Room, sitting: Sitting | None) -> Phase:
    """The phase of a desk that was started again.

    Args:
        sitting: the server's view; None without a session (then the login comes first).
    """
    if sitting is None:
        return Phase(room.plan.flow[0])
    last = last_phase(room.ports.journal)
    if sitting.sealed:
        return Phase.RECEIPT
    if sitting.entered_us is None:
        return last if last in BEFORE_ENTRY else Phase.HOME
    ended = sitting.ended_us is not None or _ended_here(room.ports.journal)
    if ended or room.now_us >= room.schedule()[-1].ends_us:
        return Phase.ENDING
    if last in RECORDED:
        return (
            Phase.WAITING if last in STAGES or last is Phase.WAITING else Phase.DEVICE_CONFIRMATION
        )
    return Phase.ENTRY


def last_phase(journal: Journal) -> Phase | None:
    """The phase this desk was in."""
    entry = journal.latest("phase")
    return Phase(entry.facts["phase"]) if entry is not None else None


def stage_events(journal: Journal) -> tuple[dict[int, int], dict[int, int]]:
    """What the candidate began and ended himself and the server may not know yet."""
    begun: dict[int, int] = {}
    ended: dict[int, int] = {}
    for act in journal.pending():
        if act.index is None:
            continue
        if act.kind is ActKind.STAGE_BEGUN:
            begun[act.index] = act.at_us
        elif act.kind is ActKind.STAGE_ENDED:
            ended[act.index] = act.at_us
    return begun, ended


def _ended_here(journal: Journal) -> bool:
    return any(act.kind is ActKind.EXAM_ENDED for act in journal.pending())
