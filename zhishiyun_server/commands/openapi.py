"""`zhishiyun-server openapi`: print the description."""

from __future__ import annotations

import argparse

import msgspec

from zhishiyun_server.openapi import describe
from zhishiyun_server.routes.catalogue import OPERATIONS


def run(_options: argparse.Namespace) -> int:
    """Indented JSON on stdout."""
    print(msgspec.json.format(msgspec.json.encode(describe(OPERATIONS)), indent=2).decode())
    return 0
