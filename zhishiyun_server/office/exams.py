"""Importing an exam: a plan, a date, its documents (R220)."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Callable

import msgspec
from sqlalchemy import Connection, select

from zhishiyun_protocol.draw import commitment
from zhishiyun_protocol.errors import Fixable
from zhishiyun_protocol.plan import ExamPlan, read_plan
from zhishiyun_protocol.signing import canonical_json
from zhishiyun_protocol.timing import windows
from zhishiyun_server.keep.audit import note
from zhishiyun_server.keep.blobs import Blobs
from zhishiyun_server.keep.database import Database
from zhishiyun_server.keep.tables import attachments, candidates, exams
from zhishiyun_server.office.faults import Fault, raise_faults

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,47}")
_HEADS = {"application/pdf": (b"%PDF-",), "image/png": (b"\x89PNG",), "image/jpeg": (b"\xff\xd8",)}


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What an import of an exam made."""

    exam_id: str
    title: str
    starts_us: int
    plan_sha256: str
    formal: bool
    commitment: str


def starts_of(text: str, now_us: int) -> int:
    """T0 from "+SECONDS" after now, or from an ISO date with its offset.

    Raises:
        Fixable: START_UNREADABLE.
    """
    try:
        if text.startswith("+"):
            return now_us + round(float(text[1:]) * 1e6)
        when = dt.datetime.fromisoformat(text)
    except ValueError:
        when = None
    if when is None or when.tzinfo is None:
        raise Fixable(
            "START_UNREADABLE",
            f"“{text}” is no start. Write +SECONDS or a date like 2026-12-01T09:00:00+08:00.",
            f"“{text}” 不是有效的开考时间。请写 +秒数，或带时区的日期，"
            "如 2026-12-01T09:00:00+08:00。",
        )
    return round(when.timestamp() * 1e6)


def import_exam(
    database: Database,
    blobs: Blobs,
    *,
    plan_text: bytes,
    plan_name: str,
    file_of: Callable[[str], bytes | None],
    starts_us: int,
    exam_id: str,
    formal: bool,
    now_us: int,
    who: str,
) -> Imported:
    """Check everything, then keep it; an exam that has candidates is never overwritten.

    Args:
        file_of: the bytes of an attachment by its file name in the plan; None when there is none.

    Raises:
        Refused: PLAN_UNREADABLE, PLAN_IMPOSSIBLE.
        Fixable: EXAM_ID_WRONG, EXAM_EXISTS, ATTACHMENTS_WRONG.
    """
    plan = read_plan(plan_text, plan_name)
    exam_id = exam_id or plan.id
    if not _ID.fullmatch(exam_id):
        raise Fixable(
            "EXAM_ID_WRONG",
            f"“{exam_id}” is no id of an exam: letters, digits, dot, dash; at most 48.",
            f"“{exam_id}” 不能作为考试编号：只能用字母、数字、点和连字符，最长 48 位。",
        )
    documents = _documents(plan, file_of)
    plan = msgspec.structs.replace(
        plan,
        attachments=tuple(
            msgspec.structs.replace(a, sha256=hashlib.sha256(documents[a.id]).hexdigest())
            for a in plan.attachments
        ),
    )
    seed = secrets.token_bytes(32)
    imported = Imported(
        exam_id=exam_id,
        title=plan.title,
        starts_us=starts_us,
        plan_sha256=plan.sha256(),
        formal=formal and not plan.mock,
        commitment=commitment(seed),
    )
    for content in documents.values():
        blobs.put(content)
    database.write_now(lambda c: _keep(c, imported, plan, documents, seed, now_us, who))
    return imported


def login_has_opened(plan: ExamPlan, starts_us: int, now_us: int) -> bool:
    """Whether candidates may be logging in already: then an exam is frozen (R225)."""
    return now_us >= windows(plan, starts_us).login_opens_us


def _documents(plan: ExamPlan, file_of: Callable[[str], bytes | None]) -> dict[str, bytes]:
    faults: list[Fault] = []
    found: dict[str, bytes] = {}
    for listed in plan.attachments:
        content = file_of(listed.file)
        heads = _HEADS.get(listed.media_type, ())
        if content is None:
            faults.append(
                Fault(0, f"attachment {listed.file} is missing", f"缺少考试附件 {listed.file}")
            )
        elif not content or (heads and not content.startswith(heads)):
            faults.append(
                Fault(
                    0,
                    f"attachment {listed.file} is no readable {listed.media_type}",
                    f"考试附件 {listed.file} 不是可读的 {listed.media_type} 文件",
                )
            )
        else:
            found[listed.id] = content
    raise_faults("ATTACHMENTS_WRONG", "The exam's attachments", "考试附件", faults)
    return found


def _keep(
    c: Connection,
    imported: Imported,
    plan: ExamPlan,
    documents: dict[str, bytes],
    seed: bytes,
    now_us: int,
    who: str,
) -> None:
    exam_id = imported.exam_id
    has_candidates = c.execute(
        select(candidates.c.ticket_id).where(candidates.c.exam_id == exam_id)
    ).first()
    if has_candidates is not None:
        raise Fixable(
            "EXAM_EXISTS",
            f"Exam {exam_id} has candidates already. Choose another id.",
            f"考试 {exam_id} 已有考生名册，不能覆盖。请使用其他编号。",
        )
    values = {
        "title": imported.title,
        "plan": canonical_json(plan),
        "plan_sha256": imported.plan_sha256,
        "starts_us": imported.starts_us,
        "formal": imported.formal,
        "draw_seed": seed,
        "draw_commitment": imported.commitment,
        "imported_us": now_us,
    }
    if not c.execute(exams.update().where(exams.c.id == exam_id).values(**values)).rowcount:
        c.execute(exams.insert().values(id=exam_id, **values))
    c.execute(attachments.delete().where(attachments.c.exam_id == exam_id))
    for listed in plan.attachments:
        c.execute(
            attachments.insert().values(
                exam_id=exam_id,
                id=listed.id,
                sha256=listed.sha256,
                bytes=len(documents[listed.id]),
            )
        )
    note(c, now_us, "exam.imported", exam_id, imported.commitment, who=who)
