"""What desk and recorder say to each other: JSON over one local socket (docs/threads.md).

The recorder listens; one desk at a time connects and says `Hello` first. Everything is idempotent:
a desk that came back may say `Attach` and `Begin` again, the recorder goes on.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from zhishiyun_client.ports.devices import Device, Picture, Sound, TrackState
from zhishiyun_protocol.messages.evidence import Receipt
from zhishiyun_protocol.messages.live import News
from zhishiyun_protocol.plan import Recording


class Message(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One message; the class's name is its tag."""


# ---- desk → recorder


class Hello(Message, frozen=True, kw_only=True):
    """First word of every connection: who the desk is and how it is started again."""

    desk_pid: int
    restart: tuple[str, ...] = ()  # command line; empty: do not start the desk again


class ListDevices(Message, frozen=True, kw_only=True):
    """Answered by `Devices`."""


class Choose(Message, frozen=True, kw_only=True):
    """Use these devices from now on; None leaves a track as it is, "" takes the first there is.

    Opens them at once, before an attempt for preview and level, during one with a DEVICE record.
    An id that is an http://127.0.0.1 address is a demonstration film.
    """

    camera_id: str | None = None
    microphone_id: str | None = None


class Attach(Message, frozen=True, kw_only=True):
    """After login: heartbeats, live channel and uploads go to this server from now on."""

    session: str
    server_url: str
    trusted_ca: str = ""  # path of a PEM file

    def __repr__(self) -> str:
        """Tell no secrets."""
        return f"Attach({self.server_url!r})"


class Begin(Message, frozen=True, kw_only=True):
    """Record from now on. Said again for the same attempt it changes nothing.

    evidence_key, device_key: base64url; the device key is the private one (it signs chain heads)
    ends_us: by the exam's clock, when even the latest stage is over; nothing is resumed after it
    """

    attempt_id: str
    exam_id: str
    plan_sha256: str
    evidence_key: str
    device_key: str
    server_key: str
    formal: bool
    ends_us: int
    speed: float = 1.0
    recording: Recording = Recording()

    def __repr__(self) -> str:
        """Tell no secrets."""
        return f"Begin({self.attempt_id!r})"


class WatchFace(Message, frozen=True, kw_only=True):
    """The candidate is admitted: look who sits there, from the recording's begin to its end (R047).

    per_s:     looks a second; 0: none
    embedding: base64url of float32 little-endian: the face that logged in, kept in memory only and
               forgotten at the end; "": nobody's face is known, faces are only counted
    pack:      name, version and digest of the pack that made it
    """

    per_s: float
    embedding: str = ""
    pack: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Tell nothing of the face."""
        return f"WatchFace(per_s={self.per_s})"


class SetPhase(Message, frozen=True, kw_only=True):
    """The phase the heartbeats name; changes are also marked in the log."""

    phase: str


class MarkNow(Message, frozen=True, kw_only=True):
    """Put a MARK record in the log (R137)."""

    what: str
    subject: str = ""
    index: int | None = None
    detail: dict[str, str] = {}


class Note(Message, frozen=True, kw_only=True):
    """Put a FINDING record in the log: what the guard saw, as a JSON object."""

    finding: dict[str, Any]

    def __repr__(self) -> str:
        """Tell nothing of what was seen."""
        return "Note()"


class StandingFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that stands and staff may know of; fields as in `OpenFinding`.

    started_us: µs of the machine's monotonic clock
    """

    rule: str
    subject: str
    name: str
    started_us: int
    blocks: bool


class Standing(Message, frozen=True, kw_only=True):
    """Everything of the guard that staff may know now; replaces what was said before."""

    findings: tuple[StandingFinding, ...]

    def __repr__(self) -> str:
        """Tell nothing of what was seen."""
        return f"Standing({len(self.findings)})"


class Chat(Message, frozen=True, kw_only=True):
    """Put a CHAT record in the log: one line of the help conversation."""

    id: str
    from_staff: bool
    text: str
    at_us: int

    def __repr__(self) -> str:
        """Tell nothing of what was said."""
        return f"Chat({self.id!r})"


TRIAL_S = 6  # how long a 试录 is


class RecordTrial(Message, frozen=True, kw_only=True):
    """试录: keep six seconds of sound in memory, then play them; answered by `Trial`."""


class PlayTrial(Message, frozen=True, kw_only=True):
    """Play the six seconds again."""


class Finish(Message, frozen=True, kw_only=True):
    """The exam is over: close the log with END, then upload until the receipt.

    why: "time_up" | "candidate" | "supervisor"
    """

    why: str


class Retry(Message, frozen=True, kw_only=True):
    """Try the upload again now, without waiting for the next scheduled try."""


class ExportBundle(Message, frozen=True, kw_only=True):
    """【导出到U盘】: write the log and its seal into this folder; answered by `Exported`."""

    folder: str


class Quit(Message, frozen=True, kw_only=True):
    """The desk leaves for good: do not start it again; end when there is nothing left to do."""


ToRecorder = (
    Hello
    | ListDevices
    | Choose
    | Attach
    | Begin
    | WatchFace
    | SetPhase
    | MarkNow
    | Note
    | Standing
    | Chat
    | RecordTrial
    | PlayTrial
    | Finish
    | Retry
    | ExportBundle
    | Quit
)


# ---- recorder → desk


class RecorderState(enum.StrEnum):
    """What the recorder is at."""

    PREVIEW = "preview"  # devices may be open, nothing is recorded
    RECORDING = "recording"
    FINISHING = "finishing"  # the log is being closed
    UPLOADING = "uploading"  # the log is closed
    DONE = "done"  # the receipt is here


class TrackStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One track as it stands.

    frames:     packets written in this run of the recorder
    dropped:    frames that were due and are not there, in this run
    recorded_s: seconds of media in the log, all runs
    cause:      stable code while not OK: NO_DEVICE, DEVICE_BUSY, DEVICE_GONE, NO_FRAMES, …
    held_by:    the program that holds a busy device, where the system tells
    fps:        camera: what it gives, measured; 0 until it is
    format:     what the device gives and why it was chosen, one line of English; "" until known
    """

    state: TrackState = TrackState.OFF
    device_id: str = ""
    device_name: str = ""
    demonstration: bool = False
    frames: int = 0
    dropped: int = 0
    recorded_s: float = 0.0
    width_px: int = 0
    height_px: int = 0
    fps: float = 0.0
    format: str = ""
    cause: str = ""
    held_by: str = ""


class UploadStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How far the upload is; fields of `ports.uploading.Progress`."""

    held_bytes: int = 0
    total_bytes: int = 0
    missing_parts: int = 0
    rate_bytes_s: float = 0.0
    eta_low_s: float | None = None
    eta_high_s: float | None = None
    cause: str = ""
    next_try_s: float | None = None
    attempt_number: int = 0
    checking: bool = False


class ClockStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The exam's clock: at local monotonic `at_us` it showed `server_us` ± `error_us`."""

    at_us: int
    server_us: int
    error_us: int
    speed: float


class Status(Message, frozen=True, kw_only=True):
    """How everything stands; at once on `Hello`, then twice a second.

    timeline_s:   seconds since the recording of this attempt began, gaps included
    line_up:      whether heartbeats are answered; None before `Attach`
    log_bytes:    written; durable_bytes: fsynced
    records, head: the chain's newest checkpoint; committed: records the server is committed to
    presence:     who sits there; "" while nobody looks, see `ports.faces.Presence`
    preview:      name of the shared memory that holds the camera's picture; "" while there is none
    """

    state: RecorderState
    recorder_pid: int
    attempt_id: str = ""
    run: int = 0
    camera: TrackStatus = TrackStatus()
    microphone: TrackStatus = TrackStatus()
    screen: TrackStatus = TrackStatus()
    sound: Sound = Sound()
    picture: Picture = Picture.NONE
    brightness_share: float | None = None
    timeline_s: float = 0.0
    log_bytes: int = 0
    durable_bytes: int = 0
    records: int = 0
    head: str = ""
    committed: int = 0
    upload: UploadStatus = UploadStatus()
    line_up: bool | None = None
    line_cause: str = ""
    clock: ClockStatus | None = None
    disk_free_bytes: int = 0
    rung: str = ""
    presence: str = ""
    preview: str = ""


class Devices(Message, frozen=True, kw_only=True):
    """Answer to `ListDevices`; also sent when a device came or went while a desk listens."""

    cameras: tuple[Device, ...]
    microphones: tuple[Device, ...]


class DeviceLost(Message, frozen=True, kw_only=True):
    """A track has no source any more; the others go on. `track`: camera | microphone | screen."""

    track: str
    name: str
    cause: str
    held_by: str = ""


class DeviceBack(Message, frozen=True, kw_only=True):
    """The track has a source again; `other`: not the one it had; `gap_ms` of it are missing."""

    track: str
    name: str
    gap_ms: int
    other: bool = False


class FromServer(Message, frozen=True, kw_only=True):
    """One item of news from the live channel."""

    news: News


class Uploaded(Message, frozen=True, kw_only=True):
    """The server has verified everything."""

    receipt: Receipt


class Exported(Message, frozen=True, kw_only=True):
    """Answer to `ExportBundle`: where the bundle lies, or why there is none."""

    path: str = ""
    code: str = ""
    message: str = ""
    zh: str = ""


class TrialState(enum.StrEnum):
    """How the six seconds of a 试录 stand."""

    NONE = "none"  # nothing is kept
    RECORDING = "recording"
    PLAYING = "playing"
    READY = "ready"  # may be played again
    FAILED = "failed"  # kept, and nothing here plays them


class Trial(Message, frozen=True, kw_only=True):
    """The 试录 came so far."""

    state: TrialState


class Trouble(Message, frozen=True, kw_only=True):
    """Something that should be told: DISK_FULL, DISK_LOW, ENCODER_FAILED, EVIDENCE_CONFLICT, …

    `over` says that the trouble named by `code` has passed.
    """

    code: str
    message: str
    zh: str
    over: bool = False
    facts: dict[str, str] = {}


class Recovered(Message, frozen=True, kw_only=True):
    """The recorder came back in the middle of an attempt; the gap is in the log with its cause."""

    gap_ms: int
    cause: str
    run: int


FromRecorder = (
    Status
    | Devices
    | DeviceLost
    | DeviceBack
    | FromServer
    | Uploaded
    | Exported
    | Trial
    | Trouble
    | Recovered
)

_TO_RECORDER: msgspec.json.Decoder[ToRecorder] = msgspec.json.Decoder(ToRecorder)
_FROM_RECORDER: msgspec.json.Decoder[FromRecorder] = msgspec.json.Decoder(FromRecorder)


def encode(message: Message) -> bytes:
    """A message's bytes."""
    return msgspec.json.encode(message)


def decode_to_recorder(data: bytes) -> ToRecorder:
    """What the desk said.

    Raises:
        msgspec.DecodeError: these bytes are no message.
    """
    return _TO_RECORDER.decode(data)


def decode_from_recorder(data: bytes) -> FromRecorder:
    """What the recorder said.

    Raises:
        msgspec.DecodeError: these bytes are no message.
    """
    return _FROM_RECORDER.decode(data)


# ---- the desk's end of the line


@dataclass(frozen=True, slots=True)
class RecorderUp:
    """The desk is connected to a recorder; `again` when it is another process than before."""

    recorder_pid: int
    again: bool


@dataclass(frozen=True, slots=True)
class RecorderDown:
    """The recorder is gone; it is being started again. `tries` in a row have failed."""

    tries: int


class RecorderDesk(Protocol):
    """The desk's hold on the recorder. Reports: every `FromRecorder`, RecorderUp, RecorderDown."""

    def say(self, message: ToRecorder) -> None:
        """Send a message; while the recorder is away `Choose`, `Attach`, `Begin`, `SetPhase` and
        what must not be lost are kept and said again when it is back. Never waits. Thread: any."""
        ...
