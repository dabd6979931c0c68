"""Trays between threads: `Latest` for looking, `Line` for keeping. Frames never go in signals."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Latest(Generic[Item]):
    """A tray of one: putting replaces, taking empties. For previews, where only the newest counts.

    Thread: any. `replaced` counts what nobody took.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._item: Item | None = None
        self.replaced = 0

    def put(self, item: Item) -> bool:
        """Lay the newest down; False when it replaced one that nobody had taken."""
        with self._lock:
            was_empty = self._item is None
            self.replaced += not was_empty
            self._item = item
            return was_empty

    def take(self) -> Item | None:
        """The newest, or None; the tray is empty afterwards."""
        with self._lock:
            item, self._item = self._item, None
            return item


class Line(Generic[Item]):
    """A first-in-first-out tray with a stated capacity; a full line refuses and counts.

    Whoever may lose nothing gives it the capacity to ride out the longest stall and treats a
    refusal as a loss to be recorded. Thread: any number of putters and takers.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError("a line holds at least one item")
        self.capacity = capacity
        self.refused = 0
        self.highest = 0
        self._items: deque[Item] = deque()
        self._changed = threading.Condition()
        self._wanted = 1  # items that are worth waking a taker for
        self._closed = False

    def put(self, item: Item) -> bool:
        """Append; False (and counted) when full or closed. Never waits."""
        with self._changed:
            if self._closed or len(self._items) >= self.capacity:
                self.refused += 1
                return False
            self._items.append(item)
            self.highest = max(self.highest, len(self._items))
            if len(self._items) >= self._wanted:
                self._changed.notify()
            return True

    def take(self, within_s: float = 0.0) -> Item | None:
        """The oldest; None when nothing came within the time, or closed and empty."""
        deadline_s = time.monotonic() + within_s
        with self._changed:
            while not self._items:
                left_s = deadline_s - time.monotonic()
                if self._closed or left_s <= 0:
                    return None
                self._changed.wait(left_s)
            return self._items.popleft()

    def take_all(self, at_least: int, within_s: float) -> list[Item]:
        """What is there once there is so much, or after that time whatever there is; oldest first.

        Nobody is woken for less. For a line with one taker.
        """
        deadline_s = time.monotonic() + within_s
        with self._changed:
            self._wanted = at_least
            while len(self._items) < at_least and not self._closed:
                left_s = deadline_s - time.monotonic()
                if left_s <= 0 or not self._changed.wait(left_s):
                    break
            self._wanted = 1
            taken = list(self._items)
            self._items.clear()
            return taken

    def close(self) -> None:
        """No more may be put; what is there can still be taken; waiting takers wake."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def is_drained(self) -> bool:
        """Closed and empty: nothing will ever come again."""
        with self._changed:
            return self._closed and not self._items

    def __len__(self) -> int:
        with self._changed:
            return len(self._items)
