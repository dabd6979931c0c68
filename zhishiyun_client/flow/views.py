"""What each page shows: the contract between the flow and the pages.

The flow builds one `FrameView` (several times a second while something counts) and hands it to
`Window.render`; the window draws only what changed and answers with `flow.intents`.

- Words: `text(T.X, name=…)` is said in the chosen language, a `str` is shown as it is.
- `…_off` belongs to a button: None = it can be pressed; words = it cannot, and this is why.
- Times are numbers (`…_s`, rounded up, never negative) or ready strings (`09:45`): pages have
  no clock.
- Papers and attachments are bytes and stay in memory; the same object while unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from zhishiyun_client.flow.frame import (
    Band,
    ChatLineView,
    CountdownView,
    DataRequestView,
    Delivery,
    EndQuestionView,
    From,
    HeaderView,
    HelpView,
    KeptView,
    MessageView,
    MyDataView,
    NoticeView,
    PanelView,
    RecordingLight,
    StepState,
    StepView,
    Tone,
    UploadWord,
    Urgency,
)
from zhishiyun_client.flow.intents import Intent
from zhishiyun_client.flow.stage_views import (
    AnsweringView,
    DisplayOfWorkView,
    EndingView,
    PaperView,
    PreparationView,
    ReleaseBox,
    SkillTestView,
)
from zhishiyun_client.i18n.language import Noun
from zhishiyun_client.i18n.words import Words

__all__ = [
    "AnsweringView",
    "AttachmentView",
    "AttachmentsView",
    "Band",
    "BindingView",
    "BoundPhoneView",
    "ChatLineView",
    "CheckOutcome",
    "CheckView",
    "ClipState",
    "ConsentCardView",
    "ConsentView",
    "CountdownView",
    "CoverageView",
    "DataRequestView",
    "Delivery",
    "DeviceChoiceView",
    "DeviceConfirmationView",
    "DevicePreparationView",
    "DisplayOfWorkView",
    "EndQuestionView",
    "EndingView",
    "EntryView",
    "ExamCardView",
    "ExportTargetView",
    "FaceLoginState",
    "FaceLoginView",
    "FlowStepView",
    "FrameView",
    "From",
    "HeaderView",
    "HelpView",
    "HomeView",
    "KeptView",
    "LotteryView",
    "MessageView",
    "MyDataView",
    "NoticeView",
    "OpenDocumentView",
    "PageView",
    "PanelView",
    "PaperView",
    "PreparationView",
    "ProgramView",
    "QrMatrix",
    "ReadingFlowView",
    "ReceiptView",
    "RecordingLight",
    "ReleaseBox",
    "RoomItemView",
    "SkillTestView",
    "StepState",
    "StepView",
    "StreamState",
    "StreamView",
    "Tone",
    "UploadStep",
    "UploadWord",
    "UploadingView",
    "Urgency",
    "WaitingView",
]  # fmt: skip

QrMatrix = tuple[tuple[bool, ...], ...]
"""Rows of modules, True is dark, without the quiet zone (`segno.make(…).matrix`)."""


class CheckOutcome(Enum):
    """✓ / ! / ✗ of one check."""

    WAITING = "waiting"
    RUNNING = "running"
    PASSED = "passed"
    WEAK = "weak"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CheckView:
    """One line of a check list (R035)."""

    name: str
    """Stable; what `RepeatCheck` carries."""
    title: Words
    outcome: CheckOutcome
    measured: Words | None = None
    threshold: Words | None = None
    advice: Words | None = None
    is_optional: bool = False
    repeat_off: Words | None = None


@dataclass(frozen=True, slots=True)
class RoomItemView:
    """One thing to see to in the room; ticked by the candidate."""

    name: str
    title: Words
    detail: Words
    is_done: bool


@dataclass(frozen=True, slots=True)
class DevicePreparationView:
    """设备准备."""

    room: tuple[RoomItemView, ...]
    checks: tuple[CheckView, ...]
    summary: Words
    """T.DEVICE_PREPARATION_NOT_STARTED / RUNNING / ALL_READY / SOME_WEAK / SOME_FAILED."""
    summary_tone: Tone = Tone.CALM
    has_run: bool = False
    start_off: Words | None = None
    export_off: Words | None = None
    continue_off: Words | None = None


@dataclass(frozen=True, slots=True)
class ConsentCardView:
    """One purpose of processing."""

    title: Words
    purpose: Words
    data: Words
    retention: Words
    who: Words


@dataclass(frozen=True, slots=True)
class ConsentView:
    """告知与同意."""

    cards: tuple[ConsentCardView, ...]
    rights: Words = ""
    asks_face: bool = True
    """Whether the plan's login looks at faces: else there is nothing to consent to separately."""
    is_face_ticked: bool = False
    agree_off: Words | None = None


class FaceLoginState(Enum):
    """What the face login page is doing."""

    NOT_OPEN = "not_open"
    """Before the login window: countdown to `opens_at`."""
    NUMBERS = "numbers"
    """Notice C: 身份证号 and 准考证号."""
    LOOKING = "looking"
    FAILED = "failed"
    """`problem` says what; retry or a technician."""
    WAITING = "waiting"
    """For a technician's word."""
    TAKE_OVER = "take_over"
    """E103: another session lives."""
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class FaceLoginView:
    """人脸登录."""

    state: FaceLoginState
    hint: Words | None = None
    """Live: T.FACE_LOGIN_HINT_CLOSER …"""
    progress_share: float = 0.0
    attempts_left: int | None = None
    problem: Words | None = None
    problem_code: str = ""
    id_number_problem: Words | None = None
    ticket_number_problem: Words | None = None
    submit_off: Words | None = None
    retry_off: Words | None = None
    technician_off: Words | None = None
    opens_at: str = ""
    opens_in_s: int = 0
    waiting_s: int = 0
    people_ahead: int | None = None
    may_go_back: bool = True
    """While waiting: whether the face check may be tried again (not without consent)."""
    is_by_person: bool = False
    phone: str = ""
    hours: Words = ""


@dataclass(frozen=True, slots=True)
class ExamCardView:
    """One exam on the home page."""

    exam_id: str
    title: Words
    band: Band
    when: str
    login_opens: str
    entry_window: str
    draw_window: str = ""
    state: Words = ""
    """T.HOME_STATE_…"""
    action: Words = ""
    """The big next action: text(T.HOME_START, step=…), T.HOME_VIEW_UPLOAD, T.HOME_VIEW_RECEIPT."""
    intent: Intent | None = None
    """What the action sends: OpenExam, OpenUpload, OpenReceipt."""
    action_off: Words | None = None
    explanation: Words | None = None


@dataclass(frozen=True, slots=True)
class HomeView:
    """首页."""

    cards: tuple[ExamCardView, ...]
    server_date_time: str = ""


@dataclass(frozen=True, slots=True)
class FlowStepView:
    """One step as 阅读考试流程 explains it."""

    name: Words
    explanation: Words
    duration: Words | None = None


@dataclass(frozen=True, slots=True)
class ReadingFlowView:
    """阅读考试流程."""

    steps: tuple[FlowStepView, ...]
    confirm_off: Words | None = None


@dataclass(frozen=True, slots=True)
class BoundPhoneView:
    """The phone as it last reported."""

    name: str
    battery_percent: int | None = None
    storage_gb: int | None = None
    is_recording: bool = False
    doing: Words = ""
    """Where the phone stands, in one or two words."""
    warning: Words | None = None
    picture: bytes = field(default=b"", repr=False)
    """What it sees, a JPEG; empty while none has come."""
    has_picture: bool = False
    """Whether its picture helps to put it in place now."""


@dataclass(frozen=True, slots=True)
class BindingView:
    """佐证绑定."""

    qr: QrMatrix
    code_groups: tuple[str, ...]
    """The 绑定码 in groups of four digits."""
    steps: tuple[Words, ...]
    expires_in_s: int = 0
    phone: BoundPhoneView | None = None
    rule: Words | None = None
    problem: Words | None = None
    new_code_off: Words | None = None
    continue_off: Words | None = None


@dataclass(frozen=True, slots=True)
class LotteryView:
    """抽签; three times explicit (Q12)."""

    exam_time: str
    draw_time: str
    entry_time: str
    number: str | None = None
    is_drawing: bool = False
    is_assigned: bool = False
    use: Words | None = None
    commitment: str = ""
    """Short hex of the published commitment (R083)."""
    problem: Words | None = None
    draw_off: Words | None = None
    continue_off: Words | None = None


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """One attachment of the list."""

    attachment_id: str
    title: Words
    is_read: bool


@dataclass(frozen=True, slots=True)
class OpenDocumentView:
    """The attachment in the reading area."""

    attachment_id: str
    title: Words
    media_type: str
    """application/pdf, image/png, image/jpeg, text/plain."""
    content: bytes = field(repr=False)
    version: str = ""


@dataclass(frozen=True, slots=True)
class AttachmentsView:
    """考试附件."""

    items: tuple[AttachmentView, ...]
    document: OpenDocumentView | None = None
    is_loading: bool = False
    problem: Words | None = None
    acknowledge_off: Words | None = None
    continue_off: Words | None = None


@dataclass(frozen=True, slots=True)
class ProgramView:
    """A program that must be closed first."""

    program_id: str
    name: str
    close_off: Words | None = None


@dataclass(frozen=True, slots=True)
class EntryView:
    """进入考试."""

    opens_at: str
    closes_at: str
    begins_at: str
    enter_off: Words | None
    """T.ENTRY_OFF_EARLY with the time left, OFF_DISPLAYS, OFF_PROGRAMS …"""
    status: Words
    """The sentence above the button: T.ENTRY_E301, E302, READY, RE_ENTRY."""
    status_tone: Tone = Tone.CALM
    status_code: str = ""
    checks: tuple[CheckView, ...] = ()
    programs: tuple[ProgramView, ...] = ()
    checked_at: str = ""
    refresh_off: Words | None = None


@dataclass(frozen=True, slots=True)
class DeviceChoiceView:
    """One device of a list."""

    device_id: str
    name: Words
    suffix: Words = ""
    """What it is, when it is no ordinary device."""


class ClipState(Enum):
    """The six seconds to listen to."""

    EMPTY = "empty"
    RECORDING = "recording"
    READY = "ready"
    PLAYING = "playing"


@dataclass(frozen=True, slots=True)
class DeviceConfirmationView:
    """设备确认."""

    cameras: tuple[DeviceChoiceView, ...]
    microphones: tuple[DeviceChoiceView, ...]
    camera_id: str
    microphone_id: str
    preview_off: Words | None = None
    level_share: float = 0.0
    clip: ClipState = ClipState.EMPTY
    clip_left_s: int = 0
    clip_problem: Words | None = None
    framing: Words | None = None
    problem: Words | None = None
    """What is wrong with the camera, and what mends it."""
    sound_problem: Words | None = None
    refresh_off: Words | None = None
    proceed_off: Words | None = None


@dataclass(frozen=True, slots=True)
class WaitingView:
    """待考倒计时."""

    remaining_s: int
    begins_at: str
    may: tuple[Words, ...]
    may_not: tuple[Words, ...]
    materials: Words | None = None
    """Shown as it is: text(T.WAITING_MATERIALS, materials=…)."""
    paper: Words | None = None
    """T.WAITING_PAPER_READY or PAPER_WAITING."""


class StreamState(Enum):
    """How far one stream of the recording is on the server."""

    WAITING = "waiting"
    SENDING = "sending"
    CHECKING = "checking"
    DONE = "done"
    FAILED = "failed"
    NOT_USED = "not_used"


@dataclass(frozen=True, slots=True)
class StreamView:
    """One bar of the upload page."""

    name: Words
    state: StreamState
    sent_bytes: int = 0
    total_bytes: int = 0
    note: Words | None = None


class UploadStep(Enum):
    """The three steps; 服务器核对 is the last before the receipt, so no bar stays at 99 % (F37)."""

    SENDING = "sending"
    CHECKING = "checking"
    RECEIPT = "receipt"


@dataclass(frozen=True, slots=True)
class ExportTargetView:
    """A removable drive or folder to export to."""

    target_id: str
    name: str


@dataclass(frozen=True, slots=True)
class UploadingView:
    """上传."""

    streams: tuple[StreamView, ...]
    step: UploadStep
    sent_bytes: int
    total_bytes: int
    eta: Words | None = None
    """T.UPLOADING_ETA with low and high, ETA_SECONDS or ETA_UNKNOWN."""
    deadline: Words | None = None
    problem: Words | None = None
    problem_code: str = ""
    next_try_in_s: int | None = None
    tries: int = 0
    retry_off: Words | None = None
    again_off: Words | None = None
    export_off: Words | None = None
    export_targets: tuple[ExportTargetView, ...] = ()
    exported_to: str = ""
    must_stay_in_frame: bool = False
    has_phone: bool = True
    may_go_on: bool = False
    """The computer's recording has its receipt, and only the phone's is awaited."""


@dataclass(frozen=True, slots=True)
class CoverageView:
    """One line of the receipt."""

    track: Words
    seconds: str
    share: float
    gaps: Words


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """回执."""

    number: str
    qr: QrMatrix
    verified_at: str
    keep_until: Words
    """text(T.RECEIPT_KEEP, date=…) or T.RECEIPT_KEEP_RESULTS."""
    exam_title: Words = ""
    is_formal: bool = True
    coverage: tuple[CoverageView, ...] = ()
    root_digest: str = ""
    saved_to: str = ""
    save_off: Words | None = None
    print_off: Words | None = None
    home_off: Words | None = None
    phone: Words | None = None
    """How the phone's recording stands; None where no phone filmed."""
    phone_whole: bool = True


PageView = (
    DevicePreparationView
    | ConsentView
    | FaceLoginView
    | HomeView
    | ReadingFlowView
    | BindingView
    | LotteryView
    | AttachmentsView
    | EntryView
    | DeviceConfirmationView
    | WaitingView
    | PreparationView
    | AnsweringView
    | SkillTestView
    | DisplayOfWorkView
    | EndingView
    | UploadingView
    | ReceiptView
)
"""The type decides which page is shown."""


@dataclass(frozen=True, slots=True)
class FrameView:
    """Everything that the window shows at one moment."""

    page: PageView
    header: HeaderView
    panel: PanelView
    steps: tuple[StepView, ...] = ()
    notices: tuple[NoticeView, ...] = ()
    help: HelpView = field(default_factory=HelpView)
    my_data: MyDataView = field(default_factory=MyDataView)
    noun: Noun = Noun.INTERVIEW
    end_question: EndQuestionView | None = None
    message: MessageView | None = None
