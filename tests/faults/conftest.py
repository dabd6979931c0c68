"""Stand-in devices for the recorder's process, and a desk that drives it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.stage import DeskStandIn
from zhishiyun_client.ports.devices import DEMO_CAMERA_VARIABLE, DEMO_MICROPHONE_VARIABLE
from zhishiyun_client.rehearsal.camera import DemonstrationCamera
from zhishiyun_client.rehearsal.desktop import VirtualDesktop
from zhishiyun_client.rehearsal.sound import MICROPHONE_NAME, VirtualMicrophone


@pytest.fixture
def sound_and_screen(
    virtual_desktop: VirtualDesktop,
    virtual_microphone: VirtualMicrophone,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Programs started from here see the virtual screen and microphone."""
    for name, value in {**virtual_desktop.environment, **virtual_microphone.environment}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv(DEMO_MICROPHONE_VARIABLE, MICROPHONE_NAME)


@pytest.fixture
def demonstration(
    sound_and_screen: None,
    demo_camera: DemonstrationCamera,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And the film as the camera."""
    for name, value in demo_camera.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv(DEMO_CAMERA_VARIABLE, demo_camera.address)


@pytest.fixture
def desk(demonstration: None, tmp_path: Path) -> Iterator[DeskStandIn]:
    """A desk with a recorder on demonstration devices."""
    with DeskStandIn(tmp_path / "home") as stand_in:
        yield stand_in
