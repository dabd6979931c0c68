"""What the server says to a phone: everything its recording needs, and how things stand."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from zhishiyun_protocol.messages.phone import PhoneBound, PhoneTold, PhoneWish
from zhishiyun_protocol.plan import Lens
from zhishiyun_protocol.signing import to_text
from zhishiyun_protocol.timing import SECOND_US
from zhishiyun_server.domain.facts import Facts
from zhishiyun_server.keep import chunks
from zhishiyun_server.keep.binding import Bound
from zhishiyun_server.keep.facts import facts_of
from zhishiyun_server.keep.phones import PhoneSeat, state_by_word
from zhishiyun_server.keep.recordings import recording_by
from zhishiyun_server.keep.yielding import pace
from zhishiyun_server.premises import Premises

FACING = {Lens.FRONT: "user", Lens.REAR: "environment"}  # as browsers call them
SPARE = 1.5  # storage asked for, of what the recording is expected to take (R032)
BYTES_PER_KBIT = 125


def bound_of(c: Connection, premises: Premises, bound: Bound) -> PhoneBound:
    """The answer to a binding."""
    facts, recording = facts_of(c, bound.attempt_id), recording_by(c, bound.recording_id)
    plan, longest_s = facts.plan, _longest_s(premises, facts)
    return PhoneBound(
        token=bound.token,
        exam_title=plan.title,
        placement=plan.binding.placement,
        product=plan.wording.phone_product,
        recording_id=recording.id,
        exam_id=facts.exam_id,
        plan_sha256=facts.plan_sha256,
        server_key=to_text(premises.keys.receipts.public_bytes()),
        evidence_key=to_text(recording.evidence_key),
        formal=facts.formal,
        speed=premises.clock.speed,
        sweep=bool(plan.binding.sweep),
        facing=FACING[plan.binding.lens],
        min_battery_share=plan.binding.min_battery_share,
        most_kbps=plan.binding.kbps,
        needed_bytes=round(longest_s * plan.binding.kbps * BYTES_PER_KBIT * SPARE),
        most_recording_s=round(longest_s),
        deadline_s=plan.upload.deadline_s,
        noun=plan.wording.noun,
        helpline=plan.support.phone,
        helpline_hours=plan.support.hours,
        show_materials=plan.materials.show_prompt if plan.materials.show_to == "phone" else "",
    )


def told_to_phone(
    c: Connection, premises: Premises, who: PhoneSeat, facts: Facts, now_us: int
) -> PhoneTold:
    """The answer to a status."""
    speed = premises.clock.speed
    state, wishes = state_by_word(c, who, facts.upload_due_us())
    return PhoneTold(
        **msgspec.structs.asdict(state),
        now_us=now_us,
        speed=speed,
        starts_us=facts.starts_us,
        ends_us=facts.ends_us(),
        may_stop=facts.ended_us(now_us) is not None,
        ended=who.ended,
        most_bytes_per_s=pace(c, who.attempt_id, now_us, speed),
        wanted=_wanted(c, premises, who, wishes),
    )


def _wanted(
    c: Connection, premises: Premises, who: PhoneSeat, wishes: list[PhoneWish]
) -> tuple[PhoneWish, ...]:
    found: list[PhoneWish] = []
    if not who.ended:
        found += wishes
        if premises.viewing.is_wanted(who.attempt_id):
            found.append(PhoneWish.PICTURE)
    if chunks.wanted_of(c, who.recording_id):
        found.append(PhoneWish.EVIDENCE)
    return tuple(found)


def _longest_s(premises: Premises, facts: Facts) -> float:
    """Real seconds from now to the latest end that this candidate's exam can have."""
    extra = 1 + facts.extra_share
    latest_us = facts.starts_us + round(facts.plan.latest_end_s(facts.subject) * extra) * SECOND_US
    return max(0.0, premises.clock.real_s(max(latest_us, facts.ends_us())))
