"""How near zero a countdown is; the words go with the colour (R147)."""

from __future__ import annotations

from zhishiyun_client.flow.views import Urgency

SOON_S = 5 * 60
LAST_S = 60


def urgency_of(left_s: int) -> Urgency:
    """Calm, five minutes or less, one minute or less."""
    if left_s <= LAST_S:
        return Urgency.LAST
    return Urgency.SOON if left_s <= SOON_S else Urgency.CALM
