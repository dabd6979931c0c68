"""One candidate: the real protocol from the ticket to the receipt."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from zhishiyun_protocol import paper
from zhishiyun_protocol.clock import Exchange, measured
from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.messages.entering import (
    Enrolled,
    Enrolment,
    FaceResult,
    Login,
    LoginOpened,
    LoginStatus,
    Problem,
    TimeAnswer,
    TimeQuestion,
)
from zhishiyun_protocol.messages.evidence import (
    ChunkKept,
    ChunkOffer,
    GrantRequest,
    Grants,
    Receipt,
    Seal,
)
from zhishiyun_protocol.messages.live import Beat, Heartbeat, NewsKind
from zhishiyun_protocol.messages.sitting import (
    Act,
    ActKind,
    Acts,
    ActsTaken,
    EntryGranted,
    EntryRequest,
    Sitting,
)
from zhishiyun_protocol.signing import SigningKey, from_text, to_text
from zhishiyun_server.load.figures import Figures
from zhishiyun_server.load.line import WITHIN_S, Answer, Line
from zhishiyun_server.load.recording import Recording, header_of

T = TypeVar("T")
LATER = {425, 429, 503, 507}
MOST_WAITS = 20
VERSION = "99.0.0"
BEAT_EVERY_S = 5.0  # as the real client does


class Gone(Exception):
    """This candidate cannot go on; why is in the figures."""


@dataclass(frozen=True, slots=True)
class Card:
    """What one candidate holds in hand."""

    ticket: str
    id_number: str

    @property
    def claims(self) -> dict[str, object]:
        """What the ticket says of itself; the server checks its signature."""
        told: dict[str, object] = msgspec.json.decode(from_text(self.ticket.split(".")[2]))
        return told


@dataclass
class Player:
    """Plays one card. Thread: the event loop."""

    url: str
    card: Card
    figures: Figures
    local_host: str | None = None
    device: SigningKey = field(default_factory=SigningKey.generate)
    session: str = ""
    attempt_id: str = ""
    key_after_s: float | None = None  # real seconds from T0 to the key in hand
    receipt: Receipt | None = None
    _news_after: int = 0
    _key_known: asyncio.Event = field(default_factory=asyncio.Event)
    _live: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self._line = Line(self.url, self.local_host)
        self._stores: dict[str, Line] = {}

    # ── before T0 ───────────────────────────────────────────────────

    async def come_in(self) -> None:
        """From the ticket to 【进入考试】, the paper fetched and the live channel open."""
        await self._ask_time()
        await self._enrol()
        await self._log_in()
        self._live = asyncio.create_task(self._keep_live())
        sitting = await self._get("me", "/v1/me", Sitting)
        self._starts_us = sitting.starts_us  # the key may come with the entry's answer
        await self._act(ActKind.FLOW_READ)
        for item in sitting.attachments:
            await self._call("attachment", "GET", f"/v1/me/attachments/{item.id}")
            await self._act(ActKind.ATTACHMENT_READ, subject=item.id, version=item.sha256)
        if sitting.draw is not None:
            await self._call("draw", "POST", "/v1/me/draw", b"{}")
        self._granted = await self._post(
            "entry", "/v1/me/entry", EntryRequest(displays=1), EntryGranted
        )
        self._envelope = (await self._call("paper", "GET", "/v1/me/paper")).body
        self._sitting = sitting
        self._began_us = _local_us()
        self._recording = Recording(
            header_of(
                attempt_id=self.attempt_id,
                exam_id=sitting.exam_id,
                plan_sha256=sitting.plan.sha256(),
                device=self.device,
                server_key=self._granted.server_key,
                evidence_key=self._granted.evidence_key,
                created_us=self._granted.entered_us,
            ),
            self.device,
            from_text(self._granted.evidence_key),
        )

    # ── T0 and the exam ─────────────────────────────────────────────

    def until_t0_s(self) -> float:
        """Real seconds until T0; negative when that is past."""
        return (self._starts_us - self._exam_us()) / self._clock.speed / 1e6

    async def see_paper(self, within_s: float) -> None:
        """Wait for the key on the live channel and open the paper with it."""
        try:
            await asyncio.wait_for(self._key_known.wait(), within_s)
        except TimeoutError:
            self.figures.failed("paper_key", "did not come")
            raise Gone from None
        try:
            paper.unseal(self._envelope, from_text(self._key))
        except Refused as error:
            self.figures.failed("paper_key", error.code)
            raise Gone from error

    async def upload(self, chunk_bytes: int, every_s: float, until_s: float) -> None:
        """Send a chunk every so often, beginning at a moment of one's own."""
        next_s = time.monotonic() + every_s * (uuid.uuid4().int % 1000) / 1000
        while next_s < until_s:
            await asyncio.sleep(max(0.0, next_s - time.monotonic()))
            await self._send(*self._recording.grow(chunk_bytes, self._recorded_us()))
            next_s += every_s

    async def finish(self) -> None:
        """【结束考试】, the rest of the log, the seal, and the receipt proved."""
        await self._act(ActKind.EXAM_ENDED)
        await self._send(*self._recording.end(self._recorded_us()))
        seal = self._recording.seal()
        receipt = await self._post("seal", "/v1/me/evidence/seal", seal, Receipt)
        self._prove(receipt, seal)
        self.receipt = receipt

    async def leave(self) -> None:
        """Hang up everything."""
        if self._live is not None:
            self._live.cancel()
            await asyncio.wait({self._live})
        for line in (self._line, *self._stores.values()):
            await line.close()

    # ── pieces of the way ───────────────────────────────────────────

    async def _ask_time(self) -> None:
        sent_us = _local_us()
        told = await self._post("time", "/v1/time", TimeQuestion(sent_us=sent_us), TimeAnswer)
        exchange = Exchange(
            sent_us=sent_us,
            server_received_us=told.server_received_us,
            server_sent_us=told.server_sent_us,
            received_us=_local_us(),
            speed=told.speed,
        )
        self._clock = measured(exchange)

    async def _enrol(self) -> None:
        enrolment = Enrolment(
            ticket=self.card.ticket,
            device_key=to_text(self.device.public_bytes()),
            proof=to_text(self.device.sign("enrolment", self.card.ticket.encode())),
            client_version=VERSION,
        )
        await self._post("enrol", "/v1/enrolments", enrolment, Enrolled)

    async def _log_in(self) -> None:
        claims = self.card.claims
        ticket_id, sent_us = str(claims["ticket_id"]), self._exam_us()
        login = Login(
            ticket_id=ticket_id,
            sent_us=sent_us,
            proof=to_text(self.device.sign("login", f"{ticket_id}.{sent_us}".encode())),
            id_number=self.card.id_number,
            ticket_number=str(claims["ticket_number"]),
        )
        opened = await self._post("login", "/v1/logins", login, LoginOpened)
        result = FaceResult(matched=True, score=0.7, frames=5, pack="load", liveness="turns:passed")
        path = f"/v1/logins/{opened.login_id}/face"
        status = await self._post("face", path, result, LoginStatus, opened.login_secret)
        self.session, self.attempt_id = status.session, status.attempt_id

    async def _act(self, kind: ActKind, subject: str = "", version: str = "") -> None:
        act = Act(
            id=uuid.uuid4().hex,
            kind=kind,
            at_us=self._exam_us(),
            error_us=1000,
            subject=subject,
            version=version,
        )
        await self._post("acts", "/v1/me/acts", Acts(acts=(act,)), ActsTaken)

    async def _send(self, first: int, data: bytes) -> None:
        digest = hashlib.sha256(data).hexdigest()
        offer = ChunkOffer(first_byte=first, length=len(data), sha256=digest)
        path = "/v1/me/evidence/grants"
        answer = await self._post("grants", path, GrantRequest(chunks=(offer,)), Grants)
        for grant in answer.grants:
            if grant.url.startswith("/"):
                kept = await self._call("chunk", "PUT", grant.url, data, headers=grant.headers)
                _decoded(kept.body, ChunkKept)
            else:
                await self._store(grant.url, grant.headers, data)

    async def _store(self, url: str, headers: Mapping[str, str], data: bytes) -> None:
        parts = urlsplit(url)
        base = f"{parts.scheme}://{parts.netloc}"
        line = self._stores.setdefault(base, Line(base, self.local_host))
        target = f"{parts.path}?{parts.query}"
        await self._call("chunk", "PUT", target, data, headers=headers, line=line)

    def _prove(self, receipt: Receipt, seal: Seal) -> None:
        body = receipt.body
        told = (body.attempt_id, body.length, body.head, body.sha256, body.complete)
        ours = (self.attempt_id, seal.length, seal.head, self._recording.sha256, True)
        if told != ours or not receipt.is_genuine(from_text(self._granted.server_key)):
            self.figures.failed("receipt", "does not fit the recording")
            raise Gone

    # ── the live channel ────────────────────────────────────────────

    async def _keep_live(self) -> None:
        """Hold the channel; one that breaks is opened again, as the real client does."""
        for _ in range(MOST_WAITS):
            try:
                await self._hold_live()
            except (OSError, ConnectionClosed, TimeoutError) as error:
                self.figures.waits[f"live: {type(error).__name__}"] += 1
                await asyncio.sleep(1)
            except InvalidHandshake as error:
                self.figures.failed("live", type(error).__name__)
                return
        self.figures.failed("live", "given up")

    async def _hold_live(self) -> None:
        address = self.url.replace("http", "ws", 1) + "/v1/live"
        async with connect(
            address,
            additional_headers={"Authorization": f"Bearer {self.session}"},
            proxy=None,
            compression=None,
            open_timeout=WITHIN_S,
            local_addr=(self.local_host, 0) if self.local_host else None,
        ) as socket:
            await self._beat(socket)

    async def _beat(self, socket: ClientConnection) -> None:
        next_s = time.monotonic() + BEAT_EVERY_S * (uuid.uuid4().int % 1000) / 1000
        while True:
            await self._hear(socket, next_s)
            sent_s = time.monotonic()
            recording = getattr(self, "_recording", None)
            beat = Heartbeat(
                sent_us=_local_us(),
                after=self._news_after,
                phase="answering" if self._key_known.is_set() else "waiting",
                recording=recording is not None,
                head=recording.head() if recording is not None else None,
            )
            await socket.send(msgspec.json.encode(beat).decode())
            while not self._take(await socket.recv()):
                continue
            self.figures.took("heartbeat", time.monotonic() - sent_s)
            next_s += BEAT_EVERY_S

    async def _hear(self, socket: ClientConnection, until_s: float) -> None:
        """Take what is pushed until the next heartbeat is due."""
        try:
            async with asyncio.timeout(max(0.0, until_s - time.monotonic())):
                while True:
                    self._take(await socket.recv())
        except TimeoutError:
            return

    def _take(self, text: str | bytes) -> bool:
        """Take one beat; returns whether it answers a heartbeat."""
        beat = msgspec.json.decode(text, type=Beat)
        for item in beat.news:
            self._news_after = max(self._news_after, item.cursor)
            if item.kind is NewsKind.PAPER_KEY and not self._key_known.is_set():
                self._key = item.data["key"]
                self.key_after_s = (self._exam_us() - self._starts_us) / self._clock.speed / 1e6
                self.figures.took("paper_key", max(0.0, self.key_after_s))
                self._key_known.set()
        return beat.sent_us != 0

    # ── calls ───────────────────────────────────────────────────────

    def _recorded_us(self) -> int:
        """Since the recording began, real time."""
        return _local_us() - self._began_us

    def _exam_us(self) -> int:
        return self._clock.now_us(_local_us())

    async def _get(self, call: str, path: str, kind: type[T]) -> T:
        return _decoded((await self._call(call, "GET", path)).body, kind)

    async def _post(
        self, call: str, path: str, value: object, kind: type[T], bearer: str = ""
    ) -> T:
        body = msgspec.json.encode(value)
        answer = await self._call(call, "POST", path, body, bearer=bearer)
        return _decoded(answer.body, kind)

    async def _call(
        self,
        call: str,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        bearer: str = "",
        headers: Mapping[str, str] | None = None,
        line: Line | None = None,
    ) -> Answer:
        """One call; comes back later when it is told so, as the real client does.

        Raises:
            Gone: it was refused or not answered.
        """
        told = dict(headers or {"Content-Type": "application/json"})
        if line is None and (bearer or self.session):
            told["Authorization"] = f"Bearer {bearer or self.session}"
        for _ in range(MOST_WAITS):
            began_s = time.monotonic()
            try:
                answer = await (line or self._line).send(method, target, told, body)
            except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
                self.figures.failed(call, type(error).__name__)
                raise Gone from error
            if answer.status < 300:
                self.figures.took(call, time.monotonic() - began_s)
                return answer
            if answer.status not in LATER:
                break
            self.figures.waits[f"{call}: {answer.status}"] += 1
            await asyncio.sleep(float(answer.headers.get("retry-after", "1")))
        self.figures.failed(call, f"{answer.status} {_code(answer.body)}")
        raise Gone


def _decoded(body: bytes, kind: type[T]) -> T:
    return msgspec.json.decode(body, type=kind)


def _code(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=Problem).code
    except msgspec.DecodeError:
        return base64.b64encode(body[:24]).decode()


def _local_us() -> int:
    return time.monotonic_ns() // 1000
