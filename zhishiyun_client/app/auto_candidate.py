"""A candidate who rehearses alone: operates the real widgets of the real window, page by page.

It looks at what is on the screen several times a second, as a person would, and presses what the
page offers. It knows widgets by their names and nothing of the flow behind them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QLabel, QLineEdit, QWidget

from zhishiyun_client.domain.phases import Phase
from zhishiyun_client.ui import names

LOG = logging.getLogger(__name__)
LOOK_EVERY_MS = 150
CHECK_BOX_PX = 14
TOO_LATE = "E302"  # where the machine is too busy for the exam's speed
REST_LOOKS = 3  # looks to wait after a press, so that the page can answer


@dataclass(frozen=True, slots=True)
class Part:
    """What this candidate knows by heart: only notice C asks to type it."""

    id_number: str = field(default="", repr=False)
    ticket_number: str = field(default="", repr=False)
    end_early: bool = False
    decline_face: bool = False
    wait_for_phone: bool = False
    play_phone: bool = False  # a demonstration phone is bound by the code on the page


class AutoCandidate(QObject):
    """Drives one window until the receipt has been seen or entry is closed. Thread: ui."""

    def __init__(
        self, window: QWidget, part: Part, play_phone: Callable[[str], None] | None = None
    ) -> None:
        super().__init__(window)
        self._window = window
        self._part = part
        self._play_phone = play_phone if part.play_phone else None
        self._phase: Phase | None = None
        self._rest = 0
        self._pressed: set[str] = set()
        self._acts: dict[Phase, Callable[[], None]] = {
            Phase.DEVICE_PREPARATION: self._prepare,
            Phase.CONSENT: self._consent,
            Phase.FACE_LOGIN: self._log_in,
            Phase.HOME: self._open_exam,
            Phase.READING_FLOW: self._read_flow,
            Phase.BINDING: self._bind_phone,
            Phase.LOTTERY: self._draw,
            Phase.ATTACHMENTS: self._read_attachments,
            Phase.ENTRY: self._enter,
            Phase.DEVICE_CONFIRMATION: self._confirm_devices,
            Phase.PREPARATION: self._show_sheet,
            Phase.ANSWERING: self._answer,
            Phase.RECEIPT: self._see_receipt,
        }
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._on_look)
        self._timer.start()

    @Slot(object)
    def on_phase(self, phase: Phase) -> None:
        """Another page is there."""
        self._phase = phase
        self._pressed.clear()
        self._rest = REST_LOOKS

    @Slot()
    def _on_look(self) -> None:
        if self._rest > 0:
            self._rest -= 1
            return
        act = self._acts.get(self._phase) if self._phase is not None else None
        if act is not None:
            act()

    def _prepare(self) -> None:
        for item in self._buttons(f"{names.ROOM_ITEM}."):
            if not item.isChecked():
                self._click(item)
                return
        if not self._press(names.CONTINUE):
            self._press_once(names.START_CHECKS)

    def _consent(self) -> None:
        if self._part.decline_face:
            self._press(names.DECLINE)
            return
        tick = self._button(names.FACE_TICK)
        if tick is not None and not tick.isChecked():
            self._click(tick)
        else:
            self._press(names.AGREE)

    def _log_in(self) -> None:
        field_shown = self._field(names.ID_NUMBER)
        if field_shown is not None:
            self._type(names.ID_NUMBER, self._part.id_number)
            self._type(names.TICKET_NUMBER, self._part.ticket_number)
            self._press(names.SUBMIT_NUMBERS)
        elif not self._press(names.TAKE_OVER):
            self._press(names.RETRY_FACE)

    def _open_exam(self) -> None:
        for action in self._buttons(f"{names.EXAM_ACTION}."):
            if action.isEnabled():
                self._click(action)
                return

    def _read_flow(self) -> None:
        self._press(names.CONFIRM_READ)

    def _bind_phone(self) -> None:
        phone = self._window.findChild(QWidget, names.BOUND_PHONE)
        is_bound = phone is not None and bool(phone.property(names.IS_BOUND))
        if self._play_phone is not None and not is_bound:
            self._show_code(self._play_phone)
        if is_bound or not (self._part.wait_for_phone or self._part.play_phone):
            self._press(names.CONTINUE)

    def _show_code(self, play_phone: Callable[[str], None]) -> None:
        """Somebody types the code from the page into the phone, once."""
        shown = self._window.findChild(QLabel, names.BINDING_CODE)
        code = "".join(filter(str.isdigit, shown.text())) if shown is not None else ""
        if code:
            self._play_phone = None
            play_phone(code)

    def _draw(self) -> None:
        if not self._press(names.CONTINUE):
            self._press(names.DRAW)

    def _read_attachments(self) -> None:
        if self._press(names.CONTINUE) or self._press(names.ACKNOWLEDGE):
            return
        for each in self._buttons(f"{names.OPEN_ATTACHMENT}."):
            if each.objectName() not in self._pressed:
                self._click(each)
                return

    def _enter(self) -> None:
        code = self._window.findChild(QLabel, names.ENTRY_CODE)
        if code is not None and code.isVisible() and TOO_LATE in code.text():
            LOG.warning("the rehearsing candidate comes too late and leaves")
            self._leave()
        else:
            self._press(names.ENTER)

    def _confirm_devices(self) -> None:
        self._press(names.ENTER_WAITING)

    def _show_sheet(self) -> None:
        self._press(names.SHOWN_SHEET)

    def _answer(self) -> None:
        if self._press(names.START_LESSON):
            return
        if self._part.end_early and not self._press(names.END_CONFIRM):
            self._press_once(names.END)

    def _see_receipt(self) -> None:
        number = self._window.findChild(QWidget, names.RECEIPT_NUMBER)
        if number is not None and number.isVisible():
            LOG.info("the rehearsing candidate has seen the receipt and leaves")
            self._leave()

    def _leave(self) -> None:
        self._timer.stop()
        self._window.close()

    def _button(self, name: str) -> QAbstractButton | None:
        return next(iter(self._named(name)), None)

    def _named(self, name: str) -> Iterator[QAbstractButton]:
        for button in self._window.findChildren(QAbstractButton, name):
            if button.isVisible():
                yield button

    def _buttons(self, prefix: str) -> Iterator[QAbstractButton]:
        for button in self._window.findChildren(QAbstractButton):
            if button.objectName().startswith(prefix) and button.isVisible():
                yield button

    def _field(self, name: str) -> QLineEdit | None:
        found = self._window.findChild(QLineEdit, name)
        return found if found is not None and found.isVisible() else None

    def _type(self, name: str, words: str) -> None:
        found = self._field(name)
        if found is not None and found.text() != words:
            found.clear()
            QTest.keyClicks(found, words)

    def _press(self, name: str) -> bool:
        button = self._button(name)
        if button is None or not button.isEnabled():
            return False
        self._click(button)
        return True

    def _press_once(self, name: str) -> bool:
        return name not in self._pressed and self._press(name)

    def _click(self, button: QAbstractButton) -> None:
        self._pressed.add(button.objectName())
        self._rest = REST_LOOKS
        where = button.rect().center()
        if isinstance(button, QCheckBox):  # only box and words take a click, not the empty rest
            where.setX(CHECK_BOX_PX)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=where)
