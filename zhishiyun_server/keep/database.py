"""The database: SQLite in WAL mode, every commit on disk before anybody is told of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import OperationalError

from zhishiyun_server.keep.tables import metadata
from zhishiyun_server.keep.writer import Writer

T = TypeVar("T")
BUSY_S = 20.0  # how long to wait for another process that writes


class Database:
    """Reads by anybody, writes by one thread.

    A function given to `write` decides and writes in one transaction; it may run again only if the
    caller calls again. Nothing of it is visible or answered before it is durable.
    """

    def __init__(self, path: Path) -> None:
        self._engine = create_engine(
            f"sqlite:///{path}",
            connect_args={"timeout": BUSY_S},
            pool_size=8,
            hide_parameters=True,  # an error that is logged must not tell names and numbers
        )
        event.listen(self._engine, "connect", _on_connect)
        self._writing = self._engine.execution_options(zsy_writes=True)
        event.listen(self._engine, "begin", _on_begin)
        metadata.create_all(self._writing)
        self._writer = Writer(self._writing)

    async def write(self, job: Callable[[Connection], T]) -> T:
        """Run `job` in a transaction of the writer; returns after the commit."""
        result: T = await asyncio.wrap_future(self._writer.submit(job))
        return result

    def write_now(self, job: Callable[[Connection], T]) -> T:
        """Like `write`, for commands and threads."""
        result: T = self._writer.submit(job).result()
        return result

    def read(self, job: Callable[[Connection], T]) -> T:
        """Run a quick read; sees everything that was committed before."""
        with self._engine.connect() as connection:
            return job(connection)

    def empty_journal(self) -> None:
        """Put everything into the main file: the journal forgets pages as they were before."""
        with self._engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Finish what is queued and close the file."""
        self._writer.stop()
        self._engine.dispose()


def is_full(error: OperationalError) -> bool:
    """Whether a database error says that the disk is full."""
    return "full" in str(error.orig)


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={int(BUSY_S * 1000)}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("zsy_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
