"""POST /v1/me/entry: 【进入考试】, decided on the arrival of the request (R100–R107, R148)."""

from __future__ import annotations

from sqlalchemy import Connection, select
from starlette.requests import Request
from starlette.responses import Response

from zhishiyun_protocol.messages.live import NewsKind
from zhishiyun_protocol.messages.sitting import EntryGranted, EntryRequest
from zhishiyun_protocol.signing import to_text
from zhishiyun_server import wire
from zhishiyun_server.access import seat, settled
from zhishiyun_server.domain.doors import entry_door
from zhishiyun_server.domain.facts import Facts
from zhishiyun_server.keep.allowing import allowed_of
from zhishiyun_server.keep.arriving import note_arrival
from zhishiyun_server.keep.audit import note
from zhishiyun_server.keep.drawing import assign_rest
from zhishiyun_server.keep.facts import facts_of
from zhishiyun_server.keep.newsroom import tell
from zhishiyun_server.keep.recordings import begin_computers, recording_by
from zhishiyun_server.keep.sessions import Seat
from zhishiyun_server.keep.tables import attempts
from zhishiyun_server.premises import Premises, premises_of
from zhishiyun_server.problems import Refusal, refusal
from zhishiyun_server.routes.operation import Auth, Operation

SECOND_DISPLAY = "display.extra"  # the guard's rule, which a supervisor may let pass


async def enter(request: Request) -> Response:
    """Enter, or come back; recording begins with the key in the answer."""
    premises = premises_of(request)
    arrived_us = premises.clock.now_us()
    who = await seat(request)
    wanted = await wire.read(request, EntryRequest)
    granted = settled(
        await premises.database.write(lambda c: _enter(c, premises, who, wanted, arrived_us))
    )
    premises.switchboard.ring(who.attempt_id)
    return wire.answer(granted)


def _enter(
    c: Connection, premises: Premises, who: Seat, wanted: EntryRequest, arrived_us: int
) -> EntryGranted | Refusal:
    assign_rest(c, who.exam_id, arrived_us)
    facts = facts_of(c, who.attempt_id)
    comes_back = facts.entered_us is not None
    door_name = "reentry" if comes_back else "entry"
    passes = any(each.rule == SECOND_DISPLAY for each in allowed_of(c, who.attempt_id))
    problem = _fault(facts, wanted, arrived_us, second_display_passes=passes)
    note_arrival(
        c, who.ticket_id, door_name, arrived_us, problem.code if problem is not None else "OPEN"
    )
    if problem is not None:
        return problem
    row = c.execute(select(attempts).where(attempts.c.id == who.attempt_id)).one()
    recording = recording_by(c, who.attempt_id)
    entered_us = row.entered_us if row.entered_us is not None else arrived_us
    values = {"reentries": row.reentries + 1} if comes_back else {"entered_us": entered_us}
    c.execute(attempts.update().where(attempts.c.id == who.attempt_id).values(**values))
    begin_computers(c, who.attempt_id, entered_us)
    note(c, arrived_us, f"exam.{door_name}", who.attempt_id)
    tell(c, who.attempt_id, NewsKind.STATE, arrived_us)
    return EntryGranted(
        attempt_id=who.attempt_id,
        evidence_key=to_text(recording.evidence_key),
        server_key=to_text(premises.keys.receipts.public_bytes()),
        entered_us=entered_us,
        reentry=comes_back,
    )


def _fault(
    facts: Facts, wanted: EntryRequest, arrived_us: int, *, second_display_passes: bool
) -> Refusal | None:
    door = entry_door(facts, arrived_us)
    if not door.open:
        return refusal(door.code, opens_us=door.opens_us, closes_us=door.closes_us)
    wants_one = facts.plan.guarding.one_display and not second_display_passes
    if wants_one and wanted.displays > 1:
        return refusal("DISPLAYS_TOO_MANY")
    return None


OPERATIONS = (
    Operation(
        "POST",
        "/v1/me/entry",
        enter,
        "Enter the exam, or come back",
        Auth.SESSION,
        EntryRequest,
        EntryGranted,
    ),
)
