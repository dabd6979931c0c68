"""How near zero a countdown is; the words go with the colour (R147)."""

from __future__ import annotations

from zhishiyun_client.flow.views import Urgency
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text

SOON_S = 5 * 60
LAST_S = 60
ANNOUNCE_S = 10
ANNOUNCE_AT_S = (10 * LAST_S, SOON_S, LAST_S)


def urgency_of(left_s: int) -> Urgency:
    """Calm, five minutes or less, one minute or less."""
    if left_s <= LAST_S:
        return Urgency.LAST
    return Urgency.SOON if left_s <= SOON_S else Urgency.CALM


def announcement(stage: Words, left_s: int) -> Words | None:
    """What a screen reader says at 10, 5 and 1 minutes and at 10 s; None at all other times."""
    if left_s == ANNOUNCE_S:
        return text(T.PANEL_ANNOUNCE_SECONDS, stage=stage, seconds=left_s)
    if left_s in ANNOUNCE_AT_S:
        return text(T.PANEL_ANNOUNCE_MINUTES, stage=stage, minutes=left_s // LAST_S)
    return None
