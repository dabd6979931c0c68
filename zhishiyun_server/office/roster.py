"""Importing a roster: every row is checked, all faults are told, nothing half is kept (R221)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection

from zhishiyun_protocol.errors import Fixable
from zhishiyun_protocol.plan import Factor
from zhishiyun_server.domain.idnumber import is_id_number
from zhishiyun_server.keep.audit import note
from zhishiyun_server.keep.blobs import Blobs
from zhishiyun_server.keep.database import Database
from zhishiyun_server.keep.drawing import has_begun
from zhishiyun_server.keep.exams import exam_row, plan_of
from zhishiyun_server.keep.tables import candidates
from zhishiyun_server.keep.tokens import new_id
from zhishiyun_server.office.faults import Fault, raise_faults
from zhishiyun_server.office.photos import is_photo
from zhishiyun_server.office.sheet import read_sheet

COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("姓名", "name"),
    "id_number": ("身份证号", "id_number", "id number"),
    "ticket_number": ("准考证号", "ticket_number", "ticket number", "ticket"),
    "post": ("岗位", "post"),
    "subject": ("科目", "subject"),
    "phone": ("电话", "phone"),
    "photo": ("照片", "photo"),
    "id_photo": ("证件照", "id_photo", "id photo"),
    "extra": ("加时比例", "extra_share"),
}
REQUIRED = ("name", "id_number", "ticket_number", "photo")
MOST_EXTRA_SHARE = 1.0


class RosterImported(msgspec.Struct, frozen=True, kw_only=True):
    """What an import of a roster made."""

    exam_id: str
    candidates: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One row that was checked; `photo` and `id_photo` are their contents."""

    line: int
    cells: dict[str, str]
    photo: bytes
    id_photo: bytes
    extra_share: float


def import_roster(
    database: Database,
    blobs: Blobs,
    *,
    content: bytes,
    name: str,
    exam_id: str,
    photo_of: Callable[[str], bytes | None],
    now_us: int,
    who: str,
) -> RosterImported:
    """Check every row, then keep all of them.

    Args:
        photo_of: the bytes of a photo by the name in the row; None when there is no such file.

    Raises:
        Fixable: EXAM_UNKNOWN, SHEET_UNREADABLE, ROSTER_WRONG naming every line, ROSTER_FROZEN.
    """
    exam = database.read(lambda c: exam_row(c, exam_id))
    if exam is None:
        raise exam_unknown(exam_id)
    needs_id_photo = Factor.ID_PHOTO in plan_of(exam.plan).login.factors
    entries = checked(content, name, photo_of, needs_id_photo=needs_id_photo)
    digests = [
        (blobs.put(entry.photo), blobs.put(entry.id_photo) if entry.id_photo else "")
        for entry in entries
    ]
    database.write_now(lambda c: _keep(c, exam_id, entries, digests, now_us, who))
    return RosterImported(exam_id=exam_id, candidates=len(entries))


def checked(
    content: bytes,
    name: str,
    photo_of: Callable[[str], bytes | None],
    *,
    needs_id_photo: bool = False,
) -> list[Entry]:
    """The rows of a roster file, all right or all faults at once.

    Raises:
        Fixable: SHEET_UNREADABLE or ROSTER_WRONG.
    """
    rows = read_sheet(content, name)
    faults: list[Fault] = []
    if not rows:
        faults.append(Fault(0, f"{name} is empty", f"{name} 是空的"))
        raise_faults("ROSTER_WRONG", f"Roster {name}", f"名册 {name}", faults)
    required = (*REQUIRED, "id_photo") if needs_id_photo else REQUIRED
    places = _places(rows[0][1], required, faults)
    raise_faults("ROSTER_WRONG", f"Roster {name}", f"名册 {name}", faults)
    entries = [_entry(line, cells, places, required, photo_of, faults) for line, cells in rows[1:]]
    if not entries:
        faults.append(Fault(0, "there is no candidate", "没有任何考生"))
    _find_doubles(entries, faults)
    faults.sort(key=lambda fault: fault.line)
    raise_faults("ROSTER_WRONG", f"Roster {name}", f"名册 {name}", faults)
    return entries


def exam_unknown(exam_id: str) -> Fixable:
    """The error for an exam that was never imported."""
    return Fixable(
        "EXAM_UNKNOWN",
        f"There is no exam {exam_id}. Import its plan first.",
        f"没有编号为 {exam_id} 的考试。请先导入考试方案。",
    )


def _places(header: list[str], required: tuple[str, ...], faults: list[Fault]) -> dict[str, int]:
    titles = [title.lower() for title in header]
    places = {
        column: titles.index(alias)
        for column, aliases in COLUMNS.items()
        for alias in aliases
        if alias in titles
    }
    for column in required:
        if column not in places:
            chinese, english = COLUMNS[column][0], COLUMNS[column][1]
            faults.append(Fault(1, f"the column “{english}” is missing", f"缺少列“{chinese}”"))
    return places


def _entry(
    line: int,
    cells: list[str],
    places: dict[str, int],
    required: tuple[str, ...],
    photo_of: Callable[[str], bytes | None],
    faults: list[Fault],
) -> Entry:
    row = {
        column: cells[places[column]] if places.get(column, len(cells)) < len(cells) else ""
        for column in COLUMNS
    }
    row["id_number"] = row["id_number"].upper()
    for column in required:
        if not row[column]:
            chinese, english = COLUMNS[column][0], COLUMNS[column][1]
            faults.append(Fault(line, f"{english} is empty", f"{chinese}为空"))
    if row["id_number"] and not is_id_number(row["id_number"]):
        faults.append(
            Fault(
                line, "the ID number's form or check digit is wrong", "身份证号格式或校验位不正确"
            )
        )
    photo = _photo(line, row["photo"], "照片", photo_of, faults)
    id_photo = _photo(line, row["id_photo"], "证件照", photo_of, faults)
    return Entry(line, row, photo, id_photo, _extra(line, row["extra"], faults))


def _photo(
    line: int,
    name: str,
    called: str,
    photo_of: Callable[[str], bytes | None],
    faults: list[Fault],
) -> bytes:
    """A photo's content; b"" where none is named, or with a fault where it cannot be used."""
    photo = photo_of(name) if name else None
    english = COLUMNS["photo" if called == "照片" else "id_photo"][1]
    if name and photo is None:
        faults.append(Fault(line, f"the file of {english} is missing", f"找不到{called}文件"))
    elif photo is not None and not is_photo(photo):
        faults.append(
            Fault(
                line,
                f"the {english} cannot be read (a whole JPEG or PNG, 64 px or more)",
                f"{called}无法读取（须为完整的 JPEG 或 PNG，边长不小于 64 像素）",
            )
        )
    return photo or b""


def _extra(line: int, text: str, faults: list[Fault]) -> float:
    try:
        share = float(text or "0")
    except ValueError:
        share = -1.0
    if not 0 <= share <= MOST_EXTRA_SHARE:
        faults.append(
            Fault(line, "extra_share must lie between 0 and 1", "加时比例须在 0 与 1 之间")
        )
        return 0.0
    return share


def _find_doubles(entries: list[Entry], faults: list[Fault]) -> None:
    for column, chinese, english in (
        ("ticket_number", "准考证号", "ticket number"),
        ("id_number", "身份证号", "ID number"),
    ):
        first: dict[str, int] = {}
        for entry in entries:
            value = entry.cells[column]
            if not value:
                continue
            if value in first:
                faults.append(
                    Fault(
                        entry.line,
                        f"the {english} stands in line {first[value]} already",
                        f"{chinese}与第 {first[value]} 行重复",
                    )
                )
            first.setdefault(value, entry.line)


def _keep(
    c: Connection,
    exam_id: str,
    entries: list[Entry],
    digests: list[tuple[str, str]],
    now_us: int,
    who: str,
) -> None:
    known = {
        row.ticket_number: row
        for row in c.execute(candidates.select().where(candidates.c.exam_id == exam_id))
    }
    faults = [
        Fault(e.line, "the ticket number is known already", "准考证号已在名册中")
        for e in entries
        if e.cells["ticket_number"] in known
    ]
    raise_faults("ROSTER_WRONG", "The roster", "名册", faults)
    if has_begun(c, exam_id):
        raise Fixable(
            "ROSTER_FROZEN",
            f"Lots are being drawn for exam {exam_id}; nobody can be added.",
            f"考试 {exam_id} 已开始抽签，不能再增加考生。",
        )
    for entry, (photo, id_photo) in zip(entries, digests, strict=True):
        c.execute(
            candidates.insert().values(
                ticket_id=new_id("tk"),
                exam_id=exam_id,
                ticket_number=entry.cells["ticket_number"],
                name=entry.cells["name"],
                id_number=entry.cells["id_number"],
                post=entry.cells["post"],
                subject=entry.cells["subject"],
                phone=entry.cells["phone"],
                photo_sha256=photo,
                id_photo_sha256=id_photo,
                extra_share=entry.extra_share,
            )
        )
    note(c, now_us, "roster.imported", exam_id, f"{len(entries)} candidates", who=who)
