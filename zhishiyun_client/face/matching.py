"""From the similarities of several looks to one verdict; pure arithmetic."""

from __future__ import annotations

from collections import Counter
from statistics import median

from zhishiyun_client.face.pack import Thresholds
from zhishiyun_client.ports.faces import Comparison, Hint, Verdict

LOOKS = 5
"""A verdict rests on the median of this many, never on one: over 40 people the medians of five
separate without an error. Source: docs/face-packs.md, Measured."""

LOOKS_IN_DOUBT = 15
"""While the median lies between doubtful and login, looking goes on to this many."""

TRY_S = 15.0
"""A try ends after this time. Fifteen looks take three seconds; the rest is for mending hints."""


class Trial:
    """One try: takes looks until they decide, or until time is up.

    Args: began_tick_s: monotonic.
    """

    def __init__(self, thresholds: Thresholds, began_tick_s: float) -> None:
        self._login = thresholds.login.value
        self._doubtful = thresholds.doubtful.value
        self._ends_tick_s = began_tick_s + TRY_S
        self._similarities: list[float] = []
        self._spoiled: Counter[Hint] = Counter()

    def take(self, similarity: float) -> None:
        """Count one good look."""
        self._similarities.append(similarity)

    def spoil(self, hint: Hint) -> None:
        """Count one look that could not be compared."""
        self._spoiled[hint] += 1

    @property
    def taken_share(self) -> float:
        """How much of what a verdict needs is there, 0 to 1."""
        return min(1.0, len(self._similarities) / LOOKS)

    @property
    def obstacle(self) -> Hint | None:
        """What spoiled most looks."""
        most = self._spoiled.most_common(1)
        return most[0][0] if most else None

    def outcome(self, tick_s: float) -> Comparison | None:
        """The verdict, or None while more looks are needed. Args: tick_s: monotonic."""
        looks = len(self._similarities)
        score = median(self._similarities) if looks else 0.0
        time_is_up = tick_s >= self._ends_tick_s
        if looks < LOOKS:
            return Comparison(Verdict.UNDECIDED, score, looks) if time_is_up else None
        if score >= self._login:
            return Comparison(Verdict.MATCHED, score, looks)
        if score >= self._doubtful and looks < LOOKS_IN_DOUBT and not time_is_up:
            return None
        return Comparison(Verdict.NOT_MATCHED, score, looks)
