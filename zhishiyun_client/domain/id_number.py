"""The Chinese ID number: eighteen places, the last one a check digit (GB 11643-1999)."""

from __future__ import annotations

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"


def is_id_number(text: str) -> bool:
    """Whether the form and the check digit are right; says nothing of whose it is."""
    body, check = text[:17], text[17:]
    if len(text) != 18 or not (body.isascii() and body.isdigit()):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return CHECK_DIGITS[total % 11] == check
