"""Where a server's state lies: a file in its folder, or a database that many processes share."""

from __future__ import annotations

from zhishiyun_protocol.errors import Fixable
from zhishiyun_server.keep.database import Database
from zhishiyun_server.keep.durable import write_durably
from zhishiyun_server.keep.home import Home


def open_database(home: Home) -> Database:
    """The database of a server's folder.

    Raises:
        Fixable: as `Database`.
    """
    return Database(address_of(home) or home.database)


def is_shared(home: Home) -> bool:
    """Whether several processes may serve from this state."""
    return bool(address_of(home))


def make_database(home: Home, address: str) -> None:
    """Make the tables; `address` "": in the folder, as before, or where it said before.

    Raises:
        Fixable: DATABASE_TOO_LATE: there is state already, and it is elsewhere.
        Fixable: as `Database`.
    """
    before = address_of(home)
    if address and address != before:
        if before or home.database.is_file():
            raise Fixable(
                "DATABASE_TOO_LATE",
                "This server has a database already; its place cannot be changed any more.",
                "该服务器已有数据库，不能再更换。",
            )
        Database(address).close()
        write_durably(home.database_address, address.encode())
    open_database(home).close()
    if not is_shared(home):
        home.database.chmod(0o600)


def address_of(home: Home) -> str:
    """PostgreSQL's address; "" where state is a file in the folder."""
    file = home.database_address
    return file.read_text("utf-8") if file.is_file() else ""
