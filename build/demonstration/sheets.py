"""Sets the demonstration papers and attachments: A4, one look for all, fonts embedded in part."""

import re
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, QSizeF, Qt, QUuid
from PySide6.QtGui import (
    QColor,
    QFont,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextCursor,
    QTextDocument,
)

WORDS = Path(__file__).with_name("words")
ATTACHMENTS = ("考生诚信承诺书", "在线考试须知", "操作手册", "在线考试规范")
PAPERS = ("a", "b", "b-art", "c")
_OF_NOTICE_C = {"操作手册", "在线考试规范", "c"}

_RESOLUTION_DPI = 144
_MARGINS_MM = (24.0, 26.0, 24.0, 22.0)  # left, top, right, bottom
_BODY_PT = 10.5
# A question is read in the window at page width: 16 pt is 20 px on a small laptop's screen.
_PAPER_MARGINS_MM = (14.0, 22.0, 14.0, 18.0)
_PAPER_BODY_PT = 16.0
_INK, _FAINT = QColor("#1c2530"), QColor("#6b7785")
_FONT = "Noto Sans CJK SC"
_STYLE = """
h1 { font-size: @H1@pt; font-weight: 700; text-align: center; }
h1 { margin-top: 8px; margin-bottom: 26px; }
h2 { font-size: @H2@pt; font-weight: 700; color: #174a7c; margin-top: 22px; margin-bottom: 6px; }
p { margin-top: 6px; margin-bottom: 6px; }
li { margin-top: 3px; margin-bottom: 3px; }
ol { margin-top: 0px; margin-bottom: 6px; }
p.lead { color: #3d4a58; background-color: #eef3f8; margin-bottom: 12px; }
p.note { color: #6b7785; margin-top: 28px; }
p.sign { margin-top: 40px; color: #3d4a58; text-align: right; }
td, th { border-bottom: 1px solid #c9d2dc; }
th { text-align: left; color: #174a7c; }
"""


def write_all(resources: Path) -> None:
    """Write every attachment and every paper below `resources`."""
    for name in ATTACHMENTS:
        write(
            name, resources / "attachments" / f"{name}.pdf", "演示附件 · 内容以正式考试发布的为准"
        )
    for name in PAPERS:
        write(name, resources / "rehearsal" / "papers" / f"{name}.pdf", "演示试题 · 非真实考题")


def write(name: str, target: Path, running_head: str) -> None:
    """Set words/<name>.html and write it to `target`, the same bytes every time."""
    target.parent.mkdir(parents=True, exist_ok=True)
    writer = QPdfWriter(str(target))
    writer.setResolution(_RESOLUTION_DPI)
    margins = QMarginsF(*(_PAPER_MARGINS_MM if name in PAPERS else _MARGINS_MM))
    page = QPageSize(QPageSize.PageSizeId.A4)
    writer.setPageLayout(
        QPageLayout(page, QPageLayout.Orientation.Portrait, margins, QPageLayout.Unit.Millimeter)
    )
    writer.setTitle(name)
    writer.setCreator("zhishiyun")
    writer.setDocumentId(QUuid.createUuidV5(QUuid(), name.encode()))
    product = "智考云" if name in _OF_NOTICE_C else "智试云"
    _paint(_document(name, writer), writer, (running_head, product))
    target.write_bytes(_without_clock(target.read_bytes()))


def _document(name: str, writer: QPdfWriter) -> QTextDocument:
    document = QTextDocument()
    document.documentLayout().setPaintDevice(writer)
    document.setDocumentMargin(0)
    font = QFont(_FONT)
    body_pt = _PAPER_BODY_PT if name in PAPERS else _BODY_PT
    font.setPointSizeF(body_pt)
    document.setDefaultFont(font)
    style = _STYLE.replace("@H1@", f"{body_pt * 1.8:.1f}").replace("@H2@", f"{body_pt * 1.24:.1f}")
    document.setDefaultStyleSheet(style)
    document.setHtml((WORDS / f"{name}.html").read_text("utf-8"))
    document.setPageSize(QSizeF(writer.width(), writer.height()))
    block = document.begin()
    while block.isValid():
        shape = block.blockFormat()
        shape.setLineHeight(135, 1)  # 1: proportional, in percent
        cursor = QTextCursor(block)
        cursor.setBlockFormat(shape)
        block = block.next()
    return document


def _paint(document: QTextDocument, writer: QPdfWriter, head: tuple[str, str]) -> None:
    painter = QPainter(writer)
    pages, height = document.pageCount(), float(writer.height())
    for page in range(pages):
        if page:
            writer.newPage()
        painter.save()
        painter.translate(0, -page * height)
        document.drawContents(painter, QRectF(0, page * height, writer.width(), height))
        painter.restore()
        _paint_edges(painter, writer, head, f"{page + 1} / {pages}")
    painter.end()


def _paint_edges(painter: QPainter, writer: QPdfWriter, head: tuple[str, str], number: str) -> None:
    """Draw the running head, left and right, with a line below it, and the page number."""
    mm = _RESOLUTION_DPI / 25.4
    width, height = float(writer.width()), float(writer.height())
    painter.setFont(QFont(_FONT, 8))
    painter.setPen(_FAINT)
    top = QRectF(0, -13 * mm, width, 6 * mm)
    painter.drawText(top, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom), head[0])
    painter.drawText(top, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom), head[1])
    painter.drawLine(0, int(-6 * mm), int(width), int(-6 * mm))
    foot = QRectF(0, height + 4 * mm, width, 6 * mm)
    painter.drawText(foot, int(Qt.AlignmentFlag.AlignCenter), number)


def _without_clock(pdf: bytes) -> bytes:
    """Replace the moment of writing by one of the same length, so that offsets stay true."""
    pdf = re.sub(rb"\(D:\d{14}", b"(D:20260101000000", pdf)
    return re.sub(
        rb"(xmp:\w+Date=\")\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", rb"\g<1>2026-01-01T00:00:00", pdf
    )
