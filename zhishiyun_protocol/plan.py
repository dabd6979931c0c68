"""The exam's plan: everything in which one notice differs from another, as data (requirements §1).

A plan is a TOML file. It says nothing of a date: the instant of the start (T0) belongs to the
sitting that uses the plan. Durations are whole seconds of the exam's clock.
"""

from __future__ import annotations

import enum
import hashlib
import tomllib

import msgspec

from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.signing import canonical_json

MINUTE_S = 60
MOST_PRESENCE_PER_S = 2.0
"""More looks take more than 8 % of a core from the recording. Source: docs/measured/face.md."""


class StageKind(enum.StrEnum):
    """What a candidate does in a stage; the same names as the phases of the client."""

    PREPARATION = "preparation"
    ANSWERING = "answering"
    SKILL_TEST = "skill_test"
    DISPLAY_OF_WORK = "display_of_work"


class Start(enum.StrEnum):
    """Who begins a stage."""

    AUTO = "auto"  # the clock
    SELF = "self"  # the candidate, by a button, within the grace


class Factor(enum.StrEnum):
    """What a login asks for."""

    FACE = "face"
    NUMBERS = "numbers"  # ID number and ticket number
    ID_PHOTO = "id_photo"  # 人证: the live face is compared with the photo of the ID card as well


class Liveness(enum.StrEnum):
    """What shows that a living person sits at the login's camera."""

    OFF = "off"
    TURNS = "turns"  # head turns in random order


class Treatment(enum.StrEnum):
    """What happens when a category of program is found running."""

    MUST_CLOSE = "must_close"
    WARN = "warn"
    NOTICE = "notice"
    ALLOW = "allow"


class Plain(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a plan: unknown fields are mistakes, not extensions."""


class Wording(Plain, frozen=True, kw_only=True):
    """Words in which the notices differ."""

    noun: str = "面试"  # 考试 | 面试
    noun_en: str = "interview"
    product: str = "智试云"
    phone_product: str = "智试通"
    countdown_page: str = "面试开始前倒计时页面"


class Login(Plain, frozen=True, kw_only=True):
    """The login window and what it asks for (R041–R046)."""

    opens_before_s: int = 30 * MINUTE_S
    factors: tuple[Factor, ...] = (Factor.FACE,)
    attempts: int = 3
    liveness: Liveness = Liveness.OFF
    manual_needs_second_person: bool = False


class Reading(Plain, frozen=True, kw_only=True):
    """The page 阅读考试流程 (R051)."""

    steps: tuple[str, ...] = ()


class Lens(enum.StrEnum):
    """Which of the phone's cameras films from its fixed place."""

    FRONT = "front"  # the one of the sweep
    REAR = "rear"


class Binding(Plain, frozen=True, kw_only=True):
    """佐证绑定: the phone that films from behind (R060–R075)."""

    required: bool = True
    placement: str = "desk_screen_surroundings"  # | rear_side_45 | rear_side_30
    sweep: str = "front_360"
    lens: Lens = Lens.FRONT
    phone_first: bool = False
    phone_state: str = ""
    must_film: bool = False  # required means filming, not only bound, before entry
    min_battery_share: float = 0.3  # less is warned of (R032)
    kbps: int = 448  # of the phone's picture and sound together; requirements §10


class Lottery(Plain, frozen=True, kw_only=True):
    """抽签 (R080–R084)."""

    enabled: bool = False
    opens_before_s: int = 30 * MINUTE_S
    closes_before_s: int = 0
    auto_assign: bool = True


class Attachment(Plain, frozen=True, kw_only=True):
    """One document to be read before entry (R090–R093)."""

    id: str
    title: str
    file: str
    media_type: str = "application/pdf"
    sha256: str = ""  # filled when the plan is imported
    must_open: bool = True
    min_read_s: int = 0


class Entry(Plain, frozen=True, kw_only=True):
    """The window of 【进入考试】, lateness and coming back (R100–R107, R148)."""

    opens_before_s: int = 15 * MINUTE_S
    late_cutoff_s: int = 5 * MINUTE_S  # after T0
    reentry_allowed: bool = True


class Stage(Plain, frozen=True, kw_only=True):
    """One timed part of the exam (R130–R144)."""

    kind: StageKind
    title: str
    duration_s: int
    start: Start = Start.AUTO
    self_start_grace_s: int = 5 * MINUTE_S
    may_end_early: bool = False
    show_question: bool = True
    start_cue: str = ""
    end_cue: str = ""
    prompts: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()  # empty: everybody; else only these 科目


class Materials(Plain, frozen=True, kw_only=True):
    """What may lie on the desk, and where it is shown (R074, R143, R179)."""

    allowed: tuple[str, ...] = ()
    show_to: str = ""  # "" | computer | phone
    show_prompt: str = ""


class Upload(Plain, frozen=True, kw_only=True):
    """The check after the exam (R186)."""

    deadline_s: int = 60 * MINUTE_S
    scope: tuple[str, ...] = ("computer",)


class Support(Plain, frozen=True, kw_only=True):
    """Who helps, and how (R160–R165)."""

    phone: str
    hours: str
    callback_numbers: tuple[str, ...] = ()
    chat: bool = True


class Guarding(Plain, frozen=True, kw_only=True):
    """What the guard looks for and how each category is treated (R170–R172)."""

    one_display: bool = True
    hide_from_capture: bool = False  # our window stays out of recordings, ours included
    window_titles: bool = False  # the sealed record names the title of who took the keyboard
    chat: Treatment = Treatment.MUST_CLOSE
    meeting: Treatment = Treatment.MUST_CLOSE
    remote: Treatment = Treatment.MUST_CLOSE
    recorder: Treatment = Treatment.MUST_CLOSE
    virtual_camera: Treatment = Treatment.MUST_CLOSE
    ai_assistant: Treatment = Treatment.MUST_CLOSE
    translator: Treatment = Treatment.WARN
    security_suite: Treatment = Treatment.NOTICE
    download: Treatment = Treatment.WARN
    vm_tool: Treatment = Treatment.NOTICE
    browser: Treatment = Treatment.WARN


class Recording(Plain, frozen=True, kw_only=True):
    """What is asked of the recording (R150–R158)."""

    camera_width_px: int = 1280
    camera_height_px: int = 720
    camera_fps: int = 15
    screen_fps: int = 10
    sound_kbps: int = 32
    gpl_encoders: bool = True  # false: AV1 or the system's own encoders, never x264
    line_may_lower: bool = False  # whether a slow line may pull the picture quality down
    presence_per_s: float = 1.0  # looks at who sits there (R047); 0: none


class Retention(Plain, frozen=True, kw_only=True):
    """How long things are kept (R011, R226)."""

    client_until: str = "results"  # "results" or an ISO date
    recordings_days: int = 180


class ExamPlan(Plain, frozen=True, kw_only=True):
    """Everything about an exam that is not a date or a person."""

    format: int
    id: str
    title: str
    flow: tuple[str, ...]
    stages: tuple[Stage, ...]
    support: Support
    wording: Wording = Wording()
    login: Login = Login()
    reading: Reading = Reading()
    binding: Binding = Binding()
    lottery: Lottery = Lottery()
    attachments: tuple[Attachment, ...] = ()
    entry: Entry = Entry()
    materials: Materials = Materials()
    rules: tuple[str, ...] = ()
    upload: Upload = Upload()
    guarding: Guarding = Guarding()
    recording: Recording = Recording()
    retention: Retention = Retention()
    mock: bool = False

    def stages_for(self, subject: str) -> tuple[Stage, ...]:
        """The stages that a candidate of this 科目 sits."""
        return tuple(s for s in self.stages if not s.subjects or subject in s.subjects)

    def latest_end_s(self, subject: str) -> int:
        """Seconds after T0 by which every stage has ended, self-start graces used up."""
        return sum(
            s.duration_s + (s.self_start_grace_s if s.start is Start.SELF else 0)
            for s in self.stages_for(subject)
        )

    def sha256(self) -> str:
        """The plan's digest: what the evidence log and the receipts name."""
        return hashlib.sha256(canonical_json(self)).hexdigest()


PLAN_FORMAT = 1
FIRST_PHASES = ("consent", "device_preparation", "face_login", "home")
"""The notice comes before any use of the camera, also by the device check (R040)."""

FIRST_PHASES_BEFORE = ("device_preparation", "consent", "face_login", "home")
"""As plans had them before; still read."""

OPTIONAL_PHASES = ("reading_flow", "binding", "lottery", "attachments")
FIXED_PHASES = ("entry", "device_confirmation", "waiting")
LAST_PHASES = ("ending", "uploading", "receipt")


def read_plan(text: bytes, name: str = "plan") -> ExamPlan:
    """Read and check a plan file.

    Args:
        text: TOML, UTF-8.
        name: the file's name, for messages.

    Raises:
        Refused: PLAN_UNREADABLE or PLAN_IMPOSSIBLE, naming every fault and its mend.
    """
    try:
        raw = tomllib.loads(text.decode("utf-8"))
        plan = msgspec.convert(raw, ExamPlan)
    except (ValueError, msgspec.ValidationError) as error:
        raise Refused(
            "PLAN_UNREADABLE",
            f"{name} cannot be read as an exam plan: {error}. Correct that place and import again.",
            f"考试方案 {name} 无法读取：{error}。请修改该处后重新导入。",
        ) from error
    faults = faults_of(plan)
    if faults:
        raise Refused(
            "PLAN_IMPOSSIBLE",
            f"{name} contradicts itself: " + "; ".join(en for en, _ in faults),
            f"考试方案 {name} 自相矛盾：" + "；".join(zh for _, zh in faults),
        )
    return plan


def faults_of(plan: ExamPlan) -> list[tuple[str, str]]:
    """Everything about a plan that cannot work, in English and Chinese (R220)."""
    return [*_flow_faults(plan), *_time_faults(plan), *_count_faults(plan)]


def _flow_faults(plan: ExamPlan) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []
    if plan.format != PLAN_FORMAT:
        faults.append(
            (
                f"format is {plan.format}, this program reads {PLAN_FORMAT}",
                f"format 为 {plan.format}，本程序只支持 {PLAN_FORMAT}",
            )
        )
    stage_phases = tuple(dict.fromkeys(stage.kind.value for stage in plan.stages))
    optional = tuple(p for p in plan.flow if p in OPTIONAL_PHASES)
    rest = (*optional, *FIXED_PHASES, *stage_phases, *LAST_PHASES)
    expected = (*FIRST_PHASES, *rest)
    if plan.flow not in (expected, (*FIRST_PHASES_BEFORE, *rest)):
        faults.append(
            (
                f"flow must be, in this order, {', '.join(expected)}",
                f"flow 应依次为 {'、'.join(expected)}",
            )
        )
    if plan.lottery.enabled != ("lottery" in plan.flow):
        faults.append(
            (
                "lottery.enabled and the lottery phase in flow must go together",
                "lottery.enabled 与 flow 中的 lottery 必须一致",
            )
        )
    if bool(plan.attachments) != ("attachments" in plan.flow):
        faults.append(
            (
                "attachments and the attachments phase in flow must go together",
                "attachments 与 flow 中的 attachments 必须一致",
            )
        )
    return faults


def _time_faults(plan: ExamPlan) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []
    if plan.login.opens_before_s <= plan.entry.opens_before_s:
        faults.append(
            (
                "login.opens_before_s must exceed entry.opens_before_s: nobody could enter in time",
                "login.opens_before_s 必须大于 entry.opens_before_s，否则考生来不及进入",
            )
        )
    if plan.entry.opens_before_s <= 0:
        faults.append(("entry.opens_before_s must be positive", "entry.opens_before_s 必须为正"))
    if plan.stages and plan.entry.late_cutoff_s > sum(s.duration_s for s in plan.stages):
        faults.append(
            (
                "entry.late_cutoff_s lies after the end of the last stage",
                "entry.late_cutoff_s 晚于最后一个阶段的结束时间",
            )
        )
    if plan.entry.late_cutoff_s < 0:
        faults.append(("entry.late_cutoff_s is negative", "entry.late_cutoff_s 不能为负"))
    lottery = plan.lottery
    if lottery.enabled and not (
        plan.login.opens_before_s >= lottery.opens_before_s > lottery.closes_before_s >= 0
    ):
        faults.append(
            (
                "the lottery must open after the login and close before T0",
                "抽签须在登录开放之后开始，并在开考之前结束",
            )
        )
    return faults


def _count_faults(plan: ExamPlan) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []
    if not plan.stages:
        faults.append(("there is no stage", "没有任何考试阶段"))
    for stage in plan.stages:
        if stage.duration_s <= 0 or stage.self_start_grace_s < 0:
            faults.append(
                (
                    f"stage “{stage.title}” has an impossible duration",
                    f"阶段「{stage.title}」的时长无效",
                )
            )
    if plan.stages and plan.stages[0].start is Start.SELF:
        faults.append(("the first stage must start by the clock", "第一个阶段必须由系统自动开始"))
    factors = plan.login.factors
    if Factor.ID_PHOTO in factors and Factor.FACE not in factors:
        faults.append(
            (
                "login.factors: id_photo needs face, for it is compared with the live face",
                "login.factors 中的 id_photo 须与 face 同时使用",
            )
        )
    if plan.login.attempts < 1:
        faults.append(("login.attempts must be at least 1", "login.attempts 至少为 1"))
    if not 0 <= plan.recording.presence_per_s <= MOST_PRESENCE_PER_S:
        faults.append(
            (
                f"recording.presence_per_s must lie between 0 and {MOST_PRESENCE_PER_S:g}",
                f"recording.presence_per_s 须在 0 到 {MOST_PRESENCE_PER_S:g} 之间",
            )
        )
    ids = [a.id for a in plan.attachments]
    if len(ids) != len(set(ids)):
        faults.append(("two attachments have the same id", "有两份附件的 id 相同"))
    return faults
