"""A step: what happens in one phase. It knows ports and views, never widgets or machines."""

from __future__ import annotations

from collections.abc import Callable

from zhishiyun_client.domain.phases import Event, Phase
from zhishiyun_client.flow.intents import Intent
from zhishiyun_client.flow.room import Room
from zhishiyun_client.flow.views import CountdownView, PageView


class Step:
    """The common shape of all steps; one object a phase, for the whole sitting.

    Thread: ui.
    """

    phase: Phase

    def __init__(self, room: Room, happened: Callable[[Event], None]) -> None:
        self.room = room
        self.happened = happened

    def enter(self) -> None:
        """The phase was entered."""

    def leave(self) -> None:
        """The phase is left."""

    def beat(self) -> None:
        """Called several times a second while the phase lasts."""

    def take(self, intent: Intent) -> None:
        """The candidate asked for something on this page."""

    def hear(self, report: object) -> None:
        """A machine reported something."""

    def countdown(self) -> CountdownView | None:
        """What counts in this phase; None: nothing."""
        return None

    def view(self) -> PageView:
        """What the page shows now."""
        raise NotImplementedError
