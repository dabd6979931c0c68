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


def disk_trouble(code: str, detail: str = "") -> Trouble:
    """The disk has no room: what to do, and that nothing is lost."""
    return Trouble(
        code=code,
        message=f"The disk has no room. Free some space; sound goes on first. {detail}".strip(),
        zh="磁盘空间不足，请清理磁盘。已录制内容完好，优先保留声音。",
    )


def slow_disk_trouble() -> Trouble:
    """The disk takes long for what is written to it; quality is lower until it is quicker."""
    return Trouble(
        code="WRITES_SLOW",
        message="The disk writes slowly. Quality is lower for a while; nothing is lost.",
        zh="磁盘写入较慢，已自动降低清晰度以保证录制完整。",
    )
