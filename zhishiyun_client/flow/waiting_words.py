"""The countdown to the start, as several pages before it show it."""

from __future__ import annotations

from zhishiyun_client.flow.room import Room
from zhishiyun_client.flow.urgency import announcement
from zhishiyun_client.flow.views import CountdownView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_protocol.timing import remaining_s


def to_start(room: Room) -> CountdownView | None:
    """Until T0; None afterwards."""
    left_s = remaining_s(room.starts_us, room.now_us)
    if not left_s:
        return None
    stage = text(T.STAGE_TO_START)
    return CountdownView(stage=stage, remaining_s=left_s, announcement=announcement(stage, left_s))
