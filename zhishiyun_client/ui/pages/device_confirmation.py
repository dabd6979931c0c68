"""设备确认: see and hear yourself, choose other devices, go on to waiting (R110–R113)."""

from __future__ import annotations

from PySide6.QtWidgets import QBoxLayout, QComboBox, QHBoxLayout

from zhishiyun_client.flow.intents import (
    ChooseCamera,
    ChooseMicrophone,
    EnterWaiting,
    PlayClip,
    RecordClip,
    RefreshDevices,
)
from zhishiyun_client.flow.views import ClipState, DeviceChoiceView, DeviceConfirmationView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_client.ui import names
from zhishiyun_client.ui.pages.page import Page
from zhishiyun_client.ui.parts.buttons import GatedButton
from zhishiyun_client.ui.parts.card import Card
from zhishiyun_client.ui.parts.labels import label
from zhishiyun_client.ui.parts.level_meter import LevelMeter
from zhishiyun_client.ui.parts.part import Tools
from zhishiyun_client.ui.parts.preview import Preview
from zhishiyun_client.ui.theme import Space

_PREVIEW_PX = (500, 281)


class DeviceConfirmationPage(Page):
    """Draws a `DeviceConfirmationView`."""

    phase = "device_confirmation"

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, T.DEVICE_CONFIRMATION_TITLE, T.DEVICE_CONFIRMATION_LEAD)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(Space.NORMAL)
        self._row.addWidget(self._make_picture(), 3)
        self._row.addWidget(self._make_devices(), 2)
        self.body.addLayout(self._row)
        self.body.addWidget(self._make_clip())
        self.body.addStretch(1)
        self.refresh = self.action(
            names.REFRESH_DEVICES, T.DEVICE_CONFIRMATION_REFRESH, RefreshDevices(), "", "refresh"
        )
        hint = label("small", wraps=False)
        self.fix(hint.setText, T.DEVICE_CONFIRMATION_REFRESH_HINT)
        self.add_minor(hint)
        self.proceed = self.action(
            names.ENTER_WAITING, T.DEVICE_CONFIRMATION_PROCEED, EnterWaiting()
        )

    def set_compact(self, is_compact: bool) -> None:
        """One below the other on a small window."""
        super().set_compact(is_compact)
        if hasattr(self, "_row"):
            direction = QBoxLayout.Direction
            self._row.setDirection(direction.TopToBottom if is_compact else direction.LeftToRight)

    def draw(self, view: DeviceConfirmationView) -> None:
        """Show the devices and what they give."""
        self.preview.switch_off(view.preview_off)
        self.level.show_level(view.level_share)
        _fill(self.cameras, view.cameras, view.camera_id, self)
        _fill(self.microphones, view.microphones, view.microphone_id, self)
        self.put(self.framing, view.framing)
        self.put(self.problem, view.problem)
        self.put(self.sound_problem, view.sound_problem)
        self._draw_clip(view)
        self.refresh.gate(view.refresh_off)
        self.proceed.gate(view.proceed_off)

    def _draw_clip(self, view: DeviceConfirmationView) -> None:
        busy: Words | None = None
        if view.clip is ClipState.RECORDING:
            busy = text(T.DEVICE_CONFIRMATION_CLIP_RECORDING, seconds=view.clip_left_s)
        elif view.clip is ClipState.PLAYING:
            busy = T.DEVICE_CONFIRMATION_CLIP_PLAYING
        self.record.gate(busy)
        self.play.setVisible(view.clip in (ClipState.READY, ClipState.PLAYING))
        self.play.button.setEnabled(view.clip is ClipState.READY)
        self.put(self.clip_problem, view.clip_problem)

    def _make_picture(self) -> Card:
        card = Card(self.tools)
        self.preview = Preview(self.tools)
        self.preview.setMaximumSize(*_PREVIEW_PX)
        self.preview.setMinimumSize(300, 169)
        self.framing = label("muted")
        self.problem = label("problem")
        card.body.addWidget(self.preview)
        card.body.addWidget(self.framing)
        card.body.addWidget(self.problem)
        card.body.addStretch(1)
        return card

    def _make_devices(self) -> Card:
        card = Card(self.tools)
        self.cameras = QComboBox()
        self.microphones = QComboBox()
        for box, name, words in (
            (self.cameras, names.CAMERAS, T.DEVICE_CONFIRMATION_CAMERA),
            (self.microphones, names.MICROPHONES, T.DEVICE_CONFIRMATION_MICROPHONE),
        ):
            box.setObjectName(name)
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(12)
            self.fix(box.setAccessibleName, words)
            caption = label("strong")
            self.fix(caption.setText, words)
            caption.setBuddy(box)
            card.body.addWidget(caption)
            card.body.addWidget(box)
        self.cameras.activated.connect(self._on_camera)
        self.microphones.activated.connect(self._on_microphone)
        level_name = label("strong")
        self.fix(level_name.setText, T.DEVICE_CONFIRMATION_LEVEL)
        self.level = LevelMeter(18)
        self.fix(self.level.setAccessibleName, T.DEVICE_CONFIRMATION_LEVEL)
        hint = label("small")
        self.fix(hint.setText, T.DEVICE_CONFIRMATION_LEVEL_HINT)
        self.sound_problem = label("problem")
        for widget in (level_name, self.level, hint, self.sound_problem):
            card.body.addWidget(widget)
        card.body.addStretch(1)
        return card

    def _make_clip(self) -> Card:
        card = Card(self.tools, T.DEVICE_CONFIRMATION_CLIP_TITLE, "microphone")
        heard = label("muted")
        self.fix(heard.setText, T.DEVICE_CONFIRMATION_CLIP_HEARD)
        record = self.button(
            names.RECORD_CLIP, T.DEVICE_CONFIRMATION_CLIP_RECORD, RecordClip(), "", "record"
        )
        play = self.button(names.PLAY_CLIP, T.DEVICE_CONFIRMATION_CLIP_PLAY, PlayClip(), "", "play")
        self.record = GatedButton(self.tools, record, QBoxLayout.Direction.LeftToRight)
        self.play = GatedButton(self.tools, play, QBoxLayout.Direction.LeftToRight)
        row = QHBoxLayout()
        for gated in (self.record, self.play):
            gated.intended.connect(self.intended)
            row.addWidget(gated, 1)
        self.clip_problem = label("problem")
        card.body.addWidget(heard)
        card.body.addLayout(row)
        card.body.addWidget(self.clip_problem)
        return card

    def _on_camera(self, index: int) -> None:
        self.intended.emit(ChooseCamera(str(self.cameras.itemData(index))))

    def _on_microphone(self, index: int) -> None:
        self.intended.emit(ChooseMicrophone(str(self.microphones.itemData(index))))


def _fill(box: QComboBox, devices: tuple[DeviceChoiceView, ...], chosen: str, page: Page) -> None:
    """Put the devices into a list without disturbing one that is open and unchanged."""
    wanted = [
        (page.say(device.name) + page.say(device.suffix), device.device_id) for device in devices
    ]
    if wanted != [(box.itemText(i), box.itemData(i)) for i in range(box.count())]:
        box.clear()
        for name, device_id in wanted:
            box.addItem(name, device_id)
    index = box.findData(chosen)
    if index != box.currentIndex():
        box.setCurrentIndex(index)
