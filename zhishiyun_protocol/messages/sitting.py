"""The exam as the server sees it for one candidate, and what the candidate does (R050–R148)."""

from __future__ import annotations

import enum

import msgspec

from zhishiyun_protocol.plan import ExamPlan


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """Whether something is open, and if not, why and when (R102)."""

    open: bool
    code: str = ""  # NOT_YET, CLOSED, ATTACHMENTS_UNREAD, PHONE_UNBOUND, NOT_DRAWN, DONE, …
    opens_us: int | None = None
    closes_us: int | None = None


class DrawState(msgspec.Struct, frozen=True, kw_only=True):
    """抽签 (R080–R084)."""

    commitment: str
    opens_us: int
    closes_us: int
    number: int | None = None
    assigned: bool = False  # by the system, because it was not drawn in time


class PhoneState(msgspec.Struct, frozen=True, kw_only=True):
    """佐证 as the server knows it: the phone that is bound now, and what earlier ones left open.

    phase:    where its page stands, a `PhonePhase`; "" before its first word
    silent:   nothing was heard of it for a while, though it should film or upload
    complete: every phone's recording of this attempt is here, whole and receipted
    parts, filmed_bytes: how many recordings there are, and how much is known to be filmed
    parts_missing, missing_bytes: recordings that are not here, and how much of them is away
    closes_us: until when everything must be here (R068, R186)
    """

    bound: bool
    name: str = ""
    battery_share: float | None = None
    free_bytes: int | None = None
    seen_us: int | None = None
    phase: str = ""
    silent: bool = False
    recorded_s: int = 0
    log_bytes: int = 0
    waiting_bytes: int = 0
    held_bytes: int = 0
    troubles: tuple[str, ...] = ()
    interruptions: int = 0
    interrupted_s: int = 0
    last_cause: str = ""
    parts: int = 0
    filmed_bytes: int = 0
    parts_missing: int = 0
    missing_bytes: int = 0
    complete: bool = False
    late: bool = False
    closes_us: int | None = None


class StageTime(msgspec.Struct, frozen=True, kw_only=True):
    """What the candidate's acts fixed for one stage, µs of the exam's clock."""

    index: int
    begun_us: int | None = None
    ended_us: int | None = None


class AttachmentInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One document of the exam and the version that counts."""

    id: str
    title: str
    media_type: str
    sha256: str
    bytes: int
    read: bool = False


class Allowance(msgspec.Struct, frozen=True, kw_only=True):
    """A finding of the guard that a supervisor lets pass; subject "" means whatever it is."""

    rule: str  # as in the finding: "display.extra", "process.chat"
    subject: str = ""


class Sitting(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/me: everything the pages decide on; what 【刷新】 fetches (R101)."""

    attempt_id: str
    exam_id: str
    plan: ExamPlan
    formal: bool
    starts_us: int
    now_us: int
    speed: float
    subject: str
    candidate_name: str
    ticket_tail: str
    verified_by: str  # "face" | "manual"
    flow_read: bool
    attachments: tuple[AttachmentInfo, ...]
    draw: DrawState | None
    phone: PhoneState
    entry: Door
    entered_us: int | None
    stages: tuple[StageTime, ...]
    ended_us: int | None  # 【结束考试】 or time-up
    paper_ready: bool
    extra_share: float
    sealed: bool  # the recording is complete and verified: a receipt exists
    news_cursor: int
    allowed: tuple[Allowance, ...] = ()


class ActKind(enum.StrEnum):
    """What a candidate does that the server keeps. Accepted late when made offline (§11)."""

    CONSENT = "consent"
    FLOW_READ = "flow_read"
    ATTACHMENT_READ = "attachment_read"
    PHASE = "phase"
    STAGE_BEGUN = "stage_begun"
    STAGE_ENDED = "stage_ended"
    EXAM_ENDED = "exam_ended"
    MATERIALS_SHOWN = "materials_shown"


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One act; `id` makes sending it again harmless (R189)."""

    id: str
    kind: ActKind
    at_us: int  # exam's clock as the client knows it
    error_us: int
    subject: str = ""  # attachment id, phase name, …
    index: int | None = None  # stage
    version: str = ""  # digest of what was read or agreed to


class Acts(msgspec.Struct, frozen=True, kw_only=True):
    """POST /v1/me/acts."""

    acts: tuple[Act, ...]


class ActsTaken(msgspec.Struct, frozen=True, kw_only=True):
    """Ids that are kept now (also those kept before)."""

    kept: tuple[str, ...]


class BindingCode(msgspec.Struct, frozen=True, kw_only=True):
    """POST /v1/me/binding: a fresh code; the older one dies (R060–R062)."""

    code: str  # ten digits
    url: str  # https://…/p/#<secret>
    expires_us: int


class EntryRequest(msgspec.Struct, frozen=True, kw_only=True):
    """POST /v1/me/entry."""

    displays: int
    reentry: bool = False


class EntryGranted(msgspec.Struct, frozen=True, kw_only=True):
    """200: recording begins now. The key seals the evidence of this attempt."""

    attempt_id: str
    evidence_key: str  # base64url, 32 bytes
    server_key: str  # base64url Ed25519 public key of receipts
    entered_us: int
    reentry: bool


class PaperKey(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/me/paper/key, from T0 on; before that 425 NOT_YET."""

    paper_id: str
    key: str  # base64url, 32 bytes


class HelpKind(enum.StrEnum):
    """What a candidate asks for."""

    TEXT = "text"
    CANNED = "canned"
    TECHNICIAN = "technician"


class HelpQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """POST /v1/me/help; `id` makes sending it again harmless."""

    id: str
    kind: HelpKind
    text: str
    at_us: int


class HelpMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the conversation, either way."""

    cursor: int
    id: str
    from_staff: bool
    text: str
    at_us: int
    read_us: int | None = None


class HelpThread(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/me/help?after=n."""

    messages: tuple[HelpMessage, ...]
    waiting_since_us: int | None = None
