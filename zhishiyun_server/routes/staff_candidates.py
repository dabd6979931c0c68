"""/v1/staff/candidates: help, reminders, asking for a part of the recording again."""

from __future__ import annotations

import uuid

import msgspec
from sqlalchemy import Connection, select
from starlette.requests import Request
from starlette.responses import Response

from zhishiyun_protocol.evidence.layout import Source
from zhishiyun_protocol.messages.evidence import Held
from zhishiyun_protocol.messages.live import NewsKind
from zhishiyun_protocol.messages.sitting import Allowance, HelpKind, HelpThread
from zhishiyun_server import wire
from zhishiyun_server.access import StaffMember, staff_member
from zhishiyun_server.domain.roles import Power
from zhishiyun_server.evidence.ranges import Range, merged
from zhishiyun_server.keep import chunks
from zhishiyun_server.keep.allowing import allow
from zhishiyun_server.keep.audit import note
from zhishiyun_server.keep.findings import RULE, SUBJECT_CHARS
from zhishiyun_server.keep.helping import add_line, mark_read, thread_of
from zhishiyun_server.keep.newsroom import tell
from zhishiyun_server.keep.recordings import recording_of
from zhishiyun_server.keep.tables import attempts
from zhishiyun_server.premises import Premises, premises_of
from zhishiyun_server.problems import refusal
from zhishiyun_server.routes.operation import Auth, Operation

TEXT_CHARS = 2000
REASON_CHARS = 500
WANTED_NEWS = {Source.COMPUTER: NewsKind.REUPLOAD, Source.PHONE: NewsKind.PHONE}


class StaffText(msgspec.Struct, frozen=True, kw_only=True):
    """What staff write to a candidate."""

    text: str


class Reupload(msgspec.Struct, frozen=True, kw_only=True):
    """Byte ranges [from, to) to be sent again, and why."""

    ranges: tuple[tuple[int, int], ...]
    reason: str
    recording_id: str = ""  # a phone's; "" is the computer's


class Allowing(Allowance, frozen=True, kw_only=True):
    """What staff let pass, and why."""

    reason: str


async def see_help(request: Request) -> Response:
    """The conversation; what the candidate wrote counts as read."""
    premises = premises_of(request)
    staff_member(request, Power.HELP)
    attempt_id = attempt_named(request, premises)
    now_us = premises.clock.now_us()

    def job(c: Connection) -> HelpThread:
        mark_read(c, attempt_id, now_us, from_staff=False)
        return thread_of(c, attempt_id, 0)

    return wire.answer(await premises.database.write(job))


async def answer_help(request: Request) -> Response:
    """Answer a candidate; the words are part of the record (R166)."""
    premises = premises_of(request)
    member = staff_member(request, Power.HELP)
    attempt_id, text = attempt_named(request, premises), await _text(request)
    now_us = premises.clock.now_us()

    def job(c: Connection) -> HelpThread:
        add_line(
            c,
            attempt_id,
            line_id=uuid.uuid4().hex,
            kind=HelpKind.TEXT.value,
            text=text,
            at_us=now_us,
            now_us=now_us,
            from_staff=True,
        )
        _note(c, now_us, "help.answered", attempt_id, "", member)
        return thread_of(c, attempt_id, 0)

    thread = await premises.database.write(job)
    premises.switchboard.ring(attempt_id)
    return wire.answer(thread, 201)


async def remind(request: Request) -> Response:
    """监督员提醒: one sentence on the candidate's screen (R202)."""
    premises = premises_of(request)
    member = staff_member(request, Power.REMIND)
    attempt_id, text = attempt_named(request, premises), await _text(request)
    now_us = premises.clock.now_us()

    def job(c: Connection) -> None:
        tell(c, attempt_id, NewsKind.REMIND, now_us, text)
        _note(c, now_us, "candidate.reminded", attempt_id, "", member)

    await premises.database.write(job)
    premises.switchboard.ring(attempt_id)
    return Response(status_code=204)


async def allow_finding(request: Request) -> Response:
    """Let what the guard found pass for this candidate; people decide, not a program (R173)."""
    premises = premises_of(request)
    member = staff_member(request, Power.ALLOW)
    attempt_id = attempt_named(request, premises)
    asked = await wire.read(request, Allowing)
    reason = asked.reason.strip()[:REASON_CHARS]
    if not RULE.fullmatch(asked.rule) or len(asked.subject) > SUBJECT_CHARS or not reason:
        raise refusal("BAD_REQUEST", detail="a rule of the guard and a reason are needed")
    allowance = Allowance(rule=asked.rule, subject=asked.subject)
    now_us = premises.clock.now_us()

    def job(c: Connection) -> None:
        allow(c, attempt_id, allowance, now_us)
        detail = " ".join(filter(None, (asked.rule, asked.subject))) + f": {reason}"
        _note(c, now_us, "finding.allowed", attempt_id, detail, member)

    await premises.database.write(job)
    premises.switchboard.ring(attempt_id)
    return Response(status_code=204)


async def reupload(request: Request) -> Response:
    """Ask whoever made a recording to send byte ranges again (R188)."""
    premises = premises_of(request)
    member = staff_member(request, Power.REUPLOAD)
    attempt_id = attempt_named(request, premises)
    wanted = await wire.read(request, Reupload)
    ranges: tuple[Range, ...] = merged(wanted.ranges)
    if not ranges or ranges[0][0] < 0 or not wanted.reason.strip():
        raise refusal("BAD_REQUEST", detail="ranges and a reason are needed")
    name = wanted.recording_id or attempt_id
    recording = premises.database.read(lambda c: recording_of(c, name))
    if recording is None or recording.attempt_id != attempt_id:
        raise refusal("NOT_FOUND")
    now_us = premises.clock.now_us()

    def job(c: Connection) -> Held:
        chunks.want(c, name, ranges)
        tell(c, attempt_id, WANTED_NEWS[recording.source], now_us)
        _note(c, now_us, "evidence.reupload", name, wanted.reason[:REASON_CHARS], member)
        return Held(ranges=chunks.held(c, name), sealed=False, wanted=chunks.wanted_of(c, name))

    held = await premises.database.write(job)
    premises.switchboard.ring(attempt_id)
    return wire.answer(held)


def attempt_named(request: Request, premises: Premises) -> str:
    """The attempt that a call names.

    Raises:
        Refusal: NOT_FOUND.
    """
    attempt_id: str = request.path_params["attempt_id"]
    found = premises.database.read(
        lambda c: c.execute(select(attempts.c.id).where(attempts.c.id == attempt_id)).first()
    )
    if found is None:
        raise refusal("NOT_FOUND")
    return attempt_id


async def _text(request: Request) -> str:
    text = (await wire.read(request, StaffText)).text.strip()[:TEXT_CHARS]
    if not text:
        raise refusal("BAD_REQUEST", detail="the text is empty")
    return text


def _note(
    c: Connection, now_us: int, what: str, subject: str, detail: str, member: StaffMember
) -> None:
    note(c, now_us, what, subject, detail, who=member.name, role=member.role.value)


OPERATIONS = (
    Operation(
        "GET",
        "/v1/staff/candidates/{attempt_id}/help",
        see_help,
        "A candidate's conversation",
        Auth.STAFF,
        None,
        HelpThread,
    ),
    Operation(
        "POST",
        "/v1/staff/candidates/{attempt_id}/help",
        answer_help,
        "Answer a candidate",
        Auth.STAFF,
        StaffText,
        HelpThread,
        201,
    ),
    Operation(
        "POST",
        "/v1/staff/candidates/{attempt_id}/remind",
        remind,
        "Remind a candidate",
        Auth.STAFF,
        StaffText,
        None,
        204,
    ),
    Operation(
        "POST",
        "/v1/staff/candidates/{attempt_id}/allowances",
        allow_finding,
        "Let a finding of the guard pass",
        Auth.STAFF,
        Allowing,
        None,
        204,
    ),
    Operation(
        "POST",
        "/v1/staff/candidates/{attempt_id}/reupload",
        reupload,
        "Ask for parts of the recording again",
        Auth.STAFF,
        Reupload,
        Held,
    ),
)
