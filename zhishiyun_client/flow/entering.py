"""Entry into the exam: the server's word, and everything that starts recording (R100–R107)."""

from __future__ import annotations

from collections.abc import Callable

from zhishiyun_client.flow.consenting import tell_log
from zhishiyun_client.flow.room import Room
from zhishiyun_client.ports.recorder import Begin
from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_protocol.messages.sitting import EntryGranted, EntryRequest
from zhishiyun_protocol.signing import to_text
from zhishiyun_protocol.timing import SECOND_US

CLOSING_GRACE_S = 120  # a recording may run this much past the latest end before it is given up


def enter(
    room: Room,
    done: Callable[[EntryGranted], None],
    failed: Callable[[ZhishiyunError], None],
) -> None:
    """Ask to enter (or to come back) and, when granted, have the recorder begin at once."""
    entered_before = room.sitting is not None and room.sitting.entered_us is not None
    request = EntryRequest(displays=max(room.ports.guard.displays(), 1), reentry=entered_before)

    def granted(grant: EntryGranted) -> None:
        room.note("attempt", {"attempt_id": grant.attempt_id})
        room.ports.recorder.say(begin_message(room, grant))
        tell_log(room)
        done(grant)

    room.run("entry", lambda: room.ports.api.enter(request), granted, failed)


def begin_message(room: Room, grant: EntryGranted) -> Begin:
    """What the recorder must know; said again after a restart it changes nothing."""
    plan = room.plan
    extra = room.sitting.extra_share if room.sitting else 0.0
    latest_s = round(plan.latest_end_s(room.subject) * (1 + extra)) + CLOSING_GRACE_S
    return Begin(
        attempt_id=grant.attempt_id,
        exam_id=room.enrolled.exam_id,
        plan_sha256=plan.sha256(),
        evidence_key=grant.evidence_key,
        device_key=to_text(room.identity.device_key.private_bytes()),
        server_key=grant.server_key,
        formal=room.enrolled.formal,
        ends_us=room.starts_us + latest_s * SECOND_US,
        speed=room.ports.clock.speed,
        recording=plan.recording,
    )
