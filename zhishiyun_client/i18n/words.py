"""What a text is before it has a language: a key with its parameters, or words of the plan."""

from __future__ import annotations

from dataclasses import dataclass

from zhishiyun_client.i18n.keys import T


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the catalogue with the values of its placeholders; a value may be a Text itself."""

    key: T
    params: tuple[tuple[str, Param], ...] = ()


Param = str | int | float | Text
Words = Text | str
"""`Text` is said in the chosen language; a `str` is shown as it is (titles, names, numbers)."""


def text(key: T, **params: Param) -> Text:
    """Name a text and fill its placeholders; `{noun}` needs no filling, the catalogue knows it."""
    return Text(key, tuple(params.items()))
