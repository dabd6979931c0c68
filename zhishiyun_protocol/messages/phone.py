"""What the phone that films from behind says and hears (R060–R075, docs/phone.md)."""

from __future__ import annotations

import enum

import msgspec

from zhishiyun_protocol.messages.live import ChainHead
from zhishiyun_protocol.messages.sitting import PhoneState

BIND_PURPOSE = "phone"


class PhonePhase(enum.StrEnum):
    """Where the phone's page stands (requirements §2)."""

    UNBOUND = "unbound"
    CONSENT = "consent"
    CHECKING = "checking"  # battery, storage, network, camera
    SWEEP = "sweep"  # 360° with the front camera (R064)
    PLACING = "placing"  # the fixed place, helped by a silhouette (R065)
    RECORDING = "recording"
    INTERRUPTED = "interrupted"  # it should film and does not: `troubles` say why
    STOPPED = "stopped"  # by hand (R066)
    UPLOADING = "uploading"
    DONE = "done"


class PhoneWish(enum.StrEnum):
    """What staff or the candidate's computer would like of the phone just now."""

    SWEEP = "sweep"
    AIM = "aim"  # the supervisor asks to point it anew (R202)
    PICTURE = "picture"  # somebody looks where it points: POST /v1/phone/picture
    EVIDENCE = "evidence"  # ranges are wanted again (R188): GET /v1/phone/evidence


class PhoneBind(msgspec.Struct, frozen=True, kw_only=True):
    """POST /v1/phone/bind: by the QR's secret or by the typed code; single use, rate limited.

    `proof` is the device key's signature, purpose "phone", over the word: the secret, or the
    code's ten digits without anything between. The same word from the same key is answered again
    while the code lives: the first answer may have been lost.
    """

    device_key: str  # base64url raw Ed25519 public key, made on the phone
    proof: str
    secret: str = ""
    code: str = ""
    name: str = ""  # as the browser names the device


class PhoneBound(msgspec.Struct, frozen=True, kw_only=True):
    """201: the bearer for the phone's own calls, and everything its recording needs."""

    token: str
    exam_title: str
    placement: str  # the plan's binding.placement
    product: str
    recording_id: str
    exam_id: str
    plan_sha256: str
    server_key: str  # base64url Ed25519: signs receipts
    evidence_key: str  # base64url, 32 bytes: seals this recording
    formal: bool
    speed: float
    sweep: bool  # whether the 360° sweep comes first
    facing: str  # "environment" | "user": the camera of the fixed place
    min_battery_share: float
    most_kbps: int  # picture and sound together, which the server counts with
    needed_bytes: int  # free storage that the whole recording wants, with a half more (R032)
    most_recording_s: int  # from now to the latest end of the exam, real seconds
    deadline_s: int  # after the end, exam's seconds, in which everything must be here (R068)
    noun: str  # 考试 | 面试
    helpline: str
    helpline_hours: str
    show_materials: str = ""  # what to show to the phone's camera (R074); "" where nothing is


class PhoneStatus(msgspec.Struct, frozen=True, kw_only=True):
    """POST /v1/phone/status, every few seconds and at once when something changed."""

    battery_share: float | None = None
    free_bytes: int | None = None
    phase: str = ""  # a `PhonePhase`
    recorded_s: int = 0  # what was filmed, over all runs
    log_bytes: int = 0  # how long the log is now
    waiting_bytes: int = 0  # of those, not yet held by the server
    troubles: tuple[str, ...] = ()  # stable codes that stand now: a `Cause`, "battery_low", …
    interruptions: int = 0
    interrupted_s: int = 0  # how long the last interruption was, or has been so far
    last_cause: str = ""  # of the last interruption, a `Cause`
    head: ChainHead | None = None  # the newest signed head of the recording


class PhoneTold(PhoneState, frozen=True, kw_only=True):
    """Answer to a status: what everybody sees of this phone, the clocks, and the pace.

    `ended`: another phone was bound. Stop filming, write END, finish the upload.
    `most_bytes_per_s`: None is free; else the computer's own backlog drains first.
    """

    now_us: int
    speed: float
    starts_us: int
    ends_us: int  # when the last stage ends, as the schedule stands
    may_stop: bool  # the exam is over for this candidate
    ended: bool = False
    most_bytes_per_s: int | None = None
    wanted: tuple[PhoneWish, ...] = ()
