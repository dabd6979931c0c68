"""What is still to be sent: the log's durable bytes, less what the server holds, as chunks."""

from __future__ import annotations

import heapq
from collections import Counter

from zhishiyun_client.ports.evidence import DurableLog
from zhishiyun_client.upload.cuts import Cut, CutTable
from zhishiyun_client.upload.ranges import RangeSet
from zhishiyun_client.upload.reading import Data, Reader, Stretch, read_piece
from zhishiyun_protocol.errors import Broken, Refused
from zhishiyun_protocol.messages.evidence import Held


class Backlog:
    """Chooses the next chunk, oldest first. Thread: the pump's."""

    def __init__(self, log: DurableLog, table: CutTable, reader: Reader) -> None:
        self._log = log
        self._reader = reader
        self._table = table
        self._held = RangeSet()
        self._known = RangeSet()  # held, or cut
        self._queue: list[int] = []
        self._in_flight: dict[int, Cut] = {}
        self._given_up: set[int] = set()
        self._failures: Counter[int] = Counter()
        self._fresh: dict[int, Data] = {}  # bytes of cuts that are about to be read

    @property
    def in_flight(self) -> int:
        """How many chunks are on their way."""
        return len(self._in_flight)

    def held_bytes(self, upto: int) -> int:
        """How many bytes below `upto` the server holds."""
        return self._held.total(upto)

    def missing_parts(self, upto: int) -> int:
        """How many stretches below `upto` the server does not hold."""
        return self._held.gaps(upto)

    def is_held(self, first: int, end: int) -> bool:
        """Whether the server holds all of [first, end)."""
        return self._held.covers(first, end)

    def failures(self, cut: Cut) -> int:
        """How often this chunk failed in a row."""
        return self._failures[cut.first_byte]

    def reconcile(self, held: Held, durable_bytes: int) -> None:
        """Believe the server; what it asks to have again counts as not held.

        Raises:
            Broken: LOG_SHORTER: the server holds more than this disk.
        """
        ranges = RangeSet(held.ranges)
        if ranges.total() > ranges.total(durable_bytes):
            raise _shorter(durable_bytes)
        for first, end in held.wanted:
            ranges.remove(first, end)
        self._held = ranges
        self._recount()

    def lost(self, missing: tuple[tuple[int, int], ...]) -> None:
        """The server says that it does not hold these ranges after all."""
        for first, end in missing:
            self._held.remove(first, end)
        self._recount()

    def next(self, upto: int, size_bytes: int, *, whole_only: bool) -> Cut | None:
        """The next chunk below `upto`, now in flight; None when there is nothing to send.

        Args:
            upto:       durable bytes, or the sealed length.
            size_bytes: how long a fresh chunk should be.
            whole_only: leave a tail shorter than that lying, it still grows.
        """
        while self._queue:
            cut = self._table.at(heapq.heappop(self._queue))
            if cut is not None and not self._is_settled(cut) and cut.end <= upto:
                return self._start(cut)
        fresh = self._cut_fresh(upto, size_bytes, whole_only=whole_only)
        return None if fresh is None else self._start(fresh)

    def write_down(self) -> None:
        """Make what was cut durable; nothing may be offered before.

        Raises:
            Broken: CUTS_NOT_WRITABLE.
        """
        self._table.write_down()

    def read(self, cut: Cut) -> Data:
        """A chunk's bytes.

        Raises:
            Broken: LOG_CHANGED, LOG_UNREADABLE. Transient: LOG_HELD by another program.
        """
        fresh = self._fresh.pop(cut.first_byte, None)
        if fresh is not None:
            return fresh  # just cut and hashed
        piece = read_piece(self._log.path, (cut.first_byte, cut.end))
        if piece.sha256 != cut.sha256:
            raise Broken(
                "LOG_CHANGED",
                "Bytes of the evidence log differ from what was cut before: the disk altered them.",
                "录制文件的内容与先前记录不一致，磁盘上的数据可能已损坏或被改动。",
                first_byte=cut.first_byte,
            )
        return piece.data

    def kept(self, cut: Cut) -> None:
        """The server holds this chunk durably."""
        self._in_flight.pop(cut.first_byte, None)
        self._failures.pop(cut.first_byte, None)
        self._held.add(cut.first_byte, cut.end)

    def failed(self, cut: Cut, *, goes_again: bool = False) -> None:
        """The chunk did not arrive; it goes back to its place, or again as it is."""
        self._failures[cut.first_byte] += 1
        if goes_again:
            return
        self._in_flight.pop(cut.first_byte, None)
        heapq.heappush(self._queue, cut.first_byte)

    def put_back(self, cut: Cut) -> None:
        """The chunk was never sent; it goes back to its place."""
        self._fresh.pop(cut.first_byte, None)
        self._in_flight.pop(cut.first_byte, None)
        heapq.heappush(self._queue, cut.first_byte)

    def give_up(self, cut: Cut) -> None:
        """This chunk cannot be sent; the others go on."""
        self._in_flight.pop(cut.first_byte, None)
        self._given_up.add(cut.first_byte)

    def split(self, cut: Cut) -> None:
        """Cut this chunk's bytes anew, smaller; only right after `reconcile`."""
        if cut.first_byte in self._in_flight or self.is_held(cut.first_byte, cut.end):
            return
        self._table.split(cut)
        self._failures.pop(cut.first_byte, None)
        self._recount()

    def _start(self, cut: Cut) -> Cut:
        self._in_flight[cut.first_byte] = cut
        return cut

    def _is_settled(self, cut: Cut) -> bool:
        return (
            cut.first_byte in self._in_flight
            or cut.first_byte in self._given_up
            or self.is_held(cut.first_byte, cut.end)
        )

    def _recount(self) -> None:
        self._known = RangeSet([*self._table.covered, *self._held])
        self._queue = [cut.first_byte for cut in self._table.cuts if not self._is_settled(cut)]
        heapq.heapify(self._queue)

    def _cut_fresh(self, upto: int, size_bytes: int, *, whole_only: bool) -> Cut | None:
        gap = self._known.first_gap(upto)
        if gap is None:
            return None

        def stretch(first: int) -> Stretch | None:
            if first >= gap[1]:
                return None
            if whole_only and gap[1] == upto and gap[1] - first < size_bytes:
                return None
            return first, self._boundary(first, gap[1], size_bytes)

        wanted = stretch(gap[0])
        if wanted is None:
            return None
        first, end = wanted
        piece = self._reader.read(wanted, lambda: stretch(end))
        cut = self._table.add(first, end - first, piece.sha256)
        self._known.add(first, end)
        self._fresh[first] = piece.data
        return cut

    def _boundary(self, first: int, gap_end: int, size_bytes: int) -> int:
        """Where a chunk from `first` ends: at a record's end, whatever the record's size.

        Damaged bytes are sent too, cut anywhere: the server, not the uploader, judges a log.
        """
        reach = size_bytes
        while first + reach < gap_end:
            try:
                end = self._log.boundary_at_or_before(first + reach)
            except Refused:
                return first + size_bytes
            if end > first:
                return end
            reach *= 2
        return gap_end


def _shorter(durable_bytes: int) -> Broken:
    return Broken(
        "LOG_SHORTER",
        "The server holds more of the recording than this disk: the file was cut or replaced.",
        "服务器已收到的录像比本机文件更长，本机录制文件可能被截断或替换。",
        durable_bytes=durable_bytes,
    )
