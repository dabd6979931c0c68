"""The driver, once for all tests of the flow."""

from __future__ import annotations

import pytest

from tests.client.flow.driver import Drive, Driver
from tests.helpers.paper_room import PaperRoom
from zhishiyun_client.domain.phases import Phase


@pytest.fixture
def drive(qapp) -> Drive:
    def begin(paper: PaperRoom, start: Phase = Phase.CONSENT) -> Driver:
        return Driver(qapp, paper, start)

    return begin
