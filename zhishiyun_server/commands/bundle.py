"""`zhishiyun-server import-bundle`: take in a recording from a stick."""

from __future__ import annotations

import argparse
import asyncio

from zhishiyun_server.application import furnish
from zhishiyun_server.commands.telling import tell
from zhishiyun_server.evidence.bundle_import import import_bundle
from zhishiyun_server.settings import Settings


def run(options: argparse.Namespace) -> int:
    """Import, and answer with the receipt."""
    premises = furnish(Settings(home=options.home))
    try:
        receipt = asyncio.run(import_bundle(premises, options.file))
    finally:
        premises.close()
    body = receipt.body
    sentence = f"已接收 {body.attempt_id} 的录像，回执 {body.receipt_id}\nReceipt {body.receipt_id}"
    tell(options, receipt, sentence)
    return 0
