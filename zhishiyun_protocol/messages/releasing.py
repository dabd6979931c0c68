"""Release codes: what the hotline reads out, and a room's relay hands on, from T0 on."""

from __future__ import annotations

import msgspec


class ReleaseCode(msgspec.Struct, frozen=True, kw_only=True):
    """The code of one paper."""

    paper_id: str
    subject: str
    language: str
    code: str


class ReleaseCodes(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/staff/exams/{id}/release-codes; before T0 425 NOT_YET."""

    codes: tuple[ReleaseCode, ...]
