"""What is inside the payloads: plain ones everybody reads, sealed ones only the key holder."""

from __future__ import annotations

import enum

import msgspec


class Cause(enum.StrEnum):
    """Why something is missing (R243)."""

    START = "start"
    RECORDER_KILLED = "recorder_killed"
    POWER_LOST = "power_lost"
    SLEPT = "slept"
    DEVICE_LOST = "device_lost"
    DEVICE_CHANGED = "device_changed"
    DEVICE_ABSENT = "device_absent"
    DISK_FULL = "disk_full"
    DISK_LOCKED = "disk_locked"
    OVERLOAD = "overload"
    STOPPED = "stopped"
    UNKNOWN = "unknown"
    # of the phone's page
    CALL = "call"
    BACKGROUND = "background"
    SCREEN_OFF = "screen_off"
    CAMERA_TAKEN = "camera_taken"
    PAGE_CLOSED = "page_closed"
    PHONE_OFF = "phone_off"
    HOT = "hot"
    REPLACED = "replaced"  # another phone was bound


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """RUN: one life of the recorder; `timeline_us` places it on the attempt's timeline.

    A packet's place is timeline_us + (its monotonic_us − monotonic_us of this payload).
    """

    run: int
    cause: Cause
    boot_id: str  # tells whether monotonic readings of two runs may be compared
    monotonic_us: int
    timeline_us: int
    client_version: str


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """STREAM: the payloads of this track's PACKETs in this run, concatenated, are this stream."""

    container: str  # "mpegts" | "ivf"; of a phone "webm" | "mp4"
    codec: str  # "h264" | "av1" | "opus"; of a phone its recorder's MIME type
    encoder: str
    width_px: int = 0
    height_px: int = 0
    fps: float = 0.0
    sample_rate_hz: int = 0
    demonstration: bool = False
    why: str = ""  # reason of the choice of encoder and rung


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """GAP: nothing of these tracks between two instants of the timeline, µs."""

    tracks: tuple[int, ...]
    from_us: int
    to_us: int
    cause: Cause
    torn_bytes: int = 0  # cut from the log's end after a crash


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """CHECKPOINT: device key, purpose "head", over canonical JSON of `HeadStatement`."""

    records: int
    length: int
    head: str
    signature: str


class HeadStatement(msgspec.Struct, frozen=True, kw_only=True):
    """What a checkpoint and a heartbeat sign: the chain of `attempt` up to `length` bytes."""

    attempt: str
    head: str
    length: int
    records: int


class Ack(msgspec.Struct, frozen=True, kw_only=True):
    """ACK: what the server has committed to hold."""

    committed: int
    held_bytes: int


class TrackCount(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one track since the run began."""

    track: int
    frames: int
    dropped: int
    late: int = 0
    overflows: int = 0


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """QUALITY: where the ladder stands and what it costs."""

    rung: str
    why: str
    counts: tuple[TrackCount, ...] = ()


class End(msgspec.Struct, frozen=True, kw_only=True):
    """END: nothing follows but CHECKPOINT and ACK."""

    why: str  # "time_up" | "candidate" | "supervisor"; of a phone also "replaced"
    counts: tuple[TrackCount, ...]


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """MARK: a phase entered, a stage begun or ended, something shown (R137)."""

    what: str
    subject: str = ""
    index: int | None = None
    detail: dict[str, str] = {}


class DeviceEvent(msgspec.Struct, frozen=True, kw_only=True):
    """DEVICE: a device was chosen, lost, came back; the record's track says whose it is."""

    what: str  # "chosen" | "format" | "lost" | "back" | "absent"
    name: str
    cause: str = ""  # stable code: DEVICE_GONE, DEVICE_BUSY, NO_FRAMES, …
    width_px: int = 0
    height_px: int = 0
    fps: float = 0.0  # measured
    format: str = ""  # what the device gives and why it was chosen
    demonstration: bool = False
