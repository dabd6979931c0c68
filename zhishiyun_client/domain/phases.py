"""The phases of a candidate's way as one table: (phase, event) → phase.

The table of an exam follows from its plan's flow; everything else about the way is here and nowhere
else. docs/phases.md and its picture are generated from it.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Mapping

from zhishiyun_protocol.plan import StageKind


class Phase(enum.StrEnum):
    """Where a candidate is. The value names the step, the page and the plan's flow entry."""

    CONSENT = "consent"
    DEVICE_PREPARATION = "device_preparation"
    FACE_LOGIN = "face_login"
    HOME = "home"
    READING_FLOW = "reading_flow"
    BINDING = "binding"
    LOTTERY = "lottery"
    ATTACHMENTS = "attachments"
    ENTRY = "entry"
    DEVICE_CONFIRMATION = "device_confirmation"
    WAITING = "waiting"
    PREPARATION = "preparation"
    ANSWERING = "answering"
    SKILL_TEST = "skill_test"
    DISPLAY_OF_WORK = "display_of_work"
    ENDING = "ending"
    UPLOADING = "uploading"
    RECEIPT = "receipt"


class Event(enum.StrEnum):
    """What moves a candidate on. A condition is a different event."""

    PASSED = "passed"  # the phase's own work is done
    PREPARATION_BEGINS = "preparation_begins"  # the clock, or the candidate, starts a stage
    ANSWERING_BEGINS = "answering_begins"
    SKILL_TEST_BEGINS = "skill_test_begins"
    DISPLAY_BEGINS = "display_begins"
    EXAM_OVER = "exam_over"  # time is up, or 【结束考试】, or ended by the supervisor
    SESSION_LOST = "session_lost"  # another login took over, or the session ran out
    ENTRY_OPENED = "entry_opened"  # from home straight to the entry: everything before is done
    UPLOAD_OPENED = "upload_opened"  # from home to an unfinished upload
    RECEIPT_OPENED = "receipt_opened"
    WENT_HOME = "went_home"


STAGE_EVENTS: Mapping[StageKind, Event] = {
    StageKind.PREPARATION: Event.PREPARATION_BEGINS,
    StageKind.ANSWERING: Event.ANSWERING_BEGINS,
    StageKind.SKILL_TEST: Event.SKILL_TEST_BEGINS,
    StageKind.DISPLAY_OF_WORK: Event.DISPLAY_BEGINS,
}

STAGES = frozenset(Phase(kind.value) for kind in StageKind)
"""Phases in which a stage of the exam waits or runs."""

RECORDED = STAGES | {Phase.DEVICE_CONFIRMATION, Phase.WAITING}
"""Phases in which recording runs: from 【进入考试】 to the end."""

WITH_SESSION = frozenset(Phase) - {
    Phase.DEVICE_PREPARATION,
    Phase.CONSENT,
    Phase.FACE_LOGIN,
}
"""Phases that need a login."""

_BY_CLOCK = STAGES | {Phase.WAITING, Phase.ENDING, Phase.UPLOADING, Phase.RECEIPT}
"""Phases that are not left by PASSED to the flow's next: a clock or the recorder decides."""

Table = Mapping[tuple[Phase, Event], Phase]


def table_for(flow: tuple[str, ...]) -> Table:
    """The transitions of a plan whose flow is `flow`.

    From waiting and from every stage the clock may lead into any stage of the plan: who comes back
    after a crash or comes late lands in the stage that runs, not in the first one (R146, R148).
    """
    phases = tuple(Phase(name) for name in flow)
    table: dict[tuple[Phase, Event], Phase] = {}
    for phase, following in itertools.pairwise(phases):
        if phase not in _BY_CLOCK:
            table[phase, Event.PASSED] = following
    stages = {Phase(kind.value): event for kind, event in STAGE_EVENTS.items()}
    running = [p for p in phases if p in stages]
    for source in (Phase.WAITING, *running):
        for target in running:
            if target is not source:
                table[source, stages[target]] = target
    for phase in (Phase.DEVICE_CONFIRMATION, Phase.WAITING, *running):
        table[phase, Event.EXAM_OVER] = Phase.ENDING
    table[Phase.ENDING, Event.PASSED] = Phase.UPLOADING
    table[Phase.UPLOADING, Event.PASSED] = Phase.RECEIPT
    table[Phase.RECEIPT, Event.WENT_HOME] = Phase.HOME
    table[Phase.HOME, Event.ENTRY_OPENED] = Phase.ENTRY
    table[Phase.HOME, Event.UPLOAD_OPENED] = Phase.UPLOADING
    table[Phase.HOME, Event.RECEIPT_OPENED] = Phase.RECEIPT
    for phase in phases:
        if phase in WITH_SESSION and phase not in {Phase.ENDING, Phase.UPLOADING, Phase.RECEIPT}:
            table[phase, Event.SESSION_LOST] = Phase.FACE_LOGIN
    return table


def next_phase(table: Table, phase: Phase, event: Event) -> Phase:
    """Where `event` leads; an event that means nothing in a phase leaves it as it is."""
    return table.get((phase, event), phase)
