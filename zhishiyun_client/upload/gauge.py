"""What the line carries: from it follow the size of chunks, how many travel, and an honest ETA."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

SMALLEST_BYTES = 32 * 1024
LARGEST_BYTES = 2 * 1024 * 1024
FIRST_BYTES = 16 * 1024  # until the line has been measured: half a second of 300 kbit/s
MOST_SPARE = 3  # with the senders beyond those: whoever is done first finds its next at once
LEAST_AHEAD = 4
AIM_S = 1.0  # what travels is about what the line carries in this time (design §4)
LEAST_AIM_S = 0.25  # on a line that keeps being cut, little is lost at each cut
MOST_PACED = 3
MOST_AT_ONCE = 6  # on a line without a pace: the server's disk answers several sooner than one each
PATIENCE = 4.0  # a chunk may take so many times what is expected
LEAST_WITHIN_S = 10.0
MOST_WITHIN_S = 600.0
CHECK_LOW_S, CHECK_HIGH_S = 0.5, 5.0  # the server's own check at the end, part of the ETA
_MEMORY_S = 3.0  # of the line's own time: older measurements hardly count
_SLOW_TRIP, _VERY_SLOW_TRIP = 0.1, 0.4  # round trip as a share of a chunk's whole time
_AIM_GROWS = 1.1  # after every chunk that arrives
_PACED_GROWS, _UNPACED_GROWS = 2, 8  # the size, from one chunk to the next at most
_TRIPS = 16  # round trips that are remembered
_UNMEASURED_BYTES_S = 64_000.0  # what a line is taken for until then
_WEIGHT = 0.3  # of the newest measurement
_DOUBT = 0.15  # a rate is never known better than this
UNPACED_BYTES_S = 4_000_000.0  # from here on our chunks leave no queue that others would notice
_QUEUE_SHARE = 0.25  # a chunk that waited this share of its time on the line longer stood in
QUEUE_LEAST_S, QUEUE_MOST_S = 0.1, 0.2  # a queue, within these bounds
_CERTAIN_S = 0.5  # one answer may be late by chance, two hardly; by so much, no one
_FINDING = 2.0  # how the pace grows until the line was once full
_RETURNING = 1.15  # and then, with every chunk without a queue, up to what was carried before;
_FEELING = (1.02, 1.02, 1.03, 1.04, 1.06, 1.08, 1.25, 1.5)  # from there more and more boldly
_SHORT_BYTES = 8 * 1024  # a shorter chunk tells about the server's work, not about the line
_KNOWN_SHARE = 0.95  # of the best seen: so much is known to go
_BEYOND_BEST = 1.25  # no faster than this times what was seen carried
_ANSWERS = 3  # that tell together what a full line carries
_BACK_LEAST, _BACK_MOST = 0.7, 0.95  # of what a full line carried: so the queue drains
_DRAINS_WITHIN_S = 2.0
_OWN_SHARE = 0.5  # of the best seen: to others' traffic no more than this is yielded
_LEAST_PACE_BYTES_S = 4_000.0
_BEST_FADES = 0.98  # with every chunk: a line may have become slower for good
_LOST_AT_MOST_S = 5.0  # of one failure, as time in which the line carried nothing
_REQUEST_BYTES = 800  # what a chunk costs besides its bytes: asking for its grant, its headers


@dataclass(frozen=True, slots=True)
class Eta:
    """A range of seconds; None while nothing was measured."""

    low_s: float | None
    high_s: float | None


class LineGauge:
    """Learns from every chunk and every small call. Thread: the pump's."""

    def __init__(self) -> None:
        self.rate_bytes_s = 0.0  # what arrives to stay, the time lost to cuts included
        self.pace_bytes_s: float | None = None  # how fast bytes may leave; None: as fast as it goes
        self.at_once = 1
        self._spread_bytes_s = 0.0
        self._trips_s: deque[float] = deque(maxlen=_TRIPS)
        self._waits_s: deque[float] = deque(maxlen=_TRIPS)
        self._size_bytes = FIRST_BYTES
        self._aim_s = AIM_S
        self._lost_s = 0.0
        self._is_finding = True
        self._without_queue = 0
        self._last_queue_s = 0.0
        self._best_bytes_s = 0.0
        self._capacity_bytes_s = 0.0
        self._answers: deque[tuple[int, float]] = deque(maxlen=_ANSWERS)
        self._between_bytes = 0.0  # what is carried from one failure to the next; 0: not known
        self._since_bytes = 0
        self._comes_back = False  # nothing has arrived since the last failure

    @property
    def chunk_bytes(self) -> int:
        """How long the next chunk should be."""
        return self._size_bytes

    @property
    def ahead(self) -> int:
        """How many to get granted at a time: asking costs a round trip, small ones little else."""
        return max(self.at_once, LEAST_AHEAD)

    @property
    def spare(self) -> int:
        """How many more the senders may have: they wait there for a turn, or for a sender."""
        return MOST_SPARE if self.at_once == MOST_AT_ONCE else 1

    @property
    def line_bytes_s(self) -> float:
        """What the line carries while it carries, the way there and back left out."""
        return self._capacity_bytes_s

    def within_s(self, length: int, failures: int = 0) -> float:
        """The deadline of one chunk: generous, and doubled after every failure."""
        rate = self.rate_bytes_s or _UNMEASURED_BYTES_S
        expected_s = length * (self.at_once + self.spare) / rate
        within_s = max(LEAST_WITHIN_S, PATIENCE * expected_s) * 2.0 ** min(failures, 8)
        return float(min(within_s, MOST_WITHIN_S))

    def round_trip(self, seconds: float) -> None:
        """A call with a small question and a small answer took so long.

        The quickest of the newest counts: the others stood in the queue of our own chunks.
        """
        self._trips_s.append(seconds)

    def carried(self, length: int, seconds: float, busy_s: float | None = None) -> None:
        """A chunk arrived.

        Args:
            seconds: from its first byte to its answer.
            busy_s:  since the one before arrived, or since the line was not idle any more.
        """
        self._since_bytes += length
        busy_s = max(seconds if busy_s is None else busy_s, 1e-4)
        if length >= _SHORT_BYTES and not self._comes_back:
            self._answers.append((length, busy_s))
        self._learn_rate(length, busy_s + self._lost_s)
        self._lost_s = 0.0
        self._aim_s = min(AIM_S, self._aim_s * _AIM_GROWS)

    def left(self, length: int, leaving_s: float, waited_s: float) -> None:
        """That chunk left within `leaving_s`; its answer came `waited_s` after its last byte.

        The pace feels for the line's rate from below. What an answer waits longer than the quickest
        did is a queue in front of the line: then the line is full, and what it carried is its rate,
        or our part of it while others use it too. Then we give way, down to half of the best seen.
        """
        came_back, self._comes_back = self._comes_back, False
        if length < _SHORT_BYTES or came_back:
            return  # what stood in the queue when the line was cut was in its way
        least_s = min([*self._waits_s, *self._trips_s], default=0.0)
        self._waits_s.append(waited_s)
        queue_s = max(0.0, waited_s - least_s)
        carried_bytes_s = self._carried(length, leaving_s + queue_s)
        standing_s = queue_s if queue_s > _CERTAIN_S else min(queue_s, self._last_queue_s)
        self._last_queue_s = queue_s
        self._capacity_bytes_s = _mixed(self._capacity_bytes_s, carried_bytes_s)
        self._best_bytes_s = max(carried_bytes_s, self._best_bytes_s * _BEST_FADES)
        share_s = (leaving_s + queue_s) * _QUEUE_SHARE
        is_full = standing_s > max(QUEUE_LEAST_S, min(QUEUE_MOST_S, share_s))
        self._set_pace(length, carried_bytes_s, standing_s if is_full else 0.0)
        self._set_size(leaving_s + waited_s)

    def _carried(self, length: int, seconds: float) -> float:
        """What the line carries at least: by this chunk alone, and by the newest answers."""
        by_answers = sum(n for n, _ in self._answers) / (sum(s for _, s in self._answers) or 1.0)
        return max(by_answers, length / max(seconds, 1e-4))

    def _set_pace(self, length: int, carried_bytes_s: float, queue_s: float) -> None:
        pace = self.pace_bytes_s
        if queue_s:
            self._is_finding = self._is_finding and length < SMALLEST_BYTES  # too short to tell
            self._without_queue = 0
            back = 1 - queue_s / _DRAINS_WITHIN_S
            pace = carried_bytes_s * min(max(back, _BACK_LEAST), _BACK_MOST)
        else:
            grows = _FINDING if self._is_finding else self._feeling(pace)
            most = self._best_bytes_s * (_FINDING if self._is_finding else _BEYOND_BEST)
            pace = min((carried_bytes_s if pace is None else pace) * grows, most)
        pace = max(pace, self._best_bytes_s * _OWN_SHARE, _LEAST_PACE_BYTES_S)
        self.pace_bytes_s = pace if pace < UNPACED_BYTES_S else None

    def _feeling(self, pace: float | None) -> float:
        """By how much the pace grows, when no queue is seen: a queue shows some chunks later."""
        if pace is not None and pace < self._best_bytes_s * _KNOWN_SHARE:
            return _RETURNING
        step = min(self._without_queue, len(_FEELING) - 1)
        self._without_queue += 1
        return _FEELING[step]

    def _set_size(self, seconds: float) -> None:
        trip_s = min(self._trips_s, default=0.0)
        trip_share = trip_s / max(seconds, 1e-4)
        carries = self._capacity_bytes_s * (self._aim_s + trip_s)
        by_trip = 1 + (trip_share > _SLOW_TRIP) + (trip_share > _VERY_SLOW_TRIP)
        by_pace = 1 if self.pace_bytes_s is None else 2  # one leaves, one waits for its answer
        by_size = math.ceil(carries / LARGEST_BYTES)
        most = MOST_AT_ONCE if self.pace_bytes_s is None else MOST_PACED
        self.at_once = min(most, max(by_trip, by_pace, by_size))
        grows = _PACED_GROWS if self.pace_bytes_s is not None else _UNPACED_GROWS
        grown = min(int(carries / self.at_once), self._size_bytes * grows, self._bearable_bytes())
        self._size_bytes = max(SMALLEST_BYTES, min(LARGEST_BYTES, grown))

    def failed(self, seconds: float = 0.0) -> None:
        """A chunk did not arrive, which cost so much time: be modest."""
        self._lost_s += min(seconds, _LOST_AT_MOST_S)
        self._aim_s = max(LEAST_AIM_S, self._aim_s / 2)
        self._size_bytes = max(SMALLEST_BYTES, self._size_bytes // 2)
        if self.pace_bytes_s is None:  # where there is a pace, what comes next waits for its turn
            self.at_once = 1
        if self._since_bytes:
            self._between_bytes = _mixed(self._between_bytes, self._since_bytes)
        self._since_bytes, self._comes_back = 0, True

    def _bearable_bytes(self) -> int:
        """The size at which what a cut destroys and what requests cost are least together.

        A cut destroys half a chunk on average, once between two cuts; a request is paid for every
        chunk: (size / 2 + request * between / size) is least where this says.
        """
        if not self._between_bytes:
            return LARGEST_BYTES
        return int(math.sqrt(2 * _REQUEST_BYTES * max(self._between_bytes, self._since_bytes)))

    def _learn_rate(self, length: int, busy_s: float) -> None:
        rate = length / busy_s
        if self.rate_bytes_s == 0:
            self.rate_bytes_s, self._spread_bytes_s = rate, rate * _DOUBT
            return
        weight = 1 - math.exp(-busy_s / _MEMORY_S)
        self._spread_bytes_s += (abs(rate - self.rate_bytes_s) - self._spread_bytes_s) * weight
        self.rate_bytes_s += (rate - self.rate_bytes_s) * weight

    def eta(self, left_bytes: int) -> Eta:
        """How long what is left will take, the server's check included."""
        if self.rate_bytes_s <= 0:
            return Eta(None, None)
        doubt = max(self._spread_bytes_s, self.rate_bytes_s * _DOUBT)
        quick = self.rate_bytes_s + doubt
        slow = max(self.rate_bytes_s - doubt, self.rate_bytes_s / 3)
        return Eta(left_bytes / quick + CHECK_LOW_S, left_bytes / slow + CHECK_HIGH_S)


def _mixed(old: float, new: float) -> float:
    return new if old == 0 else old + (new - old) * _WEIGHT
