"""A phone that films: its calls, and a log of real WebM as a browser's recorder would make it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec

from tests.server.rig import Candidate, Room, chunk_headers, told
from zhishiyun_client.rehearsal.phone_film import Film
from zhishiyun_protocol.evidence.contents import Cause, Gap, Mark, Run, Stream
from zhishiyun_protocol.evidence.layout import Flag, Kind, LogHeader, Source, Track
from zhishiyun_protocol.evidence.scribe import Scribe
from zhishiyun_protocol.evidence.sealing import key_check
from zhishiyun_protocol.messages.evidence import (
    ChunkOffer,
    GrantRequest,
    Grants,
    Held,
    Receipt,
    Seal,
)
from zhishiyun_protocol.messages.live import NewsKind
from zhishiyun_protocol.messages.phone import PhoneBind, PhoneBound, PhoneStatus, PhoneTold
from zhishiyun_protocol.messages.sitting import BindingCode
from zhishiyun_protocol.signing import SigningKey, from_text, to_text
from zhishiyun_server.keep.overview import CandidateLine

SECOND_US = 1_000_000


def shown_code(candidate: Candidate) -> BindingCode:
    """What the candidate's computer shows."""
    return told(candidate.post("/v1/me/binding", {}), BindingCode)


@dataclass
class Phone:
    """One phone at one server."""

    http: httpx.Client
    name: str = "Pixel"
    device: SigningKey = field(default_factory=SigningKey.generate)
    bound: PhoneBound = field(init=False)

    def try_bind(self, code: str = "", secret: str = "", **changes: Any) -> httpx.Response:
        word = secret or "".join(filter(str.isdigit, code))
        wanted = PhoneBind(
            device_key=to_text(self.device.public_bytes()),
            proof=to_text(self.device.sign("phone", word.encode())),
            secret=secret,
            code=code,
            name=self.name,
        )
        return self.post("bind", msgspec.structs.replace(wanted, **changes), "")

    def bind(self, candidate: Candidate) -> Phone:
        """Type what the candidate's computer shows."""
        self.bound = told(self.try_bind(shown_code(candidate).code), PhoneBound, 201)
        return self

    def post(self, call: str, value: object, token: str | None = None) -> httpx.Response:
        bearer = self.bound.token if token is None else token
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        headers["Content-Type"] = "application/json"
        content = msgspec.json.encode(value)
        return self.http.post(f"/v1/phone/{call}", content=content, headers=headers)

    def get(self, call: str) -> httpx.Response:
        return self.http.get(f"/v1/phone/{call}", headers=self.bearer)

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.bound.token}"}

    def say(self, **status: Any) -> PhoneTold:
        return told(self.post("status", PhoneStatus(**status)), PhoneTold)

    def show(self, jpeg: bytes) -> httpx.Response:
        headers = {**self.bearer, "Content-Type": "image/jpeg"}
        return self.http.post("/v1/phone/picture", content=jpeg, headers=headers)

    def put(self, first: int, data: bytes, name: str = "", **headers: str) -> httpx.Response:
        """A chunk by the bearer, straight to the server."""
        path = f"/v1/evidence/{name or self.bound.recording_id}/{first}"
        sent = {**self.bearer, **chunk_headers(data), **headers}
        return self.http.put(path, content=data, headers=sent)

    def send(self, first: int, data: bytes) -> httpx.Response:
        """A chunk where its grant says: the server or a store."""
        digest = hashlib.sha256(data).hexdigest()
        offer = ChunkOffer(first_byte=first, length=len(data), sha256=digest)
        answer = self.post("evidence/grants", GrantRequest(chunks=(offer,)))
        (grant,) = told(answer, Grants).grants
        if urlsplit(grant.url).netloc:
            return httpx.put(grant.url, content=data, headers=grant.headers, timeout=30)
        return self.http.put(grant.url, content=data, headers=grant.headers)

    def send_all(self, pieces: list[tuple[int, bytes]]) -> None:
        for first, data in pieces:
            assert self.send(first, data).is_success

    def held(self) -> Held:
        return told(self.get("evidence"), Held)

    def seal(self, seal: Seal) -> httpx.Response:
        return self.post("evidence/seal", seal)

    def receipt(self) -> Receipt:
        return told(self.get("receipt"), Receipt)

    def scribe(self, **changes: Any) -> Scribe:
        """A log that has only its header."""
        bound = self.bound
        header = LogHeader(
            attempt_id=bound.recording_id,
            exam_id=bound.exam_id,
            plan_sha256=bound.plan_sha256,
            device_key=to_text(self.device.public_bytes()),
            server_key=bound.server_key,
            key_check=key_check(from_text(bound.evidence_key)),
            created_us=1_800_000_000 * SECOND_US,
            formal=bound.formal,
            speed=bound.speed,
            source=Source.PHONE,
        )
        header = msgspec.structs.replace(header, **changes)
        return Scribe(header, self.device, from_text(bound.evidence_key))


def film(
    phone: Phone, server_us: int, seconds: int = 3, **changes: Any
) -> tuple[Scribe, list[tuple[int, bytes]]]:
    """A whole log: two streams of so many seconds, with a call of two seconds between."""
    scribe = phone.scribe(**changes)
    scribe.know_time(server_us, 20_000)
    pieces = []
    scribe.begin_run(run_of(1, 0), 0)
    add_film(scribe, 0, seconds)
    pieces.append(scribe.take())
    end_us = seconds * SECOND_US
    gap = Gap(tracks=(4,), from_us=end_us, to_us=end_us + 2 * SECOND_US, cause=Cause.CALL)
    scribe.add_json(Kind.GAP, gap, end_us + 2 * SECOND_US)
    add_film(scribe, end_us + 2 * SECOND_US, seconds)
    pieces.append(scribe.take())
    scribe.end("candidate", 2 * end_us + 2 * SECOND_US)
    pieces.append(scribe.take())
    return scribe, pieces


def add_film(scribe: Scribe, at_us: int, seconds: int) -> None:
    """One stream of WebM, a packet a second."""
    stream = Stream(
        container="webm", codec=Film.mime_type, encoder="test", width_px=160, height_px=120, fps=5
    )
    scribe.add_json(Kind.STREAM, stream, at_us, Track.PHONE)
    scribe.add_json(Kind.MARK, Mark(what="placed"), at_us)
    for n, blob in enumerate(_filmed(seconds)):
        flags = Flag.KEY_FRAME if n == 0 else Flag.NONE
        begins_us = at_us + n * SECOND_US
        scribe.add(Kind.PACKET, blob, begins_us, Track.PHONE, SECOND_US, flags)
    scribe.checkpoint(at_us + seconds * SECOND_US)


@lru_cache
def _filmed(seconds: int) -> tuple[bytes, ...]:
    return tuple(Film(width_px=160, height_px=120, fps=5).blobs(seconds))


def run_of(run: int, timeline_us: int, cause: Cause = Cause.START, monotonic_us: int = 0) -> Run:
    return Run(
        run=run,
        cause=cause,
        boot_id=f"page-{run}",
        monotonic_us=monotonic_us,
        timeline_us=timeline_us,
        client_version="test",
    )


def bound_phone(here: Room, candidate: Candidate, name: str = "Pixel") -> Phone:
    """A phone that was bound to a candidate."""
    return Phone(here.client, name).bind(candidate)


def phone_news(candidate: Candidate) -> int:
    """How often the candidate's computer was told of the phone."""
    return [item.kind for item in candidate.beat().news].count(NewsKind.PHONE)


def line_of(here: Room, candidate: Candidate) -> CandidateLine:
    """The candidate's row on the desk."""
    path = f"/v1/staff/exams/{here.exam.exam_id}/candidates"
    lines = told(here.staff("supervisor").call("GET", path), list[CandidateLine])
    return next(line for line in lines if line.attempt_id == candidate.attempt_id)
