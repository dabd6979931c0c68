"""The only door from a worker to the screen: reports from any thread to slots of the UI thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot


class Relay(QObject):
    """Carries frozen reports, in order, to takers in the thread that made the relay.

    A taker is chosen by the report's exact type; `otherwise` gets what nobody asked for.
    """

    _posted = Signal(object)

    def __init__(self, otherwise: Callable[[object], None]) -> None:
        super().__init__()
        self._takers: dict[type, list[Callable[[object], None]]] = {}
        self._otherwise = otherwise
        self._posted.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def post(self, report: object) -> None:
        """Hand a report over; returns at once. Thread: any."""
        self._posted.emit(report)

    def on(self, kind: type, taker: Callable[[object], None]) -> None:
        """From now on reports of exactly this type reach `taker`. Thread: ui."""
        self._takers.setdefault(kind, []).append(taker)

    @Slot(object)
    def _deliver(self, report: object) -> None:
        takers = self._takers.get(type(report))
        if takers is None:
            self._otherwise(report)
            return
        for taker in takers:
            taker(report)
