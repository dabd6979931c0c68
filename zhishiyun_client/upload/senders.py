"""Sending chunks side by side: a sender takes a granted chunk and says how it went."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from zhishiyun_client.ports.api import EvidenceApi
from zhishiyun_client.runtime.trays import Line
from zhishiyun_client.runtime.worker import Report, Worker
from zhishiyun_client.upload.cuts import Cut
from zhishiyun_client.upload.pace import Pace
from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_protocol.messages.evidence import Grant

_GLANCE_S = 0.25


@dataclass(frozen=True, slots=True)
class Errand:
    """A chunk with its grant."""

    cut: Cut
    grant: Grant
    data: bytes = field(repr=False)
    within_s: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an errand went; `error` is None when the server holds the chunk durably.

    seconds:   from the first byte to the answer
    leaving_s: of that, until the last byte was written; from when its turn had come
    waited_s:  of that, from then to the answer
    """

    errand: Errand
    seconds: float
    leaving_s: float
    waited_s: float
    error: ZhishiyunError | None = None


class Sender(Worker):
    """Sends one chunk at a time."""

    def __init__(
        self,
        number: int,
        api: EvidenceApi,
        errands: Line[Errand],
        outcomes: Line[Outcome],
        report: Report,
        pace: Pace,
    ) -> None:
        super().__init__(f"sender-{number}", report)
        self._api = api
        self._errands = errands
        self._outcomes = outcomes
        self._pace = pace

    def turn(self, stop: threading.Event) -> None:
        """Take one errand and do it."""
        errand = self._errands.take(_GLANCE_S)
        if errand is None:
            if self._errands.is_drained:
                stop.wait(_GLANCE_S)
            return
        leaving = self._pace.leaving(errand.cut.length)
        began_s = leaving.began_s
        error: ZhishiyunError | None = None
        try:
            self._api.put_chunk(errand.grant, errand.data, errand.within_s, leaving)
        except ZhishiyunError as failure:
            error = failure
        finally:
            leaving.end()
        now_s = time.monotonic()
        leaving_s, waited_s = leaving.left_s - leaving.began_s, now_s - leaving.left_s
        self._outcomes.put(Outcome(errand, now_s - began_s, leaving_s, waited_s, error))
