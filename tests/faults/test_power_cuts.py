"""The power goes in the middle of a recording: two seconds at most are lost (issue 3, F25).

A few cuts; two hundred of them are in docs/measured/kills.md (`make campaign-recorder`).
"""

from __future__ import annotations

import random
import time

import pytest

from benchmarks.power_cuts import PowerCuts
from tests.rigs.beacon.scene import BeaconScene

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.desktop]
CUTS = 2


def test_what_an_fsync_promised_is_there_and_the_recording_goes_on(
    beacon_scene: BeaconScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in beacon_scene.environment.items():
        monkeypatch.setenv(name, value)
    cuts = PowerCuts(random.Random(7), record_s=4, cuts_each=CUTS)

    cuts.run(CUTS, time.monotonic() + 90)
    print(cuts.told())

    assert cuts.losses.kills == CUTS
    assert cuts.faults == []
    assert cuts.keeps_the_bounds(), cuts.told()
