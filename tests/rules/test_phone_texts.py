"""What the phone's page says exists in Chinese and in English, with the same gaps, and is used."""

from __future__ import annotations

import json
import re

from tests.rules.tree import ROOT, listed

PHONE = ROOT / "zhishiyun_server/phone"
GAP = re.compile(r"\{(\w+)\}")


def texts() -> dict[str, dict[str, str]]:
    written = (PHONE / "texts.js").read_text("utf-8").split("TEXTS = ", 1)[1]
    told: dict[str, dict[str, str]] = json.loads(written.rstrip().rstrip(";"))
    return told


def test_every_text_of_the_phone_exists_in_both_languages_with_the_same_gaps() -> None:
    odd = [
        key
        for key, words in texts().items()
        if words.keys() != {"zh", "en"}
        or not all(words.values())
        or set(GAP.findall(words["zh"])) != set(GAP.findall(words["en"]))
    ]

    assert not odd, listed(odd)


def test_every_text_of_the_phone_is_used_and_every_used_one_exists() -> None:
    pages = [*PHONE.glob("*.js"), PHONE / "index.html"]
    source = "\n".join(
        path.read_text("utf-8")
        for path in pages
        if path.name != "texts.js" and not path.name.startswith("nacl")
    )
    whole = set(re.findall(r'(?:say\(|data-t(?:-label)?=|, |\? |: )"([a-z]+(?:\.\w+)+)"', source))
    begun = set(re.findall(r'"([a-z]+\.(?:\w+[._])*)"\s*\+', source))
    plain = set(re.findall(r'(?:say\(|data-t=)"([a-z]+)"', source))
    known = set(texts())

    unused = [
        key for key in known - whole - plain if not any(key.startswith(prefix) for prefix in begun)
    ]
    missing = [key for key in (whole | plain) - known if not key.endswith((".js", ".css", "_"))]
    assert not unused, listed(sorted(unused))
    assert not missing, listed(sorted(missing))
