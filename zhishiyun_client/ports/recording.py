"""Where a track lays its packets: the book of one attempt's recording, as capture sees it."""

from __future__ import annotations

from typing import Protocol

from zhishiyun_protocol.evidence.contents import Cause, DeviceEvent, Stream
from zhishiyun_protocol.evidence.layout import Track


class Book(Protocol):
    """The evidence log behind a recording track. Thread: any.

    Whatever is missing between two packets of a track becomes a GAP record by itself; a track only
    says why (`blame`). Nothing here raises because of the disk: what cannot be kept is refused.
    """

    @property
    def run(self) -> int:
        """The current life of the recorder."""
        ...

    def place_us(self, monotonic_us: int) -> int:
        """Where on the attempt's timeline an instant of the monotonic clock lies."""
        ...

    def stream(self, track: Track, stream: Stream) -> None:
        """A track's stream begins: the next PACKET holds its first bytes."""
        ...

    def packet(
        self, track: Track, data: bytes, *, at_us: int, duration_us: int, is_key: bool
    ) -> bool:
        """Keep one packet; False when the disk has no room for it.

        Args:
            at_us:       monotonic clock, when what it shows was taken.
            duration_us: how long it stands at most.
        """
        ...

    def blame(self, track: Track, cause: Cause) -> None:
        """Name what makes the next packets of this track late or absent."""
        ...

    def explain(self, track: Track, cause: Cause) -> None:
        """The same, where nobody has named a better cause."""
        ...

    def device(self, track: Track, event: DeviceEvent) -> None:
        """Write down that a device was chosen, lost, or came back."""
        ...
