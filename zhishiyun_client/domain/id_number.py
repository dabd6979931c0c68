"""The Chinese ID number: eighteen places, the last one a check digit (GB 11643-1999)."""

from __future__ import annotations

import datetime as dt
import enum

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
PLACES = 18
CHECK_DIGITS = "10X98765432"


class IdFault(enum.Enum):
    """What is wrong with the form of a number."""

    LENGTH = "length"
    CHARACTERS = "characters"
    DATE = "date"
    CHECK = "check"


def fault_of(text: str) -> IdFault | None:
    """What is wrong with an ID number; None: its form is right. Says nothing of whose it is."""
    body, check = text[:17], text[17:]
    if len(text) != PLACES:
        return IdFault.LENGTH
    if not (body.isascii() and body.isdigit() and check in CHECK_DIGITS):
        return IdFault.CHARACTERS
    try:
        dt.date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return IdFault.DATE
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return None if CHECK_DIGITS[total % 11] == check else IdFault.CHECK


def is_id_number(text: str) -> bool:
    """Whether the form, the date of birth and the check digit are right."""
    return fault_of(text) is None
