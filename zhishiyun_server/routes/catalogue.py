"""All operations of the server, in the order of a candidate's way."""

from __future__ import annotations

from starlette.routing import BaseRoute

from zhishiyun_server.routes import (
    beats,
    binding,
    chunks,
    draws,
    enrolments,
    entry,
    evidence,
    exam_time,
    helping,
    logins,
    me,
    papers,
)
from zhishiyun_server.routes.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    *exam_time.OPERATIONS,
    *enrolments.OPERATIONS,
    *logins.OPERATIONS,
    *me.OPERATIONS,
    *draws.OPERATIONS,
    *binding.OPERATIONS,
    *entry.OPERATIONS,
    *papers.OPERATIONS,
    *helping.OPERATIONS,
    *beats.OPERATIONS,
    *evidence.OPERATIONS,
    *chunks.OPERATIONS,
)
PAGES: tuple[BaseRoute, ...] = ()
