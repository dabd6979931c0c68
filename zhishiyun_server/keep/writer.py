"""One writes at a time; what waits together is committed together (group commit)."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from sqlalchemy import Connection, Engine, RootTransaction
from sqlalchemy.exc import DBAPIError

from zhishiyun_server.keep.kinds import kind_of

Job = Callable[[Connection], Any]
BATCH = 128  # jobs a commit; 100 rows a commit reach 64 k rows/s (research/upload.md §2.2)


class Writer:
    """Runs jobs one after another, each in its savepoint, and answers after the commit.

    A job that raises is rolled back alone. When the commit itself fails, or the line to the
    database breaks, every job of that batch fails with that error.

    Thread: any. Jobs run on the thread "database-writer", or by `write_here` on the caller's while
    that one has nothing to do.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection  # of whoever holds the pen
        self._pen = threading.Lock()
        self._is_ready = False
        self._jobs: queue.SimpleQueue[tuple[Job, Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="database-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> Future[Any]:
        """Queue a job; the future ends after its commit."""
        future: Future[Any] = Future()
        self._jobs.put((job, future))
        return future

    def write_here(self, job: Job) -> bool:
        """Run a short job in a transaction on this thread, if nobody writes now; whether it was.

        A thread and a future less, which cost as much as the transaction itself.
        job: asks nothing but by `execute_hot`

        Raises:
            Whatever the job or the commit raises: then nothing of it was kept.
        """
        if not self._pen.acquire(blocking=False):
            return False
        try:
            if not self._is_ready:
                return False
            short = kind_of(self._connection).short_transaction(self._connection)
            if short is None:
                return False
            with short:
                job(self._connection)
        finally:
            self._pen.release()
        return True

    def stop(self) -> None:
        """Finish what is queued and end the thread."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        going = True
        with self._engine.connect() as self._connection:
            self._is_ready = True
            while going:
                batch, going = self._next_batch()
                if batch:
                    with self._pen:
                        self._commit(batch)
            with self._pen:
                self._is_ready = False

    def _next_batch(self) -> tuple[list[tuple[Job, Future[Any]]], bool]:
        batch: list[tuple[Job, Future[Any]]] = []
        item = self._jobs.get()
        while item is not None:
            batch.append(item)
            if len(batch) == BATCH:
                return batch, True
            try:
                item = self._jobs.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False

    def _commit(self, waiting: list[tuple[Job, Future[Any]]]) -> None:
        # Whoever left meanwhile is left out; whoever is in can no longer leave.
        batch = [item for item in waiting if item[1].set_running_or_notify_cancel()]
        if not batch:
            return
        done: list[tuple[Future[Any], Any]] = []
        try:
            with self._begun():
                if len(batch) == 1:  # the transaction itself is the savepoint
                    done.append((batch[0][1], batch[0][0](self._connection)))
                else:
                    self._run_each(batch, done)
        except Exception as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for future, result in done:
            future.set_result(result)

    def _begun(self) -> RootTransaction:
        """A transaction; on a line that broke meanwhile, over a new one: no job has run yet."""
        try:
            return self._connection.begin()
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            self._connection.rollback()
            return self._connection.begin()

    def _run_each(
        self, batch: list[tuple[Job, Future[Any]]], done: list[tuple[Future[Any], Any]]
    ) -> None:
        for job, future in batch:
            try:
                with self._connection.begin_nested():
                    done.append((future, job(self._connection)))
            except Exception as error:
                if self._connection.invalidated:  # with the line everything is gone, also the done
                    raise
                future.set_exception(error)
