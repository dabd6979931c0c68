"""SQLite in WAL mode: one file, one process, every commit on the disk before it is told."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import IntegrityError, OperationalError

from zhishiyun_server.keep.kinds import KIND, is_writing

BUSY_S = 20.0  # how long to wait for another process that writes
READERS = 8


class SQLite:
    """One file."""

    in_names = "(SELECT value FROM json_each(:names))"

    def __init__(self, file: Path) -> None:
        self._file = file

    def open(self) -> Engine:
        """As `Kind`."""
        engine = create_engine(
            f"sqlite:///{self._file}",
            connect_args={"timeout": BUSY_S},
            pool_size=READERS,
            hide_parameters=True,  # an error that is logged must not tell names and numbers
            execution_options={KIND: self},
        )
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
        return engine

    def execute_many(
        self, connection: Connection, statement: str, rows: Sequence[Mapping[str, object]]
    ) -> int:
        """As `Kind`."""
        return _by_driver(connection, statement, rows).rowcount

    def short_transaction(self, connection: Connection) -> _ShortTransaction:
        """As `Kind`: by the driver, past sixty calls of SQLAlchemy's."""
        return _ShortTransaction(connection)

    def is_full(self, error: OperationalError) -> bool:
        """As `Kind`."""
        return "full" in str(error.orig)

    def overwrite_freed(self, connection: Connection) -> None:
        """As `Kind`: pages that this connection frees are overwritten from now on."""
        connection.exec_driver_sql("PRAGMA secure_delete=ON")

    def forget_freed(self, engine: Engine) -> None:
        """As `Kind`: everything goes into the main file, the journal forgets pages as they were."""
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


class _ShortTransaction:
    """From BEGIN to COMMIT, or ROLLBACK after a failure."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        _by_driver(self._connection, "BEGIN IMMEDIATE", None)

    def __exit__(
        self, kind: type[BaseException] | None, _error: object, _traceback: object
    ) -> None:
        try:
            if kind is None:
                _by_driver(self._connection, "COMMIT", None)
        finally:
            if _driver_of(self._connection).in_transaction:
                _by_driver(self._connection, "ROLLBACK", None)


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
    _by_driver(connection, "BEGIN IMMEDIATE" if is_writing(connection) else "BEGIN", None)


def _by_driver(
    connection: Connection, statement: str, rows: Sequence[Mapping[str, object]] | None
) -> sqlite3.Cursor:
    driver = _driver_of(connection)
    try:
        return driver.execute(statement) if rows is None else driver.executemany(statement, rows)
    except sqlite3.OperationalError as error:
        raise OperationalError(statement, None, error) from error
    except sqlite3.IntegrityError as error:
        raise IntegrityError(statement, None, error) from error


def _driver_of(connection: Connection) -> sqlite3.Connection:
    driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    return driver
