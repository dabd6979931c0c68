"""Acts on their way to the server: written down first, sent until they are kept (R132, F19)."""

from __future__ import annotations

from zhishiyun_client.flow.room import Room
from zhishiyun_protocol.errors import Refused, ZhishiyunError
from zhishiyun_protocol.messages.sitting import Acts, ActsTaken

SEND_AGAIN_US = 5_000_000  # of monotonic time, after a failure
BATCH = 50


class Outbox:
    """Sends what the journal holds as pending; losing the line loses nothing."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._busy = False
        self._send_at_us = 0

    def beat(self, local_us: int) -> None:
        """Send the pending acts, if any."""
        if self._busy or self._room.sitting is None or local_us < self._send_at_us:
            return
        batch = tuple(self._room.outgoing[:BATCH])
        if not batch:
            return
        self._busy, self._send_at_us = True, local_us + SEND_AGAIN_US
        api, journal = self._room.ports.api, self._room.ports.journal

        def send() -> ActsTaken:
            for act in batch:
                journal.intend(act)  # nothing is sent that is not written down
            taken = api.send_acts(Acts(acts=batch))
            journal.mark_kept(taken.kept)
            return taken

        self._room.run("acts", send, self._on_sent, self._on_failed)

    def _on_sent(self, taken: ActsTaken) -> None:
        self._busy, self._send_at_us = False, 0
        kept = set(taken.kept)
        self._room.outgoing = [act for act in self._room.outgoing if act.id not in kept]

    def _on_failed(self, error: ZhishiyunError) -> None:
        self._busy = False
        if isinstance(error, Refused):
            self._send_at_us += SEND_AGAIN_US
