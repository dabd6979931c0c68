"""The words of results in both languages, for reports that leave the window."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from zhishiyun_client.i18n.language import Language
from zhishiyun_client.ports.checks import Params


class CheckWords:
    """Says the texts of checks: those of the window, and the self-test's own.

    Args:
        folders: each holds `<language>.toml`; later ones add to earlier ones.
    """

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._texts = {
            language: _texts(tuple(folder / f"{language.value}.toml" for folder in folders))
            for language in Language
        }

    def keys(self, language: Language) -> frozenset[str]:
        """Every key there is."""
        return frozenset(self._texts[language])

    def say(self, key: str, language: Language, params: Params = ()) -> str:
        """A text with its placeholders filled; the key itself where there is none."""
        known: Mapping[str, str] = defaultdict(str, params)
        return self._texts[language].get(key, key).format_map(known)


def _texts(files: tuple[Path, ...]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for file in files:
        sections = tomllib.loads(file.read_text("utf-8"))
        texts |= {f"{s}.{k}": v for s, keys in sections.items() for k, v in keys.items()}
    return texts
