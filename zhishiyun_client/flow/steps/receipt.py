"""回执: the candidate's proof, to see, save and print (R189, design §3)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import segno

from zhishiyun_client.domain.phases import Event, Phase
from zhishiyun_client.flow.clock_words import date_time, minutes_seconds
from zhishiyun_client.flow.intents import GoHome, Intent, SaveReceipt
from zhishiyun_client.flow.phone_part import PhonePart
from zhishiyun_client.flow.room import Room
from zhishiyun_client.flow.stepping import Step
from zhishiyun_client.flow.views import CoverageView, QrMatrix, ReceiptView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_protocol.messages.evidence import Receipt, TrackCoverage

TRACK_WORDS = {
    "camera": T.UPLOADING_CAMERA,
    "microphone": T.UPLOADING_MICROPHONE,
    "screen": T.UPLOADING_SCREEN,
}


class ReceiptStep(Step):
    """Shows what the server signed; nothing here is computed by the client."""

    phase = Phase.RECEIPT

    def __init__(self, room: Room, happened: Callable[[Event], None]) -> None:
        super().__init__(room, happened)
        self._qr: QrMatrix = ()
        self._saved_to = ""
        self._problem: Words | None = None
        self._phone = PhonePart(room)

    def enter(self) -> None:
        """Draw the code once."""
        self._phone.ask()
        receipt = self.room.receipt
        if receipt is not None:
            words = f"ZSY-RECEIPT {receipt.body.receipt_id} {receipt.digest()}"
            made = segno.make(words, error="m", micro=False)
            self._qr = tuple(tuple(bool(module) for module in row) for row in made.matrix)

    def beat(self) -> None:
        """The phone may still be sending."""
        self._phone.beat()

    def take(self, intent: Intent) -> None:
        """Save, or go home. Printing is the window's affair."""
        if isinstance(intent, SaveReceipt):
            self._save()
        elif isinstance(intent, GoHome):
            self.happened(Event.WENT_HOME)

    def view(self) -> ReceiptView:
        """The page now."""
        receipt = self.room.receipt
        if receipt is None:
            return ReceiptView(number="", qr=(), verified_at="", keep_until=self._keep_until())
        body = receipt.body
        return ReceiptView(
            number=body.receipt_id,
            qr=self._qr,
            verified_at=date_time(body.issued_us),
            keep_until=self._keep_until(),
            exam_title=self.room.enrolled.exam_title,
            is_formal=body.formal,
            coverage=tuple(_coverage(track) for track in body.coverage),
            root_digest=body.head,
            saved_to=self._saved_to,
            save_off=self._problem,
            phone=self._phone.summary(self.room.upload_due_us()),
            phone_whole=not self._phone.is_missing(),
        )

    def _keep_until(self) -> Words:
        until = self.room.plan.retention.client_until
        return (
            text(T.RECEIPT_KEEP_RESULTS) if until == "results" else text(T.RECEIPT_KEEP, date=until)
        )

    def _save(self) -> None:
        receipt, files = self.room.receipt, self.room.ports.files
        if receipt is None:
            return
        name = f"receipt-{receipt.body.receipt_id}.json"
        content = _readable(receipt)
        self.room.run(
            "receipt", lambda: files.save_report(name, content), self._on_saved, self._on_failure
        )

    def _on_saved(self, path: Path) -> None:
        self._saved_to, self._problem = str(path), None

    def _on_failure(self, error: ZhishiyunError) -> None:
        self._problem = error.zh or error.message


def _readable(receipt: Receipt) -> str:
    return msgspec.json.format(msgspec.json.encode(receipt), indent=2).decode()


def _coverage(track: TrackCoverage) -> CoverageView:
    share = track.covered / track.seconds if track.seconds else 0.0
    gaps = text(T.RECEIPT_NO_GAPS)
    if track.missing:
        spans = (f"{minutes_seconds(a)}–{minutes_seconds(b)}" for a, b in track.missing)
        return CoverageView(
            text(TRACK_WORDS[track.track]), minutes_seconds(track.covered), share, "、".join(spans)
        )
    return CoverageView(text(TRACK_WORDS[track.track]), minutes_seconds(track.covered), share, gaps)
