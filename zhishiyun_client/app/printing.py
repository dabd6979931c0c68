"""【打印回执】: the receipt on paper, by the system's own printing dialog."""

from __future__ import annotations

import html

from PySide6.QtGui import QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QWidget

from zhishiyun_client.flow.clock_words import date_time, minutes_seconds
from zhishiyun_client.i18n.catalog import Speaker
from zhishiyun_client.i18n.keys import T
from zhishiyun_protocol.messages.evidence import Receipt


def print_receipt(receipt: Receipt, speaker: Speaker, parent: QWidget) -> bool:
    """Ask for a printer and print; False when the candidate changed his mind. Thread: ui."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    if QPrintDialog(printer, parent).exec() != QDialog.DialogCode.Accepted:
        return False
    document = QTextDocument()
    document.setHtml(receipt_html(receipt, speaker))
    document.print_(printer)
    return True


def receipt_html(receipt: Receipt, speaker: Speaker) -> str:
    """The receipt as a page: what the server signed, and its signature."""
    body = receipt.body
    rows = [
        (T.RECEIPT_NUMBER, body.receipt_id),
        (T.RECEIPT_VERIFIED_AT, date_time(body.issued_us)),
        (T.RECEIPT_ROOT, body.head),
        ("SHA-256", receipt.digest()),
    ]
    rows += [
        (f"{track.track}", f"{minutes_seconds(track.covered)} / {minutes_seconds(track.seconds)}")
        for track in body.coverage
    ]
    cells = "".join(
        f"<tr><td>{html.escape(speaker.say(name))}</td><td>{html.escape(value)}</td></tr>"
        for name, value in rows
    )
    title = html.escape(speaker.say(T.RECEIPT_TITLE))
    signature = html.escape(receipt.signature)
    return f"<h1>{title}</h1><table cellpadding='6'>{cells}</table><p>{signature}</p>"
