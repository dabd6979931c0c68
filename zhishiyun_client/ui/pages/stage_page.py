"""What the pages with a question share: papers, text size, rules, 【结束本阶段】 asked twice."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from zhishiyun_client.flow.intents import FinishStage, ReloadQuestion, ShownSheet
from zhishiyun_client.flow.views import PaperView as Paper
from zhishiyun_client.flow.views import ReleaseBox
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_client.ui import names
from zhishiyun_client.ui.pages.page import Page
from zhishiyun_client.ui.parts.action_row import ActionRow
from zhishiyun_client.ui.parts.buttons import GatedButton, IntentButton
from zhishiyun_client.ui.parts.card import Card
from zhishiyun_client.ui.parts.labels import Icon, label
from zhishiyun_client.ui.parts.paper_view import PaperView
from zhishiyun_client.ui.parts.part import Part, Tools
from zhishiyun_client.ui.parts.release_row import ReleaseRow
from zhishiyun_client.ui.theme import END_GUARD_MS, Colour, Space

_PAPER_PX = 340
_PAPER_COMPACT_PX = 220
_SURE_MS = 6000
"""How long the second press of 【结束本阶段】 is awaited before the button forgets the first."""


class FinishButton(Part):
    """【结束本阶段】: the first press asks; the second, later than a double click, ends it.

    Signals:
        intended(object): `FinishStage`.
    """

    intended = Signal(object)

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self.button = IntentButton(names.FINISH_STAGE, None, "grave")
        self.button.setText(self.say(T.ANSWERING_FINISH))
        self.button.clicked.connect(self._on_clicked)
        self.gated = GatedButton(tools, self.button)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.gated, 1)
        self._off: Words | None = None
        self._next: Words | None = None
        self._is_asked = False
        self._guard = self._timer(END_GUARD_MS)
        self._guard.timeout.connect(self._on_guard_over)
        self._forget = self._timer(_SURE_MS)
        self._forget.timeout.connect(self._on_forget)

    def show_state(self, off: Words | None, following: Words | None) -> None:
        """Why it is off, and what follows."""
        self._off, self._next = off, following
        self._refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """A press that was not confirmed is forgotten with the page."""
        self._on_forget()
        super().hideEvent(event)

    def _timer(self, interval_ms: int) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(True)
        made.setInterval(interval_ms)
        return made

    def _refresh(self) -> None:
        self.button.setText(self.say(T.ANSWERING_FINISH))
        if self._is_asked and self._off is None:
            self.gated.gate(None)
            self.button.setEnabled(not self._guard.isActive())
            self.gated.put(self.gated.reason, T.ANSWERING_FINISH_SURE)
            return
        self.gated.gate(self._off)
        if self._off is None and self._next is not None:
            self.button.setToolTip(self.say(text(T.ANSWERING_FINISH_HINT, stage=self._next)))

    def _on_clicked(self) -> None:
        if self._is_asked:
            self._on_forget()
            self.intended.emit(FinishStage())
            return
        self._is_asked = True
        self._guard.start()
        self._forget.start()
        self._refresh()

    def _on_guard_over(self) -> None:
        self._refresh()
        self.button.setFocus()

    def _on_forget(self) -> None:
        self._is_asked = False
        self._guard.stop()
        self._forget.stop()
        self._refresh()


class StagePage(Page):
    """A page around a question; `draw_stage` is called by each page's `draw`."""

    def __init__(self, tools: Tools, title: T, lead: T, paper_title: T) -> None:
        super().__init__(tools, title, lead)
        self._papers: tuple[Paper, ...] = ()
        self._make_sheet()
        self.above = QVBoxLayout()
        self.above.setSpacing(Space.SNUG)
        self.body.addLayout(self.above)
        self.body.addWidget(self._make_paper(paper_title), 1)
        self.below = QVBoxLayout()
        self.below.setSpacing(Space.SNUG)
        self.body.addLayout(self.below)
        self.rules = label("muted")
        self.body.addWidget(self.rules)
        self.following = label("strong", wraps=False)
        self.add_minor(self.following)
        self.finish = FinishButton(tools)
        self.finish.intended.connect(self.intended)
        self.bar.add_right(self.finish)
        self._has_right = True
        self._show_bar()

    def set_compact(self, is_compact: bool) -> None:
        """The question comes first: rules go below the fold before it is squeezed."""
        super().set_compact(is_compact)
        if hasattr(self, "paper"):
            self.paper.setMinimumHeight(_PAPER_COMPACT_PX if is_compact else _PAPER_PX)

    def leave(self) -> None:
        """A rendered page of a question is 6 MB, for every stage that has shown it."""
        super().leave()
        self._papers = ()
        self.paper.clear()

    def draw_papers(
        self,
        papers: tuple[Paper, ...],
        problem: Words | None,
        reload_off: Words | None,
        release: ReleaseBox | None = None,
    ) -> None:
        """Show the questions, or why there is none yet."""
        if papers != self._papers:
            self._papers = papers
            self._draw_tabs()
            self._show_paper(0)
        self.paper.setVisible(bool(papers))
        self.put(self.problem, problem)
        self.problem_frame.setVisible(problem is not None)
        self.reload.gate(reload_off)
        self.code_row.setVisible(release is not None)
        if release is not None:
            self.code_row.render(release)

    def draw_stage(self, rules: tuple[Words, ...], following: Words | None) -> None:
        """Rules in one line each, and what comes next."""
        said = "\n".join(f"· {self.say(rule)}" for rule in rules)
        self.put(self.rules, said or None)
        self.put(self.following, text(T.PANEL_NEXT_STAGE, stage=following) if following else None)

    def draw_finish(self, may_finish: bool, off: Words | None, following: Words | None) -> None:
        """Offer 【结束本阶段】 where the plan does."""
        self.finish.setVisible(may_finish)
        self.finish.show_state(off, following)

    def draw_sheet(self, prompt: Words | None) -> None:
        """The prompt to show the A4 sheet, while it is due (R143)."""
        self.sheet_card.setVisible(prompt is not None)
        if prompt is not None:
            self.put(self.sheet_words, prompt)

    def retranslate(self) -> None:
        """The tabs are named anew with the next view."""
        super().retranslate()
        self._draw_tabs()

    def _make_sheet(self) -> None:
        self.sheet_card = Card(self.tools)
        self.sheet_card.colour("caution")
        row = QHBoxLayout()
        row.setSpacing(Space.NORMAL)
        row.addWidget(Icon(self.tools.pictures, "sheet", Colour.CAUTION, 30))
        words = QVBoxLayout()
        words.setSpacing(2)
        title = label("strong")
        self.fix(title.setText, T.PREPARATION_A4_TITLE)
        self.sheet_words = label()
        words.addWidget(title)
        words.addWidget(self.sheet_words)
        row.addLayout(words, 1)
        shown = self.button(names.SHOWN_SHEET, T.PREPARATION_A4_DONE, ShownSheet(), "primary")
        shown.intended.connect(self.intended)
        row.addWidget(shown)
        self.sheet_card.body.addLayout(row)
        self.body.addWidget(self.sheet_card)

    def _make_paper(self, title: T) -> Card:
        card = Card(self.tools)
        card.body.setContentsMargins(Space.WIDE, Space.SNUG, Space.NORMAL, Space.SNUG)
        head = ActionRow()
        head.setSpacing(Space.HAIR)
        name = label("title", wraps=False)
        self.fix(name.setText, title)
        head.addWidget(name)
        tabs = QFrame()
        tabs.setProperty("surface", "none")
        self._tabs = QHBoxLayout(tabs)
        self._tabs.setContentsMargins(Space.NORMAL, 0, 0, 0)
        self._tab_group = QButtonGroup(self)
        self._tab_group.idClicked.connect(self._show_paper)
        head.addWidget(tabs)
        self.paper = PaperView(names.PAPER)
        self.paper.setMinimumHeight(_PAPER_PX)
        self.fix(self.paper.setAccessibleName, title)
        smaller = self.button(names.TEXT_SMALLER, T.COMMON_TEXT_SMALLER, None, "quiet", "zoom_out")
        larger = self.button(names.TEXT_LARGER, T.COMMON_TEXT_LARGER, None, "quiet", "zoom_in")
        smaller.clicked.connect(self.paper.smaller)
        larger.clicked.connect(self.paper.larger)
        reload = self.button(
            names.RELOAD_QUESTION, T.PREPARATION_RELOAD, ReloadQuestion(), "quiet", "refresh"
        )
        self.reload = GatedButton(self.tools, reload)
        self.reload.intended.connect(self.intended)
        for widget in (self.reload, smaller, larger):
            head.add_right(widget)
        card.body.addLayout(head)
        self.paper_title = label("strong")
        card.body.addWidget(self.paper_title)
        self.problem_frame = QFrame()
        self.problem_frame.setProperty("surface", "well")
        column = QVBoxLayout(self.problem_frame)
        self.problem = label("big")
        column.addWidget(self.problem)
        self.code_row = ReleaseRow(self.tools)
        self.code_row.intended.connect(self.intended)
        self.code_row.hide()
        column.addWidget(self.code_row)
        card.body.addWidget(self.problem_frame)
        card.body.addWidget(self.paper, 1)
        card.body.addStretch(0)
        return card

    def _draw_tabs(self) -> None:
        for button in self._tab_group.buttons():
            self._tab_group.removeButton(button)
            self._tabs.removeWidget(button)
            button.deleteLater()
        if len(self._papers) < 2:
            return
        for index in range(len(self._papers)):
            button = QPushButton(self.say(text(T.PREPARATION_QUESTION_NUMBER, index=index + 1)))
            button.setObjectName(f"{names.PAPER}.tab.{index + 1}")
            button.setCheckable(True)
            button.setProperty("kind", "item")
            button.setProperty("size", "row")
            self._tab_group.addButton(button, index)
            self._tabs.addWidget(button)
        self._tab_group.button(0).setChecked(True)

    def _show_paper(self, index: int) -> None:
        if index >= len(self._papers):
            self.paper.clear()
            self.put(self.paper_title, None)
            return
        paper = self._papers[index]
        self.put(self.paper_title, paper.title if len(self._papers) > 1 else None)
        self.paper.show_document(paper.media_type, paper.content)
