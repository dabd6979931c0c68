"""Listing goes on where a crashed one was."""

from __future__ import annotations

import pytest

from tests.client.capture.recordings import wait_until
from zhishiyun_client.capture.device_lister import DeviceLister
from zhishiyun_client.ports.devices import Device
from zhishiyun_client.ports.recorder import Devices

FILM = Device(id="http://film", name="film", demonstration=True)


def no_microphones() -> tuple[Device, ...]:
    return ()


@pytest.mark.parametrize("was_looking", [True, False])
def test_the_one_after_a_crash_looks_as_the_one_before(was_looking: bool) -> None:
    heard: list[object] = []
    before, after = (DeviceLister(no_microphones, heard.append) for _ in range(2))
    before.also = (FILM,)
    if was_looking:
        before.look()

    after.follow(before)

    assert after.is_looking is was_looking
    after.look()
    after.start()
    wait_until("a list", lambda: bool(heard))
    assert after.stop(20)
    told = heard[0]
    assert isinstance(told, Devices)
    assert FILM in told.cameras
