"""All see the question together and nobody early (R122): simulated worlds, and real processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.campaigns.reveal import real, simulated

pytestmark = pytest.mark.faults
TOGETHER_MS = 200
YEAR_S = 366 * 24 * 3600
SOURCE = Path(__file__).resolve().parents[1] / "rigs" / "wall_clock.c"


def test_two_hundred_simulated_pairs_see_it_together_and_never_early():
    pairs = simulated(200)

    assert min(min(pair) for pair in pairs) >= 0
    assert max(abs(one - two) for one, two in pairs) <= TOGETHER_MS * 1000


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the wrong clock is a preloaded library")
def test_real_processes_see_it_together_whatever_their_wall_clocks_say(tmp_path: Path):
    """Unlike lines; the second machine's date is a year off, in another zone, and it was suspended.

    Five pairs are `make campaign-reveal`; here one, and a second's grace for a busy machine.
    """
    library = tmp_path / "libwallclock.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"], check=True)
    wrong = {"LD_PRELOAD": str(library), "WALL_OFF_S": str(YEAR_S), "TZ": "America/New_York"}

    ((one, two),) = real(1, second=wrong, suspends=True)

    assert min(one, two) >= 0
    assert abs(one - two) <= 1000
