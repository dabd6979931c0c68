"""Loads the texts of each language and says them."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from pathlib import Path

from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.language import Language, Noun
from zhishiyun_client.i18n.words import Text, Words
from zhishiyun_protocol.errors import Broken


class Catalog:
    """The texts of one language, by key."""

    def __init__(self, language: Language, texts: Mapping[str, str]) -> None:
        self.language = language
        self._texts = texts

    @classmethod
    def load(cls, folder: Path, language: Language) -> Catalog:
        """Read `<folder>/<language>.toml`.

        Raises: Broken (TEXTS_DAMAGED): the file is missing or is not a catalogue; reinstall.
        """
        path = folder / f"{language.value}.toml"
        try:
            sections = tomllib.loads(path.read_text("utf-8"))
            texts = {f"{s}.{k}": str(v) for s, keys in sections.items() for k, v in keys.items()}
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, AttributeError) as error:
            raise Broken(
                "TEXTS_DAMAGED",
                f"The texts in {path.name} cannot be read; install the program again.",
                f"文字文件 {path.name} 无法读取，请重新安装程序。",
            ) from error
        return cls(language, texts)

    def keys(self) -> frozenset[str]:
        """Every key that this language has."""
        return frozenset(self._texts)

    def placeholders(self, key: T) -> frozenset[str]:
        """The names in braces of one text."""
        parts = string.Formatter().parse(self._texts[key.value])
        return frozenset(name for _, name, _, _ in parts if name)

    def say(self, words: Words, noun: Noun) -> str:
        """Put words into this language; a missing text shows its key rather than nothing."""
        if isinstance(words, str) and not isinstance(words, T):
            return words
        text = words if isinstance(words, Text) else Text(words)
        template = self._texts.get(text.key.value)
        if template is None:
            return text.key.value
        called = self._texts.get(f"noun.{noun.value}", noun.value)
        values: dict[str, object] = {"noun": called}
        for name, value in text.params:
            values[name] = self.say(value, noun) if isinstance(value, (Text, str)) else value
        said = template.format_map(values)
        return said[:1].upper() + said[1:] if template.startswith("{noun}") else said


class Speaker:
    """Says texts in the language and with the noun that are chosen now.

    Thread: ui.
    """

    def __init__(self, folder: Path, language: Language = Language.ZH) -> None:
        self._catalogs = {each: Catalog.load(folder, each) for each in Language}
        self.language = language
        self.noun = Noun.INTERVIEW

    def choose(self, language: Language, noun: Noun) -> bool:
        """Speak like this from now on; True if that is a change."""
        changed = (language, noun) != (self.language, self.noun)
        self.language, self.noun = language, noun
        return changed

    def say(self, words: Words) -> str:
        """The words in the chosen language."""
        return self._catalogs[self.language].say(words, self.noun)
