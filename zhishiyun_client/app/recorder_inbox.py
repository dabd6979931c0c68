"""Where desk, workers and server lay what they have to say to the recorder."""

from __future__ import annotations

import logging

from zhishiyun_client.runtime.trays import Line

LOG = logging.getLogger(__name__)
INBOX = 4096  # a desk and a dozen workers say less than a hundred things a second


class Inbox(Line[object]):
    """One line for everything, taken by the main thread."""

    def __init__(self) -> None:
        super().__init__(INBOX)

    def post(self, report: object) -> None:
        """Lay a report down; never waits. Thread: any."""
        if not self.put(report):
            LOG.error("the inbox is full: %s is lost", type(report).__name__)
