"""What a recorder is at: the attempt in hand, and how far it has come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from zhishiyun_client.app.attempt import Attempt
from zhishiyun_client.evidence.book import EvidenceBook
from zhishiyun_client.ports.recorder import RecorderState
from zhishiyun_protocol.messages.evidence import Receipt

Takers = Mapping[type, Callable[[Any], None]]
"""Who takes which message or report."""


@dataclass(slots=True)
class Sitting:
    """Shared by the parts of one recorder. Thread: the core's.

    finishing: why the log is being closed; "" while it is not
    """

    attempt: Attempt | None = None
    finishing: str = ""
    receipt: Receipt | None = None

    @property
    def state(self) -> RecorderState:
        """What this recorder is at."""
        if self.attempt is None:
            return RecorderState.PREVIEW
        if self.finishing:
            return RecorderState.FINISHING
        if self.attempt.seal is None:
            return RecorderState.RECORDING
        return RecorderState.DONE if self.receipt else RecorderState.UPLOADING

    @property
    def book(self) -> EvidenceBook | None:
        """The book that is being written, if there is one."""
        return self.attempt.book if self.attempt is not None else None
