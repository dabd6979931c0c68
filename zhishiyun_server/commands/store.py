"""`zhishiyun-server store set|show`: evidence in an S3-compatible store instead of the folder."""

from __future__ import annotations

import argparse
import sys

from sqlalchemy import select

from zhishiyun_protocol.errors import Fixable
from zhishiyun_server.commands.telling import tell
from zhishiyun_server.evidence.bucket import Bucket
from zhishiyun_server.evidence.probing import weaknesses_of
from zhishiyun_server.keep.database_place import open_database
from zhishiyun_server.keep.home import Home
from zhishiyun_server.keep.store_place import StorePlace, keep_place, place_of, read_place
from zhishiyun_server.keep.tables import chunks


def run(options: argparse.Namespace) -> int:
    """Set the store after trying it, or say where evidence goes."""
    home = Home(options.home)
    home.require()
    if options.action == "set":
        _set(options, home)
    place = read_place(home.store)
    shown = str(home.evidence) if place is None else place.shown()
    tell(options, {"evidence": shown}, f"录像存放于 {shown}\nEvidence goes to {shown}")
    return 0


def _set(options: argparse.Namespace, home: Home) -> None:
    secrets = _secrets(options)
    place = place_of(
        options.url,
        endpoint=options.endpoint,
        public_endpoint=options.public_endpoint,
        region=options.region,
        secrets=secrets,
    )
    _require_no_evidence(home)
    _require_strength(place)
    keep_place(home.store, place)


def _secrets(options: argparse.Namespace) -> str:
    path = options.secrets_file
    return sys.stdin.read() if str(path) == "-" else str(path.read_text("utf-8"))


def _require_no_evidence(home: Home) -> None:
    database = open_database(home)
    try:
        held = database.read(lambda c: c.execute(select(chunks.c.recording_id).limit(1)).first())
    finally:
        database.close()
    if held is not None:
        raise Fixable(
            "STORE_TOO_LATE",
            "There is evidence already; its place cannot be changed any more.",
            "已有录像存入，不能再更换存储位置。",
        )


def _require_strength(place: StorePlace) -> None:
    bucket = Bucket(place)
    try:
        weak = weaknesses_of(bucket)
    finally:
        bucket.close()
    if weak:
        raise Fixable(
            "STORE_TOO_WEAK",
            f"This store does not hold what evidence needs: {', '.join(weak)}.",
            f"该存储不满足证据保存要求：{'、'.join(weak)}。",
        )
