"""回执: green page, number, QR code, until when to keep the software (R182, R188, R189)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QVBoxLayout

from zhishiyun_client.flow.intents import Explain, GoHome, PrintReceipt, SaveReceipt
from zhishiyun_client.flow.views import CoverageView, ReceiptView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ui import names
from zhishiyun_client.ui.pages.page import Page
from zhishiyun_client.ui.parts.card import Card, Rows
from zhishiyun_client.ui.parts.labels import Icon, label
from zhishiyun_client.ui.parts.part import Part, Tools, mark
from zhishiyun_client.ui.parts.qr_view import QrView
from zhishiyun_client.ui.theme import Colour, Space

_QR_PX = 200


class CoverageRow(Part):
    """One track: how long, how whole, which gaps."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 2)
        self.cells = [label("strong"), label(), label(), label()]
        for column, cell in enumerate(self.cells):
            grid.addWidget(cell, 0, column)
            grid.setColumnStretch(column, 1)

    def draw(self, view: CoverageView) -> None:
        """Fill the row; never rounded up to a whole."""
        share = f"{int(view.share * 1000) / 10:g}%"
        for cell, words in zip(
            self.cells, (view.track, view.seconds, share, view.gaps), strict=True
        ):
            cell.setText(self.say(words))


class ReceiptPage(Page):
    """Draws a `ReceiptView`."""

    phase = "receipt"

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, T.RECEIPT_TITLE, T.RECEIPT_LEAD)
        self.title.hide()
        self.lead.hide()
        self.inner.setProperty("surface", "green")
        self._make_receipt()
        self._make_details()
        self.body.addStretch(1)
        self.explain = self.action(names.EXPLAIN, T.RECEIPT_EXPLAIN, Explain(), "quiet")
        self.show_button = self.button(names.SHOW_RECEIPT, T.RECEIPT_SHOW, None, "", "document")
        self.show_button.clicked.connect(self._on_show_clicked)
        self.add_minor(self.show_button)
        self.save = self.action(names.SAVE_RECEIPT, T.RECEIPT_SAVE, SaveReceipt(), "", "drive")
        self.print = self.action(
            names.PRINT_RECEIPT, T.RECEIPT_PRINT, PrintReceipt(), "", "printer"
        )
        self.home = self.action(names.HOME, T.RECEIPT_HOME, GoHome(), "primary", "home")

    def set_compact(self, is_compact: bool) -> None:
        """The code below the words on a small window."""
        super().set_compact(is_compact)
        if hasattr(self, "_row"):
            direction = QBoxLayout.Direction
            self._row.setDirection(direction.TopToBottom if is_compact else direction.LeftToRight)

    def draw(self, view: ReceiptView) -> None:
        """Show the proof."""
        lead = T.RECEIPT_LEAD if view.is_formal else T.RECEIPT_LEAD_REHEARSAL
        self.put(self.result, lead if view.phone_whole else T.RECEIPT_LEAD_COMPUTER)
        self.put(self.heading, T.RECEIPT_TITLE if view.phone_whole else T.RECEIPT_TITLE_COMPUTER)
        mark(self.inner, "surface", "green" if view.phone_whole else "none")
        self.put(self.number, view.number)
        self.put(self.exam, view.exam_title or None)
        self.put(self.verified, f"{self.say(T.RECEIPT_VERIFIED_AT)}  {view.verified_at}")
        self.put(self.keep, view.keep_until)
        self.put(self.phone, view.phone)
        mark(self.phone, "role", "good" if view.phone_whole else "caution")
        self.qr.show_matrix(view.qr)
        self.qr.setVisible(bool(view.qr))
        self.qr_hint.setVisible(bool(view.qr))
        self._coverage.render(view.coverage)
        root = f"{self.say(T.RECEIPT_ROOT)}  {view.root_digest}"
        self.put(self.root, root if view.root_digest else None)
        self.put(self.saved, text(T.RECEIPT_SAVED, place=view.saved_to) if view.saved_to else None)
        self.save.gate(view.save_off)
        self.print.gate(view.print_off)
        self.home.gate(view.home_off)

    def _make_receipt(self) -> None:
        card = Card(self.tools)
        card.colour("seal")
        card.body.setContentsMargins(Space.PAGE, Space.WIDE, Space.PAGE, Space.WIDE)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(Space.WIDE)
        words = QVBoxLayout()
        words.setSpacing(Space.TIGHT)
        head = QHBoxLayout()
        head.setSpacing(Space.NORMAL)
        head.addWidget(Icon(self.tools.pictures, "seal", Colour.GOOD, 48))
        self.heading = label("page")
        head.addWidget(self.heading, 1)
        words.addLayout(head)
        self._make_facts(words)
        self._row.addLayout(words, 1)
        self._row.addLayout(self._make_code())
        card.body.addLayout(self._row)
        self.body.addWidget(card)

    def _make_facts(self, words: QVBoxLayout) -> None:
        self.result = label("big")
        caption = label("muted")
        self.fix(caption.setText, T.RECEIPT_NUMBER)
        self.number = label("receipt")
        self.number.setObjectName(names.RECEIPT_NUMBER)
        self.number.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByKeyboard
            | Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self.exam = label()
        self.verified = label()
        self.keep = label("strong")
        self.phone = label("good")
        self.phone.setObjectName(names.RECEIPT_PHONE)
        self.saved = label("good")
        for widget in (
            self.result,
            caption,
            self.number,
            self.exam,
            self.verified,
            self.phone,
            self.keep,
            self.saved,
        ):
            words.addWidget(widget)
        words.addStretch(1)

    def _make_code(self) -> QVBoxLayout:
        code = QVBoxLayout()
        self.qr = QrView(_QR_PX)
        self.fix(self.qr.setAccessibleName, T.RECEIPT_QR_NAME)
        self.qr_hint = label("small")
        self.qr_hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.qr_hint.setMaximumWidth(_QR_PX)
        self.fix(self.qr_hint.setText, T.RECEIPT_QR_HINT)
        code.addWidget(self.qr)
        code.addWidget(self.qr_hint)
        code.addStretch(1)
        return code

    def _make_details(self) -> None:
        self.details = Card(self.tools)
        heads = QGridLayout()
        for column, words in enumerate(
            (T.RECEIPT_TRACK, T.RECEIPT_LENGTH, T.RECEIPT_COVERAGE, T.RECEIPT_GAPS)
        ):
            name = label("muted")
            self.fix(name.setText, words)
            heads.addWidget(name, 0, column)
            heads.setColumnStretch(column, 1)
        self.details.body.addLayout(heads)
        self._coverage = Rows(self.details.body, self._coverage_row)
        self.root = label("small")
        self.details.body.addWidget(self.root)
        self.details.hide()
        self.body.addWidget(self.details)

    def _coverage_row(self) -> CoverageRow:
        return CoverageRow(self.tools)

    def retranslate(self) -> None:
        """The button's words follow what it would do."""
        super().retranslate()
        self._name_show_button()

    def _on_show_clicked(self) -> None:
        self.details.setVisible(self.details.isHidden())
        self._name_show_button()

    def _name_show_button(self) -> None:
        is_hidden = self.details.isHidden()
        self.show_button.setText(self.say(T.RECEIPT_SHOW if is_hidden else T.RECEIPT_HIDE))
