"""The one timer: the stage in words, mm:ss in tabular digits, what comes next."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QVBoxLayout

from zhishiyun_client.flow.views import CountdownView, Urgency
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ui import names
from zhishiyun_client.ui.parts.labels import label
from zhishiyun_client.ui.parts.part import Part, Tools
from zhishiyun_client.ui.theme import Colour, Space, Type, font

_INK = {Urgency.CALM: Colour.INK, Urgency.SOON: Colour.CAUTION, Urgency.LAST: Colour.GRAVE}


def clock_text(seconds: int) -> str:
    """`07:42`, from a hundred minutes on `2:05:00`; never negative."""
    left = max(0, seconds)
    if left >= 6000:
        return f"{left // 3600}:{left % 3600 // 60:02}:{left % 60:02}"
    return f"{left // 60:02}:{left % 60:02}"


class Countdown(Part):
    """Draws a `CountdownView`; announces to screen readers only when the view says so."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.stage = label("strong")
        self.clock = label(wraps=False)
        self.clock.setObjectName(names.COUNTDOWN)
        self._size_px = int(Type.CLOCK)
        self._set_font()
        self.next = label("small")
        for each in (self.stage, self.clock, self.next):
            column.addWidget(each)
        column.setSpacing(Space.HAIR // 2)
        self._ink = Colour.INK
        self._announced = ""

    def set_compact(self, is_compact: bool) -> None:
        """Smaller digits, still 32 px."""
        self._size_px = int(Type.CLOCK_SMALL if is_compact else Type.CLOCK)
        self._set_font()

    def _set_font(self) -> None:
        self.clock.setFont(font(self._size_px, is_bold=True, has_tabular_digits=True))

    def draw(self, view: CountdownView) -> None:
        """Put the numbers and, at the marks, tell the screen reader."""
        self.put(self.stage, view.stage)
        self.put(self.clock, clock_text(view.remaining_s))
        self.clock.setAccessibleName(f"{self.stage.text()} {self.clock.text()}")
        following = text(T.PANEL_NEXT_STAGE, stage=view.next_stage) if view.next_stage else None
        self.put(self.next, following)
        ink = _INK[view.urgency]
        if ink is not self._ink:
            self._ink = ink
            self.clock.setStyleSheet(f"color: {ink}")
            self._set_font()  # a style sheet of its own gives a label its first font back
        said = self.say(view.announcement) if view.announcement is not None else ""
        if said and said != self._announced:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.clock, said))
        self._announced = said
