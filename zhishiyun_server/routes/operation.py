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
class Operation:
    """A method on a path. `takes` and `gives` are structs; bytes for anything else."""

    method: str
    path: str
    endpoint: Any
    summary: str
    auth: Auth
    takes: type | None = None
    gives: type | None = None
    status: int = 200
