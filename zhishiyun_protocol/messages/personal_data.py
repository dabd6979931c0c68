"""What a candidate asks about the data that are kept of her (PIPL 44–50)."""

from __future__ import annotations

import enum

import msgspec


class DataWish(enum.StrEnum):
    """What is asked for."""

    COPY = "copy"
    DELETION = "deletion"


class DataAnswer(enum.StrEnum):
    """Where a request stands; people decide, and say why."""

    WAITING = "waiting"
    GRANTED = "granted"
    REFUSED = "refused"


class DataRequest(msgspec.Struct, frozen=True, kw_only=True):
    """POST /v1/me/data-requests; `id` makes sending it again harmless."""

    id: str
    wish: DataWish
    at_us: int


class DataRequestKept(msgspec.Struct, frozen=True, kw_only=True):
    """One request as the server keeps it; `words` are those of whoever answered."""

    id: str
    wish: DataWish
    received_us: int
    answer: DataAnswer = DataAnswer.WAITING
    words: str = ""
    answered_us: int | None = None


class DataRequests(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/me/data-requests: all of this candidate, oldest first."""

    requests: tuple[DataRequestKept, ...]
