"""Troubles that last: told once when they begin and once when they are over."""

from __future__ import annotations

import msgspec

from zhishiyun_client.app.heartbeats import Heartbeats
from zhishiyun_client.app.recorder_door import Door
from zhishiyun_client.ports.recorder import Trouble


class Troubles:
    """What holds now, to the desk and in the heartbeats. Thread: the core's."""

    def __init__(self, door: Door, beats: Heartbeats) -> None:
        self._door = door
        self._beats = beats
        self._holding: dict[str, Trouble] = {}

    def say(self, trouble: Trouble, holds: bool) -> None:
        """Tell when it begins to hold and when it ends."""
        if holds == (trouble.code in self._holding):
            return
        if holds:
            self._holding[trouble.code] = trouble
            self._door.tell(trouble)
        else:
            past = self._holding.pop(trouble.code)
            self._door.tell(msgspec.structs.replace(past, over=True))
        self._beats.troubles = frozenset(self._holding)

    def end(self) -> None:
        """The recording is closed: nothing holds any more."""
        for trouble in tuple(self._holding.values()):
            self.say(trouble, holds=False)

    def tell_all(self) -> None:
        """Tell a desk that has just come what holds already."""
        for trouble in self._holding.values():
            self._door.tell(trouble)
