"""【结束考试】 asks first; no double click, Esc or Enter in haste ends anything (R180)."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from tests.client.ui.samples import frame, overlays, pages
from zhishiyun_client.flow.intents import AskToEnd, ConfirmEnd, FinishStage, KeepAnswering
from zhishiyun_client.ui import names
from zhishiyun_client.ui.theme import END_GUARD_MS

ASKED = overlays()["over_end_question"]


@pytest.fixture
def window(open_window, heard):
    made = open_window()
    made.intended.connect(heard.append)
    return made


def _button(window: QWidget, name: str) -> QPushButton:
    return next(each for each in window.findChildren(QPushButton, name) if each.isVisible())


def test_the_button_only_asks(window, heard) -> None:
    window.render(frame("answering", pages()["answering"]))

    QTest.mouseClick(_button(window, names.END), Qt.MouseButton.LeftButton)

    assert heard == [AskToEnd()]


def test_a_double_click_does_not_end(window, heard) -> None:
    window.render(ASKED)
    confirm = _button(window, names.END_CONFIRM)

    QTest.mouseDClick(confirm, Qt.MouseButton.LeftButton)
    QTest.mouseClick(confirm, Qt.MouseButton.LeftButton)

    assert ConfirmEnd() not in heard


def test_a_deliberate_press_ends(window, heard, qtbot) -> None:
    window.render(ASKED)
    confirm = _button(window, names.END_CONFIRM)

    qtbot.waitUntil(confirm.isEnabled, timeout=END_GUARD_MS * 4)
    QTest.mouseClick(confirm, Qt.MouseButton.LeftButton)

    assert heard == [ConfirmEnd()]


def test_the_guard_is_new_at_every_opening(window, qtbot) -> None:
    window.render(ASKED)
    confirm = _button(window, names.END_CONFIRM)
    qtbot.waitUntil(confirm.isEnabled, timeout=END_GUARD_MS * 4)

    window.render(frame("answering", pages()["answering"]))
    window.render(ASKED)

    assert not confirm.isEnabled()


def test_the_safe_answer_has_the_focus_and_tells_the_time_left(window, qtbot) -> None:
    window.activateWindow()
    window.render(ASKED)

    qtbot.waitUntil(lambda: QApplication.focusWidget() is _button(window, names.END_KEEP))
    assert "07:42" in window.question.remaining.text()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_Escape])
def test_keys_pressed_in_haste_go_on_with_the_exam(window, heard, key) -> None:
    window.render(ASKED)

    QTest.keyClick(_button(window, names.END_KEEP), key)

    assert heard == [KeepAnswering()]


def test_escape_on_a_page_does_nothing(window, heard) -> None:
    window.render(frame("answering", pages()["answering"]))

    QTest.keyClick(window, Qt.Key.Key_Escape)

    assert heard == []


def test_a_stage_is_not_finished_by_a_double_click(window, heard) -> None:
    window.render(frame("answering", pages()["answering"]))
    finish = _button(window, names.FINISH_STAGE)

    QTest.mouseClick(finish, Qt.MouseButton.LeftButton)
    QTest.mouseDClick(finish, Qt.MouseButton.LeftButton)

    assert heard == []
    assert not finish.isEnabled()


def test_a_stage_is_finished_by_a_second_press(window, heard, qtbot) -> None:
    window.render(frame("answering", pages()["answering"]))
    finish = _button(window, names.FINISH_STAGE)

    QTest.mouseClick(finish, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(finish.isEnabled, timeout=END_GUARD_MS * 4)
    QTest.mouseClick(finish, Qt.MouseButton.LeftButton)

    assert heard == [FinishStage()]
