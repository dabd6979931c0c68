"""The one window: header, steps, page, panel at the right, and what opens over them."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from zhishiyun_client.flow import views
from zhishiyun_client.flow.intents import CloseHelp, CloseMyData, Intent, KeepAnswering, Leave
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ui import names
from zhishiyun_client.ui.pages.page import Page
from zhishiyun_client.ui.pages.table import PAGES
from zhishiyun_client.ui.parts.data_drawer import DataDrawer
from zhishiyun_client.ui.parts.end_question import EndQuestion
from zhishiyun_client.ui.parts.header import DemonstrationLine, Header
from zhishiyun_client.ui.parts.help_drawer import HelpDrawer
from zhishiyun_client.ui.parts.message import Message
from zhishiyun_client.ui.parts.notice_bar import NoticeBar
from zhishiyun_client.ui.parts.part import Part, Tools
from zhishiyun_client.ui.parts.side_panel import SidePanel
from zhishiyun_client.ui.parts.step_list import StepLine, StepList
from zhishiyun_client.ui.stylesheet import stylesheet
from zhishiyun_client.ui.theme import (
    COMPACT_BELOW_HEIGHT_PX,
    COMPACT_BELOW_WIDTH_PX,
    DRAWER_WIDTH_PX,
    WARM_AFTER_MS,
    WARM_EVERY_MS,
    WINDOW_MINIMUM_PX,
    Type,
    font,
)


def dress(application: QApplication, tools: Tools) -> None:
    """Give the application its style, font and style sheet; once, before the window is made.

    Thread: ui.
    """
    application.setStyle("Fusion")
    application.setFont(font(Type.BODY))
    application.setStyleSheet(stylesheet(str(tools.pictures.folder)))


class Centre(QWidget):
    """The page area with the drawer and the question laid over it."""

    def __init__(self, drawers: tuple[HelpDrawer | DataDrawer, ...], question: EndQuestion) -> None:
        super().__init__()
        self._drawers, self._question = drawers, question
        for overlay in (*drawers, question):
            overlay.setParent(self)
            overlay.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the overlays in their places."""
        super().resizeEvent(event)
        width = min(DRAWER_WIDTH_PX, self.width())
        for drawer in self._drawers:
            drawer.setGeometry(self.width() - width, 0, width, self.height())
        self._question.setGeometry(self.rect())


class Window(QWidget):
    """Draws a `FrameView`; makes each page when it is first shown.

    Signals:
        intended(object): the `Intent` of whatever was operated.
    """

    intended = Signal(object)

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        self.setObjectName(names.WINDOW)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._tools = tools
        self._pages: dict[type, Page] = {}
        self._is_compact = False
        self._may_close = False
        self._shown: views.FrameView | None = None
        self._unmade = list(PAGES)
        self._unstyled: list[Page] = []
        self._warming = QTimer(self)
        self._warming.timeout.connect(self._on_warm)
        self._make_parts()
        self._lay_out()
        self.setMinimumSize(*WINDOW_MINIMUM_PX)
        self.setWindowTitle(tools.speaker.say(T.PRODUCT_NAME))

    def render(self, frame: views.FrameView) -> None:
        """Show this moment; cheap where nothing changed.

        Thread: ui.
        """
        if frame == self._shown:
            return
        if self._tools.speaker.choose(frame.header.language, frame.noun):
            for part in self.findChildren(Part):
                part.retranslate()
        self._shown = frame
        self.header.render(frame.header)
        self.demonstration.render(frame.header)
        self.steps.render(frame.steps)
        self.step_line.render(frame.steps)
        self.notices.render(frame.notices)
        self.panel.render(frame.panel)
        self._show_page(frame.page)
        self._show_overlays(frame)

    def show_message(self, view: views.MessageView) -> None:
        """Show a message before there is a frame: while starting, or when starting failed."""
        self.message.render(view)
        self._open(self.message, True)

    def hide_message(self) -> None:
        """The first frame follows."""
        self._open(self.message, False)

    def allow_close(self) -> None:
        """From now on closing the window closes it; before, it only sends `Leave`."""
        self._may_close = True

    def page_of(self, view: type) -> Page:
        """The page that draws this kind of view."""
        if view not in self._pages:
            made = PAGES[view](self._tools)
            made.set_compact(self._is_compact)
            made.intended.connect(self._on_intended)
            self._pages[view] = made
            self.stack.addWidget(made)
        return self._pages[view]

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to make and style the other pages, one at a time, before an exam runs."""
        super().showEvent(event)
        if self._unmade:
            self._warming.start(WARM_AFTER_MS)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes what lies over the page, and nothing else."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
            return
        if self.question.isVisible():
            self.intended.emit(KeepAnswering())
        elif self.drawer.isVisible():
            self.intended.emit(CloseHelp())
        elif self.my_data.isVisible():
            self.intended.emit(CloseMyData())

    def closeEvent(self, event: QCloseEvent) -> None:
        """The flow decides whether the window may go."""
        if self._may_close:
            event.accept()
            return
        event.ignore()
        self.intended.emit(Leave())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the compact layout where there is little room."""
        super().resizeEvent(event)
        is_small = self.width() < COMPACT_BELOW_WIDTH_PX or self.height() < COMPACT_BELOW_HEIGHT_PX
        if is_small != self._is_compact:
            self._is_compact = is_small
            self._arrange()
        self.message.setGeometry(self.rect())

    def _on_warm(self) -> None:
        """One page a beat: made in one, styled by drawing it unseen in the next.

        A page that is styled when it is first shown costs twice the time in that very moment.
        """
        self._warming.setInterval(WARM_EVERY_MS)
        while self._unmade and self._unmade[0] in self._pages:
            del self._unmade[0]
        if self._unstyled:
            page = self._unstyled.pop()
            if page is not self.stack.currentWidget():
                page.resize(self.stack.size())
                page.grab()
        elif self._unmade:
            self._unstyled.append(self.page_of(self._unmade.pop(0)))
        else:
            self._warming.stop()

    def _make_parts(self) -> None:
        self.header = Header(self._tools)
        self.demonstration = DemonstrationLine(self._tools)
        self.steps = StepList(self._tools)
        self.step_line = StepLine(self._tools)
        self.notices = NoticeBar(self._tools)
        self.panel = SidePanel(self._tools)
        self.drawer = HelpDrawer(self._tools)
        self.my_data = DataDrawer(self._tools)
        self.question = EndQuestion(self._tools)
        self.message = Message(self._tools)
        self.stack = QStackedWidget()
        for part in (
            self.header,
            self.notices,
            self.panel,
            self.drawer,
            self.my_data,
            self.question,
            self.message,
        ):
            part.intended.connect(self._on_intended)

    def _lay_out(self) -> None:
        self.centre = Centre((self.my_data, self.drawer), self.question)
        middle = QVBoxLayout(self.centre)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        for part in (self.step_line, self.notices):
            middle.addWidget(part)
        middle.addWidget(self.stack, 1)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.steps)
        row.addWidget(self.centre, 1)
        row.addWidget(self.panel)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.header)
        whole.addWidget(self.demonstration)
        whole.addLayout(row, 1)
        self.message.setParent(self)
        self.message.hide()
        self._arrange()

    def _arrange(self) -> None:
        self.steps.setVisible(not self._is_compact)
        self.step_line.setVisible(self._is_compact)
        self.header.set_compact(self._is_compact)
        self.panel.set_compact(self._is_compact)
        for page in self._pages.values():
            page.set_compact(self._is_compact)

    def _show_page(self, view: views.PageView) -> None:
        page, before = self.page_of(type(view)), self.stack.currentWidget()
        page.render(view)
        if before is not page:
            self.stack.setCurrentWidget(page)
            if isinstance(before, Page):
                before.leave()
            page.area.verticalScrollBar().setValue(0)

    def _show_overlays(self, frame: views.FrameView) -> None:
        self.my_data.render(frame.my_data)
        self._open(self.my_data, frame.my_data.is_open)
        self.drawer.render(frame.help)
        self._open(self.drawer, frame.help.is_open)
        unread = frame.help.unread if not frame.help.is_open else 0
        said = self._tools.speaker.say(text(T.HELP_UNREAD, count=unread)) if unread else ""
        self.panel.show_unread(said)
        if frame.end_question is not None:
            self.question.render(frame.end_question)
        self._open(self.question, frame.end_question is not None)
        if frame.message is not None:
            self.message.render(frame.message)
        self._open(self.message, frame.message is not None)

    def _open(self, overlay: QWidget, is_open: bool) -> None:
        if overlay.isHidden() is is_open:
            overlay.setVisible(is_open)
        if is_open:
            overlay.raise_()

    def _on_intended(self, intent: Intent) -> None:
        self.intended.emit(intent)
