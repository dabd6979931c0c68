"""Which rules hold: those shipped with the program, or newer ones that the server handed out.

Whatever is wrong with the newer ones – forged, older, damaged, unreadable – the shipped ones hold.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from zhishiyun_client.guard.catalogue import Catalogue, load_catalogue, read_list
from zhishiyun_client.guard.surroundings import (
    Surroundings,
    load_surroundings,
    read_surroundings,
)
from zhishiyun_client.runtime.durable import replace_durably
from zhishiyun_protocol import rulebook
from zhishiyun_protocol.errors import Broken, Refused
from zhishiyun_protocol.rulebook import Rulebook, number_of

LOG = logging.getLogger(__name__)
FILE = "guard-rules.zsr"


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything the guard judges by, with the versions that findings and the log name."""

    catalogue: Catalogue
    surroundings: Surroundings
    surroundings_version: str

    @property
    def versions(self) -> str:
        """Both, for the evidence log."""
        return f"{self.catalogue.rules_version} {self.surroundings_version}"


def shipped_rules(folder: Path, system: str) -> Rules:
    """The lists in resources/guard. Raises Broken, OSError, msgspec.ValidationError."""
    catalogue = load_catalogue(folder / "list.toml", system)
    return Rules(catalogue, *load_surroundings(folder / "surroundings.toml"))


def newest_rules(folder: Path, home: Path, trusted: Mapping[str, bytes], system: str) -> Rules:
    """The kept ones when they are good and newer than the shipped ones, else the shipped ones.

    Args:
        folder:  resources/guard.
        home:    where `keep_rules` put what the server handed out.
        trusted: issuer key id → public key.
    """
    shipped = shipped_rules(folder, system)
    try:
        text = (home / FILE).read_text("ascii")
        kept = rules_of(rulebook.read(text, dict(trusted)), system)
    except FileNotFoundError:
        return shipped
    except (OSError, ValueError, Refused, Broken) as error:
        LOG.warning("the kept rules do not hold: %s", getattr(error, "code", error))
        return shipped
    return kept if _is_newer(kept.catalogue.version, shipped.catalogue.version) else shipped


def keep_rules(text: str, home: Path, trusted: Mapping[str, bytes], system: str, now: str) -> bool:
    """Keep what the server handed out, if it is good and newer; whether it was kept.

    Args:
        now: version of the rules that hold.

    Raises:
        Refused, Broken: forged, damaged, or lists that this program cannot read.
        OSError: it cannot be written.
    """
    rules = rulebook.read(text, dict(trusted))
    if not _is_newer(rules.version, now):
        return False
    rules_of(rules, system)
    replace_durably(home / FILE, text.strip().encode("ascii"))
    LOG.info("rules of the guard %s kept, before %s", rules.version, now)
    return True


def rules_of(rules: Rulebook, system: str) -> Rules:
    """The lists of a rulebook, read and checked.

    Raises:
        Broken: GUARD_LIST_DAMAGED.
    """
    programs = rules.programs.encode("utf-8")
    listed = read_list(programs)
    try:
        surroundings, version = read_surroundings(rules.surroundings.encode("utf-8"))
    except (ValueError, msgspec.ValidationError) as error:
        raise Broken(
            "GUARD_LIST_DAMAGED",
            f"the rules on surroundings are damaged: {error}.",
            "检测名单已损坏，继续使用原有名单。",
        ) from error
    if listed.version != rules.version:
        raise Broken(
            "GUARD_LIST_DAMAGED",
            "the rulebook and its list name different versions.",
            "检测名单的版本前后不一致，继续使用原有名单。",
        )
    digest = hashlib.sha256(programs).hexdigest()
    return Rules(Catalogue(listed, digest, system), surroundings, version)


def _is_newer(one: str, other: str) -> bool:
    return number_of(one) > number_of(other)
