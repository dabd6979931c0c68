"""What the recorder keeps in mind, also over its own death; a full disk is asked again."""

from __future__ import annotations

import logging

import msgspec

from zhishiyun_client.app.recorder_memory import KnownClock, Memory, MemoryFile
from zhishiyun_client.evidence.boot import boot_id
from zhishiyun_client.runtime.clock import ExamClock, monotonic_us
from zhishiyun_protocol.clock import ServerClock
from zhishiyun_protocol.errors import ZhishiyunError

LOG = logging.getLogger(__name__)


class Notebook:
    """The memory as it stands, and its file. Thread: the core's."""

    def __init__(self, file: MemoryFile) -> None:
        self._file = file
        self._unkept = False
        self.memory = file.read()

    def keep(self, **changes: object) -> None:
        """Keep changes, also on disk; what the disk refuses is tried again, recording goes on."""
        memory = msgspec.structs.replace(self.memory, **changes)
        if memory == self.memory and not self._unkept:
            return
        self.memory, self._unkept = memory, True
        try:
            self._file.write(memory)
        except (OSError, ZhishiyunError) as error:
            LOG.error("the state is not kept: %s", error)
        else:
            self._unkept = False

    def keep_what_was_refused(self) -> None:
        """Try again what the disk had no room for."""
        if self._unkept:
            self.keep()

    def use(self, memory: Memory) -> None:
        """Go on with this memory; nothing is written."""
        self.memory = memory

    def keep_clock(self, clock: ExamClock) -> None:
        """Keep the exam's clock as it is known now."""
        known = clock.known
        kept = None
        if known is not None:
            kept = KnownClock(
                boot_id=boot_id(),
                at_us=known.at_us,
                server_us=known.server_us,
                error_us=known.error_us,
                speed=known.speed,
            )
        self.keep(clock=kept)

    def recall_clock(self, clock: ExamClock) -> None:
        """Tell the clock what the last recorder knew of it, within the same boot."""
        kept = self.memory.clock
        if kept is not None and kept.boot_id == boot_id() and kept.at_us <= monotonic_us():
            clock.learn(ServerClock(kept.at_us, kept.server_us, kept.error_us, kept.speed))
