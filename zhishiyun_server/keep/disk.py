"""Threads that wait for the disk, so that nobody else does."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

Job = Callable[[], None]


class DiskThreads:
    """Runs jobs, several at a time: fsyncs that wait together cost hardly more than one.

    A job tells by itself what came of it, and raises nothing. Leaner than an executor, whose
    futures, locks and waits cost as much as the rest of a small job; and a job wakes one thread,
    the one that worked last, where a queue's wakes a second to look in vain. Thread: any.
    """

    def __init__(self, count: int, name: str) -> None:
        self._count = count
        self._name = name
        self._lock = threading.Lock()
        self._workers: list[_Worker] = []
        self._idle: list[_Worker] = []
        self._jobs: deque[Job] = deque()  # what nobody has taken yet
        self._is_open = True

    def do(self, job: Job) -> None:
        """Run `job` soon; at once where the system gives us no thread at all."""
        with self._lock:
            worker = self._free_worker()
            if worker is None and self._workers:
                self._jobs.append(job)
                return
        if worker is None:
            job()
        else:
            worker.wake(job)

    def stop(self) -> None:
        """Finish what is queued and end the threads."""
        with self._lock:
            self._is_open = False
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.wake(None)
        for worker in self._workers:
            worker.join()

    def _free_worker(self) -> _Worker | None:
        if self._idle:
            return self._idle.pop()
        if not self._is_open or len(self._workers) == self._count:
            return None
        try:
            worker = _Worker(self._next, f"{self._name}-{len(self._workers)}")
        except RuntimeError:  # the system starts no more threads
            return None
        self._workers.append(worker)
        return worker

    def _next(self, worker: _Worker) -> tuple[Job | None, bool]:
        """(What to do now, whether to wait for more otherwise)."""
        with self._lock:
            if self._jobs:
                return self._jobs.popleft(), True
            if self._is_open:
                self._idle.append(worker)
            return None, self._is_open


class _Worker:
    """One thread, asleep until it is given a job."""

    def __init__(self, ask: Callable[[_Worker], tuple[Job | None, bool]], name: str) -> None:
        self._ask = ask
        self._asleep = threading.Lock()
        self._asleep.acquire()
        self._job: Job | None = None
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def wake(self, job: Job | None) -> None:
        """Do this, or end."""
        self._job = job
        self._asleep.release()

    def join(self) -> None:
        """Wait for its end."""
        self._thread.join()

    def _work(self) -> None:
        goes_on = True
        while goes_on:
            self._asleep.acquire()
            job, self._job = self._job, None
            goes_on = job is not None
            while job is not None:
                job()
                job = None
                job, goes_on = self._ask(self)
