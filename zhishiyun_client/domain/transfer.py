"""When to try again: one schedule as data, for every call that may work later."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schedule:
    """Back-off that doubles up to a limit; half of each wait is left to chance.

    The chance keeps a hall full of candidates, cut off at the same instant, from coming back at
    the same instant.
    """

    first_s: float = 0.2
    factor: float = 2.0
    most_s: float = 30.0
    longest_asked_s: float = (
        300.0  # a server may ask for more patience than `most_s`, not for hours
    )

    def wait_s(self, attempt: int, chance: float, asked_s: float | None = None) -> float:
        """Seconds to wait before the next try.

        Args:
            attempt: tries that failed in a row, from 1.
            chance:  0 … 1, from outside.
            asked_s: the server's Retry-After; never undercut.
        """
        doublings = min(max(attempt, 1) - 1, 30)
        full_s = min(self.first_s * self.factor**doublings, self.most_s)
        wait_s = full_s / 2 + full_s / 2 * chance
        if asked_s is None:
            return wait_s
        asked_s = min(max(asked_s, 0.0), self.longest_asked_s)
        return max(wait_s, asked_s + self.first_s * chance)


USUAL = Schedule()
LIVELY = Schedule(first_s=0.5, most_s=8.0)  # heartbeats: cheap, and missed when they stay away
PATIENT = Schedule(first_s=5.0, most_s=120.0)  # for what a person must mend first
