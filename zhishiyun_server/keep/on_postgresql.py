"""PostgreSQL: the state of many server processes, with the same promises as SQLite's one file.

Whoever writes holds one lock of the whole database until the commit: decisions are made one after
another here too, however many processes serve. What waits in a process is committed together, so
the lock is taken once for many.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg.types.string import StrDumperVarchar
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from zhishiyun_protocol.errors import Fixable
from zhishiyun_server.keep.kinds import KIND, is_writing
from zhishiyun_server.keep.postgresql_errors import hush_wrapped, wrapped

READERS = 8
MOST_READERS = 32
CONNECT_S = 5
SILENT_MS = 10_000  # a line on which nothing comes through for so long is lost
PROBE_AFTER_S, PROBE_EVERY_S, PROBES = 5, 2, 3  # whether the other end is still there
STATEMENT_MS = 20_000
# A writer that stands still, or whose machine is gone, gives the lock back before those who wait
# for it lose their patience.
STILL_MS = 10_000
WRITING = 0x5A53_5930  # the number of the lock that whoever writes holds
DISK_FULL = "53100"
NAMED = re.compile(r":(\w+)")
MUST_BE_ON = ("fsync", "full_page_writes")  # else a commit is answered before it is on the disk


class PostgreSQL:
    """One database of a server, which may be elsewhere."""

    in_names = "(SELECT json_array_elements_text(CAST(:names AS json)))"

    def __init__(self, address: str) -> None:
        self._address = address

    def open(self) -> Engine:
        """As `Kind`.

        Raises:
            Fixable: DATABASE_ADDRESS, DATABASE_UNREACHABLE, DATABASE_NOT_DURABLE,
            DATABASE_ENCODING.
        """
        engine = self._engine()
        event.listen(engine, "handle_error", hush_wrapped)
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
        try:
            _require_fit(engine)
        except Fixable:
            engine.dispose()
            raise
        return engine

    def execute_many(
        self, connection: Connection, statement: str, rows: Sequence[Mapping[str, object]]
    ) -> int:
        """As `Kind`; all rows are sent together."""
        driver: psycopg.Connection = connection.connection.driver_connection  # type: ignore[assignment]
        try:
            with driver.cursor() as cursor:
                cursor.executemany(_in_its_words(statement), rows)
                return cursor.rowcount
        except psycopg.Error as error:
            raise wrapped(connection, statement, error) from error

    def short_transaction(self, _connection: Connection) -> None:
        """As `Kind`: none; a line that broke meanwhile is the writer's to mend."""
        return

    def is_full(self, error: OperationalError) -> bool:
        """As `Kind`."""
        return getattr(error.orig, "sqlstate", None) == DISK_FULL

    def overwrite_freed(self, _connection: Connection) -> None:
        """As `Kind`: PostgreSQL overwrites nothing when it deletes."""

    def forget_freed(self, engine: Engine) -> None:
        """As `Kind`: the room of what was deleted is given to others; its log is its own affair."""
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("SET statement_timeout = 0")  # it takes what it takes
            try:
                connection.exec_driver_sql("VACUUM")
            finally:
                connection.exec_driver_sql("RESET statement_timeout")

    def _engine(self) -> Engine:
        try:
            place = make_url(self._address)
            if place.get_backend_name() != "postgresql":
                raise ArgumentError(place.get_backend_name())
            return create_engine(
                place.set(drivername="postgresql+psycopg"),
                pool_size=READERS,
                max_overflow=MOST_READERS - READERS,
                hide_parameters=True,  # an error that is logged must not tell names and numbers
                execution_options={KIND: self},
                connect_args={
                    "connect_timeout": CONNECT_S,
                    "tcp_user_timeout": SILENT_MS,
                    "keepalives_idle": PROBE_AFTER_S,
                    "keepalives_interval": PROBE_EVERY_S,
                    "keepalives_count": PROBES,
                    "client_encoding": "utf8",
                    "application_name": "zhishiyun-server",
                    "options": _options(),
                },
            )
        except (ArgumentError, ValueError):  # its own words would quote a piece of a password
            raise Fixable(
                "DATABASE_ADDRESS",
                "A database is named as postgresql://USER:PASSWORD@HOST:PORT/NAME.",
                "数据库地址应为 postgresql://用户:密码@主机:端口/库名。",
            ) from None


def _options() -> str:
    """What holds for every connection, whatever the database's owner has set as a default."""
    settings = {
        "statement_timeout": STATEMENT_MS,
        "idle_in_transaction_session_timeout": STILL_MS,
        "default_transaction_isolation": r"read\ committed",  # behind the lock one looks anew
        "tcp_user_timeout": SILENT_MS,
        "tcp_keepalives_idle": PROBE_AFTER_S,
        "tcp_keepalives_interval": PROBE_EVERY_S,
        "tcp_keepalives_count": PROBES,
    }
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def _require_fit(engine: Engine) -> None:
    try:
        with engine.connect() as connection:
            encoding = _shown(connection, "server_encoding")
            weak = [name for name in MUST_BE_ON if _shown(connection, name) != "on"]
            if _shown(connection, "synchronous_commit") == "off":
                weak.append("synchronous_commit")
    except DBAPIError as error:
        told = engine.url  # a password may also stand in its query
        where = URL.create("postgresql", told.username, None, told.host, told.port, told.database)
        raise Fixable(
            "DATABASE_UNREACHABLE",
            f"The database {where} does not answer, or refuses this user. Check address, user and "
            "password, and whether PostgreSQL runs.",
            f"无法使用数据库 {where}。请检查地址、用户和密码，以及 PostgreSQL 是否已启动。",
        ) from error
    if encoding != "UTF8":
        raise Fixable(
            "DATABASE_ENCODING",
            f"This database keeps texts as {encoding}. Make one with ENCODING 'UTF8'.",
            f"该数据库的编码为 {encoding}，请用 ENCODING 'UTF8' 新建数据库。",
        )
    if weak:
        raise Fixable(
            "DATABASE_NOT_DURABLE",
            f"This database may lose what it acknowledged. Turn on: {', '.join(weak)}.",
            f"该数据库可能丢失已确认的数据，请开启：{'、'.join(weak)}。",
        )


def _shown(connection: Connection, name: str) -> str:
    return str(connection.exec_driver_sql(f"SHOW {name}").scalar_one())


def _on_connect(connection: Any, _record: Any) -> None:
    # A text has one type wherever a statement names it twice.
    connection.adapters.register_dumper(str, StrDumperVarchar)


def _on_begin(connection: Connection) -> None:
    if is_writing(connection):  # behind the lock every statement sees what was committed before
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITING})")
    else:  # one read sees one moment
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


@functools.cache
def _in_its_words(statement: str) -> bytes:
    return NAMED.sub(r"%(\1)s", statement).encode()
