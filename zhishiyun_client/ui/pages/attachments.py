"""考试附件: open each inside the window, 【已阅】 when its rules are met (R090–R093)."""

from __future__ import annotations

from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QVBoxLayout

from zhishiyun_client.flow.intents import Acknowledge, Continue, OpenAttachment, ReachedEnd, Refresh
from zhishiyun_client.flow.views import AttachmentsView, AttachmentView, OpenDocumentView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ui import names
from zhishiyun_client.ui.pages.page import Page
from zhishiyun_client.ui.parts.action_row import ActionRow
from zhishiyun_client.ui.parts.buttons import ItemButton
from zhishiyun_client.ui.parts.card import Card, Rows
from zhishiyun_client.ui.parts.labels import Icon, chip, label
from zhishiyun_client.ui.parts.paper_view import PaperView
from zhishiyun_client.ui.parts.part import Part, Tools, mark
from zhishiyun_client.ui.theme import Colour, Space

_LIST_WIDTH_PX = 250
QWIDGETSIZE_MAX = (1 << 24) - 1


class AttachmentRow(Part):
    """One attachment: its name opens it, a tick tells that it is read."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        row = QVBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.HAIR)
        self.button = ItemButton(names.OPEN_ATTACHMENT)
        self.button.intended.connect(self.intended)
        self.button.draw_icon(tools.pictures, "document")
        state = QHBoxLayout()
        state.setContentsMargins(Space.TIGHT, 0, 0, Space.TIGHT)
        self.icon = Icon(tools.pictures, "circle", Colour.LINE_STRONG, 18)
        self.state = label("small")
        state.addWidget(self.icon)
        state.addWidget(self.state, 1)
        row.addWidget(self.button)
        row.addLayout(state)

    def draw(self, view: tuple[AttachmentView, bool]) -> None:
        """Show whether it is read and whether it is the open one."""
        item, is_open = view
        self.button.setObjectName(f"{names.OPEN_ATTACHMENT}.{item.attachment_id}")
        self.button.show_words(self.say(item.title))
        self.button.intent = OpenAttachment(item.attachment_id)
        self.button.setChecked(is_open)
        self.put(self.state, T.ATTACHMENTS_READ if item.is_read else T.ATTACHMENTS_UNREAD)
        picture = ("tick_circle", Colour.GOOD) if item.is_read else ("circle", Colour.LINE_STRONG)
        self.icon.choose(*picture)
        self.button.setAccessibleDescription(self.state.text())


class AttachmentsPage(Page):
    """Draws an `AttachmentsView`; the document lives in memory only."""

    phase = "attachments"

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, T.ATTACHMENTS_TITLE, T.ATTACHMENTS_LEAD)
        self._document: OpenDocumentView | None = None
        self._has_told_end = False
        self.count = chip("calm")
        self.count.setObjectName("attachments.count")
        self.head.addWidget(self.count)
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._columns.setSpacing(Space.NORMAL)
        self._columns.addWidget(self._make_list())
        self._columns.addWidget(self._make_reader(), 1)
        self.body.addLayout(self._columns, 1)
        self.refresh = self.action(names.REFRESH, T.COMMON_REFRESH, Refresh(), "", "refresh")
        self.acknowledge = self.action(
            names.ACKNOWLEDGE, T.ATTACHMENTS_READ, Acknowledge(""), "primary", "tick"
        )
        self.continue_ = self.action(names.CONTINUE, T.COMMON_CONTINUE, Continue())

    def set_compact(self, is_compact: bool) -> None:
        """The list above the reader on a small window."""
        super().set_compact(is_compact)
        if hasattr(self, "_list"):
            direction = QBoxLayout.Direction
            self._columns.setDirection(
                direction.TopToBottom if is_compact else direction.LeftToRight
            )
            self._list.setMinimumWidth(0 if is_compact else _LIST_WIDTH_PX)
            self._list.setMaximumWidth(QWIDGETSIZE_MAX if is_compact else _LIST_WIDTH_PX)

    def leave(self) -> None:
        """The rendered pages of what was read go."""
        super().leave()
        self._document = None
        self.paper.clear()

    def draw(self, view: AttachmentsView) -> None:
        """Show the list and the open document."""
        opened = view.document.attachment_id if view.document else None
        self._rows.render(tuple((item, item.attachment_id == opened) for item in view.items))
        done = sum(item.is_read for item in view.items)
        self.put(self.count, text(T.ATTACHMENTS_COUNT, done=done, total=len(view.items)))
        mark(self.count, "tone", "good" if done == len(view.items) else "calm")
        self._draw_document(view)
        self.acknowledge.button.intent = Acknowledge(opened or "")
        is_all_read = done == len(view.items)
        self.acknowledge.setVisible(not is_all_read)
        self.acknowledge.gate(view.acknowledge_off)
        self.continue_.gate(view.continue_off)
        mark(self.continue_.button, "kind", "primary" if is_all_read else "")

    def _draw_document(self, view: AttachmentsView) -> None:
        document = view.document
        if document is None:
            self._document = None
            self.paper.clear()
        elif document != self._document:
            self._document, self._has_told_end = document, False
            self.paper.show()
            self._is_whole = self.paper.show_document(document.media_type, document.content)
        self.paper.setVisible(document is not None)
        self.tools_row.setVisible(document is not None)
        self.put(self.name, document.title if document else None)
        waiting = T.ATTACHMENTS_LOADING if view.is_loading else T.ATTACHMENTS_CHOOSE
        self.put(self.empty, None if document else waiting)
        damaged = document is not None and not self._is_whole
        self.put(self.problem, view.problem or (T.ATTACHMENTS_FAILED if damaged else None))

    def _make_list(self) -> Card:
        self._list = Card(self.tools)
        self._list.body.setContentsMargins(Space.SNUG, Space.NORMAL, Space.SNUG, Space.NORMAL)
        self._list.setFixedWidth(_LIST_WIDTH_PX)
        self._rows = Rows(self._list.body, self._row)
        self._list.body.addStretch(1)
        return self._list

    def _make_reader(self) -> Card:
        card = Card(self.tools)
        self._is_whole = True
        self.tools_row: QFrame = QFrame()
        self.tools_row.setProperty("surface", "none")
        row = ActionRow()
        self.tools_row.setLayout(row)
        self.name: QLabel = label("strong", wraps=False)
        smaller = self.button(names.TEXT_SMALLER, T.COMMON_ZOOM_OUT, None, "quiet", "zoom_out")
        larger = self.button(names.TEXT_LARGER, T.COMMON_ZOOM_IN, None, "quiet", "zoom_in")
        self.paper: PaperView = PaperView(names.PAPER)
        self.fix(self.paper.setAccessibleName, T.ATTACHMENTS_READER)
        smaller.clicked.connect(self.paper.smaller)
        larger.clicked.connect(self.paper.larger)
        self.paper.end_reached.connect(self._on_end_reached)
        row.addWidget(self.name)
        row.add_right(smaller)
        row.add_right(larger)
        self.empty: QLabel = label("muted")
        self.problem: QLabel = label("problem")
        card.body.addWidget(self.tools_row)
        card.body.addWidget(self.problem)
        card.body.addWidget(self.empty)
        card.body.addWidget(self.paper, 1)
        card.body.setContentsMargins(Space.NORMAL, Space.SNUG, Space.NORMAL, Space.SNUG)
        return card

    def _row(self) -> AttachmentRow:
        made = AttachmentRow(self.tools)
        made.intended.connect(self.intended)
        return made

    def _on_end_reached(self) -> None:
        if self._document is not None and not self._has_told_end:
            self._has_told_end = True
            self.intended.emit(ReachedEnd(self._document.attachment_id))
