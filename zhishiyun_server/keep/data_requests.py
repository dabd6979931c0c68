"""Requests for a copy or for deletion, and the answers of staff (PIPL 44–50)."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from zhishiyun_protocol.messages.live import NewsKind
from zhishiyun_protocol.messages.personal_data import (
    DataAnswer,
    DataRequest,
    DataRequestKept,
    DataRequests,
    DataWish,
)
from zhishiyun_server.keep.audit import note
from zhishiyun_server.keep.newsroom import tell
from zhishiyun_server.keep.tables import attempts, candidates, data_requests


class DataRequestLine(msgspec.Struct, frozen=True, kw_only=True):
    """One request in the list of staff."""

    id: str
    attempt_id: str
    exam_id: str
    name: str
    ticket_number: str
    wish: DataWish
    received_us: int
    answer: DataAnswer
    words: str
    answered_by: str
    answered_us: int | None


def ask(connection: Connection, attempt_id: str, request: DataRequest, now_us: int) -> DataRequests:
    """Keep a request; one that is known, or waits already for the same, is not kept twice."""
    own = requests_of(connection, attempt_id).requests
    waits = any(r.wish is request.wish and r.answer is DataAnswer.WAITING for r in own)
    if waits or any(r.id == request.id[:64] for r in own):
        return DataRequests(requests=own)
    connection.execute(
        data_requests.insert().values(
            attempt_id=attempt_id,
            id=request.id[:64],
            wish=request.wish.value,
            at_us=min(request.at_us, now_us),
            received_us=now_us,
            answer=DataAnswer.WAITING.value,
        )
    )
    note(connection, now_us, f"data.asked.{request.wish.value}", attempt_id)
    return requests_of(connection, attempt_id)


def requests_of(connection: Connection, attempt_id: str) -> DataRequests:
    """Everything that this candidate asked for."""
    found = connection.execute(
        select(data_requests)
        .where(data_requests.c.attempt_id == attempt_id)
        .order_by(data_requests.c.received_us, data_requests.c.id)
    )
    return DataRequests(
        requests=tuple(
            DataRequestKept(
                id=row.id,
                wish=DataWish(row.wish),
                received_us=row.received_us,
                answer=DataAnswer(row.answer),
                words=row.words,
                answered_us=row.answered_us,
            )
            for row in found
        )
    )


def all_requests(connection: Connection) -> tuple[DataRequestLine, ...]:
    """All requests; those that wait come first, the longest waiting on top."""
    found = connection.execute(
        select(data_requests, attempts.c.exam_id, candidates.c.name, candidates.c.ticket_number)
        .join(attempts, attempts.c.id == data_requests.c.attempt_id)
        .join(candidates, candidates.c.ticket_id == attempts.c.ticket_id)
        .order_by(data_requests.c.answered_us.is_not(None), data_requests.c.received_us)
    )
    return tuple(
        DataRequestLine(
            id=row.id,
            attempt_id=row.attempt_id,
            exam_id=row.exam_id,
            name=row.name,
            ticket_number=row.ticket_number,
            wish=DataWish(row.wish),
            received_us=row.received_us,
            answer=DataAnswer(row.answer),
            words=row.words,
            answered_by=row.answered_by,
            answered_us=row.answered_us,
        )
        for row in found
    )


def request_row(connection: Connection, attempt_id: str, request_id: str) -> Row[Any] | None:
    """One request."""
    return connection.execute(
        select(data_requests).where(
            data_requests.c.attempt_id == attempt_id, data_requests.c.id == request_id
        )
    ).first()


def answer(
    connection: Connection,
    row: Row[Any],
    decided: DataAnswer,
    words: str,
    who: tuple[str, str],
    now_us: int,
) -> None:
    """Write an answer down and tell the candidate. Args: who: name and role."""
    connection.execute(
        data_requests.update()
        .where(data_requests.c.attempt_id == row.attempt_id, data_requests.c.id == row.id)
        .values(answer=decided.value, words=words, answered_by=who[0], answered_us=now_us)
    )
    what = f"data.{decided.value}.{row.wish}"
    note(connection, now_us, what, row.attempt_id, words, who=who[0], role=who[1])
    tell(connection, row.attempt_id, NewsKind.STATE, now_us)
