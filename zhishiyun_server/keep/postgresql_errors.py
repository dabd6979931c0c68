"""What PostgreSQL's errors may say: they come into logs, and its own words quote what was kept."""

from __future__ import annotations

import psycopg
from sqlalchemy import Connection
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError


def hush(error: psycopg.Error) -> None:
    """Leave what went wrong, take away with whose value: its details name numbers, even rows."""
    name, state = type(error).__name__, error.sqlstate or ""
    if isinstance(error, psycopg.DataError):  # quotes the value in the very sentence
        told = ""
    else:
        told = error.diag.message_primary or str(error)
    error.args = (f"{name} {state} {told}".strip(),)


def hush_wrapped(context: ExceptionContext) -> None:
    """The same for what SQLAlchemy is about to raise; a listener of `handle_error`."""
    error, wrapped = context.original_exception, context.sqlalchemy_exception
    if isinstance(error, psycopg.Error):
        hush(error)
        if wrapped is not None:
            wrapped.args = error.args


def wrapped(connection: Connection, statement: str, error: psycopg.Error) -> Exception:
    """As SQLAlchemy would raise an error of a statement that went past it."""
    driver: psycopg.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    is_lost = driver.closed
    if is_lost:
        connection.invalidate(error)
    hush(error)
    return DBAPIError.instance(
        statement, None, error, psycopg.Error, hide_parameters=True, connection_invalidated=is_lost
    )
