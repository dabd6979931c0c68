"""`zhishiyun-server init`: folder, keys, database."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from zhishiyun_protocol.signing import key_id, to_text
from zhishiyun_server.bus import require_bus
from zhishiyun_server.commands.telling import tell
from zhishiyun_server.keep.database_place import make_database
from zhishiyun_server.keep.durable import write_durably
from zhishiyun_server.keep.home import Home
from zhishiyun_server.keep.keys import make_keys, read_keys


def run(options: argparse.Namespace) -> int:
    """Make what is not there yet; running it again changes nothing."""
    home = Home(options.home)
    home.make()
    make_keys(home)
    make_database(home, _address(options.database_file))
    if bus := _address(options.bus_file):
        write_durably(home.bus_address, require_bus(bus).encode())
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


def _address(file: Path | None) -> str:
    """What a file or the standard input holds; "" where nothing is named."""
    if file is None:
        return ""
    text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    return text.strip()
