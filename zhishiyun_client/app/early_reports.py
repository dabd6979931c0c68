"""What the machines report before a first page is there to hear it: kept, in order."""

from __future__ import annotations

from collections.abc import Callable

from zhishiyun_client.ports.recorder import Devices, Status

LATEST_ONLY = (Status, Devices)
"""Said again and again; the others (a receipt, news, a trouble) are said once."""


class EarlyReports:
    """Holds reports until `hand_over`, and passes them on from then. Thread: ui.

    A recorder that is there before the desk tells all it knows at the first word. The desk asks
    the server meanwhile, and whoever would take the receipt does not exist yet.
    """

    def __init__(self) -> None:
        self._waiting: list[object] = []
        self._take: Callable[[object], None] | None = None

    def hear(self, report: object) -> None:
        """Pass it on, or keep it."""
        if self._take is not None:
            self._take(report)
            return
        if isinstance(report, LATEST_ONLY):
            self._waiting = [kept for kept in self._waiting if type(kept) is not type(report)]
        self._waiting.append(report)

    def hand_over(self, take: Callable[[object], None]) -> None:
        """There is a page now: what waited first, then everything as it comes."""
        waiting, self._waiting, self._take = self._waiting, [], take
        for report in waiting:
            take(report)
