"""Who has the camera: Windows' privacy store as recorded, Linux' /proc for real (F15, E201)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.client.capture.recordings import wait_until
from zhishiyun_client.capture import consent_store
from zhishiyun_client.capture.consent_store import Store, is_denied, uses_now
from zhishiyun_client.capture.holders import (
    holder_on_linux,
    holder_on_windows,
    known_as,
    running_programs,
)

WECHAT = r"NonPackaged\C:#Program Files#Tencent#WeChat#WeChat.exe"
MEETING = r"NonPackaged\C:#Program Files (x86)#Tencent#WeMeet#wemeetapp.exe"
CAMERA = "Microsoft.WindowsCamera_8wekyb3d8bbwe"
STORE: Store = {
    "": {"Value": "Allow"},
    "NonPackaged": {"Value": "Allow"},
    CAMERA: {
        "Value": "Allow",
        "LastUsedTimeStart": 133_770_000_000_000_000,
        "LastUsedTimeStop": 133_770_000_600_000_000,
    },
    WECHAT: {"LastUsedTimeStart": 133_780_000_000_000_000, "LastUsedTimeStop": 0},
    MEETING: {"LastUsedTimeStart": 133_779_000_000_000_000, "LastUsedTimeStop": 0},
}


def test_those_that_have_not_stopped_use_it_now_the_newest_first() -> None:
    assert [use.program for use in uses_now(STORE)] == ["WeChat.exe", "wemeetapp.exe"]
    assert uses_now({}) == ()


def test_a_program_from_the_store_is_known_by_its_package() -> None:
    using = {CAMERA: {"LastUsedTimeStart": 133_770_000_000_000_000, "LastUsedTimeStop": 0}}

    assert holder_on_windows(using, frozenset()) == "相机 Camera"


def test_a_program_that_crashed_and_left_its_mark_is_passed_over() -> None:
    assert holder_on_windows(STORE, frozenset({"wechat.exe"})) == "微信 WeChat"
    assert holder_on_windows(STORE, frozenset({"wemeetapp.exe"})) == "腾讯会议 Tencent Meeting"
    assert holder_on_windows(STORE, frozenset()) == ""


def test_we_ourselves_are_no_other_program() -> None:
    ours = Path(sys.executable).name
    store = {rf"NonPackaged\C:#{ours}": {"LastUsedTimeStart": 1, "LastUsedTimeStop": 0}}

    assert holder_on_windows(store, frozenset({ours.casefold()})) == ""


@pytest.mark.parametrize(
    ("store", "denied"),
    [
        (STORE, False),
        ({"": {"Value": "Deny"}}, True),
        ({"": {"Value": "Allow"}, "NonPackaged": {"Value": "Deny"}}, True),
        ({}, False),
    ],
)
def test_the_systems_settings_may_keep_everybody_out(store: Store, denied: bool) -> None:
    assert is_denied(store) is denied


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has the store")
def test_other_systems_keep_no_store() -> None:
    assert consent_store.read("webcam") == {}


@pytest.mark.parametrize(
    ("program", "name"),
    [("WeChat.exe", "微信 WeChat"), ("wemeetapp", "腾讯会议 Tencent Meeting"), ("a.exe", "a.exe")],
)
def test_programs_have_the_names_people_know(program: str, name: str) -> None:
    assert known_as(program) == name


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells on Linux")
def test_another_process_that_has_a_device_open_is_named(tmp_path: Path) -> None:
    node = tmp_path / "video7"
    node.touch()
    assert holder_on_linux(node) == ""

    with subprocess.Popen(["tail", "-f", str(node)], stdout=subprocess.DEVNULL) as holding:
        wait_until("named", lambda: holder_on_linux(node) == "tail")
        assert "tail" in running_programs()
        holding.terminate()
    assert holder_on_linux(node) == ""
