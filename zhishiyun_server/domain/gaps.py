"""What a gap in a recording is called before people: by what it takes to judge it (R243)."""

from __future__ import annotations

import enum

from zhishiyun_protocol.evidence.contents import Cause


class GapClass(enum.StrEnum):
    """The kinds of R243; a lost network leaves no gap, for recording goes on without one."""

    DEVICE = "device"  # it was still opening, or another was chosen
    CAMERA_LOST = "camera_lost"
    POWER = "power"
    KILLED = "killed"
    PHONE_CALL = "phone_call"
    PUT_AWAY = "put_away"  # another app in front, or a dark screen
    STOPPED = "stopped"  # deliberately
    MACHINE = "machine"  # too slow, too warm, no storage
    UNKNOWN = "unknown"


CLASSES = {
    Cause.START: GapClass.DEVICE,
    Cause.DEVICE_CHANGED: GapClass.DEVICE,
    Cause.DEVICE_LOST: GapClass.CAMERA_LOST,
    Cause.DEVICE_ABSENT: GapClass.CAMERA_LOST,
    Cause.CAMERA_TAKEN: GapClass.CAMERA_LOST,
    Cause.POWER_LOST: GapClass.POWER,
    Cause.SLEPT: GapClass.POWER,
    Cause.PHONE_OFF: GapClass.POWER,
    Cause.RECORDER_KILLED: GapClass.KILLED,
    Cause.PAGE_CLOSED: GapClass.KILLED,
    Cause.CALL: GapClass.PHONE_CALL,
    Cause.BACKGROUND: GapClass.PUT_AWAY,
    Cause.SCREEN_OFF: GapClass.PUT_AWAY,
    Cause.STOPPED: GapClass.STOPPED,
    Cause.REPLACED: GapClass.STOPPED,
    Cause.DISK_FULL: GapClass.MACHINE,
    Cause.DISK_LOCKED: GapClass.MACHINE,
    Cause.OVERLOAD: GapClass.MACHINE,
    Cause.HOT: GapClass.MACHINE,
    Cause.UNKNOWN: GapClass.UNKNOWN,
}
