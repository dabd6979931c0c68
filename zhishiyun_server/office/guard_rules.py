"""The guard's rules at the server: signed once by the issuer, handed out as they are."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from zhishiyun_protocol.errors import Fixable
from zhishiyun_protocol.rulebook import Rulebook, issue
from zhishiyun_server.keep.durable import write_durably
from zhishiyun_server.keep.home import Home
from zhishiyun_server.keep.keys import Keys

FILE = "guard-rules.zsr"


class RulesSigned(msgspec.Struct, frozen=True, kw_only=True):
    """What was signed."""

    version: str


def sign_rules(home: Home, keys: Keys, programs: Path, surroundings: Path) -> RulesSigned:
    """Sign the two lists with the tickets' key and hand them out from now on.

    Raises:
        Fixable: RULES_UNREADABLE.
    """
    try:
        listed = programs.read_text("utf-8")
        around = surroundings.read_text("utf-8")
        version = str(tomllib.loads(listed)["version"])
        tomllib.loads(around)
    except (OSError, ValueError, KeyError) as error:
        raise Fixable(
            "RULES_UNREADABLE",
            f"The lists cannot be read: {error}.",
            f"名单文件无法读取：{error}。",
        ) from error
    rules = Rulebook(version=version, programs=listed, surroundings=around)
    write_durably(home.root / FILE, issue(rules, keys.issuer).encode("ascii"))
    return RulesSigned(version=version)


def kept_rules(home: Home) -> str | None:
    """The signed text; None when nobody put one there."""
    try:
        return (home.root / FILE).read_text("ascii")
    except FileNotFoundError:
        return None
