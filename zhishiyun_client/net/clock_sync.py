"""The exam's clock by HTTP, for the desk before there is a live channel."""

from __future__ import annotations

from collections.abc import Callable

from zhishiyun_client.ports.api import ExamApi
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_protocol.clock import Exchange, ServerClock, measured, narrowed
from zhishiyun_protocol.errors import Transient
from zhishiyun_protocol.messages.entering import TimeQuestion

QUESTIONS = 4  # the first pays for the connection; the quickest of the others tells most


def ask_the_time(
    api: ExamApi, questions: int = QUESTIONS, clock_us: Callable[[], int] = monotonic_us
) -> ServerClock:
    """Ask several times and keep what all answers together prove.

    Raises:
        Transient: not one question was answered.
        Refused:   the server does not answer such questions.
    """
    known: ServerClock | None = None
    failures: list[Transient] = []
    for _ in range(max(1, questions)):
        try:
            known = narrowed(known, _asked_once(api, clock_us))
        except Transient as error:
            failures.append(error)
    if known is None:
        raise failures[-1]
    return known


def _asked_once(api: ExamApi, clock_us: Callable[[], int]) -> ServerClock:
    sent_us = clock_us()
    answer = api.ask_time(TimeQuestion(sent_us=sent_us))
    return measured(
        Exchange(
            sent_us=sent_us,
            server_received_us=answer.server_received_us,
            server_sent_us=answer.server_sent_us,
            received_us=clock_us(),
            speed=answer.speed,
        )
    )
