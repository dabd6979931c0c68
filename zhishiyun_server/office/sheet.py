"""Rows of a table with line numbers, from CSV or XLSX."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from zhishiyun_protocol.errors import Fixable

MOST_ROWS = 100_000
Row = tuple[int, list[str]]


def read_sheet(content: bytes, name: str) -> list[Row]:
    """All rows that are not empty, with their line numbers from 1; cells as stripped text.

    Raises:
        Fixable: SHEET_UNREADABLE.
    """
    rows = _xlsx(content, name) if name.lower().endswith(".xlsx") else _csv(content, name)
    return [(line, cells) for line, cells in rows if any(cells)][:MOST_ROWS]


def _csv(content: bytes, name: str) -> list[Row]:
    text = _text(content, name)
    try:
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise _unreadable(name, str(error)) from error
    return [(line, [cell.strip() for cell in cells]) for line, cells in enumerate(rows, start=1)]


def _text(content: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):  # Excel in China saves CSV as GB 18030
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _unreadable(name, "neither UTF-8 nor GB 18030")


def _xlsx(content: bytes, name: str) -> list[Row]:
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            rows = list(book.worksheets[0].iter_rows(values_only=True))
        finally:
            book.close()
    except (
        InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError, OSError
    ) as error:  # fmt: skip
        raise _unreadable(name, type(error).__name__) from error
    return [(line, [_cell(value) for value in cells]) for line, cells in enumerate(rows, start=1)]


def _cell(value: Any) -> str:
    """A cell as text; a whole number without its “.0”."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _unreadable(name: str, why: str) -> Fixable:
    return Fixable(
        "SHEET_UNREADABLE",
        f"{name} cannot be read as a table ({why}). Save it as XLSX or as CSV in UTF-8.",
        f"{name} 无法作为表格读取（{why}）。请另存为 XLSX，或 UTF-8 编码的 CSV。",
    )
