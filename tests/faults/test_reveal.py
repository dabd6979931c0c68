"""All see the question together and nobody early (R122), in simulated worlds.

Real processes, with dates that jump: test_time.py; five pairs of them: `make campaign-reveal`.
"""

from __future__ import annotations

import pytest

from tests.campaigns.reveal import simulated

pytestmark = pytest.mark.faults
TOGETHER_MS = 200


def test_two_hundred_simulated_pairs_see_it_together_and_never_early():
    pairs = simulated(200)

    assert min(min(pair) for pair in pairs) >= 0
    assert max(abs(one - two) for one, two in pairs) <= TOGETHER_MS * 1000
