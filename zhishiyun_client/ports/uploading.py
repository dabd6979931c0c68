"""What the uploader reports: frozen values, the same in the recorder, the flow and the pages."""

from __future__ import annotations

from dataclasses import dataclass

from zhishiyun_protocol.messages.evidence import Receipt


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the upload is; at most twice a second.

    held_bytes:     the server holds them durably
    total_bytes:    durable on this disk now (grows while recording)
    missing_parts:  stretches of it that the server does not hold
    rate_bytes_s:   what arrives to stay, the time lost to cuts included
    line_bytes_s:   what the line carries while it carries
    eta_low_s, eta_high_s: an honest range for what is left; None while the rate is unknown
    cause:          stable code of what holds it up (NETWORK_DOWN, SERVER_BUSY, …); "" when nothing
    next_try_s:     seconds until the next try; None while a try is running
    attempt_number: how many tries in a row failed
    checking:       all bytes are there and the server checks them (服务器核对中)
    """

    held_bytes: int
    total_bytes: int
    missing_parts: int = 0
    rate_bytes_s: float = 0.0
    line_bytes_s: float = 0.0
    eta_low_s: float | None = None
    eta_high_s: float | None = None
    cause: str = ""
    next_try_s: float | None = None
    attempt_number: int = 0
    checking: bool = False


@dataclass(frozen=True, slots=True)
class ReceiptArrived:
    """The server has verified everything; the receipt is on disk and its signature fits."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class UploadBroken:
    """Something that trying again cannot mend, told loudly; everything else goes on being sent.

    code: EVIDENCE_CONFLICT (the server holds other bytes), LOG_UNREADABLE, RECEIPT_FORGED, …
    """

    code: str
    message: str
    zh: str
    first_byte: int | None = None
