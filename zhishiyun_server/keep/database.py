"""The database: every commit on disk before anybody is told of it.

Which one it is, SQLite's one file or PostgreSQL for many processes, is known here and nowhere else.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, CursorResult, TextClause, exc, text
from sqlalchemy.exc import DBAPIError, OperationalError

from zhishiyun_protocol.errors import Fixable
from zhishiyun_server.keep.bringing_over import bring_over
from zhishiyun_server.keep.kinds import WRITES, Kind, kind_of
from zhishiyun_server.keep.on_sqlite import SQLite
from zhishiyun_server.keep.tables import metadata
from zhishiyun_server.keep.writer import Writer

T = TypeVar("T")
# The database is away, full, or changes hands just now: nothing is wrong with what was asked of it.
AWAY = (OperationalError, exc.InternalError, exc.TimeoutError)


class Database:
    """Reads by anybody, writes by one thread.

    A function given to `write` decides and writes in one transaction; it may run again only if the
    caller calls again. Nothing of it is visible or answered before it is durable.
    """

    def __init__(self, place: Path | str) -> None:
        """Open the database; a path is SQLite's file, a text PostgreSQL's address.

        Raises:
            Fixable: as `PostgreSQL.open`; DATABASE_DRIVER.
        """
        self._kind: Kind = SQLite(place) if isinstance(place, Path) else _postgresql(place)
        self._engine = self._kind.open()
        writing = self._engine.execution_options(**{WRITES: True})
        bring_over(writing)
        metadata.create_all(writing)
        self._writer = Writer(writing)

    async def write(self, job: Callable[[Connection], T]) -> T:
        """Run `job` in a transaction of the writer; returns after the commit."""
        return await asyncio.wrap_future(self.submit(job))

    def submit(self, job: Callable[[Connection], T]) -> Future[T]:
        """Like `write`, for whoever goes on meanwhile; the future ends on the writer's thread."""
        return self._writer.submit(job)

    def write_here(self, job: Callable[[Connection], object]) -> bool:
        """Run a quick `job` in a transaction on this very thread, if nobody else writes just now.

        job: asks nothing but by `execute_hot`

        Raises:
            What the job raises; OperationalError: nothing was kept.


        Returns:
            Whether it was run and committed; False: nothing has happened.
        """
        return self._writer.write_here(job)

    def write_now(self, job: Callable[[Connection], T]) -> T:
        """Like `write`, for commands and threads."""
        return self.submit(job).result()

    def read(self, job: Callable[[Connection], T]) -> T:
        """Run a quick read; sees everything that was committed before. It may run twice."""
        try:
            return self._read(job)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        return self._read(job)  # the server was started anew, or the line to it broke

    def forget_freed(self) -> None:
        """What was deleted shall not lie around in the files any longer than it must."""
        self._kind.forget_freed(self._engine)

    def is_full(self, error: OperationalError) -> bool:
        """Whether an error of this database says that the disk is full."""
        return self._kind.is_full(error)

    def close(self) -> None:
        """Finish what is queued and let go."""
        self._writer.stop()
        self._engine.dispose()

    def _read(self, job: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            return job(connection)


def _postgresql(address: str) -> Kind:
    try:
        from zhishiyun_server.keep.on_postgresql import PostgreSQL
    except ImportError as error:  # the driver, or the library that it drives
        raise Fixable(
            "DATABASE_DRIVER",
            "PostgreSQL needs its driver: pip install 'zhishiyun[scale]'.",
            "使用 PostgreSQL 需安装驱动：pip install 'zhishiyun[scale]'。",
        ) from error
    return PostgreSQL(address)


def overwrite_freed(connection: Connection) -> None:
    """What this transaction frees is overwritten, where the database can do so."""
    kind_of(connection).overwrite_freed(connection)


def execute_hot(
    connection: Connection, statement: str, rows: Sequence[Mapping[str, object]]
) -> int:
    """Run one statement for all rows within the transaction; returns how many rows it touched.

    By the driver itself, for the few statements that are asked for every chunk and heartbeat:
    SQLAlchemy's way costs 100 µs more a call and 10 µs a row.
    statement: with parameters as :name, in words that every kind of database understands

    Raises:
        OperationalError, IntegrityError, DataError.
    """
    return kind_of(connection).execute_many(connection, statement, rows)


def for_names(connection: Connection, statement: str, names: Iterable[str]) -> CursorResult[Any]:
    """Run a statement that ends in IN for hundreds of names, handed over as one value.

    As many values of their own cost 5 µs each.
    """
    told = msgspec.json.encode(list(names)).decode()
    return connection.execute(_whole(statement, kind_of(connection).in_names), {"names": told})


@functools.cache
def _whole(statement: str, in_names: str) -> TextClause:
    return text(statement + in_names)
