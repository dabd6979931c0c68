"""What Windows' registry tells: software cameras, who uses a device, the session, the machine."""

from __future__ import annotations

import sys
import winreg
from collections.abc import Callable, Iterator

import pytest

from zhishiyun_client.guard.systems.surroundings_windows import WindowsSurroundings
from zhishiyun_client.guard.systems.windows_cameras import INSTANCES, LEDGER
from zhishiyun_client.ports.surroundings import Camera, DeviceUse

pytestmark = pytest.mark.windows
OBS = "{A3FCE0F5-3493-419F-958A-ABA1250EC20B}"  # the class of OBS' virtual camera
GRABBER = "{17CCA71B-ECD7-11D0-B908-00A0C9223196}"
Write = Callable[[int, str, dict[str, object]], None]


@pytest.fixture
def write() -> Iterator[Write]:
    """Put values under a key; the key is taken away afterwards."""
    made: list[tuple[int, str]] = []

    def put(root: int, place: str, values: dict[str, object]) -> None:
        made.append((root, place))
        with winreg.CreateKey(root, place) as key:
            for name, value in values.items():
                kind = winreg.REG_QWORD if isinstance(value, int) else winreg.REG_SZ
                winreg.SetValueEx(key, name, 0, kind, value)

    yield put
    for root, place in made:
        winreg.DeleteKey(root, place)


def test_a_software_camera_is_found_and_a_plugged_one_is_not(write: Write) -> None:
    before = WindowsSurroundings().cameras()
    write(winreg.HKEY_CLASSES_ROOT, rf"{INSTANCES}\{OBS}", {"FriendlyName": "OBS Virtual Camera"})
    plugged = {"FriendlyName": "USB Camera", "DevicePath": r"\\?\usb#vid_046d&pid_085e#7&1"}
    write(winreg.HKEY_CLASSES_ROOT, rf"{INSTANCES}\{GRABBER}", plugged)

    found = set(WindowsSurroundings().cameras()) - set(before)

    assert found == {Camera("OBS Virtual Camera", is_virtual=True)}


def test_who_uses_a_device_now_is_told_and_who_did_is_not(write: Write) -> None:
    started = 133_000_000_000_000_000
    for device, program, ended in (
        ("webcam", "obs64.exe", 0),
        ("microphone", "old.exe", started + 1),
        ("graphicsCaptureProgrammatic", "filming.exe", 0),
    ):
        place = rf"{LEDGER}\{device}\NonPackaged\C:#Program Files#x#{program}"
        values = {"LastUsedTimeStart": started, "LastUsedTimeStop": ended}
        write(winreg.HKEY_CURRENT_USER, place, values)

    found = WindowsSurroundings().devices_in_use()

    assert DeviceUse("camera", "obs64.exe") in found
    assert DeviceUse("screen", "filming.exe") in found
    assert "old.exe" not in {use.program for use in found}


def test_this_machine_can_be_asked_and_is_not_seen_from_elsewhere() -> None:
    probe = WindowsSurroundings()

    assert probe.remote() == ()
    assert probe.slept_s() >= 0.0
    assert isinstance(probe.hardware().firmware, tuple)
    assert all(len(vendor) == 4 for vendor in probe.hardware().pci_vendors)
    assert sys.getwindowsversion().major >= 10
