"""`zhishiyun-server init`: folder, keys, database."""

from __future__ import annotations

import argparse

from zhishiyun_protocol.signing import key_id, to_text
from zhishiyun_server.commands.telling import tell
from zhishiyun_server.keep.database import Database
from zhishiyun_server.keep.home import Home
from zhishiyun_server.keep.keys import make_keys, read_keys


def run(options: argparse.Namespace) -> int:
    """Make what is not there yet; running it again changes nothing."""
    home = Home(options.home)
    home.make()
    make_keys(home)
    Database(home.database).close()
    home.database.chmod(0o600)
    keys = read_keys(home)
    issuer = keys.issuer.public_bytes()
    told = {
        "home": str(home.root),
        "issuer_key_id": key_id(issuer),
        "issuer_key": to_text(issuer),
        "server_key": to_text(keys.receipts.public_bytes()),
    }
    tell(options, told, f"已就绪：{home.root}\nReady: {home.root}")
    return 0
