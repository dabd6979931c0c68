"""Rules from the server hold when they are signed and newer; whatever else, the shipped ones do."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from zhishiyun_client.guard.rulebook import FILE, keep_rules, newest_rules, shipped_rules
from zhishiyun_protocol.errors import Broken, Refused
from zhishiyun_protocol.rulebook import Rulebook, issue
from zhishiyun_protocol.signing import SigningKey, key_id

LISTS = Path(__file__).parents[3] / "resources" / "guard"
ISSUER = SigningKey.generate()
TRUSTED = {key_id(ISSUER.public_bytes()): ISSUER.public_bytes()}
SHIPPED = shipped_rules(LISTS, sys.platform)
NEWER = "2099.1.1"
SPY = """
[[program]]
id = "new-spy"
zh = "新助手"
en = "New helper"
category = "ai_assistant"
windows = ["newspy.exe"]
macos = ["newspy.exe"]
linux = ["newspy.exe"]
"""


def rulebook(version: str = NEWER, listed: str = "") -> Rulebook:
    text = (LISTS / "list.toml").read_text("utf-8")
    old = f'version = "{SHIPPED.catalogue.version}"'
    return Rulebook(
        version=version,
        programs=text.replace(old, f'version = "{listed or version}"') + SPY,
        surroundings=(LISTS / "surroundings.toml").read_text("utf-8"),
    )


def keep(text: str, home: Path) -> bool:
    return keep_rules(text, home, TRUSTED, sys.platform, SHIPPED.catalogue.version)


def held(home: Path) -> str:
    return newest_rules(LISTS, home, TRUSTED, sys.platform).catalogue.version


def test_newer_rules_are_kept_and_hold_at_the_next_start(tmp_path: Path):
    assert keep(issue(rulebook(), ISSUER), tmp_path)

    rules = newest_rules(LISTS, tmp_path, TRUSTED, sys.platform)

    assert rules.catalogue.by_name("newspy.exe") is not None
    assert rules.versions.startswith(NEWER)
    assert rules.catalogue.rules_version != SHIPPED.catalogue.rules_version


def test_older_rules_are_not_kept(tmp_path: Path):
    assert not keep(issue(rulebook("2020.1.1"), ISSUER), tmp_path)
    assert held(tmp_path) == SHIPPED.catalogue.version


def test_older_rules_put_there_by_hand_do_not_hold(tmp_path: Path):
    (tmp_path / FILE).write_text(issue(rulebook("2020.1.1"), ISSUER), "ascii")

    assert held(tmp_path) == SHIPPED.catalogue.version


def test_a_strangers_rules_are_refused(tmp_path: Path):
    with pytest.raises(Refused, match="does not know"):
        keep(issue(rulebook(), SigningKey.generate()), tmp_path)


@pytest.mark.parametrize("part", [2, 3])
def test_altered_rules_are_refused_and_do_not_hold(tmp_path: Path, part: int):
    parts = issue(rulebook(), ISSUER).split(".")
    parts[part] = ("B" if parts[part][0] != "B" else "C") + parts[part][1:]
    text = ".".join(parts)

    with pytest.raises(Refused):
        keep(text, tmp_path)
    (tmp_path / FILE).write_text(text, "ascii")
    assert held(tmp_path) == SHIPPED.catalogue.version


@pytest.mark.parametrize("text", ["", "ZSR1.a.b", "ZSY1.a.b.c", "\0"])
def test_what_is_no_rulebook_is_refused_and_does_not_hold(tmp_path: Path, text: str):
    with pytest.raises(Refused):
        keep(text, tmp_path)
    (tmp_path / FILE).write_text(text, "ascii")
    assert held(tmp_path) == SHIPPED.catalogue.version


def test_signed_rules_that_this_program_cannot_read_do_not_hold(tmp_path: Path):
    broken = Rulebook(version=NEWER, programs="no list = [", surroundings="")

    with pytest.raises(Broken):
        keep(issue(broken, ISSUER), tmp_path)
    (tmp_path / FILE).write_text(issue(broken, ISSUER), "ascii")
    assert held(tmp_path) == SHIPPED.catalogue.version


def test_rulebook_and_list_must_name_the_same_version(tmp_path: Path):
    with pytest.raises(Broken):
        keep(issue(rulebook(listed="2098.1.1"), ISSUER), tmp_path)


def test_a_full_disk_keeps_the_rules_of_before(tmp_path: Path):
    with pytest.raises(OSError):
        keep(issue(rulebook(), ISSUER), tmp_path / "no" / "such")
