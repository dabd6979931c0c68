"""Every text exists in Chinese and in English, with the same gaps to fill."""

from __future__ import annotations

import string

import pytest

from tests.rules.tree import listed, texts

# A program's name in the language of the text, and what an exam is called: each language uses
# those it needs.
OF_ONE_LANGUAGE = {"zh", "en", "noun"}

CHINESE, ENGLISH = texts("zh"), texts("en")

pytestmark = pytest.mark.skipif(not CHINESE, reason="resources/texts has no catalogue yet")


def test_every_text_exists_in_both_languages() -> None:
    alone = CHINESE.keys() ^ ENGLISH.keys()

    assert not alone, listed(sorted(alone))


def test_no_text_is_empty() -> None:
    catalogues = {"zh": CHINESE, "en": ENGLISH}
    empty = [
        f"{language}: {key}"
        for language, catalogue in catalogues.items()
        for key, value in catalogue.items()
        if isinstance(value, str) and not value.strip()
    ]

    assert not empty, listed(empty)


def test_both_languages_have_the_same_gaps() -> None:
    different = [
        key for key in CHINESE.keys() & ENGLISH.keys() if _gaps(CHINESE[key]) != _gaps(ENGLISH[key])
    ]

    assert not different, listed(different)


def _gaps(text: object) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(str(text)) if name} - OF_ONE_LANGUAGE
