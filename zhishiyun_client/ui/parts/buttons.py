"""Buttons that carry an intent, and buttons that say why they are off."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QPushButton, QSizePolicy

from zhishiyun_client.flow.intents import Intent
from zhishiyun_client.i18n.words import Words
from zhishiyun_client.ui.parts.labels import label
from zhishiyun_client.ui.parts.part import Part, Tools
from zhishiyun_client.ui.pictures import Pictures
from zhishiyun_client.ui.theme import Colour, Space

_ICON_PX = 20
_REASON_WIDTH_PX = 220
_MOST = 1000
_ITEM_EDGES_PX = 40
_INK_OF_KIND = {"primary": Colour.ON_PRIMARY, "grave": Colour.GRAVE}


class IntentButton(QPushButton):
    """A button that sends its intent when it is pressed by mouse, Space or Enter.

    Signals:
        intended(object): the intent.
    """

    intended = Signal(object)

    def __init__(
        self, name: str, intent: Intent | None = None, kind: str = "", size: str = ""
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("kind", kind)
        self.setProperty("size", size)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.intent = intent
        self.clicked.connect(self._on_clicked)

    def draw_icon(self, pictures: Pictures, name: str, colour: str = "") -> None:
        """Put a picture before the words."""
        ink = colour or _INK_OF_KIND.get(str(self.property("kind")), Colour.PRIMARY)
        self.setIcon(pictures.icon(name, ink, Colour.OFF_INK, _ICON_PX))
        self.setIconSize(QSize(_ICON_PX, _ICON_PX))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses like Space; a key held down does not press again."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat():
                self.click()
            return
        super().keyPressEvent(event)

    def _on_clicked(self) -> None:
        if self.intent is not None:
            self.intended.emit(self.intent)


class ItemButton(IntentButton):
    """A button of a list: as wide as the list, its words end in … where they are too long."""

    def __init__(self, name: str) -> None:
        super().__init__(name, None, "item")
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._whole = ""

    def nextCheckState(self) -> None:
        """The view says which item is chosen; a press alone does not."""

    def show_words(self, whole: str) -> None:
        """Show these words, shortened as needed; tool tip and accessible name are whole."""
        if whole != self._whole:
            self._whole = whole
            self.setToolTip(whole)
            self.setAccessibleName(whole)
            self._shorten()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten anew."""
        super().resizeEvent(event)
        self._shorten()

    def _shorten(self) -> None:
        room = self.width() - _ICON_PX - _ITEM_EDGES_PX
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, room))


class GatedButton(Part):
    """A button with the reason beside it while it is off."""

    def __init__(
        self,
        tools: Tools,
        button: IntentButton,
        direction: QBoxLayout.Direction = QBoxLayout.Direction.RightToLeft,
    ) -> None:
        super().__init__(tools)
        self.button = button
        self.reason = label("reason")
        self.reason.setObjectName(f"{button.objectName()}.reason")
        is_row = direction in (QBoxLayout.Direction.RightToLeft, QBoxLayout.Direction.LeftToRight)
        row = QBoxLayout(direction, self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.NORMAL if is_row else Space.HAIR)
        row.addWidget(button)
        row.addWidget(self.reason, _MOST if is_row else 0)
        if is_row:
            row.addStretch(1)
        if direction is QBoxLayout.Direction.RightToLeft:
            self.reason.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        button.intended.connect(self.intended)
        self.put(self.reason, None)

    def gate(self, off: Words | None) -> None:
        """None: on; words: off, and this is why."""
        if off is not None and self.button.hasFocus():
            self.button.clearFocus()
        self.button.setEnabled(off is None)
        self.put(self.reason, off)
        advance = self.reason.fontMetrics().horizontalAdvance(self.reason.text())
        self.reason.setMinimumWidth(min(advance + 8, _REASON_WIDTH_PX) if off is not None else 0)
        self.button.setAccessibleDescription(self.reason.text())


def rule() -> QFrame:
    """A thin line between groups."""
    made = QFrame()
    made.setProperty("surface", "rule")
    return made
