"""The line on top: product, exam, band, server time, language."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy

from zhishiyun_client.flow.intents import ChooseLanguage, OpenMyData
from zhishiyun_client.flow.views import Band, HeaderView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.language import Language
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ui import names
from zhishiyun_client.ui.parts.buttons import IntentButton
from zhishiyun_client.ui.parts.labels import ElidedLabel, label
from zhishiyun_client.ui.parts.part import Part, Tools, mark
from zhishiyun_client.ui.theme import (
    HEADER_HEIGHT_COMPACT_PX,
    HEADER_HEIGHT_PX,
    Colour,
    Space,
    Type,
    font,
)

_BAND_WORDS = {Band.FORMAL: T.BAND_FORMAL, Band.MOCK: T.BAND_MOCK, Band.REHEARSAL: T.BAND_REHEARSAL}


class Header(Part):
    """Draws a `HeaderView`: blue is formal, orange is mock or rehearsal, each with its word."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, "header")
        self.setObjectName(names.HEADER)
        self.row = QHBoxLayout(self)
        self.row.setSpacing(Space.NORMAL)
        self.mark = QLabel()
        self.mark.setPixmap(tools.pictures.pixmap("mark", "", 32, 2.0))
        self.mark.setFixedSize(32, 32)
        self.product = label("product", wraps=False)
        self.title = ElidedLabel("big")
        self.band = label("band", wraps=False)
        self.band.setObjectName(names.BAND)
        self.band.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.time_name = label(wraps=False)
        self.time = label(wraps=False)
        self.time.setObjectName(names.SERVER_TIME)
        self.time.setFont(font(Type.LEAD, is_bold=True, has_tabular_digits=True))
        self.my_data = IntentButton(names.MY_DATA, OpenMyData(), "language")
        self.my_data.intended.connect(self.intended)
        self.fix(self.my_data.setText, T.MY_DATA_OPEN)
        self.fix(self.my_data.setAccessibleDescription, T.MY_DATA_LEAD)
        self.chinese = self._language_button(names.LANGUAGE_ZH, Language.ZH, T.LANGUAGE_ZH)
        self.english = self._language_button(names.LANGUAGE_EN, Language.EN, T.LANGUAGE_EN)
        for widget in (self.mark, self.product):
            self.row.addWidget(widget)
        self.row.addWidget(self.title, 1)
        for widget in (self.band, self.time_name, self.time):
            self.row.addWidget(widget)
        self.row.addSpacing(Space.TIGHT)
        self.row.addWidget(self.my_data)
        self.row.addWidget(self.chinese)
        self.row.addWidget(self.english)
        self.fix(self.time_name.setText, T.BAND_SERVER_TIME)
        self.fix(self.time.setToolTip, T.BAND_SERVER_TIME_HINT)
        self.set_compact(False)

    def set_compact(self, is_compact: bool) -> None:
        """Lower, without the words before the time."""
        self.setFixedHeight(HEADER_HEIGHT_COMPACT_PX if is_compact else HEADER_HEIGHT_PX)
        self.time_name.setVisible(not is_compact)
        self.mark.setVisible(not is_compact)
        side = Space.SNUG if is_compact else Space.WIDE
        self.row.setContentsMargins(side, 0, side, 0)
        self.row.setSpacing(Space.TIGHT if is_compact else Space.NORMAL)

    def draw(self, view: HeaderView) -> None:
        """Put the words and the colour."""
        mark(self, "band", view.band.value)
        self.put(self.product, view.product)
        self.title.setText(self.say(view.exam_title))
        self.put(self.band, _BAND_WORDS[view.band])
        self.put(self.time, view.server_time or None)
        self.time.setAccessibleName(f"{self.say(T.BAND_SERVER_TIME)} {view.server_time}")
        for button, language in ((self.chinese, Language.ZH), (self.english, Language.EN)):
            mark(button, "chosen", "yes" if view.language is language else "no")

    def _language_button(self, name: str, language: Language, words: T) -> IntentButton:
        button = IntentButton(name, ChooseLanguage(language), "language")
        button.intended.connect(self.intended)
        self.fix(button.setText, words)
        self.fix(button.setAccessibleDescription, T.LANGUAGE_SWITCH)
        return button


class DemonstrationLine(Part):
    """The permanent line that says which devices are stand-ins; nothing when none is."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.words = label("demonstration")
        self.words.setObjectName(names.DEMONSTRATION_LINE)
        row.addWidget(self.words)

    def draw(self, view: HeaderView) -> None:
        """Name the devices."""
        devices = "、" if self.tools.speaker.language is Language.ZH else ", "
        named = devices.join(self.say(each) for each in view.demonstration_devices)
        self.put(self.words, text(T.BAND_DEMONSTRATION, devices=named) if named else None)
        self.setVisible(bool(named))


BAND_COLOURS = {
    Band.FORMAL: Colour.BAND_FORMAL,
    Band.MOCK: Colour.BAND_MOCK,
    Band.REHEARSAL: Colour.BAND_MOCK,
}
