"""Threads that wait for the disk, so that nobody else does."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable


class DiskThreads:
    """Runs jobs, several at a time: fsyncs that wait together cost hardly more than one.

    A job tells by itself what came of it, and raises nothing. Leaner than an executor, whose
    futures, locks and waits cost as much as the rest of a small job. Thread: any.
    """

    def __init__(self, count: int, name: str) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._count = count
        self._name = name
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    def do(self, job: Callable[[], None]) -> None:
        """Run `job` soon."""
        if not self._threads:
            self._begin()
        self._jobs.put(job)

    def stop(self) -> None:
        """Finish what is queued and end the threads."""
        with self._lock:
            threads, self._threads = self._threads, []
        for _ in threads:
            self._jobs.put(None)
        for thread in threads:
            thread.join()

    def _begin(self) -> None:
        with self._lock:
            if self._threads:
                return
            self._threads = [
                threading.Thread(target=self._work, name=f"{self._name}-{n}", daemon=True)
                for n in range(self._count)
            ]
            for thread in self._threads:
                thread.start()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
