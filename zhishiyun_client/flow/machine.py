"""The phase table as a Qt state machine; the only place that knows QtStateMachine."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtStateMachine import QState, QStateMachine

from zhishiyun_client.domain.phases import Event, Phase, Table


class PhaseState(QState):
    """A phase as a Qt state that says its own name when it is entered."""

    reached = Signal(object)

    def __init__(self, phase: Phase, parent: QStateMachine) -> None:
        super().__init__(parent)
        self.setObjectName(phase.value)
        self.phase = phase
        self.entered.connect(self._on_entered)

    @Slot()
    def _on_entered(self) -> None:
        self.reached.emit(self.phase)


class EventPort(QObject):
    """One signal an event: Qt's transitions need a signal each."""

    happened = Signal()


class PhaseMachine(QObject):
    """Built from a table; `post` an event, `entered` says the new phase.

    Signals:
        entered(Phase): a phase was entered, the first one included.
    """

    entered = Signal(object)

    def __init__(self, table: Table, start: Phase) -> None:
        super().__init__()
        self.phase = start
        self._machine = QStateMachine(self)
        self._states = {phase: PhaseState(phase, self._machine) for phase in Phase}
        self._ports = {event: EventPort(self) for event in Event}
        for (source, event), target in table.items():
            self._states[source].addTransition(self._ports[event].happened, self._states[target])
        for state in self._states.values():
            state.reached.connect(self._on_reached)
        self._machine.setInitialState(self._states[start])

    def start(self) -> None:
        """Enter the first phase, once the event loop runs."""
        self._machine.start()

    def post(self, event: Event) -> None:
        """Something happened; where it means nothing, nothing changes. Thread: ui."""
        self._ports[event].happened.emit()

    @Slot(object)
    def _on_reached(self, phase: Phase) -> None:
        self.phase = phase
        self.entered.emit(phase)
