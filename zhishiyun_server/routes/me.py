"""GET /v1/me, its documents and acts."""

from __future__ import annotations

from sqlalchemy import Connection, func, select
from starlette.requests import Request
from starlette.responses import Response

from zhishiyun_protocol.messages.live import NewsKind
from zhishiyun_protocol.messages.sitting import Act, ActKind, Acts, ActsTaken, Sitting
from zhishiyun_server import wire
from zhishiyun_server.access import seat
from zhishiyun_server.keep.drawing import assign_rest
from zhishiyun_server.keep.facts import facts_of
from zhishiyun_server.keep.newsroom import tell
from zhishiyun_server.keep.tables import acts, attachments
from zhishiyun_server.premises import premises_of
from zhishiyun_server.problems import refusal
from zhishiyun_server.routes.operation import Auth, Operation
from zhishiyun_server.sitting import needs_lots, sitting_of

MOST_ACTS = 500
TELLING = {ActKind.STAGE_BEGUN, ActKind.STAGE_ENDED, ActKind.EXAM_ENDED}


async def see(request: Request) -> Response:
    """Everything the pages decide on; what 【刷新】 fetches."""
    premises = premises_of(request)
    who = await seat(request)
    now_us = premises.clock.now_us()
    facts = premises.database.read(lambda c: facts_of(c, who.attempt_id))
    if needs_lots(facts, now_us):
        await premises.database.write(lambda c: assign_rest(c, who.exam_id, now_us))
    sitting = premises.database.read(
        lambda c: sitting_of(c, who.attempt_id, now_us, premises.clock.speed)
    )
    return wire.answer(sitting)


async def attachment(request: Request) -> Response:
    """One document's bytes; `X-SHA256` names the version."""
    premises = premises_of(request)
    who = await seat(request)
    row = premises.database.read(
        lambda c: c.execute(
            select(attachments).where(
                attachments.c.exam_id == who.exam_id,
                attachments.c.id == request.path_params["attachment_id"],
            )
        ).first()
    )
    if row is None:
        raise refusal("NOT_FOUND")
    facts = premises.database.read(lambda c: facts_of(c, who.attempt_id))
    media_type = next(a.media_type for a in facts.attachments if a.id == row.id)
    content = premises.blobs.get(row.sha256)
    return Response(content, media_type=media_type, headers={"X-SHA256": row.sha256})


async def do(request: Request) -> Response:
    """Keep acts, also late ones; an act with a known id is kept already (R189)."""
    premises = premises_of(request)
    who = await seat(request)
    given = await wire.read(request, Acts, 512 * 1024)
    if len(given.acts) > MOST_ACTS:
        raise refusal("TOO_LARGE")
    now_us = premises.clock.now_us()

    def job(c: Connection) -> bool:
        fresh = [act for act in given.acts if _keep(c, who.attempt_id, act, now_us)]
        changed = any(act.kind in TELLING for act in fresh)
        if changed:
            tell(c, who.attempt_id, NewsKind.STATE, now_us)
        return changed

    if await premises.database.write(job):
        premises.switchboard.ring(who.attempt_id)
    return wire.answer(ActsTaken(kept=tuple(act.id for act in given.acts)))


def _keep(c: Connection, attempt_id: str, act: Act, now_us: int) -> bool:
    known = c.execute(
        select(acts.c.id).where(acts.c.attempt_id == attempt_id, acts.c.id == act.id[:64])
    ).first()
    if known is not None:
        return False
    place = c.execute(
        select(func.count()).select_from(acts).where(acts.c.attempt_id == attempt_id)
    ).scalar_one()
    c.execute(
        acts.insert().values(
            attempt_id=attempt_id,
            id=act.id[:64],
            place=place,
            kind=act.kind.value,
            at_us=act.at_us,
            error_us=act.error_us,
            received_us=now_us,
            subject=act.subject[:128],
            stage=act.index,
            version=act.version[:64],
        )
    )
    return True


OPERATIONS = (
    Operation("GET", "/v1/me", see, "The exam as it stands", Auth.SESSION, None, Sitting),
    Operation(
        "GET",
        "/v1/me/attachments/{attachment_id}",
        attachment,
        "One document",
        Auth.SESSION,
        None,
        bytes,
    ),
    Operation("POST", "/v1/me/acts", do, "Keep acts", Auth.SESSION, Acts, ActsTaken),
)
