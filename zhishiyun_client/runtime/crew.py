"""All workers of a process by name: started in order, stopped in reverse, the late ones named."""

from __future__ import annotations

import logging
from types import TracebackType

from zhishiyun_client.runtime.worker import Worker

LOG = logging.getLogger(__name__)
STOP_WITHIN_S = 5.0


class Crew:
    """Holds every worker of a process; leaving the block stops them, last started first."""

    def __init__(self) -> None:
        self._workers: list[Worker] = []

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def add(self, worker: Worker) -> None:
        """Take a worker on and start it."""
        self._workers.append(worker)
        worker.start()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all workers, in order of starting."""
        return tuple(worker.name for worker in self._workers)

    def stop(self) -> tuple[str, ...]:
        """Ask all, then wait for each; the names of those that missed their deadline."""
        for worker in reversed(self._workers):
            worker.ask_to_stop()
        late = tuple(w.name for w in reversed(self._workers) if not w.stop(STOP_WITHIN_S))
        for name in late:
            LOG.warning("worker %s did not stop within %s s", name, STOP_WITHIN_S)
        self._workers.clear()
        return late
