"""Every page draws its sample, says what the notices say, and hides no reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from tests.client.ui.conftest import DOUBLED, FULL
from tests.client.ui.samples import frame, more_states, overlays, pages
from zhishiyun_client.flow.views import FrameView
from zhishiyun_client.i18n.language import Language
from zhishiyun_client.ui import names
from zhishiyun_client.ui.parts.buttons import GatedButton

ALL = {**pages(), **more_states()}
FRAMES: dict[str, FrameView] = {name: frame(name, page) for name, page in ALL.items()} | overlays()

# requirements.md §5: label, and the frames that must show it.
LABELS = [
    ("智试通二维码", "binding"),
    ("绑定码", "binding"),
    ("佐证绑定", "binding"),
    ("进入考试", "entry"),
    ("刷新", "entry"),
    ("刷新设备", "device_confirmation"),
    ("摄像头", "device_confirmation"),
    ("麦克风", "device_confirmation"),
    ("设备确认", "device_confirmation"),
    ("进入待考", "device_confirmation"),
    ("已阅", "attachments"),
    ("考试附件", "attachments"),
    ("考生诚信承诺书", "attachments"),
    ("在线考试须知", "attachments"),
    ("已阅", "reading_flow"),
    ("阅读考试流程", "reading_flow"),
    ("求助", "answering"),
    ("结束考试", "answering"),
    ("刷新题目", "answering"),
    ("结束本阶段", "answering"),
    ("开始模拟课堂教学", "answering_self_start"),
    ("已展示，继续", "preparation"),
    ("确认", "over_end_question"),
    ("继续作答", "over_end_question"),
    ("面试开始前倒计时页面", "waiting"),
    ("人脸登录", "face_login"),
    ("重新识别", "face_login"),
    ("联系技术人员", "face_login"),
    ("改用人工核验", "face_login"),
    ("换一种方式", "face_login"),
    ("在本机继续", "face_login_take_over"),
    ("抽签", "lottery"),
    ("开始抽签", "lottery"),
    ("视频指引", "uploading"),
    ("重新上传", "uploading"),
    ("立即重试", "uploading"),
    ("导出到U盘", "uploading"),
    ("申请说明", "uploading"),
    ("服务器核对中", "uploading_checking"),
    ("查看上传进度", "ending"),
    ("正在停止录制", "ending"),
    ("首页", "receipt"),
    ("查看回执", "receipt"),
    ("同意并继续", "consent"),
    ("不同意，使用其他方式", "consent"),
    ("重新检测", "device_preparation"),
    ("导出检测报告", "device_preparation"),
]


def texts(root: QWidget) -> list[str]:
    """The words of every label and button that is not hidden."""
    found = [
        child
        for child in root.findChildren(QWidget)
        if isinstance(child, (QLabel, QAbstractButton)) and child.isVisible()
    ]
    return [child.text() for child in found]


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("name", FRAMES)
def test_a_page_draws_its_sample_without_a_warning(name, language, full_window, qtlog) -> None:
    window = full_window

    window.render(FRAMES[name] if language is Language.ZH else _in_english(name))

    assert window.page_of(type(FRAMES[name].page)).isVisible()
    assert [record.message for record in qtlog.records] == []


@pytest.mark.parametrize(("label", "name"), LABELS)
def test_the_labels_of_the_notices_stand_word_for_word(label, name, full_window, qtbot) -> None:
    window = full_window

    window.render(FRAMES[name])

    qtbot.waitUntil(lambda: label in texts(window))


@pytest.mark.parametrize("name", FRAMES)
def test_a_button_that_is_off_says_why(name, full_window) -> None:
    window = full_window

    window.render(FRAMES[name])

    silent = [
        gated.button.objectName()
        for gated in window.findChildren(GatedButton)
        if gated.button.isVisible() and not gated.button.isEnabled() and not gated.reason.text()
    ]
    assert silent == []


def test_start_checks_says_why_it_is_off(open_window) -> None:
    window = open_window(FULL)
    page = replace(pages()["device_preparation"], start_off="正在检测")

    window.render(frame("device_preparation", page))

    assert not window.findChild(QWidget, names.START_CHECKS).isEnabled()
    assert "正在检测" in texts(window)


@pytest.mark.parametrize(
    ("size", "language"),
    [(DOUBLED, Language.ZH), (DOUBLED, Language.EN), ((1280, 680), Language.ZH)],
)
@pytest.mark.parametrize("name", FRAMES)
def test_nothing_is_cut_where_there_is_little_room(
    name, size, language, open_window, qtbot
) -> None:
    """WCAG 1.4.4; screens-and-wording §6: at 200 % nothing is cut and 【求助】 stays visible."""
    window = open_window(size)

    window.render(FRAMES[name] if language is Language.ZH else _in_english(name))

    page = window.page_of(type(FRAMES[name].page))
    bar = page.area.horizontalScrollBar()
    qtbot.waitUntil(lambda: _cut(window) == [] and bar.maximum() == 0, timeout=3000)
    help_button = window.findChild(QWidget, names.HELP)
    place = help_button.mapTo(window, help_button.rect().bottomRight())
    assert window.rect().contains(place)


@pytest.mark.parametrize("name", FRAMES)
def test_every_button_has_a_name_for_screen_readers_and_takes_the_keyboard(
    name, full_window
) -> None:
    window = full_window

    window.render(FRAMES[name])

    buttons = [each for each in window.findChildren(QAbstractButton) if each.isVisible()]
    assert [b.objectName() for b in buttons if not (b.text() or b.accessibleName())] == []
    assert [b.objectName() for b in buttons if b.focusPolicy().value & 1 == 0] == []


def _cut(window: QWidget) -> list[str]:
    """Labels and buttons that are given less room than their words need."""
    cut = []
    for child in window.findChildren(QWidget):
        if not isinstance(child, (QLabel, QAbstractButton)) or not child.isVisible():
            continue
        if isinstance(child, QLabel) and child.wordWrap():
            needed = child.heightForWidth(child.width())
            is_cut = child.height() < needed
        elif isinstance(child, QLabel) and type(child) is not QLabel:
            continue  # a label that shortens itself, with the whole in its tool tip
        else:
            is_cut = child.width() < child.minimumSizeHint().width() or (
                child.height() < child.minimumSizeHint().height()
            )
        if is_cut:
            cut.append(f"{child.objectName()} “{child.text()}” {child.size()}")
    return cut


def _in_english(name: str) -> FrameView:
    shown = FRAMES[name]
    return replace(shown, header=replace(shown.header, language=Language.EN))
