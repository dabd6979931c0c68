"""One HTTP operation as data: routes and OpenAPI are both made from it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any


class Auth(enum.StrEnum):
    """Who may call."""

    NOBODY = "nobody"  # no authorisation
    LOGIN = "login"  # the login's secret
    SESSION = "session"  # a candidate's session
    GRANT = "grant"  # a session, or a grant's own word
    PHONE = "phone"  # a bound phone
    STAFF = "staff"  # a staff account


@dataclass(frozen=True, slots=True)
class Header:
    """A header that a call must or may carry."""

    name: str
    says: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Operation:
    """A method on a path. `takes` and `gives` are structs; bytes for anything else.

    also: further answers worth naming, by status: what each means; 2xx give `gives`.
    """

    method: str
    path: str
    endpoint: Any
    summary: str
    auth: Auth
    takes: type | None = None
    gives: type | None = None
    status: int = 200
    headers: tuple[Header, ...] = ()
    also: tuple[tuple[int, str], ...] = ()
