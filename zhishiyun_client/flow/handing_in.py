"""What the pages after the exam show: upload and receipt (part of `flow.views`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from zhishiyun_client.i18n.words import Words

QrMatrix = tuple[tuple[bool, ...], ...]
"""Rows of modules, True is dark, without the quiet zone (`segno.make(…).matrix`)."""


class StreamState(Enum):
    """How far one stream of the recording is on the server."""

    WAITING = "waiting"
    SENDING = "sending"
    CHECKING = "checking"
    DONE = "done"
    FAILED = "failed"
    NOT_USED = "not_used"


@dataclass(frozen=True, slots=True)
class StreamView:
    """One bar of the upload page."""

    name: Words
    state: StreamState
    sent_bytes: int = 0
    total_bytes: int = 0
    note: Words | None = None


class UploadStep(Enum):
    """The three steps; 服务器核对 is the last before the receipt, so no bar stays at 99 % (F37)."""

    SENDING = "sending"
    CHECKING = "checking"
    RECEIPT = "receipt"


@dataclass(frozen=True, slots=True)
class ExportTargetView:
    """A removable drive or folder to export to."""

    target_id: str
    name: str


@dataclass(frozen=True, slots=True)
class UploadingView:
    """上传."""

    streams: tuple[StreamView, ...]
    step: UploadStep
    sent_bytes: int
    total_bytes: int
    eta: Words | None = None
    """T.UPLOADING_ETA with low and high, ETA_SECONDS or ETA_UNKNOWN."""
    deadline: Words | None = None
    problem: Words | None = None
    problem_code: str = ""
    next_try_in_s: int | None = None
    tries: int = 0
    retry_off: Words | None = None
    again_off: Words | None = None
    export_off: Words | None = None
    export_targets: tuple[ExportTargetView, ...] = ()
    exported_to: str = ""
    must_stay_in_frame: bool = False
    has_phone: bool = True


@dataclass(frozen=True, slots=True)
class CoverageView:
    """One line of the receipt."""

    track: Words
    seconds: str
    share: float
    gaps: Words


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """回执."""

    number: str
    qr: QrMatrix
    verified_at: str
    keep_until: Words
    """text(T.RECEIPT_KEEP, date=…) or T.RECEIPT_KEEP_RESULTS."""
    exam_title: Words = ""
    is_formal: bool = True
    coverage: tuple[CoverageView, ...] = ()
    root_digest: str = ""
    saved_to: str = ""
    save_off: Words | None = None
    print_off: Words | None = None
    home_off: Words | None = None
