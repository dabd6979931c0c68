"""What the candidate's acts change: which stages were begun and ended, what was read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from zhishiyun_protocol.messages.sitting import ActKind, StageTime
from zhishiyun_protocol.timing import StageEvents


@dataclass(frozen=True, slots=True)
class KeptAct:
    """One act as the server keeps it, in the order of arrival."""

    kind: str
    at_us: int
    error_us: int
    received_us: int
    subject: str
    stage: int | None
    version: str

    @property
    def believed_us(self) -> int:
        """When it happened: as the client says, but never after it had arrived."""
        return min(self.at_us, self.received_us)


@dataclass(frozen=True, slots=True)
class Doing:
    """The sum of all acts. The first word on a stage stands; repeating it changes nothing."""

    flow_read: bool
    read_versions: frozenset[tuple[str, str]]  # attachment id, digest
    events: StageEvents
    exam_ended_us: int | None

    def stage_times(self) -> tuple[StageTime, ...]:
        """What was fixed for each stage, for the wire."""
        stages = sorted({*self.events.begun_us, *self.events.ended_us})
        return tuple(
            StageTime(
                index=stage,
                begun_us=self.events.begun_us.get(stage),
                ended_us=self.events.ended_us.get(stage),
            )
            for stage in stages
        )


def doing_of(acts: Iterable[KeptAct]) -> Doing:
    """Add up acts."""
    flow_read, ended_us = False, None
    read: set[tuple[str, str]] = set()
    begun: dict[int, int] = {}
    over: dict[int, int] = {}
    for act in acts:
        if act.kind == ActKind.FLOW_READ:
            flow_read = True
        elif act.kind == ActKind.ATTACHMENT_READ:
            read.add((act.subject, act.version))
        elif act.kind == ActKind.STAGE_BEGUN and act.stage is not None:
            begun.setdefault(act.stage, act.believed_us)
        elif act.kind == ActKind.STAGE_ENDED and act.stage is not None:
            over.setdefault(act.stage, act.believed_us)
        elif act.kind == ActKind.EXAM_ENDED and ended_us is None:
            ended_us = act.believed_us
    return Doing(flow_read, frozenset(read), StageEvents(begun, over), ended_us)
