"""One dressed application, tools and a window for every test of the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.client.ui.samples import RESOURCES, Still
from zhishiyun_client.flow.intents import Intent
from zhishiyun_client.i18n.catalog import Speaker
from zhishiyun_client.ui.parts.part import Tools
from zhishiyun_client.ui.pictures import Pictures
from zhishiyun_client.ui.window import Window, dress

FULL = (1366, 768)
DOUBLED = (683, 384)
"""1366×768 at 200 %, in logical pixels."""


@pytest.fixture(scope="session")
def feed() -> Still:
    return Still()


@pytest.fixture(scope="session")
def tools(qapp: QApplication, feed: Still) -> Tools:
    made = Tools(Speaker(RESOURCES / "texts"), Pictures(RESOURCES / "pictures"), feed)
    if not qapp.styleSheet():
        dress(qapp, made)
    return made


def own_window(tools: Tools) -> Window:
    """A window with a speaker of its own, as in the program: no other window changes its words."""
    return Window(replace(tools, speaker=Speaker(RESOURCES / "texts")))


@pytest.fixture(scope="module")
def full_window(tools: Tools) -> Iterator[Window]:
    """One window for many frames: what a frame leaves behind must not disturb the next."""
    window = own_window(tools)
    window.resize(*FULL)
    window.show()
    yield window
    window.allow_close()
    window.close()
    window.deleteLater()


@pytest.fixture
def open_window(qtbot: QtBot, tools: Tools) -> Iterator[Callable[[tuple[int, int]], Window]]:
    opened: list[Window] = []

    def make(size: tuple[int, int] = FULL) -> Window:
        window = own_window(tools)
        window.resize(*size)
        window.show()
        qtbot.waitExposed(window)
        opened.append(window)
        return window

    yield make
    for window in opened:
        window.allow_close()
        window.close()
        window.deleteLater()
    qtbot.wait(1)


class Heard(list[Intent]):
    """Keeps what a window said; its `append` is the slot."""


@pytest.fixture
def heard() -> Heard:
    return Heard()
