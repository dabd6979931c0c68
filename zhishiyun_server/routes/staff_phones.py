"""/v1/staff/candidates/…/phone: how it films, where it points, asking to point it anew (R202)."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from zhishiyun_protocol.evidence.layout import Track
from zhishiyun_protocol.messages.evidence import TrackCoverage
from zhishiyun_protocol.messages.live import LiveLook
from zhishiyun_protocol.messages.phone import PhoneWish
from zhishiyun_protocol.messages.sitting import PhoneState
from zhishiyun_server import wire
from zhishiyun_server.access import staff_member
from zhishiyun_server.domain.gaps import CLASSES, GapClass
from zhishiyun_server.domain.roles import Power
from zhishiyun_server.keep import chunks
from zhishiyun_server.keep.audit import note
from zhishiyun_server.keep.phones import wish_for
from zhishiyun_server.keep.receipts import receipt_of
from zhishiyun_server.keep.recordings import Recording, recordings_of
from zhishiyun_server.premises import Premises, premises_of
from zhishiyun_server.problems import refusal
from zhishiyun_server.routes.live_pictures import looked
from zhishiyun_server.routes.operation import Auth, Operation
from zhishiyun_server.routes.staff_candidates import attempt_named
from zhishiyun_server.sitting import phone_state

ASKED = (PhoneWish.AIM, PhoneWish.SWEEP)


class PhoneGap(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing was filmed; instants of the phone's own timeline."""

    from_us: int
    to_us: int
    cause: str
    kind: GapClass
    sound_only: bool  # the picture went on


class PhonePart(msgspec.Struct, frozen=True, kw_only=True):
    """One phone's recording as far as it has arrived whole."""

    recording_id: str
    held_bytes: int
    sealed: bool
    complete: bool
    late: bool
    coverage: tuple[TrackCoverage, ...]
    gaps: tuple[PhoneGap, ...]


class StaffPhone(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a candidate's phones but the picture."""

    state: PhoneState
    parts: tuple[PhonePart, ...]


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the phone is asked to do."""

    wish: PhoneWish


async def see(request: Request) -> Response:
    """State, parts and interruptions of a candidate's phones."""
    premises = premises_of(request)
    staff_member(request, Power.SEE_CANDIDATES)
    attempt_id = attempt_named(request, premises)
    state, recordings = premises.database.read(
        lambda c: (phone_state(c, attempt_id), recordings_of(c, attempt_id)[1:])
    )
    parts = [await _part(premises, recording) for recording in recordings]
    return wire.answer(StaffPhone(state=state, parts=tuple(parts)))


async def look(request: Request) -> Response:
    """Where the phone points; the first look is an audit row, nothing of it is kept."""
    premises = premises_of(request)
    member = staff_member(request, Power.SEE_PHONES)
    attempt_id = attempt_named(request, premises)
    if not premises.viewing.is_wanted(attempt_id):
        now_us = premises.clock.now_us()
        await premises.database.write(
            lambda c: note(
                c, now_us, "phone.seen", attempt_id, who=member.name, role=member.role.value
            )
        )
    return wire.answer(looked(premises.viewing, attempt_id))


async def ask(request: Request) -> Response:
    """Ask to point the phone anew, or to film around again; the phone's page shows it."""
    premises = premises_of(request)
    member = staff_member(request, Power.REMIND)
    attempt_id = attempt_named(request, premises)
    asked = await wire.read(request, Wish)
    if asked.wish not in ASKED:
        raise refusal("BAD_REQUEST", detail="only aim and sweep can be asked for")
    now_us = premises.clock.now_us()

    def job(c: Connection) -> bool:
        is_there = wish_for(c, attempt_id, asked.wish)
        if is_there:
            what = f"phone.asked.{asked.wish.value}"
            note(c, now_us, what, attempt_id, who=member.name, role=member.role.value)
        return is_there

    if not await premises.database.write(job):
        raise refusal("NOT_FOUND")
    return Response(status_code=204)


async def _part(premises: Premises, recording: Recording) -> PhonePart:
    follower = await premises.followers.settled(recording.id)
    verdict = follower.verdict()
    held, receipt = premises.database.read(
        lambda c: (chunks.held(c, recording.id), receipt_of(c, recording.id))
    )
    return PhonePart(
        recording_id=recording.id,
        held_bytes=sum(end - first for first, end in held),
        sealed=receipt is not None,
        complete=receipt is not None and receipt.body.complete,
        late=receipt is not None and receipt.body.late,
        coverage=verdict.coverage,
        gaps=tuple(
            PhoneGap(
                from_us=gap.from_us,
                to_us=gap.to_us,
                cause=gap.cause.value,
                kind=CLASSES[gap.cause],
                sound_only=Track.PHONE not in gap.tracks,
            )
            for gap in verdict.gaps
        ),
    )


_BASE = "/v1/staff/candidates/{attempt_id}/phone"
OPERATIONS = (
    Operation("GET", _BASE, see, "A candidate's phones", Auth.STAFF, None, StaffPhone),
    Operation(
        "GET", f"{_BASE}/picture", look, "Where a phone points now", Auth.STAFF, None, LiveLook
    ),
    Operation(
        "POST", f"{_BASE}/wish", ask, "Ask something of a phone", Auth.STAFF, Wish, None, 204
    ),
)
