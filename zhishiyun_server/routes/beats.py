"""POST /v1/me/heartbeat and WS /v1/live: the same structs, the same rules (design §4)."""

from __future__ import annotations

import asyncio
import contextlib

import msgspec
from sqlalchemy import Connection, select
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from zhishiyun_protocol.messages.live import Beat, Heartbeat, News, NewsKind
from zhishiyun_protocol.signing import to_text
from zhishiyun_server import wire
from zhishiyun_server.access import any_seat
from zhishiyun_server.keep.exams import exam_row, paper_row
from zhishiyun_server.keep.heads import keep_contact, keep_head
from zhishiyun_server.keep.newsroom import after, tell, was_told
from zhishiyun_server.keep.sessions import Seat
from zhishiyun_server.keep.tables import attempts, candidates
from zhishiyun_server.premises import Premises, premises_of
from zhishiyun_server.problems import Refusal, refusal
from zhishiyun_server.routes.operation import Auth, Operation

HEARTBEAT_BYTES = 256 * 1024
CLOSE_TAKEN_OVER = 4001
CLOSE_NONSENSE = 4000


async def heartbeat(request: Request) -> Response:
    """One heartbeat by HTTP, where no WebSocket can be had."""
    premises = premises_of(request)
    received_us = premises.clock.now_us()
    who = await any_seat(request)
    beat = await wire.read(request, Heartbeat, HEARTBEAT_BYTES)
    return wire.answer(await _answer(premises, who, beat, received_us))


async def live(socket: WebSocket) -> None:
    """The live channel: each heartbeat is answered, news is pushed when it happens."""
    premises = premises_of(socket)
    try:
        who = await any_seat(socket)
    except Refusal as error:
        await socket.send_denial_response(wire.answer_refusal(error))
        return
    await socket.accept()
    bell = premises.switchboard.plug(who.attempt_id)
    try:
        await _talk(socket, premises, who, bell)
    except WebSocketDisconnect:
        return
    except (msgspec.DecodeError, OverflowError):
        await socket.close(CLOSE_NONSENSE)
    finally:
        premises.switchboard.unplug(who.attempt_id, bell)


async def _talk(socket: WebSocket, premises: Premises, who: Seat, bell: asyncio.Event) -> None:
    """Until the other side leaves or the session is over."""
    cursor = 0
    hearing = asyncio.ensure_future(socket.receive_text())
    try:
        while True:
            ringing = asyncio.ensure_future(bell.wait())
            await asyncio.wait(
                {hearing, ringing},
                timeout=_until_release_s(premises, who),
                return_when=asyncio.FIRST_COMPLETED,
            )
            ringing.cancel()
            bell.clear()
            who = await any_seat(socket)  # it may have ended meanwhile
            answers = hearing.done()
            if answers:
                received_us = premises.clock.now_us()
                heard = msgspec.json.decode(hearing.result(), type=Heartbeat)
                cursor = heard.after
                beat = await _answer(premises, who, heard, received_us)
                hearing = asyncio.ensure_future(socket.receive_text())
            else:
                beat = await _push(premises, who, cursor)
            if answers or beat.news:
                await socket.send_text(msgspec.json.encode(beat).decode())
            if who.taken_over:
                await socket.close(CLOSE_TAKEN_OVER)
                return
    except Refusal:
        await socket.close(CLOSE_TAKEN_OVER)
    finally:
        hearing.cancel()
        with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
            await hearing


async def _answer(premises: Premises, who: Seat, heard: Heartbeat, received_us: int) -> Beat:
    """Keep what a heartbeat tells, and answer it."""

    def job(c: Connection) -> tuple[int, tuple[News, ...]]:
        if not who.taken_over:
            keep_contact(c, who.attempt_id, heard, received_us)
            if heard.head is not None:
                device_key = c.execute(
                    select(candidates.c.device_key).where(candidates.c.ticket_id == who.ticket_id)
                ).scalar_one()
                keep_head(c, who.attempt_id, device_key, heard.head, received_us)
            _release_key(c, who, received_us)
        return _standing(c, who, heard.after)

    committed, news = await premises.database.write(job)
    return Beat(
        sent_us=heard.sent_us,
        server_received_us=received_us,
        server_sent_us=premises.clock.now_us(),
        speed=premises.clock.speed,
        committed=committed,
        news=news,
    )


async def _push(premises: Premises, who: Seat, cursor: int) -> Beat:
    """What is new, unasked."""
    now_us = premises.clock.now_us()

    def job(c: Connection) -> tuple[int, tuple[News, ...]]:
        _release_key(c, who, now_us)
        return _standing(c, who, cursor)

    committed, news = await premises.database.write(job)
    return Beat(
        sent_us=0,
        server_received_us=now_us,
        server_sent_us=premises.clock.now_us(),
        speed=premises.clock.speed,
        committed=committed,
        news=news,
    )


def _standing(c: Connection, who: Seat, cursor: int) -> tuple[int, tuple[News, ...]]:
    committed = c.execute(
        select(attempts.c.committed).where(attempts.c.id == who.attempt_id)
    ).scalar_one()
    told = after(c, who.attempt_id, cursor)
    if who.taken_over:  # the replaced session learns that and nothing else
        told = tuple(item for item in told if item.kind is NewsKind.TAKEN_OVER)
        return 0, told[-1:]
    return committed, tuple(item for item in told if item.kind is not NewsKind.TAKEN_OVER)


def _release_key(c: Connection, who: Seat, now_us: int) -> None:
    """From T0 on, everybody who has entered is told the paper's key once (R122)."""
    exam = exam_row(c, who.exam_id)
    if exam is None or now_us < exam.starts_us or who.taken_over:
        return
    row = c.execute(
        select(attempts.c.entered_us, candidates.c.subject)
        .join(candidates, candidates.c.ticket_id == attempts.c.ticket_id)
        .where(attempts.c.id == who.attempt_id)
    ).one()
    if row.entered_us is None or was_told(c, who.attempt_id, NewsKind.PAPER_KEY):
        return
    paper = paper_row(c, who.exam_id, row.subject)
    if paper is not None:
        data = {"paper_id": paper.id, "key": to_text(paper.key)}
        tell(c, who.attempt_id, NewsKind.PAPER_KEY, now_us, data=data)


def _until_release_s(premises: Premises, who: Seat) -> float | None:
    """Real seconds until T0, when everybody is told the key; None when that is past."""
    exam = premises.database.read(lambda c: exam_row(c, who.exam_id))
    if exam is None:
        raise refusal("SESSION_UNKNOWN")
    wait_s = premises.clock.real_s(exam.starts_us)
    return wait_s + 0.001 if wait_s > 0 else None


OPERATIONS = (
    Operation(
        "POST", "/v1/me/heartbeat", heartbeat, "One heartbeat", Auth.SESSION, Heartbeat, Beat
    ),
)
