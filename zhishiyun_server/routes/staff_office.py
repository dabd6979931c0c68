"""/v1/staff/exams…: imports by an officer, the same rules as on the command line (R220–R222)."""

from __future__ import annotations

import asyncio
import base64
import binascii
import io
import zipfile
from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from zhishiyun_protocol.errors import Fixable, ZhishiyunError
from zhishiyun_server import wire
from zhishiyun_server.access import staff_member
from zhishiyun_server.domain.roles import Power
from zhishiyun_server.office.exams import Imported, import_exam, starts_of
from zhishiyun_server.office.papers import PaperImported, import_paper
from zhishiyun_server.office.roster import RosterImported, import_roster
from zhishiyun_server.premises import premises_of
from zhishiyun_server.problems import refusal, refused
from zhishiyun_server.routes.operation import Auth, Operation

ROSTERS = ("roster.csv", "roster.xlsx")
FILE_BYTES = 8 * 1024 * 1024  # one file inside a ZIP, unpacked


class ExamImport(msgspec.Struct, frozen=True, kw_only=True):
    """A plan as TOML text, its start, and its attachments as base64 by file name."""

    plan: str
    starts_at: str
    exam_id: str = ""
    formal: bool = True
    attachments: dict[str, str] = {}


async def import_plan(request: Request) -> Response:
    """Import an exam."""
    premises = premises_of(request)
    member = staff_member(request, Power.IMPORT)
    wanted = await wire.read(request, ExamImport, premises.settings.limits.import_bytes)
    now_us = premises.clock.now_us()
    try:
        files = {n: base64.b64decode(t, validate=True) for n, t in wanted.attachments.items()}
    except binascii.Error:
        raise refusal("BAD_REQUEST", detail="an attachment is not base64") from None
    imported = await _carefully(
        lambda: import_exam(
            premises.database,
            premises.blobs,
            plan_text=wanted.plan.encode(),
            plan_name="plan",
            file_of=files.get,
            starts_us=starts_of(wanted.starts_at, now_us),
            exam_id=wanted.exam_id,
            formal=wanted.formal,
            now_us=now_us,
            who=member.name,
        )
    )
    return wire.answer(imported, 201)


async def import_people(request: Request) -> Response:
    """Import a roster from a ZIP."""
    premises = premises_of(request)
    member = staff_member(request, Power.IMPORT)
    content = await wire.read_bytes(request, premises.settings.limits.import_bytes)
    now_us = premises.clock.now_us()

    def work() -> RosterImported:
        name, files = _unpacked(content)
        return import_roster(
            premises.database,
            premises.blobs,
            content=files[name],
            name=name,
            exam_id=request.path_params["exam_id"],
            photo_of=files.get,
            now_us=now_us,
            who=member.name,
        )

    return wire.answer(await _carefully(work), 201)


async def import_sheet(request: Request) -> Response:
    """Import a paper; it is sealed before it touches the disk."""
    premises = premises_of(request)
    member = staff_member(request, Power.IMPORT)
    content = await wire.read_bytes(request, premises.settings.limits.import_bytes)
    query, now_us = request.query_params, premises.clock.now_us()
    imported = await _carefully(
        lambda: import_paper(
            premises.database,
            premises.blobs,
            content=content,
            name=query.get("name", "paper"),
            exam_id=request.path_params["exam_id"],
            subject=query.get("subject", ""),
            language=query.get("language", "zh"),
            now_us=now_us,
            who=member.name,
        )
    )
    return wire.answer(imported, 201)


async def _carefully(work: Callable[[], Any]) -> Any:
    """Run an import beside the event loop; its faults are answered with 422."""
    try:
        return await asyncio.to_thread(work)
    except ZhishiyunError as error:
        raise refused(error) from error


def _unpacked(content: bytes) -> tuple[str, dict[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            if any(member.file_size > FILE_BYTES for member in members):
                raise _no_roster("a file in it is too large", "其中有文件过大")
            files = {member.filename: archive.read(member) for member in members}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise _no_roster("it is damaged", "文件已损坏") from error
    name = next((name for name in ROSTERS if name in files), None)
    if name is None:
        raise _no_roster("roster.csv or roster.xlsx is missing", "缺少 roster.csv 或 roster.xlsx")
    return name, files


def _no_roster(en: str, zh: str) -> Fixable:
    return Fixable(
        "ROSTER_ARCHIVE_WRONG",
        f"The ZIP cannot be used as a roster: {en}.",
        f"该 ZIP 不能作为名册导入：{zh}。",
    )


OPERATIONS = (
    Operation(
        "POST",
        "/v1/staff/exams",
        import_plan,
        "Import an exam",
        Auth.STAFF,
        ExamImport,
        Imported,
        201,
    ),
    Operation(
        "POST",
        "/v1/staff/exams/{exam_id}/roster",
        import_people,
        "Import a roster (ZIP)",
        Auth.STAFF,
        bytes,
        RosterImported,
        201,
    ),
    Operation(
        "POST",
        "/v1/staff/exams/{exam_id}/papers",
        import_sheet,
        "Import a paper",
        Auth.STAFF,
        bytes,
        PaperImported,
        201,
    ),
)
