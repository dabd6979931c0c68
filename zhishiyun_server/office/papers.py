"""Importing a paper: sealed at once with a fresh key; its plaintext is not kept (R222)."""

from __future__ import annotations

import hashlib
import secrets

import msgspec
from sqlalchemy import Connection

from zhishiyun_protocol.errors import Fixable
from zhishiyun_protocol.paper import MAGIC, PaperLabel, seal
from zhishiyun_server.keep.audit import note
from zhishiyun_server.keep.blobs import Blobs
from zhishiyun_server.keep.database import Database
from zhishiyun_server.keep.exams import exam_row
from zhishiyun_server.keep.tables import papers
from zhishiyun_server.keep.tokens import new_id
from zhishiyun_server.office.roster import exam_unknown

PDF_END = b"%%EOF"
KINDS = (
    (b"%PDF-", "application/pdf", PDF_END),
    (b"\x89PNG\r\n\x1a\n", "image/png", b"IEND"),
    (b"\xff\xd8\xff", "image/jpeg", b"\xff\xd9"),
)


class PaperImported(msgspec.Struct, frozen=True, kw_only=True):
    """What an import of a paper made."""

    exam_id: str
    paper_id: str
    subject: str
    language: str
    sha256: str  # of the envelope


def import_paper(
    database: Database,
    blobs: Blobs,
    *,
    content: bytes,
    name: str,
    exam_id: str,
    subject: str,
    language: str,
    now_us: int,
    who: str,
) -> PaperImported:
    """Check, seal, keep; a paper of the same 科目 and language is replaced until T0.

    Raises:
        Fixable: EXAM_UNKNOWN, PAPER_UNREADABLE, PAPER_FROZEN.
    """
    exam = database.read(lambda c: exam_row(c, exam_id))
    if exam is None:
        raise exam_unknown(exam_id)
    if now_us >= exam.starts_us:
        raise Fixable(
            "PAPER_FROZEN",
            f"Exam {exam_id} has begun; its paper cannot be changed.",
            f"考试 {exam_id} 已开始，不能再更换试题。",
        )
    label = PaperLabel(
        exam_id=exam_id,
        paper_id=new_id("pp"),
        subject=subject,
        language=language,
        title=exam.title,
        media_type=media_type_of(content, name),
    )
    key = secrets.token_bytes(32)
    envelope = seal(label, content, key)
    digest = blobs.put(envelope)
    database.write_now(lambda c: _keep(c, label, digest, key, now_us, who))
    return PaperImported(
        exam_id=exam_id,
        paper_id=label.paper_id,
        subject=subject,
        language=language,
        sha256=hashlib.sha256(envelope).hexdigest(),
    )


def media_type_of(content: bytes, name: str) -> str:
    """PDF, PNG, JPEG or plain text, whole from its first to its last bytes.

    Raises:
        Fixable: PAPER_UNREADABLE.
    """
    for head, media_type, tail in KINDS:
        if content.startswith(head):
            if tail in content[-2048:]:
                return media_type
            raise _unreadable(name, "its end is missing", "文件不完整，缺少结尾")
    if content.startswith(MAGIC):
        raise _unreadable(name, "it is sealed already", "这是已加封的试题，请导入原文件")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise _unreadable(
            name, "neither PDF, PNG, JPEG nor text", "不是 PDF、PNG、JPEG 或文本文件"
        ) from None
    if not text.strip() or "\0" in text:
        raise _unreadable(name, "it is empty", "文件内容为空")
    return "text/plain; charset=utf-8"


def _keep(c: Connection, label: PaperLabel, digest: str, key: bytes, now_us: int, who: str) -> None:
    c.execute(
        papers.delete().where(
            papers.c.exam_id == label.exam_id,
            papers.c.subject == label.subject,
            papers.c.language == label.language,
        )
    )
    c.execute(
        papers.insert().values(
            id=label.paper_id,
            exam_id=label.exam_id,
            subject=label.subject,
            language=label.language,
            sha256=digest,
            key=key,
        )
    )
    note(c, now_us, "paper.imported", label.exam_id, digest, who=who)


def _unreadable(name: str, en: str, zh: str) -> Fixable:
    return Fixable(
        "PAPER_UNREADABLE",
        f"{name} cannot be used as a paper: {en}. Export it again and import it.",
        f"{name} 不能作为试题导入：{zh}。请重新导出后再导入。",
    )
