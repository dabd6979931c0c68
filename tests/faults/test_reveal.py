"""All see the question together and nobody early (R122): simulated worlds, and real processes."""

from __future__ import annotations

import pytest

from tests.campaigns.reveal import real, simulated

pytestmark = pytest.mark.faults
TOGETHER_MS = 200


def test_two_hundred_simulated_pairs_see_it_together_and_never_early():
    pairs = simulated(200)

    assert min(min(pair) for pair in pairs) >= 0
    assert max(abs(one - two) for one, two in pairs) <= TOGETHER_MS * 1000


@pytest.mark.slow
def test_real_processes_on_unlike_lines_see_it_together_and_never_early():
    """Five pairs are `make campaign-reveal`; here one, and a second's grace for a busy machine."""
    ((one, two),) = real(1)

    assert min(one, two) >= 0
    assert abs(one - two) <= 1000
