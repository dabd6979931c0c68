"""A phone for rehearsals: binds, films a pattern, sends and seals it like the real page.

It is the real protocol and a real log; only the film is a demonstration, and says so: such a
recording is never formal.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from zhishiyun_client import __version__
from zhishiyun_client.net.http_library import httpx
from zhishiyun_client.rehearsal.phone_film import Film
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_protocol.clock import Exchange, ServerClock, measured
from zhishiyun_protocol.evidence.contents import Cause, Run, Stream
from zhishiyun_protocol.evidence.layout import Flag, Kind, LogHeader, Source, Track
from zhishiyun_protocol.evidence.scribe import Scribe
from zhishiyun_protocol.evidence.sealing import key_check
from zhishiyun_protocol.messages.entering import TimeAnswer, TimeQuestion
from zhishiyun_protocol.messages.evidence import ChunkOffer, GrantRequest, Grants, Receipt
from zhishiyun_protocol.messages.phone import (
    BIND_PURPOSE,
    PhoneBind,
    PhoneBound,
    PhonePhase,
    PhoneStatus,
    PhoneTold,
)
from zhishiyun_protocol.signing import SigningKey, from_text, to_text

LOG = logging.getLogger(__name__)
Reply = TypeVar("Reply")
NAME = "演示手机"
WITHIN_S = 10.0
BLOB_US = 1_000_000
STATUS_EVERY_S = 3
CHECKPOINT_EVERY_S = 5
STREAM_EVERY_S = 120  # a part that was killed costs no more (R073)
TRIES, WAIT_S = 120, 0.5
LATER = {408, 425, 429, 500, 502, 503, 504, 507}


@dataclass(frozen=True, slots=True)
class Filmed:
    """What it came to."""

    recording_id: str
    seconds: int
    receipt: Receipt


class DemonstrationPhone:
    """One phone, from the code to the receipt. Thread: whichever calls `run`; it blocks."""

    def __init__(self, url: str, folder: Path) -> None:
        self._line = httpx.Client(base_url=url, timeout=WITHIN_S, trust_env=False)
        self._folder = folder
        self._device = SigningKey.generate()
        self._token = ""
        self._held_bytes = 0
        self._seconds = 0

    def run(self, code: str) -> Filmed:
        """Bind, film until the exam is over for the candidate, send everything, seal.

        Raises:
            httpx.HTTPError: the server refused, or was away for too long.
        """
        bound = self._bind(code)
        name, scribe = bound.recording_id, self._scribe(bound)
        with (self._folder / f"{name}.zlog").open("wb") as file:
            self._film(scribe, file)
            scribe.end("candidate", self._at_us())
            self._send(scribe, file)
        receipt = self._post("/v1/phone/evidence/seal", scribe.seal(), Receipt)
        (self._folder / f"{name}.receipt.json").write_bytes(msgspec.json.encode(receipt))
        with contextlib.suppress(httpx.HTTPError):  # the receipt is here, the rest is courtesy
            self._say(PhonePhase.DONE, scribe, tries=1)
        self._line.close()
        return Filmed(bound.recording_id, self._seconds, receipt)

    def _bind(self, code: str) -> PhoneBound:
        wanted = PhoneBind(
            device_key=to_text(self._device.public_bytes()),
            proof=to_text(self._device.sign(BIND_PURPOSE, code.encode())),
            code=code,
            name=NAME,
        )
        bound = self._post("/v1/phone/bind", wanted, PhoneBound)
        self._token = bound.token
        return bound

    def _scribe(self, bound: PhoneBound) -> Scribe:
        self._began_us = monotonic_us()
        clock = self._ask_time()
        header = LogHeader(
            attempt_id=bound.recording_id,
            exam_id=bound.exam_id,
            plan_sha256=bound.plan_sha256,
            device_key=to_text(self._device.public_bytes()),
            server_key=bound.server_key,
            key_check=key_check(from_text(bound.evidence_key)),
            created_us=clock.server_us,
            formal=bound.formal,
            speed=bound.speed,
            source=Source.PHONE,
        )
        scribe = Scribe(header, self._device, from_text(bound.evidence_key))
        at_begin_us = clock.server_us + round((self._began_us - clock.at_us) * clock.speed)
        scribe.know_time(at_begin_us, clock.error_us)
        run = Run(
            run=1,
            cause=Cause.START,
            boot_id="demonstration",
            monotonic_us=0,
            timeline_us=0,
            client_version=__version__,
        )
        scribe.begin_run(run, 0)
        return scribe

    def _film(self, scribe: Scribe, file: BinaryIO) -> None:
        """A second of film every second, until the server says that the exam is over."""
        film, begins_us = self._begin_stream(scribe), self._at_us()
        first, may_stop = True, False
        while not may_stop:
            self._wait_until_us(begins_us + BLOB_US)
            flags = Flag.KEY_FRAME if first else Flag.NONE
            scribe.add(Kind.PACKET, film.blob(), begins_us, Track.PHONE, BLOB_US, flags)
            begins_us, first = begins_us + BLOB_US, False
            self._seconds += 1
            if self._seconds % CHECKPOINT_EVERY_S == 0:
                scribe.checkpoint(self._at_us())
            if self._seconds % STREAM_EVERY_S == 0:
                self._end_stream(scribe, film, begins_us)
                film, first = self._begin_stream(scribe), True
            self._send(scribe, file)
            if self._seconds % STATUS_EVERY_S == 1:
                told = self._say(PhonePhase.RECORDING, scribe)
                may_stop = told.may_stop or told.ended
        self._end_stream(scribe, film, begins_us)

    def _begin_stream(self, scribe: Scribe) -> Film:
        film = Film()
        stream = Stream(
            container="webm",
            codec=Film.mime_type,
            encoder="libvpx",
            width_px=film.width_px,
            height_px=film.height_px,
            fps=film.fps,
            demonstration=True,
            why="rehearsal",
        )
        scribe.add_json(Kind.STREAM, stream, self._at_us(), Track.PHONE)
        return film

    def _end_stream(self, scribe: Scribe, film: Film, at_us: int) -> None:
        """What the encoders still held belongs to the second before."""
        scribe.add(Kind.PACKET, film.close(), at_us - BLOB_US, Track.PHONE, BLOB_US)

    def _send(self, scribe: Scribe, file: BinaryIO) -> None:
        """What is new, first into the phone's own storage, then where its grant says."""
        first, data = scribe.take()
        file.write(data)
        file.flush()
        digest = hashlib.sha256(data).hexdigest()
        offer = ChunkOffer(first_byte=first, length=len(data), sha256=digest)
        asked = GrantRequest(chunks=(offer,))
        for grant in self._post("/v1/phone/evidence/grants", asked, Grants).grants:
            is_ours = grant.url.startswith("/")
            self._call("PUT", grant.url, data, grant.headers, bears=is_ours)
        self._held_bytes = first + len(data)

    def _say(self, phase: PhonePhase, scribe: Scribe, tries: int = TRIES) -> PhoneTold:
        status = PhoneStatus(
            battery_share=1.0,
            free_bytes=16 * 1024**3,
            phase=phase,
            recorded_s=self._seconds,
            log_bytes=scribe.length,
            waiting_bytes=scribe.length - self._held_bytes,
            head=scribe.head(),
        )
        return self._post("/v1/phone/status", status, PhoneTold, tries)

    def _ask_time(self) -> ServerClock:
        sent_us = monotonic_us()
        told = self._post("/v1/time", TimeQuestion(sent_us=sent_us), TimeAnswer)
        exchange = Exchange(
            sent_us=sent_us,
            server_received_us=told.server_received_us,
            server_sent_us=told.server_sent_us,
            received_us=monotonic_us(),
            speed=told.speed,
        )
        return measured(exchange)

    def _at_us(self) -> int:
        return monotonic_us() - self._began_us

    def _wait_until_us(self, at_us: int) -> None:
        time.sleep(max(0.0, (at_us - self._at_us()) / 1e6))

    def _post(self, path: str, value: object, kind: type[Reply], tries: int = TRIES) -> Reply:
        headers = {"Content-Type": "application/json"}
        answer = self._call("POST", path, msgspec.json.encode(value), headers, tries=tries)
        return msgspec.json.decode(answer.content, type=kind)

    def _call(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        bears: bool = True,
        tries: int = TRIES,
    ) -> httpx.Response:
        """One call, again and again while the server is away or busy."""
        told = {**headers}
        if bears and self._token:
            told["Authorization"] = f"Bearer {self._token}"
        for _ in range(tries):
            try:
                answer = self._line.request(method, path, content=body, headers=told)
            except httpx.TransportError as error:
                LOG.info("the demonstration phone tries again: %s", error)
            else:
                later = answer.status_code in LATER
                taken = answer.status_code == httpx.codes.PRECONDITION_FAILED  # a store has it
                if not later:
                    return answer if taken else answer.raise_for_status()
            time.sleep(WAIT_S)
        raise httpx.ConnectError("the server was away for too long")
