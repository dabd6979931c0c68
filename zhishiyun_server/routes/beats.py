"""POST /v1/me/heartbeat and WS /v1/live: the same structs, the same rules (design §4)."""

from __future__ import annotations

import contextlib
import time

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
from zhishiyun_server.keep.tables import attempts, candidates, recordings
from zhishiyun_server.live import LiveLine
from zhishiyun_server.premises import Premises, premises_of
from zhishiyun_server.problems import Refusal, refusal
from zhishiyun_server.routes.operation import Auth, Operation
from zhishiyun_server.sockets import DIRECT, DirectProtocol

HEARTBEAT_BYTES = 256 * 1024
CHECK_EVERY_S = 30.0  # a session that another process ended is noticed so soon
UNKNOWN = 1 << 62  # newest news of a line that has not looked yet
LARGEST = 1 << 62
CLOSE_TAKEN_OVER = 4001
CLOSE_NONSENSE = 4000
_HEARTBEAT = msgspec.json.Decoder(Heartbeat)
_ENCODER = msgspec.json.Encoder()


async def heartbeat(request: Request) -> Response:
    """One heartbeat by HTTP, where no WebSocket can be had."""
    premises = premises_of(request)
    received_us = premises.clock.now_us()
    who = await any_seat(request)
    beat = await wire.read(request, Heartbeat, HEARTBEAT_BYTES)
    _require_sane(beat)
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
    direct: DirectProtocol = socket.scope["extensions"][DIRECT]
    channel = _Channel(socket, direct, premises, who)
    premises.switchboard.plug(channel.line)
    direct.listen(channel.hear, premises.rounds)
    try:
        while (message := await socket.receive())["type"] == "websocket.receive":
            text = (message.get("text") or "").encode()  # what took the long way
            channel.hear(text, premises.clock.now_us())
    finally:
        premises.switchboard.unplug(channel.line)


class _Channel:
    """One socket. A heartbeat is answered from memory; the database hears of it in bulk.

    Thread: the event loop.
    """

    def __init__(
        self, socket: WebSocket, direct: DirectProtocol, premises: Premises, who: Seat
    ) -> None:
        self._socket = socket
        self._premises = premises
        self._clock = premises.clock
        self.line = LiveLine(
            who, direct.tell, self.refresh, checked_s=time.monotonic(), newest=UNKNOWN
        )

    def hear(self, text: bytes, received_us: int) -> None:
        """One heartbeat: answered at once, unless something has to be looked up for it."""
        line = self.line
        try:
            heard = _HEARTBEAT.decode(text)
            _require_sane(heard)
        except (msgspec.DecodeError, UnicodeDecodeError, Refusal):
            self._premises.switchboard.start(self._close(CLOSE_NONSENSE))
            return
        line.after = heard.after
        is_due = time.monotonic() - line.checked_s > CHECK_EVERY_S
        if is_due or line.newest > heard.after or line.who.taken_over:
            self._premises.switchboard.start(self._look(heard, received_us, is_due))
            return
        self._premises.logbook.note(line.who.attempt_id, heard, received_us)
        self._say(heard.sent_us, received_us, ())

    async def refresh(self, line: LiveLine) -> None:
        """Somebody rang: the session may be over, or there is news."""
        if not await self._check():
            return
        news = await self._news()
        if news:
            self._say(0, self._clock.now_us(), news)
        if line.who.taken_over:
            await self._close(CLOSE_TAKEN_OVER)

    async def _look(self, heard: Heartbeat, received_us: int, is_due: bool) -> None:
        """Answer a heartbeat with what the database knows."""
        line = self.line
        if is_due and not await self._check():
            return
        if not line.who.taken_over:
            self._premises.logbook.note(line.who.attempt_id, heard, received_us)
        self._say(heard.sent_us, received_us, await self._news())
        if line.who.taken_over:
            await self._close(CLOSE_TAKEN_OVER)

    async def _check(self) -> bool:
        """Look at the session; closes the socket and returns False when it is over."""
        try:
            self.line.who = await any_seat(self._socket)
        except Refusal:
            await self._close(CLOSE_TAKEN_OVER)
            return False
        self.line.checked_s = time.monotonic()
        return True

    async def _news(self) -> tuple[News, ...]:
        line, now_us = self.line, self._clock.now_us()
        database = self._premises.database
        is_due, standing = database.read(
            lambda c: (_key_is_due(c, line.who, now_us), _standing(c, line.who, line.after, now_us))
        )
        if is_due:
            await database.write(lambda c: release_key(c, line.who, now_us))
            standing = database.read(lambda c: _standing(c, line.who, line.after, now_us))
        committed, news, line.newest = standing
        line.committed = max(line.committed, committed)
        if news and news[-1].cursor >= line.newest:
            line.told = line.newest  # nobody need ring for it again
        return news

    def _say(self, sent_us: int, received_us: int, news: tuple[News, ...]) -> None:
        beat = Beat(
            sent_us=sent_us,
            server_received_us=received_us,
            server_sent_us=self._clock.now_us(),
            speed=self._clock.speed,
            committed=0 if self.line.who.taken_over else self.line.committed,
            news=news,
        )
        self.line.send(_ENCODER.encode(beat))

    async def _close(self, code: int) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # it is closed already
            await self._socket.close(code)


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
            release_key(c, who, received_us)
        committed, news, _ = _standing(c, who, heard.after, received_us)
        return committed, news

    committed, news = await premises.database.write(job)
    return Beat(
        sent_us=heard.sent_us,
        server_received_us=received_us,
        server_sent_us=premises.clock.now_us(),
        speed=premises.clock.speed,
        committed=committed,
        news=news,
    )


def _standing(
    c: Connection, who: Seat, cursor: int, now_us: int
) -> tuple[int, tuple[News, ...], int]:
    """(records committed, what is new and may be told now, the newest news there is)."""
    row = c.execute(
        select(recordings.c.committed, attempts.c.news_cursor)
        .join(recordings, recordings.c.id == attempts.c.id)
        .where(attempts.c.id == who.attempt_id)
    ).one()
    told = after(c, who.attempt_id, cursor, now_us) if row.news_cursor > cursor else ()
    if who.taken_over:  # the replaced session learns that and nothing else
        told = tuple(item for item in told if item.kind is NewsKind.TAKEN_OVER)
        return 0, told[-1:], row.news_cursor
    told = tuple(item for item in told if item.kind is not NewsKind.TAKEN_OVER)
    return row.committed, told, row.news_cursor


def _key_is_due(c: Connection, who: Seat, now_us: int) -> bool:
    """Whether T0 is past and the key was not told; asked only when news is looked for."""
    exam = exam_row(c, who.exam_id)
    is_past = exam is not None and now_us >= exam.starts_us and not who.taken_over
    return is_past and not was_told(c, who.attempt_id, NewsKind.PAPER_KEY)


def _require_sane(heard: Heartbeat) -> None:
    """Check that it fits the database: others wait in the same transaction.

    PostgreSQL keeps no zero byte in a text.

    Raises:
        Refusal: BAD_REQUEST.
    """
    head = heard.head
    numbers = [heard.after, heard.held_bytes, heard.lag_bytes, heard.dropped]
    numbers += [head.records, head.length] if head is not None else []
    texts = (heard.phase, heard.thumbnail, *((head.head, head.signature) if head else ()))
    if min(numbers) < 0 or max(numbers) >= LARGEST or any("\0" in text for text in texts):
        raise refusal("BAD_REQUEST", detail="a value does not fit its field")


def release_key(c: Connection, who: Seat, now_us: int) -> None:
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


OPERATIONS = (
    Operation(
        "POST", "/v1/me/heartbeat", heartbeat, "One heartbeat", Auth.SESSION, Heartbeat, Beat
    ),
)
