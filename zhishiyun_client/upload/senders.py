"""Asking and sending side by side: whoever waits for the server, so that the pump need not."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from zhishiyun_client.ports.api import EvidenceApi
from zhishiyun_client.runtime.trays import Line
from zhishiyun_client.runtime.worker import Report, Worker
from zhishiyun_client.upload.cuts import Cut
from zhishiyun_client.upload.pace import Pace
from zhishiyun_client.upload.reading import Data
from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_protocol.messages.evidence import ChunkOffer, Grant, GrantRequest

_GLANCE_S = 0.25


@dataclass(frozen=True, slots=True)
class Errand:
    """A chunk with its grant."""

    cut: Cut
    grant: Grant
    data: Data = field(repr=False)
    within_s: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an errand went; `error` is None when the server holds the chunk durably.

    seconds:   from the first byte to the answer
    leaving_s: of that, until the last byte was written; from when its turn had come
    waited_s:  of that, from then to the answer
    has_left:  whether all bytes were written
    at_s:      when the answer came, or did not
    """

    errand: Errand
    seconds: float
    leaving_s: float
    waited_s: float
    has_left: bool
    at_s: float
    error: ZhishiyunError | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """May these chunks come, and where to? With their bytes, so that they are ready to go."""

    chosen: tuple[tuple[Cut, Data], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said to a question; `error` where nothing was."""

    question: Question
    seconds: float
    grants: tuple[Grant, ...] = ()
    error: ZhishiyunError | None = None


class Asker(Worker):
    """Asks for grants, one question at a time."""

    def __init__(
        self,
        api: EvidenceApi,
        questions: Line[Question],
        outcomes: Line[Outcome | Answer],
        report: Report,
    ) -> None:
        super().__init__("asker", report)
        self._api = api
        self._questions = questions
        self._outcomes = outcomes

    def turn(self, stop: threading.Event) -> None:
        """Take one question and ask it."""
        question = self._questions.take(_GLANCE_S)
        if question is None:
            if self._questions.is_drained:
                stop.wait(_GLANCE_S)
            return
        offers = tuple(
            ChunkOffer(first_byte=cut.first_byte, length=cut.length, sha256=cut.sha256)
            for cut, _ in question.chosen
        )
        began_s = time.monotonic()
        grants: tuple[Grant, ...] = ()
        error: ZhishiyunError | None = None
        try:
            grants = self._api.grants(GrantRequest(chunks=offers)).grants
        except ZhishiyunError as failure:
            error = failure
        self._outcomes.put(Answer(question, time.monotonic() - began_s, grants, error))


class Sender(Worker):
    """Sends one chunk at a time."""

    def __init__(
        self,
        number: int,
        api: EvidenceApi,
        errands: Line[Errand],
        outcomes: Line[Outcome | Answer],
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
        error: ZhishiyunError | None = None
        try:
            self._api.put_chunk(errand.grant, errand.data, errand.within_s, leaving)
        except ZhishiyunError as failure:
            error = failure
        finally:
            leaving.end()
        now_s = time.monotonic()
        self._outcomes.put(
            Outcome(
                errand,
                seconds=now_s - leaving.began_s,
                leaving_s=leaving.left_s - leaving.began_s,
                waited_s=now_s - leaving.left_s,
                has_left=leaving.has_left,
                at_s=now_s,
                error=error,
            )
        )
