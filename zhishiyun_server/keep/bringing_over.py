"""A database of before recordings were things of their own (decision 0040), brought over."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.sql.ddl import CreateIndex, CreateTable

from zhishiyun_server.keep.tables import alarms, bindings, chunks, heads, phones, recordings, wanted

_OLD = "before_0040_"
_MOVED = (chunks, wanted, heads)  # their column attempt_id is called recording_id now
_RECORDINGS = (
    "INSERT INTO recordings (id, attempt_id, source, evidence_key, device_key, begun_us,"
    " committed, seal, receipt) SELECT id, id, 'computer', evidence_key, '', entered_us,"
    " committed, seal, receipt FROM attempts"
)
_ALARMS = (
    "INSERT INTO alarms (id, attempt_id, recording_id, code, at_us, detail)"
    " SELECT id, attempt_id, attempt_id, code, at_us, detail FROM before_0040_alarms"
)
_LEFT_OUT = ("evidence_key", "committed", "seal", "receipt")


def bring_over(engine: Engine) -> bool:
    """Bring an older database over, all or nothing; whether it was one.

    Phones that were bound before had nothing to film with: they are asked to bind again.
    """
    if engine.dialect.name != "sqlite":
        return False  # no other kind is older than this decision
    with engine.begin() as connection:
        if not _is_old(connection):
            return False
        # References are looked at when everything is in its new place.
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        for table in (*_MOVED, alarms, phones, bindings):
            _set_aside(connection, table.name)
        for table in (recordings, *_MOVED, alarms, phones, bindings):
            connection.execute(CreateTable(table))
        connection.exec_driver_sql(_RECORDINGS)
        for table in _MOVED:
            _move(connection, table.name)
        connection.exec_driver_sql(_ALARMS)
        for table in (*_MOVED, alarms, phones, bindings):
            connection.exec_driver_sql(f"DROP TABLE {_OLD}{table.name}")
        for table in (recordings, *_MOVED, alarms, phones, bindings):
            for index in table.indexes:
                connection.execute(CreateIndex(index))
        for column in _LEFT_OUT:
            connection.exec_driver_sql(f"ALTER TABLE attempts DROP COLUMN {column}")
        return True


def _is_old(connection: Connection) -> bool:
    look = inspect(connection)
    if not look.has_table("attempts"):
        return False
    return any(column["name"] == "evidence_key" for column in look.get_columns("attempts"))


def _set_aside(connection: Connection, name: str) -> None:
    for index in inspect(connection).get_indexes(name):
        connection.exec_driver_sql(f"DROP INDEX IF EXISTS {index['name']}")
    connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO {_OLD}{name}")


def _move(connection: Connection, name: str) -> None:
    columns = [column["name"] for column in inspect(connection).get_columns(_OLD + name)]
    fresh = ["recording_id" if column == "attempt_id" else column for column in columns]
    connection.exec_driver_sql(  # names of our own tables and columns
        f"INSERT INTO {name} ({', '.join(fresh)}) SELECT {', '.join(columns)} FROM {_OLD}{name}"  # noqa: S608
    )
