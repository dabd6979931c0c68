"""Whether a window can open is found out before Qt ends the program."""

from __future__ import annotations

import sys

import pytest

from zhishiyun_client.app.window_system import need_windows
from zhishiyun_client.rehearsal.desktop import DesktopSize, VirtualDesktop
from zhishiyun_protocol.errors import Fixable

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems have one display")


def test_no_display_is_told_in_words() -> None:
    with pytest.raises(Fixable) as caught:
        need_windows({})

    assert caught.value.code == "NO_DISPLAY"
    assert "显示器" in caught.value.zh


def test_a_display_that_does_not_answer_is_told_in_words() -> None:
    with pytest.raises(Fixable) as caught:
        need_windows({"DISPLAY": ":997"})

    assert caught.value.code == "DISPLAY_SILENT"


def test_a_real_display_passes() -> None:
    with VirtualDesktop(DesktopSize(640, 480)) as desktop:
        need_windows(desktop.environment)


@pytest.mark.parametrize("named", [{"WAYLAND_DISPLAY": "wayland-0"}, {"QT_QPA_PLATFORM": "vnc"}])
def test_other_window_systems_are_left_to_qt(named: dict[str, str]) -> None:
    need_windows(named)
