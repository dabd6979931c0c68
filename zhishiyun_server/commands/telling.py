"""What a command answers: a sentence for people, or one JSON object."""

from __future__ import annotations

import argparse

import msgspec


def tell(options: argparse.Namespace, value: object, sentence: str) -> None:
    """Print `value` as JSON where --json asks for it, else the sentence."""
    print(msgspec.json.encode(value).decode() if options.json else sentence)
