"""The one window: band, language, help, notices, panel, closing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from tests.client.ui.samples import frame, overlays, pages
from tests.client.ui.test_pages import texts
from zhishiyun_client.flow import views as v
from zhishiyun_client.flow.intents import (
    AskForCopy,
    ChooseLanguage,
    CloseMyData,
    ConfirmWithdraw,
    DismissNotice,
    KeepConsent,
    Leave,
    OpenHelp,
    OpenMyData,
    SendHelp,
    WithdrawFace,
)
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.language import Language, Noun
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ui import names
from zhishiyun_client.ui.pages.page import Page
from zhishiyun_client.ui.pages.table import PAGES

ANSWERING = frame("answering", pages()["answering"])


@pytest.fixture
def window(open_window, heard):
    made = open_window()
    made.intended.connect(heard.append)
    return made


def _find(window: QWidget, kind: type, name: str):
    return next(each for each in window.findChildren(kind, name) if each.isVisible())


def test_a_rehearsal_is_orange_and_says_so(window) -> None:
    window.render(ANSWERING)

    assert window.header.property("band") == "rehearsal"
    assert _find(window, QLabel, names.BAND).text() == "演练"


def test_demonstration_devices_are_named_on_every_page(window) -> None:
    for name, page in pages().items():
        window.render(frame(name, page))

        assert (
            _find(window, QLabel, names.DEMONSTRATION_LINE).text().startswith("演示设备：摄像头、")
        )


def test_a_formal_exam_has_no_demonstration_line(window) -> None:
    header = replace(ANSWERING.header, band=v.Band.FORMAL, demonstration_devices=())

    window.render(replace(ANSWERING, header=header))

    assert window.header.property("band") == "formal"
    assert not window.findChild(QLabel, names.DEMONSTRATION_LINE).isVisible()


def test_the_language_changes_while_the_window_is_open(window, heard) -> None:
    window.render(ANSWERING)
    QTest.mouseClick(_find(window, QPushButton, names.LANGUAGE_EN), Qt.MouseButton.LeftButton)
    assert heard == [ChooseLanguage(Language.EN)]

    window.render(replace(ANSWERING, header=replace(ANSWERING.header, language=Language.EN)))
    assert "End the exam" in texts(window)
    assert "Help" in texts(window)

    window.render(ANSWERING)
    assert "结束考试" in texts(window)
    assert "Help" not in texts(window)


def test_the_noun_is_the_plans(window) -> None:
    page = pages()["waiting"]

    window.render(replace(frame("waiting", page), noun=Noun.EXAM))
    assert "考试开始前倒计时页面" in texts(window)

    window.render(frame("waiting", page))
    assert "面试开始前倒计时页面" in texts(window)


def test_help_is_at_the_lower_right_of_every_page(window, qtbot) -> None:
    places = set()
    for name, page in pages().items():
        window.render(frame(name, page))
        button = _find(window, QPushButton, names.HELP)
        qtbot.waitUntil(lambda made=button: made.height() > 0)
        places.add(button.mapTo(window, button.rect().topLeft()).toTuple())

    assert len(places) == 1
    x, y = places.pop()
    assert x > window.width() * 0.7
    assert y > window.height() * 0.8


def test_help_is_asked_for_with_one_press(window, heard) -> None:
    window.render(ANSWERING)

    QTest.mouseClick(_find(window, QPushButton, names.HELP), Qt.MouseButton.LeftButton)

    assert heard == [OpenHelp()]


def test_words_and_phrases_reach_the_supervisor(window, heard) -> None:
    """R160, R165."""
    window.render(overlays()["over_help"])
    field = _find(window, QLineEdit, names.HELP_TEXT)

    field.setText("  看不清题目 ")
    QTest.keyClick(field, Qt.Key.Key_Return)
    QTest.mouseClick(_find(window, QPushButton, names.HELP_CANNED), Qt.MouseButton.LeftButton)
    QTest.mouseClick(_find(window, QPushButton, names.HELP_SEND), Qt.MouseButton.LeftButton)

    assert heard == [SendHelp("看不清题目"), SendHelp("题目未显示")]
    assert field.text() == ""


def test_help_words_are_not_in_the_log_form_of_an_intent() -> None:
    assert "秘密" not in repr(SendHelp("秘密"))


def test_help_leaves_the_countdown_in_sight(window) -> None:
    """WCAG 2.4.11."""
    window.render(overlays()["over_help"])

    clock = _find(window, QLabel, names.COUNTDOWN)
    right_of_drawer = window.drawer.mapTo(window, window.drawer.rect().topRight()).x()
    assert clock.mapTo(window, clock.rect().topLeft()).x() > right_of_drawer


def test_a_notice_can_be_closed_where_it_may(window, heard, qtbot) -> None:
    window.render(overlays()["over_notices"])

    qtbot.waitUntil(lambda: "E502" in texts(window))
    QTest.mouseClick(_find(window, QPushButton, names.NOTICE_CLOSE), Qt.MouseButton.LeftButton)

    assert heard == [DismissNotice("restart")]
    assert "网络已断开。录制正常进行，请继续作答，恢复后会自动上传。" in texts(window)


def test_closing_the_window_only_asks_the_flow(window, heard) -> None:
    window.render(ANSWERING)

    window.close()

    assert heard == [Leave()]
    assert window.isVisible()


def test_the_self_view_shrinks_but_stays(window) -> None:
    window.render(ANSWERING)
    view = _find(window, QWidget, names.SELF_VIEW)
    before = view.width()

    QTest.mouseClick(_find(window, QPushButton, names.SHRINK), Qt.MouseButton.LeftButton)

    assert 0 < view.width() < before
    assert view.isVisible()


def test_the_recording_light_says_it_in_words(window) -> None:
    window.render(ANSWERING)
    assert _find(window, QLabel, names.RECORDING_LIGHT).text() == "录制中"

    panel = replace(ANSWERING.panel, recording=v.RecordingLight.INTERRUPTED)
    window.render(replace(ANSWERING, panel=panel))
    assert _find(window, QLabel, names.RECORDING_LIGHT).text() == "录制中断，正在恢复"


def test_the_countdown_is_at_the_upper_right_with_its_stage(window) -> None:
    window.render(ANSWERING)

    clock = _find(window, QLabel, names.COUNTDOWN)
    assert clock.text() == "07:42"
    assert clock.accessibleName() == "模拟课堂剩余 07:42"
    place = clock.mapTo(window, clock.rect().topLeft())
    assert place.x() > window.width() * 0.7
    assert place.y() < window.height() * 0.4


def test_render_touches_nothing_when_nothing_changed(window, monkeypatch) -> None:
    window.render(ANSWERING)
    monkeypatch.setattr(window.panel, "draw", _never)
    monkeypatch.setattr(window.header, "draw", _never)

    window.render(replace(ANSWERING, notices=(v.NoticeView("a", text(T.NOTICE_E501)),)))

    assert "网络已断开。录制正常进行，请继续作答，恢复后会自动上传。" in texts(window)


def test_all_pages_are_made_soon_after_the_window_opens(window, qtbot) -> None:
    """A page that is made while the recorder runs would stutter."""
    qtbot.waitUntil(lambda: len(window.findChildren(Page)) == len(PAGES), timeout=20_000)

    window.render(ANSWERING)

    assert window.stack.currentWidget() is window.page_of(type(ANSWERING.page))


def _never(view: object) -> None:
    raise AssertionError("drawn again")


def test_ones_own_data_open_from_every_page_and_withdrawing_asks_first(window, heard) -> None:
    window.render(ANSWERING)
    QTest.mouseClick(_find(window, QPushButton, names.MY_DATA), Qt.MouseButton.LeftButton)
    window.render(overlays()["over_my_data"])
    assert window.my_data.isVisible()
    QTest.mouseClick(_find(window, QPushButton, names.DATA_COPY), Qt.MouseButton.LeftButton)
    assert not _find(window, QPushButton, names.DATA_DELETION).isEnabled()
    QTest.mouseClick(_find(window, QPushButton, names.WITHDRAW), Qt.MouseButton.LeftButton)

    window.render(overlays()["over_withdraw"])
    assert not window.my_data.withdraw.isVisible()
    for name in (names.WITHDRAW_KEEP, names.WITHDRAW_CONFIRM):
        QTest.mouseClick(_find(window, QPushButton, name), Qt.MouseButton.LeftButton)
    QTest.keyClick(window, Qt.Key.Key_Escape)

    assert heard == [
        OpenMyData(),
        AskForCopy(),
        WithdrawFace(),
        KeepConsent(),
        ConfirmWithdraw(),
        CloseMyData(),
    ]


def test_a_page_that_is_left_lets_go_of_its_paper_and_shows_it_again(window) -> None:
    attachments = frame("attachments", pages()["attachments"])
    for left in (attachments, ANSWERING):
        window.render(left)
        page = window.stack.currentWidget()
        shown = _paper_of(page)

        window.render(frame("uploading", pages()["uploading"]))
        gone = _paper_of(page)
        window.render(left)

        assert shown != (0, "")
        assert gone == (0, "")
        assert _paper_of(page) == shown


def _paper_of(page: Page) -> tuple[int, str]:
    """Pages of the PDF, or else the text, that the page holds."""
    count = page.paper.pdf.document().pageCount()
    return count, "" if count else page.paper.text.toPlainText()
