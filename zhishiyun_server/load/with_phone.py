"""A candidate whose phone films as well: a second recording by the same real protocol."""

from __future__ import annotations

import asyncio
import hashlib
import time
import uuid

from zhishiyun_protocol.evidence.layout import Source, Track
from zhishiyun_protocol.messages.evidence import (
    ChunkOffer,
    GrantRequest,
    Grants,
    Receipt,
)
from zhishiyun_protocol.messages.phone import (
    BIND_PURPOSE,
    PhoneBind,
    PhoneBound,
    PhonePhase,
    PhoneStatus,
    PhoneTold,
)
from zhishiyun_protocol.messages.sitting import BindingCode
from zhishiyun_protocol.signing import SigningKey, from_text, to_text
from zhishiyun_server.load.player import Gone, Player
from zhishiyun_server.load.recording import Recording, header_of

STATUS_EVERY_S = 5.0  # as the real page does while it films
SHARE = 2  # of the computer's chunks: a phone's film is about half as heavy


class WithPhone(Player):
    """Plays one card and its phone. Thread: the event loop."""

    phone_receipt: Receipt | None = None

    async def come_in(self) -> None:
        """The same, and the phone is bound."""
        await super().come_in()
        self._phone_key = SigningKey.generate()
        code = await self._post("binding", "/v1/me/binding", {}, BindingCode)
        wanted = PhoneBind(
            device_key=to_text(self._phone_key.public_bytes()),
            proof=to_text(self._phone_key.sign(BIND_PURPOSE, code.code.encode())),
            code=code.code,
            name="load",
        )
        self._phone = bound = await self._post("phone_bind", "/v1/phone/bind", wanted, PhoneBound)
        header = header_of(
            attempt_id=bound.recording_id,
            exam_id=bound.exam_id,
            plan_sha256=bound.plan_sha256,
            device=self._phone_key,
            server_key=bound.server_key,
            evidence_key=bound.evidence_key,
            created_us=self._granted.entered_us,
            source=Source.PHONE,
        )
        key = from_text(bound.evidence_key)
        self._film = Recording(header, self._phone_key, key, track=Track.PHONE)
        self._sent_bytes = 0

    async def upload(self, chunk_bytes: int, every_s: float, until_s: float) -> None:
        """Both at once, and the phone tells how it stands."""
        await asyncio.gather(
            super().upload(chunk_bytes, every_s, until_s),
            self._upload_film(chunk_bytes // SHARE, every_s, until_s),
        )

    async def finish(self) -> None:
        """Both, each with a receipt of its own."""
        await super().finish()
        await self._send_film(*self._film.end(self._recorded_us()))
        seal = self._film.seal()
        path = "/v1/phone/evidence/seal"
        receipt = await self._post("phone_seal", path, seal, Receipt, self._phone.token)
        body = receipt.body
        told = (body.attempt_id, body.length, body.head, body.sha256, body.complete)
        ours = (self._phone.recording_id, seal.length, seal.head, self._film.sha256, True)
        if told != ours or not receipt.is_genuine(from_text(self._phone.server_key)):
            self.figures.failed("phone_receipt", "does not fit the recording")
            raise Gone
        self.phone_receipt = receipt

    async def _upload_film(self, chunk_bytes: int, every_s: float, until_s: float) -> None:
        next_s = time.monotonic() + every_s * (uuid.uuid4().int % 1000) / 1000
        status_s = next_s
        while next_s < until_s:
            await asyncio.sleep(max(0.0, next_s - time.monotonic()))
            await self._send_film(*self._film.grow(chunk_bytes, self._recorded_us()))
            if next_s >= status_s:
                await self._say()
                status_s += STATUS_EVERY_S
            next_s += every_s

    async def _say(self) -> None:
        head = self._film.head()
        status = PhoneStatus(
            battery_share=0.8,
            free_bytes=1 << 33,
            phase=PhonePhase.RECORDING,
            recorded_s=self._recorded_us() // 1_000_000,
            log_bytes=head.length,
            waiting_bytes=head.length - self._sent_bytes,
            head=head,
        )
        await self._post("phone_status", "/v1/phone/status", status, PhoneTold, self._phone.token)

    async def _send_film(self, first: int, data: bytes) -> None:
        digest = hashlib.sha256(data).hexdigest()
        offer = ChunkOffer(first_byte=first, length=len(data), sha256=digest)
        path, token = "/v1/phone/evidence/grants", self._phone.token
        asked = GrantRequest(chunks=(offer,))
        answer = await self._post("phone_grants", path, asked, Grants, token)
        for grant in answer.grants:
            await self._call(
                "phone_chunk", "PUT", grant.url, data, bearer=token, headers=grant.headers
            )
        self._sent_bytes = first + len(data)
