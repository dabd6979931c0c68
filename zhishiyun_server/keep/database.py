"""The database: SQLite in WAL mode, every commit on disk before anybody is told of it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import IntegrityError, OperationalError

from zhishiyun_server.keep.bringing_over import bring_over
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
        bring_over(self._writing)
        metadata.create_all(self._writing)
        self._writer = Writer(self._writing)

    async def write(self, job: Callable[[Connection], T]) -> T:
        """Run `job` in a transaction of the writer; returns after the commit."""
        return await asyncio.wrap_future(self.submit(job))

    def submit(self, job: Callable[[Connection], T]) -> Future[T]:
        """Like `write`, for whoever goes on meanwhile; the future ends on the writer's thread."""
        return self._writer.submit(job)

    def write_now(self, job: Callable[[Connection], T]) -> T:
        """Like `write`, for commands and threads."""
        return self.submit(job).result()

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
    _by_driver(connection, "BEGIN IMMEDIATE" if writes else "BEGIN", None)


def execute_hot(
    connection: Connection, statement: str, rows: Sequence[Mapping[str, object]]
) -> int:
    """Run one statement for all rows within the transaction; returns how many rows it touched.

    By the driver itself, for the two statements that are asked for every chunk and heartbeat:
    SQLAlchemy's way costs 100 µs more a call and 10 µs a row.

    Raises:
        OperationalError, IntegrityError.
    """
    return _by_driver(connection, statement, rows).rowcount


def _by_driver(
    connection: Connection, statement: str, rows: Sequence[Mapping[str, object]] | None
) -> sqlite3.Cursor:
    driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    try:
        return driver.execute(statement) if rows is None else driver.executemany(statement, rows)
    except sqlite3.OperationalError as error:
        raise OperationalError(statement, None, error) from error
    except sqlite3.IntegrityError as error:
        raise IntegrityError(statement, None, error) from error
