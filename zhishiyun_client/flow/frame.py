"""What the window shows around every page: frozen views, re-exported by `flow.views`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from zhishiyun_client.flow.intents import Intent
from zhishiyun_client.i18n.language import Language
from zhishiyun_client.i18n.words import Words


class Band(Enum):
    """The colour and the word of the header, so that formal and mock cannot be confused (R025)."""

    FORMAL = "formal"
    MOCK = "mock"
    REHEARSAL = "rehearsal"


@dataclass(frozen=True, slots=True)
class HeaderView:
    """The line on top of the window."""

    product: Words
    exam_title: Words
    band: Band
    language: Language
    server_time: str = ""
    """The exam's clock as `09:45:10`; empty while unknown."""
    demonstration_devices: tuple[Words, ...] = ()
    """Which devices are stand-ins (T.BAND_DEMO_CAMERA …); if any, a line on every page says so."""


class StepState(Enum):
    """How far a step of the plan is."""

    DONE = "done"
    CURRENT = "current"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class StepView:
    """One line of the step list; only the phases of this plan, in order."""

    name: Words
    state: StepState


class Urgency(Enum):
    """How near zero is; the page adds words, colour is never the only signal."""

    CALM = "calm"
    SOON = "soon"
    """Five minutes or less."""
    LAST = "last"
    """One minute or less."""


@dataclass(frozen=True, slots=True)
class CountdownView:
    """The one timer, at the upper right."""

    stage: Words
    """In words: T.STAGE_TO_START, T.STAGE_ANSWERING …"""
    remaining_s: int
    """Whole seconds, rounded up, never negative."""
    next_stage: Words | None = None
    urgency: Urgency = Urgency.CALM
    announcement: Words | None = None
    """For screen readers, set at 10, 5, 1 min and 10 s only."""


class RecordingLight(Enum):
    """What the recording light says; steady, text and dot."""

    NOT_STARTED = "not_started"
    RECORDING = "recording"
    INTERRUPTED = "interrupted"
    STOPPED = "stopped"


class UploadWord(Enum):
    """The upload in one word."""

    NONE = "none"
    SYNCED = "synced"
    SENDING = "sending"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class PanelView:
    """The right side: the same places on every page."""

    identity: Words = ""
    """抽签号 or the tail of the 准考证号; never a name (R139)."""
    preview_off: Words | None = None
    """Why there is no picture; None: the picture is shown."""
    recording: RecordingLight = RecordingLight.NOT_STARTED
    level_share: float = 0.0
    """Sound level 0…1; ignored while `has_level` is False."""
    has_level: bool = False
    countdown: CountdownView | None = None
    upload: UploadWord = UploadWord.NONE
    phone: Words | None = None
    phone_well: bool = True
    """Whether nobody needs to look at the phone."""
    has_end: bool = False
    """Whether 【结束考试】 is there at all."""
    end_off: Words | None = None
    """Why 【结束考试】 cannot be pressed; None: it can."""


class Tone(Enum):
    """How a notice looks."""

    CALM = "calm"
    GOOD = "good"
    CAUTION = "caution"
    GRAVE = "grave"


@dataclass(frozen=True, slots=True)
class NoticeView:
    """One line of the notice bar (E501, E502 …)."""

    key: str
    """Stable while the state lasts; also what `DismissNotice` carries."""
    words: Words
    tone: Tone = Tone.CALM
    code: str = ""
    """`E501`; shown last and small."""
    button: Words | None = None
    intent: Intent | None = None
    """What `button` sends."""
    may_close: bool = False


class From(Enum):
    """Who wrote a message."""

    CANDIDATE = "candidate"
    SUPERVISOR = "supervisor"
    TECHNICIAN = "technician"
    SYSTEM = "system"


class Delivery(Enum):
    """How far a message of the candidate has come."""

    NONE = "none"
    QUEUED = "queued"
    SENT = "sent"
    READ = "read"


@dataclass(frozen=True, slots=True)
class ChatLineView:
    """One message of the conversation with the supervisor."""

    author: From
    words: Words = field(repr=False)
    at: str = ""
    delivery: Delivery = Delivery.NONE


@dataclass(frozen=True, slots=True)
class HelpView:
    """The help drawer; 【求助】 itself is always there."""

    is_open: bool = False
    lines: tuple[ChatLineView, ...] = ()
    canned: tuple[Words, ...] = ()
    """Empty: the usual three of R165."""
    waiting_s: int | None = None
    """Since when an answer is awaited; None: nothing is."""
    is_offline: bool = False
    unread: int = 0
    phone: str = ""
    hours: Words = ""
    callback_numbers: tuple[str, ...] = ()
    call_off: Words | None = None
    """Why a call back cannot be asked for; None: it can."""


@dataclass(frozen=True, slots=True)
class KeptView:
    """One kind of data that is kept of the candidate."""

    title: Words
    why: Words
    state: Words
    until: Words


@dataclass(frozen=True, slots=True)
class DataRequestView:
    """One request of the candidate, and where it stands."""

    words: Words
    answer: Words
    is_answered: bool = False


@dataclass(frozen=True, slots=True)
class MyDataView:
    """【我的信息】: a drawer over every page; the button that opens it is always there."""

    is_open: bool = False
    decision: Words = ""
    kept: tuple[KeptView, ...] = ()
    requests: tuple[DataRequestView, ...] = ()
    rights: Words = ""
    copy_off: Words | None = None
    deletion_off: Words | None = None
    has_withdraw: bool = False
    consequences: Words | None = None
    """What follows from withdrawing; its presence asks 【确认撤回】 or 【保留同意】."""


@dataclass(frozen=True, slots=True)
class EndQuestionView:
    """The confirmation after 【结束考试】; its presence opens the box."""

    remaining_s: int
    stages_left: Words | None = None
    """Stages that have not been; None: this was the last."""


@dataclass(frozen=True, slots=True)
class MessageView:
    """A calm message over the whole window: starting, queueing, suspended, broken."""

    title: Words
    words: Words
    code: str = ""
    is_busy: bool = False
    button: Words | None = None
    """None: nothing to press; else the button sends `AnswerMessage`."""
