"""What is done with the candidate's data: a list made from the exam's plan (R040, PIPL 17).

The same list is shown at the consent, kept with it by digest, and shown again in 【我的信息】.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from zhishiyun_client.flow.views import ConsentCardView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_protocol.plan import ExamPlan, Factor, Liveness

NOTICE_VERSION = "3"
KEPT_UNTIL_RESULTS = "results"


def purposes(plan: ExamPlan) -> tuple[ConsentCardView, ...]:
    """One card a purpose, only those that this plan has."""
    found = [_face(plan), _manual(plan)] if Factor.FACE in plan.login.factors else []
    if Factor.NUMBERS in plan.login.factors:
        found.append(_card("NUMBERS", retention=text(T.CONSENT_NUMBERS_RETENTION)))
    found.append(_card("RECORDING", retention=recordings_kept(plan)))
    if "binding" in plan.flow:
        found.append(_card("PHONE", retention=recordings_kept(plan)))
    found.append(_card("DEVICE", retention=recordings_kept(plan)))
    found.append(_card("LOCAL", retention=local_kept(plan)))
    return tuple(found)


def rights(plan: ExamPlan) -> Words:
    """What the candidate may ask for, and whom."""
    return text(T.CONSENT_RIGHTS, phone=plan.support.phone, hours=plan.support.hours)


def recordings_kept(plan: ExamPlan) -> Words:
    """How long the server keeps what was recorded."""
    return text(T.CONSENT_RECORDING_RETENTION, days=plan.retention.recordings_days)


def local_kept(plan: ExamPlan) -> Words:
    """How long this computer keeps its own copy."""
    until = plan.retention.client_until
    if until == KEPT_UNTIL_RESULTS:
        return text(T.CONSENT_LOCAL_RETENTION_RESULTS)
    return text(T.CONSENT_LOCAL_RETENTION_DATE, date=until)


def notice_text(plan: ExamPlan, say: Callable[[Words], str]) -> str:
    """The whole notice in one language, line by line, as it is shown."""
    lines = [f"{plan.id} {plan.sha256()} {NOTICE_VERSION}"]
    for card in purposes(plan):
        shown = (card.title, card.purpose, card.data, card.retention, card.who)
        lines += [say(words) for words in shown]
    asked = (T.CONSENT_FACE_TICK, T.CONSENT_FACE_TICK_HINT, T.CONSENT_AGREE, T.CONSENT_DECLINE)
    return "\n".join([*lines, *(say(key) for key in asked), say(rights(plan))])


def notice_digest(notice: str) -> str:
    """SHA-256 of the notice's text: names the wording that was agreed to or declined."""
    return hashlib.sha256(notice.encode()).hexdigest()


def _face(plan: ExamPlan) -> ConsentCardView:
    turns = plan.login.liveness is Liveness.TURNS
    with_id = Factor.ID_PHOTO in plan.login.factors
    watched = plan.recording.presence_per_s > 0
    per_s = f"{plan.recording.presence_per_s:g}"
    return _card(
        "FACE",
        purpose=text(T.CONSENT_FACE_PURPOSE_WATCHED, per_s=per_s) if watched else None,
        data=text(
            T.CONSENT_FACE_DATA_TURNS if turns else T.CONSENT_FACE_DATA,
            photos=text(T.CONSENT_PHOTOS_TWO if with_id else T.CONSENT_PHOTOS_ONE),
        ),
        retention=text(T.CONSENT_FACE_RETENTION_WATCHED if watched else T.CONSENT_FACE_RETENTION),
    )


def _manual(plan: ExamPlan) -> ConsentCardView:
    two = plan.login.manual_needs_second_person
    days = plan.retention.recordings_days
    return _card(
        "MANUAL",
        retention=text(T.CONSENT_MANUAL_RETENTION, days=days),
        who=text(T.CONSENT_MANUAL_WHO_TWO) if two else None,
    )


def _card(
    name: str,
    *,
    retention: Words,
    purpose: Words | None = None,
    data: Words | None = None,
    who: Words | None = None,
) -> ConsentCardView:
    return ConsentCardView(
        title=text(T[f"CONSENT_{name}_TITLE"]),
        purpose=purpose or text(T[f"CONSENT_{name}_PURPOSE"]),
        data=data or text(T[f"CONSENT_{name}_DATA"]),
        retention=retention,
        who=who or text(T[f"CONSENT_{name}_WHO"]),
    )
