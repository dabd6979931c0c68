"""设备准备: the room list and the checks of the machine (R030–R037)."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout

from zhishiyun_client.flow.intents import (
    Continue,
    ExportReport,
    OpenHelp,
    StartChecks,
    TickRoomItem,
)
from zhishiyun_client.flow.views import DevicePreparationView, RoomItemView, Tone
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ui import names
from zhishiyun_client.ui.pages.page import Page
from zhishiyun_client.ui.parts.buttons import rule
from zhishiyun_client.ui.parts.card import Card, Rows
from zhishiyun_client.ui.parts.check_row import CheckRow
from zhishiyun_client.ui.parts.labels import chip, label
from zhishiyun_client.ui.parts.part import Part, Tools, mark
from zhishiyun_client.ui.theme import Space

_TONE = {Tone.CALM: "calm", Tone.GOOD: "good", Tone.CAUTION: "caution", Tone.GRAVE: "grave"}


class RoomRow(Part):
    """One thing in the room to see to.

    Signals:
        intended(object): `TickRoomItem`.
    """

    intended = Signal(object)

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._name = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.NORMAL)
        self.box = QCheckBox()
        self.box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.box.clicked.connect(self._on_clicked)
        self.detail = label("muted")
        row.addWidget(self.box, 1)
        row.addWidget(self.detail, 1)

    def draw(self, view: RoomItemView) -> None:
        """Show the item and whether it is seen to."""
        self._name = view.name
        self.box.setObjectName(f"{names.ROOM_ITEM}.{view.name}")
        self.box.setText(self.say(view.title))
        self.box.setChecked(view.is_done)
        self.put(self.detail, view.detail)
        self.box.setAccessibleDescription(self.detail.text())

    def _on_clicked(self, is_done: bool) -> None:
        self.intended.emit(TickRoomItem(self._name, is_done))


class DevicePreparationPage(Page):
    """Draws a `DevicePreparationView`."""

    phase = "device_preparation"

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, T.DEVICE_PREPARATION_TITLE, T.DEVICE_PREPARATION_LEAD)
        self._make_summary()
        self._make_room()
        self._make_checks()
        self.body.addStretch(1)
        self.help = self.button("trouble", T.COMMON_SOMETHING_WRONG, OpenHelp(), "quiet", "help")
        self.help.intended.connect(self.intended)
        self.add_minor(self.help)
        self.export = self.action(
            names.EXPORT_REPORT, T.DEVICE_PREPARATION_EXPORT, ExportReport(), "", "document"
        )
        self.continue_ = self.action(names.CONTINUE, T.COMMON_CONTINUE, Continue())

    def draw(self, view: DevicePreparationView) -> None:
        """Show both lists and what is still missing."""
        self._room.render(view.room)
        done = sum(item.is_done for item in view.room)
        self.put(
            self.room_count, text(T.DEVICE_PREPARATION_ROOM_COUNT, done=done, total=len(view.room))
        )
        mark(self.room_count, "tone", "good" if done == len(view.room) else "calm")
        self._checks.render(view.checks)
        self.put(self.summary, view.summary)
        self.summary_card.colour(_TONE[view.summary_tone])
        words = T.DEVICE_PREPARATION_START_AGAIN if view.has_run else T.DEVICE_PREPARATION_START
        self.start.setText(self.say(words))
        self.start.setEnabled(view.start_off is None)
        self.put(self.start_reason, view.start_off)
        self.export.setVisible(view.has_run)
        self.export.gate(view.export_off)
        self.continue_.gate(view.continue_off)

    def _make_summary(self) -> None:
        self.summary_card = Card(self.tools)
        row = QHBoxLayout()
        row.setSpacing(Space.NORMAL)
        words = QVBoxLayout()
        words.setSpacing(Space.HAIR)
        self.summary = label("big")
        self.start_reason = label("reason")
        words.addWidget(self.summary)
        words.addWidget(self.start_reason)
        self.start = self.button(
            names.START_CHECKS, T.DEVICE_PREPARATION_START, StartChecks(), "primary", "play"
        )
        self.start_reason.setObjectName(f"{names.START_CHECKS}.reason")
        self.start.intended.connect(self.intended)
        row.addLayout(words, 1)
        row.addWidget(self.start)
        self.summary_card.body.addLayout(row)
        self.body.addWidget(self.summary_card)

    def _make_checks(self) -> None:
        card = Card(self.tools, T.DEVICE_PREPARATION_CHECKS_TITLE, "shield")
        lead = label("muted")
        self.fix(lead.setText, T.DEVICE_PREPARATION_CHECKS_LEAD)
        card.body.addWidget(lead)
        card.body.addWidget(rule())
        self._checks = Rows(card.body, self._check_row)
        self.body.addWidget(card)

    def _make_room(self) -> None:
        card = Card(self.tools, T.DEVICE_PREPARATION_ROOM_TITLE, "home")
        self.room_count = chip("calm")
        card.head.addWidget(self.room_count)
        lead = label("muted")
        self.fix(lead.setText, T.DEVICE_PREPARATION_ROOM_LEAD)
        card.body.addWidget(lead)
        self._room = Rows(card.body, self._room_row)
        self.body.addWidget(card)

    def _check_row(self) -> CheckRow:
        made = CheckRow(self.tools)
        made.intended.connect(self.intended)
        return made

    def _room_row(self) -> RoomRow:
        made = RoomRow(self.tools)
        made.intended.connect(self.intended)
        return made
