"""The check digit of a resident identity number. Source: GB 11643-1999, ISO 7064 MOD 11-2."""

from __future__ import annotations

import datetime as dt
import re

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_DIGITS = "10X98765432"
_FORM = re.compile(r"[1-9]\d{16}[\dX]")


def is_id_number(text: str) -> bool:
    """Whether 18 characters are a possible 身份证号: form, date of birth, check digit."""
    if not _FORM.fullmatch(text):
        return False
    try:
        dt.date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], _WEIGHTS, strict=True))
    return _DIGITS[total % 11] == text[17]


def check_digit(first_17: str) -> str:
    """The eighteenth character."""
    total = sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True))
    return _DIGITS[total % 11]
