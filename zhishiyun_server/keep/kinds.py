"""What a kind of database can do, whichever it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

KIND, WRITES = "zsy_kind", "zsy_writes"  # execution options of every connection


class Kind(Protocol):
    """SQLite's one file, or PostgreSQL for many processes.

    in_names: what stands behind IN for all texts of a JSON array, the parameter :names
    """

    in_names: str

    def open(self) -> Engine:
        """Connections for reading; with the option `WRITES` for the one who writes.

        Raises:
            Fixable: this database cannot be used.
        """

    def execute_many(
        self, connection: Connection, statement: str, rows: Sequence[Mapping[str, object]]
    ) -> int:
        """Run one statement for all rows by the driver; returns how many rows it touched.

        Raises:
            OperationalError, IntegrityError, DataError.
        """

    def short_transaction(self, connection: Connection) -> AbstractContextManager[object] | None:
        """One for writing in which nothing but `execute_many` is asked; None: this kind has none.

        Raises:
            OperationalError: also at its end, when nothing of it was kept.
        """

    def is_full(self, error: OperationalError) -> bool:
        """Whether an error says that the disk is full."""

    def overwrite_freed(self, connection: Connection) -> None:
        """What this transaction frees is overwritten, where the database can do so."""

    def forget_freed(self, engine: Engine) -> None:
        """What was deleted shall lie around no longer than it must."""


def kind_of(connection: Connection) -> Kind:
    """The kind of database behind a connection."""
    return cast("Kind", connection.get_execution_options()[KIND])


def is_writing(connection: Connection) -> bool:
    """Whether it belongs to the one who writes."""
    return bool(connection.get_execution_options().get(WRITES))
