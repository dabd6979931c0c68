"""What every part and page has: words, one signal, and drawing only what changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from zhishiyun_client.i18n.catalog import Speaker
from zhishiyun_client.i18n.words import Words
from zhishiyun_client.ports.preview import PreviewFeed
from zhishiyun_client.ui.pictures import Pictures


@dataclass(frozen=True, slots=True)
class Tools:
    """What every part is handed: who says texts, draws pictures, gives frames."""

    speaker: Speaker
    pictures: Pictures
    preview: PreviewFeed


class Part(QFrame):
    """A piece of the screen that is drawn from a view.

    Signals:
        intended(object): a frozen `Intent` of what the candidate asked for.
    """

    intended = Signal(object)

    def __init__(self, tools: Tools, surface: str = "none") -> None:
        super().__init__()
        self.tools = tools
        self.setProperty("surface", surface)
        self._fixed: list[tuple[Callable[[str], object], Words]] = []
        self._shown: object = None

    def say(self, words: Words) -> str:
        """The words in the chosen language."""
        return self.tools.speaker.say(words)

    def fix(self, setter: Callable[[str], object], words: Words) -> None:
        """Set words that never change but with the language."""
        setter(self.say(words))
        self._fixed.append((setter, words))

    def retranslate(self) -> None:
        """Say the fixed words anew and forget what was drawn: the next view is drawn whole."""
        for setter, words in self._fixed:
            setter(self.say(words))
        self._shown = None

    def render(self, view: object) -> None:
        """Draw the view unless it is drawn already."""
        if view != self._shown:
            self.draw(view)
            self._shown = view

    def draw(self, view: object) -> None:
        """Put the view on the screen; each part has its own."""
        raise NotImplementedError

    def put(self, label: QLabel, words: Words | None) -> None:
        """Show words in a label, or hide the label when there are none."""
        said = self.say(words) if words is not None else ""
        if label.text() != said:
            label.setText(said)
        label.setVisible(bool(said))


def mark(widget: QWidget, name: str, value: str) -> None:
    """Set a property that the style sheet looks at, and polish if it changed."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
