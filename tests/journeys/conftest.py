"""The stand-ins of all journeys: one virtual desktop, camera and microphone a session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.stage import Stage
from zhishiyun_client.rehearsal.desktop import DesktopSize
from zhishiyun_client.rehearsal.devices import DemonstrationDevices, Media, Wish, plan
from zhishiyun_client.rehearsal.inventory import look
from zhishiyun_client.runtime.paths import resources


@pytest.fixture(scope="session")
def stand_ins() -> Iterator[DemonstrationDevices]:
    """Devices that are always the same, whatever this machine has."""
    devices = plan(look(), Wish.DEMONSTRATION)
    with DemonstrationDevices(devices, Media.of(resources()), DesktopSize(1366, 768)) as playing:
        yield playing


@pytest.fixture
def stage(tmp_path: Path, stand_ins: DemonstrationDevices):
    """Makes stages; all are torn down at the end of the test."""
    made: list[Stage] = []

    def make(**wishes: object) -> Stage:
        stage = Stage(tmp_path, stand_ins, **wishes)  # type: ignore[arg-type]
        stage.__enter__()
        made.append(stage)
        return stage

    yield make
    for each in made:
        each.__exit__()
