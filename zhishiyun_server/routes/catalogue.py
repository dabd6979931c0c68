"""All operations of the server, in the order of a candidate's way."""

from __future__ import annotations

from zhishiyun_server.routes import (
    beats,
    binding,
    chunks,
    data_requests,
    draws,
    enrolments,
    entry,
    evidence,
    exam_time,
    guard_rules,
    helping,
    live_pictures,
    logins,
    me,
    papers,
    phone,
    staff,
    staff_candidates,
    staff_logins,
    staff_office,
    staff_phones,
    staff_release,
)
from zhishiyun_server.routes.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    *exam_time.OPERATIONS,
    *guard_rules.OPERATIONS,
    *enrolments.OPERATIONS,
    *logins.OPERATIONS,
    *live_pictures.OPERATIONS,
    *me.OPERATIONS,
    *draws.OPERATIONS,
    *binding.OPERATIONS,
    *phone.OPERATIONS,
    *entry.OPERATIONS,
    *papers.OPERATIONS,
    *helping.OPERATIONS,
    *data_requests.OPERATIONS,
    *beats.OPERATIONS,
    *evidence.OPERATIONS,
    *chunks.OPERATIONS,
    *staff.OPERATIONS,
    *staff_logins.OPERATIONS,
    *staff_candidates.OPERATIONS,
    *staff_phones.OPERATIONS,
    *staff_office.OPERATIONS,
    *staff_release.OPERATIONS,
)
