"""The right side, the same on every page: timer, recording light, self-view, state, help."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from zhishiyun_client.flow.intents import AskToEnd, OpenHelp
from zhishiyun_client.flow.views import PanelView, RecordingLight, UploadWord
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words
from zhishiyun_client.ui import names
from zhishiyun_client.ui.parts.buttons import GatedButton, IntentButton
from zhishiyun_client.ui.parts.countdown import Countdown
from zhishiyun_client.ui.parts.labels import Icon, label
from zhishiyun_client.ui.parts.level_meter import LevelMeter
from zhishiyun_client.ui.parts.part import Part, Tools, mark
from zhishiyun_client.ui.parts.preview import Preview
from zhishiyun_client.ui.theme import PANEL_WIDTH_COMPACT_PX, PANEL_WIDTH_PX, Colour, Space

_LIGHT = {
    RecordingLight.NOT_STARTED: (Colour.LINE_STRONG, T.PANEL_NOT_RECORDING, "muted"),
    RecordingLight.RECORDING: (Colour.RECORDING, T.PANEL_RECORDING, "strong"),
    RecordingLight.INTERRUPTED: (Colour.CAUTION, T.PANEL_INTERRUPTED, "caution"),
    RecordingLight.STOPPED: (Colour.GOOD, T.PANEL_STOPPED, "muted"),
}
_UPLOAD = {
    UploadWord.SYNCED: ("tick_circle", Colour.GOOD, T.PANEL_UPLOAD_SYNCED),
    UploadWord.SENDING: ("upload", Colour.PRIMARY, T.PANEL_UPLOAD_SENDING),
    UploadWord.LATER: ("clock", Colour.CAUTION, T.PANEL_UPLOAD_LATER),
}
_SMALL_VIEW_SHARE = 0.5
_COMPACT_VIEW_PX = 160


class FactLine(Part):
    """A picture and a word."""

    def __init__(self, tools: Tools, picture: str, name: str) -> None:
        super().__init__(tools)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.TIGHT)
        self.icon = Icon(tools.pictures, picture, Colour.MUTED, 20)
        self.words = label()
        self.words.setObjectName(name)
        row.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)

    def say_fact(self, words: Words | None) -> None:
        """Show the fact, or nothing."""
        self.put(self.words, words)
        self.setVisible(bool(self.words.text()))


class SidePanel(Part):
    """Draws a `PanelView`; 【求助】 and 【结束考试】 stay at the bottom, always in sight."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, "panel")
        self.setObjectName(names.PANEL)
        self.fix(self.setAccessibleName, T.PANEL_TITLE)
        self._is_compact = False
        self._is_shrunk = False
        self._make_parts()
        self._lay_out()
        self.set_compact(False)

    def set_compact(self, is_compact: bool) -> None:
        """Narrower, smaller digits and picture."""
        self._is_compact = is_compact
        self.setFixedWidth(PANEL_WIDTH_COMPACT_PX if is_compact else PANEL_WIDTH_PX)
        self.countdown.set_compact(is_compact)
        side = Space.SNUG if is_compact else Space.NORMAL + 4
        self._upper.setContentsMargins(side, side, side, Space.TIGHT)
        self._lower.setContentsMargins(side, Space.TIGHT, side, side)
        self._upper.setSpacing(Space.TIGHT if is_compact else Space.SNUG)
        self._name_shrink()
        self._size_self_view()

    def draw(self, view: PanelView) -> None:
        """Put everything in its place."""
        self.countdown.setVisible(view.countdown is not None)
        if view.countdown is not None:
            self.countdown.render(view.countdown)
        self.self_view.switch_off(view.preview_off)
        colour, words, role = _LIGHT[view.recording]
        self.light_words.setText(self.say(words))
        mark(self.light_words, "role", role)
        self.light_dot.setStyleSheet(f"background: {colour}; border-radius: 6px;")
        self.level_row.setVisible(view.has_level)
        self.level.show_level(view.level_share)
        self.identity.say_fact(view.identity)
        self.phone.say_fact(view.phone)
        self.phone.icon.choose("phone", Colour.MUTED if view.phone_well else Colour.CAUTION)
        self._draw_upload(view.upload)
        self.end.setVisible(view.has_end)
        self.end.gate(view.end_off)

    def show_unread(self, words: str) -> None:
        """Tell how many messages wait, beside 【求助】."""
        self.put(self.unread, words)

    def _draw_upload(self, word: UploadWord) -> None:
        self.upload.setVisible(word is not UploadWord.NONE)
        if word is not UploadWord.NONE:
            picture, colour, words = _UPLOAD[word]
            self.upload.icon.choose(picture, colour)
            self.upload.say_fact(words)

    def _make_parts(self) -> None:
        self.countdown = Countdown(self.tools)
        self.self_view = Preview(self.tools)
        self.self_view.setObjectName(names.SELF_VIEW)
        self.fix(self.self_view.setAccessibleName, T.PANEL_SELF_VIEW)
        self.shrink = IntentButton(names.SHRINK, None, "quiet", "row")
        self.shrink.draw_icon(self.tools.pictures, "shrink")
        self.shrink.clicked.connect(self._on_shrink_clicked)
        self.light_dot = label()
        self.light_dot.setFixedSize(12, 12)
        self.light_words = label("muted")
        self.light_words.setObjectName(names.RECORDING_LIGHT)
        self.level = LevelMeter()
        self.level_row = QFrame()
        self.level.setObjectName(names.LEVEL_METER)
        self.fix(self.level.setAccessibleName, T.PANEL_LEVEL)
        self.identity = FactLine(self.tools, "ticket", names.IDENTITY)
        self.upload = FactLine(self.tools, "upload", names.UPLOAD_WORD)
        self.phone = FactLine(self.tools, "phone", names.PHONE_STATE)
        end = IntentButton(names.END, AskToEnd(), "grave")
        self.fix(end.setText, T.PANEL_END)
        self.end = GatedButton(self.tools, end, QHBoxLayout.Direction.BottomToTop)
        self.end.intended.connect(self.intended)
        self.unread = label("caution")
        self.help = IntentButton(names.HELP, OpenHelp(), "help")
        self.help.draw_icon(self.tools.pictures, "help", Colour.PRIMARY)
        self.fix(self.help.setText, T.PANEL_HELP)
        self.fix(self.help.setAccessibleDescription, T.HELP_SUBTITLE)
        self.help.intended.connect(self.intended)
        for button in (end, self.help):
            button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)

    def _lay_out(self) -> None:
        light = QHBoxLayout()
        light.setSpacing(Space.TIGHT)
        light.addWidget(self.light_dot)
        light.addWidget(self.light_words, 1)
        light.addWidget(self.shrink)
        inner = QFrame()
        inner.setProperty("surface", "none")
        self._upper = QVBoxLayout(inner)
        self._upper.setSpacing(Space.SNUG)
        self._upper.addWidget(self.countdown)
        self._upper.addLayout(light)
        self._upper.addWidget(self.self_view, 0, Qt.AlignmentFlag.AlignLeft)
        level = QHBoxLayout(self.level_row)
        level.setContentsMargins(0, 0, 0, 0)
        level.setSpacing(Space.TIGHT)
        level.addWidget(Icon(self.tools.pictures, "microphone", Colour.MUTED, 20))
        level.addWidget(self.level, 1)
        rows: tuple[QWidget, ...] = (self.level_row, self.identity, self.upload, self.phone)
        for widget in rows:
            self._upper.addWidget(widget)
        self._upper.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        area.viewport().setAutoFillBackground(False)
        bottom = QWidget()
        self._lower = QVBoxLayout(bottom)
        self._lower.setSpacing(Space.TIGHT)
        for lower in (self.unread, self.end, self.help):
            self._lower.addWidget(lower)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(area, 1)
        column.addWidget(bottom)

    def _on_shrink_clicked(self) -> None:
        self._is_shrunk = not self._is_shrunk
        self.shrink.draw_icon(self.tools.pictures, "enlarge" if self._is_shrunk else "shrink")
        self._name_shrink()
        self._size_self_view()

    def _name_shrink(self) -> None:
        words = self.say(T.PANEL_ENLARGE if self._is_shrunk else T.PANEL_SHRINK)
        self.shrink.setAccessibleName(words)
        self.shrink.setToolTip(words)
        self.shrink.setText("" if self._is_compact else words)

    def _size_self_view(self) -> None:
        side = Space.SNUG if self._is_compact else Space.NORMAL + 4
        width = self.maximumWidth() - 2 * side - 2
        if self._is_compact:
            width = min(width, _COMPACT_VIEW_PX)
        if self._is_shrunk:
            width = round(width * _SMALL_VIEW_SHARE)
        self.self_view.setFixedSize(width, width * 9 // 16)

    def retranslate(self) -> None:
        """The words of the shrinking button depend on its state."""
        super().retranslate()
        self._name_shrink()
