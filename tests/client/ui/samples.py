"""One sample view a page and state, as rich as a real one: for tests and for the screenshots."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import segno
from PySide6.QtCore import QBuffer
from PySide6.QtGui import QColor, QImage, QPainter

from zhishiyun_client.flow import intents
from zhishiyun_client.flow import views as v
from zhishiyun_client.flow.processing import purposes, rights
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.language import Language, Noun
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_client.ports.preview import PreviewFrame
from zhishiyun_protocol.plan import ExamPlan, read_plan

RESOURCES = Path(__file__).resolve().parents[3] / "resources"
STEPS = (
    T.PHASE_CONSENT,
    T.PHASE_DEVICE_PREPARATION,
    T.PHASE_FACE_LOGIN,
    T.PHASE_HOME,
    T.PHASE_READING_FLOW,
    T.PHASE_BINDING,
    T.PHASE_LOTTERY,
    T.PHASE_ATTACHMENTS,
    T.PHASE_ENTRY,
    T.PHASE_DEVICE_CONFIRMATION,
    T.PHASE_WAITING,
    T.PHASE_PREPARATION,
    T.PHASE_LESSON,
    T.PHASE_SKILL_TEST,
    T.PHASE_DISPLAY_OF_WORK,
    T.PHASE_ENDING,
    T.PHASE_UPLOADING,
    T.PHASE_RECEIPT,
)
QUESTION = """请阅读下面的材料，按要求完成模拟课堂教学。

《草船借箭》节选：周瑜看到诸葛亮挺有才干，心里很妒忌。有一天，周瑜请诸葛亮商议军事，说：“我们就要跟曹军交战。水上交战，用什么兵器最好？”诸葛亮说：“用弓箭最好。”

教学要求：
1. 引导学生理清故事的起因、经过和结果；
2. 结合关键语句体会人物特点；
3. 板书设计简洁，教学时间 10 分钟。"""

SKETCH = """素描：静物组合（陶罐、苹果三个、衬布）。
要求：构图合理，造型准确，明暗关系清楚。"""
MATERIALS = "空白 A4 纸 1 张、黑色中性笔 1 支"


def plan_of(notice: str) -> ExamPlan:
    """The plan of a notice."""
    return read_plan((RESOURCES / "plans" / f"{notice}.toml").read_bytes())


KEPT = (
    v.KeptView(
        T.MY_DATA_FACE,
        T.MY_DATA_FACE_WHY,
        T.MY_DATA_FACE_WATCHED,
        T.MY_DATA_FACE_UNTIL,
    ),
    v.KeptView(
        T.MY_DATA_RECORDING,
        T.CONSENT_RECORDING_PURPOSE,
        T.MY_DATA_RECORDING_STATE,
        "2027-05-22",
    ),
    v.KeptView(
        T.MY_DATA_DECISION,
        T.MY_DATA_DECISION_WHY,
        text(T.MY_DATA_GIVEN, at="2026-11-23", version="3f2a91c0"),
        T.MY_DATA_DECISION_UNTIL,
    ),
)


class Still:
    """A feed with one picture: a drawn head before a soft gradient."""

    def __init__(self) -> None:
        width, height = 640, 360
        rows = bytearray()
        for y in range(height):
            for x in range(width):
                shade = 150 - y * 60 // height
                inside = ((x - 320) / 70) ** 2 + ((y - 150) / 95) ** 2 < 1
                body = ((x - 320) / 190) ** 2 + ((y - 400) / 150) ** 2 < 1
                if inside:
                    rows += bytes((140, 170, 215))
                elif body:
                    rows += bytes((110, 70, 45))
                else:
                    rows += bytes((shade + 40, shade + 34, shade + 24))
        self._frame = PreviewFrame(1, width, height, bytes(rows))

    def latest(self) -> PreviewFrame | None:
        return self._frame


def qr(words: str = "https://exam.example/b/4821-7750#k=c2FtcGxl") -> v.QrMatrix:
    return tuple(
        tuple(bool(module) for module in row) for row in segno.make(words, error="m").matrix
    )


def steps(current: T) -> tuple[v.StepView, ...]:
    place = STEPS.index(current)
    return tuple(
        v.StepView(
            name,
            v.StepState.DONE
            if index < place
            else v.StepState.CURRENT
            if index == place
            else v.StepState.AHEAD,
        )
        for index, name in enumerate(STEPS)
    )


def _check(
    name: str, title: T, outcome: v.CheckOutcome, *rest: Words | None, is_optional: bool = False
) -> v.CheckView:
    measured, threshold, advice = (*rest, None, None, None)[:3]
    return v.CheckView(name, title, outcome, measured, threshold, advice, is_optional)


_OK, _WEAK, _BAD = v.CheckOutcome.PASSED, v.CheckOutcome.WEAK, v.CheckOutcome.FAILED
CHECKS = (
    _check("camera", T.CHECK_CAMERA, _OK, "1280×720，30 fps", "≥ 640×360，15 fps"),
    _check("microphone", T.CHECK_MICROPHONE, _BAD, "-72 dB", "≥ -45 dB", T.CHECK_MICROPHONE_SILENT),
    _check(
        "displays",
        T.CHECK_DISPLAYS,
        _OK,
        text(T.CHECK_MEASURED_COUNT, count=1),
        T.CHECK_EXACTLY_ONE,
    ),
    _check(
        "uplink",
        T.CHECK_UPLINK,
        _WEAK,
        text(T.CHECK_MEASURED_MBPS, value=0.8),
        text(T.CHECK_AT_LEAST, value="1.5 Mbps"),
        T.CHECK_NETWORK_SLOW,
        is_optional=True,
    ),
    _check(
        "disk",
        T.CHECK_DISK,
        _OK,
        text(T.CHECK_MEASURED_GIB, value=148),
        text(T.CHECK_AT_LEAST, value="4 GB"),
    ),
    _check("recording", T.CHECK_RECORDING, v.CheckOutcome.RUNNING),
    _check("programs", T.CHECK_PROGRAMS, v.CheckOutcome.WAITING),
)
ROOM = (
    v.RoomItemView("closed", T.ROOM_CLOSED, T.ROOM_CLOSED_DETAIL, True),
    v.RoomItemView("light", T.ROOM_LIGHT, T.ROOM_LIGHT_DETAIL, True),
    v.RoomItemView("desk", T.ROOM_DESK, text(T.ROOM_DESK_DETAIL, materials=MATERIALS), False),
    v.RoomItemView("posture", T.ROOM_POSTURE, T.ROOM_POSTURE_DETAIL, False),
)
PAPER = v.PaperView("q1", "第一题　模拟课堂教学", "text/plain", QUESTION.encode())
RULES: tuple[Words, ...] = (T.ANSWERING_NO_IDENTITY, T.ANSWERING_MANDARIN)


def pages() -> dict[str, v.PageView]:
    """Every page in the state in which it is shown first; keys are file names."""
    return {**_before_entry(), **_in_the_exam(), **_after()}


def _before_entry() -> dict[str, v.PageView]:
    return {
        "device_preparation": v.DevicePreparationView(
            ROOM,
            CHECKS,
            text(T.DEVICE_PREPARATION_SOME_FAILED, count=1),
            v.Tone.CAUTION,
            True,
            continue_off=text(T.DEVICE_PREPARATION_SOME_FAILED, count=1),
        ),
        "consent": v.ConsentView(
            purposes(plan_of("b")),
            rights=rights(plan_of("b")),
            agree_off=T.CONSENT_AGREE_OFF,
        ),
        "face_login": v.FaceLoginView(
            v.FaceLoginState.LOOKING,
            hint=T.FACE_LOGIN_HINT_COVERED,
            progress_share=0.4,
            attempts_left=3,
            retry_off=T.FACE_LOGIN_RETRY_OFF_RUNNING,
            phone="400-808-3202",
            hours="09:00–18:00",
        ),
        "home": v.HomeView(
            (
                v.ExamCardView(
                    "e1",
                    "教师招聘线上面试（模拟课堂）",
                    v.Band.REHEARSAL,
                    "2026-11-23 10:00",
                    "09:30",
                    "09:45–10:05",
                    state=T.HOME_STATE_OPEN,
                    action=text(T.HOME_START, step=T.PHASE_BINDING),
                    intent=intents.OpenExam("e1"),
                    explanation=text(T.HOME_STEPS, count=14),
                ),
                v.ExamCardView(
                    "e2",
                    "线上面试（第二场）",
                    v.Band.FORMAL,
                    "2026-11-25 14:00",
                    "13:30",
                    "13:45–14:00",
                    "13:30–13:40",
                    T.HOME_STATE_AHEAD,
                    text(T.HOME_START, step=T.PHASE_BINDING),
                    intents.OpenExam("e2"),
                    text(T.HOME_NOT_YET, time="11-25 13:30"),
                ),
            ),
            "2026-11-23 09:41:20",
        ),
        "reading_flow": v.ReadingFlowView(
            tuple(
                v.FlowStepView(
                    T(f"phase.{name}"),
                    T(f"reading_flow.{name}"),
                    text(T.READING_FLOW_DURATION, minutes=20) if name == "preparation" else None,
                )
                for name in (
                    "device_preparation",
                    "face_login",
                    "reading_flow",
                    "binding",
                    "lottery",
                    "attachments",
                    "entry",
                    "device_confirmation",
                    "preparation",
                    "answering",
                    "ending",
                )
            ),
        ),
        "binding": v.BindingView(
            qr(),
            ("4821", "7750"),
            (
                T.BINDING_STEP_SCAN,
                T.BINDING_STEP_SWEEP,
                text(T.BINDING_STEP_PLACE, placement=T.BINDING_PLACEMENT_45),
                T.BINDING_STEP_KEEP,
            ),
            expires_in_s=274,
            rule=T.BINDING_RULE_REQUIRED,
            continue_off=T.BINDING_CONTINUE_OFF,
        ),
        "lottery": v.LotteryView(
            "2026-11-23 10:00",
            "09:30–09:40",
            "09:45–10:00",
            use=T.LOTTERY_DECIDES_ORDER,
            commitment="9f2c 71aa 03de",
            continue_off=T.LOTTERY_CONTINUE_OFF,
        ),
        "attachments": v.AttachmentsView(
            (
                v.AttachmentView("pledge", T.ATTACHMENTS_INTEGRITY, True),
                v.AttachmentView("notice", T.ATTACHMENTS_NOTICE, False),
                v.AttachmentView("rules", "在线考试规范", False),
            ),
            v.OpenDocumentView("notice", T.ATTACHMENTS_NOTICE, "application/pdf", notice_pdf()),
            acknowledge_off=text(T.ATTACHMENTS_ACKNOWLEDGE_OFF_WAIT, seconds=8),
            continue_off=text(T.ATTACHMENTS_CONTINUE_OFF, count=2),
        ),
        "entry": v.EntryView(
            "09:45",
            "10:05",
            "10:00",
            text(T.ENTRY_OFF_EARLY, time="03:12"),
            text(T.ENTRY_E301, at="09:45", time="03:12"),
            status_code="E301",
            checked_at="09:41:48",
            checks=(
                _check(
                    "displays",
                    T.CHECK_DISPLAYS,
                    _BAD,
                    text(T.CHECK_MEASURED_COUNT, count=2),
                    T.CHECK_EXACTLY_ONE,
                    text(T.CHECK_DISPLAYS_MANY, count=2),
                ),
            ),
            programs=(v.ProgramView("wechat", "微信"), v.ProgramView("sunlogin", "向日葵")),
        ),
    }


def _in_the_exam() -> dict[str, v.PageView]:
    return {
        "device_confirmation": v.DeviceConfirmationView(
            (
                v.DeviceChoiceView("0", "HD Webcam C270"),
                v.DeviceChoiceView("1", "Integrated Camera"),
            ),
            (v.DeviceChoiceView("m0", "麦克风阵列 (Realtek Audio)"),),
            "0",
            "m0",
            level_share=0.5,
            clip=v.ClipState.READY,
            framing=T.DEVICE_CONFIRMATION_FRAMING_OK,
        ),
        "waiting": v.WaitingView(
            452,
            "10:00",
            (T.WAITING_MAY_BREATHE, T.WAITING_MAY_PAPER, T.WAITING_MAY_HELP),
            (
                T.WAITING_MAY_NOT_LEAVE,
                T.WAITING_MAY_NOT_SWITCH,
                T.WAITING_MAY_NOT_PHONE,
                T.WAITING_MAY_NOT_UNPLUG,
            ),
            text(T.WAITING_MATERIALS, materials=MATERIALS),
            T.WAITING_PAPER_READY,
        ),
        "preparation": v.PreparationView(
            (PAPER,), next_stage=T.PHASE_LESSON, sheet_prompt=T.PREPARATION_A4_WORDS, rules=RULES
        ),
        "answering": v.AnsweringView(
            (PAPER,),
            is_lesson=True,
            is_started=True,
            cue=T.ANSWERING_CUE_WORDS,
            rules=RULES,
            next_stage=T.PHASE_SKILL_TEST,
            may_finish=True,
        ),
        "skill_test": v.SkillTestView(
            (v.PaperView("q2", "", "text/plain", SKETCH.encode()),),
            text(T.WAITING_MATERIALS, materials="4开素描纸、画架、画板、铅笔、橡皮"),
            (T.SKILL_TEST_IN_RANGE,),
            next_stage=T.PHASE_DISPLAY_OF_WORK,
        ),
        "display_of_work": v.DisplayOfWorkView(
            T.DISPLAY_OF_WORK_CUE_WORDS,
            (
                T.DISPLAY_OF_WORK_STEP_ADJUST,
                T.DISPLAY_OF_WORK_STEP_SAY,
                T.DISPLAY_OF_WORK_STEP_HOLD,
            ),
            next_stage=T.PHASE_ENDING,
        ),
    }


def _after() -> dict[str, v.PageView]:
    return {
        "ending": v.EndingView(
            T.ENDING_BY_TIME,
            (
                v.StepView(T.ENDING_STOPPING, v.StepState.DONE),
                v.StepView(T.ENDING_SEALING, v.StepState.CURRENT),
                v.StepView(T.ENDING_HANDING_OVER, v.StepState.AHEAD),
            ),
            T.ENDING_SEALING,
        ),
        "uploading": v.UploadingView(
            (
                v.StreamView(T.UPLOADING_CAMERA, v.StreamState.SENDING, 84_200_000, 120_400_000),
                v.StreamView(T.UPLOADING_SCREEN, v.StreamState.DONE, 41_000_000, 41_000_000),
                v.StreamView(T.UPLOADING_PHONE, v.StreamState.WAITING, 0, 96_000_000),
            ),
            v.UploadStep.SENDING,
            125_200_000,
            257_400_000,
            None,
            text(T.UPLOADING_DEADLINE, time="11:30"),
            text(T.UPLOADING_E601, low=12, high=15),
            "E601",
            8,
            3,
            again_off=T.UPLOADING_AGAIN_OFF,
            export_off=T.UPLOADING_EXPORT_OFF_NONE,
        ),
        "receipt": v.ReceiptView(
            "R-20261123-7F3A-0042",
            qr("ZSY1:R-20261123-7F3A-0042:9f2c71aa03de"),
            "2026-11-23 10:52:07",
            T.RECEIPT_KEEP_RESULTS,
            "教师招聘线上面试（模拟课堂）",
            False,
            (
                v.CoverageView(T.UPLOADING_CAMERA, "32:10", 1.0, T.RECEIPT_NO_GAPS),
                v.CoverageView(T.UPLOADING_MICROPHONE, "32:10", 1.0, T.RECEIPT_NO_GAPS),
                v.CoverageView(T.UPLOADING_SCREEN, "32:06", 0.998, "1 × 4 s"),
            ),
            "9f2c71aa03de5b10c4e87d21f5a6903b7788c1d2",
            phone=text(T.PHONE_WHOLE, count=1),
        ),
    }


def more_states() -> dict[str, v.PageView]:
    """Other states of the same pages that a screenshot should show."""
    some = pages()
    binding, lottery, answering = some["binding"], some["lottery"], some["answering"]
    entry, uploading = some["entry"], some["uploading"]
    devices = some["device_confirmation"]
    assert isinstance(binding, v.BindingView)
    assert isinstance(lottery, v.LotteryView)
    assert isinstance(answering, v.AnsweringView)
    assert isinstance(entry, v.EntryView)
    assert isinstance(uploading, v.UploadingView)
    assert isinstance(devices, v.DeviceConfirmationView)
    face = v.FaceLoginView(v.FaceLoginState.FAILED, phone="400-808-3202", hours="09:00–18:00")
    return {
        "answering_code": replace(
            answering,
            papers=(),
            problem=T.PREPARATION_E401,
            release=v.ReleaseBox(
                "这是其他试题或旧试题的放行码。请报考试名称和科目，向热线索取本场的放行码。"
            ),
        ),
        "device_confirmation_trial": replace(devices, clip=v.ClipState.RECORDING, clip_left_s=4),
        "device_confirmation_mute": replace(
            devices,
            clip=v.ClipState.READY,
            clip_problem=T.DEVICE_CONFIRMATION_CLIP_FAILED,
            sound_problem=T.DEVICE_MICROPHONE_CLIPPED,
        ),
        "face_login_not_open": replace(
            face, state=v.FaceLoginState.NOT_OPEN, opens_at="09:30", opens_in_s=722
        ),
        "face_login_numbers": replace(
            face, state=v.FaceLoginState.NUMBERS, id_number_problem=T.FACE_LOGIN_ID_NUMBER_WRONG
        ),
        "face_login_failed": replace(
            face, attempts_left=2, problem=text(T.FACE_LOGIN_E101, count=2), problem_code="E101"
        ),
        "face_login_waiting": replace(
            face, state=v.FaceLoginState.WAITING, waiting_s=64, people_ahead=1
        ),
        "face_login_take_over": replace(face, state=v.FaceLoginState.TAKE_OVER),
        "face_login_accepted": replace(face, state=v.FaceLoginState.ACCEPTED),
        "binding_bound": replace(
            binding,
            phone=v.BoundPhoneView(
                "HUAWEI Mate 60",
                86,
                12,
                True,
                doing=T.PHONE_STATE_RECORDING,
                picture=seen_from_behind(),
                has_picture=True,
            ),
            continue_off=None,
        ),
        "binding_placing": replace(
            binding,
            phone=v.BoundPhoneView(
                "iPhone 15",
                17,
                3,
                doing=T.PHONE_STATE_PLACING,
                warning=T.PHONE_BATTERY_LOW,
                has_picture=True,
            ),
            continue_off=T.BINDING_CONTINUE_OFF_FILM,
        ),
        "uploading_phone": replace(
            pages()["uploading"],
            streams=(
                v.StreamView(T.UPLOADING_CAMERA, v.StreamState.DONE, 120_400_000, 120_400_000),
                v.StreamView(T.UPLOADING_SCREEN, v.StreamState.DONE, 120_400_000, 120_400_000),
                v.StreamView(T.UPLOADING_MICROPHONE, v.StreamState.DONE, 120_400_000, 120_400_000),
                v.StreamView(
                    T.UPLOADING_PHONE,
                    v.StreamState.SENDING,
                    61_000_000,
                    96_000_000,
                    T.PHONE_NOTE_STOP,
                ),
            ),
            step=v.UploadStep.RECEIPT,
            sent_bytes=120_400_000,
            total_bytes=120_400_000,
            problem=text(T.UPLOADING_E602, count=1, stream=T.UPLOADING_PHONE, deadline="11:10"),
            problem_code="E602",
            next_try_in_s=None,
            may_go_on=True,
        ),
        "receipt_phone_missing": replace(
            pages()["receipt"],
            phone=text(T.UPLOADING_E602, count=1, stream=T.UPLOADING_PHONE, deadline="11:10"),
            phone_whole=False,
        ),
        "waiting_phone": pages()["waiting"],
        "lottery_drawn": replace(lottery, number="17", continue_off=None),
        "answering_self_start": replace(answering, is_started=False, grace_s=281, may_finish=False),
        "answering_loading": replace(answering, papers=(), problem=T.PREPARATION_E401),
        "device_confirmation_trouble": replace(
            devices,
            cameras=(
                *devices.cameras,
                v.DeviceChoiceView("2", "Integrated IR", T.DEVICE_CONFIRMATION_INFRARED),
            ),
            level_share=0.0,
            framing=None,
            preview_off=T.DEVICE_CONFIRMATION_OFF_PICTURE,
            problem=text(T.DEVICE_CAMERA_BUSY, program="微信 WeChat"),
            sound_problem=T.DEVICE_MICROPHONE_SILENT,
            proceed_off=T.DEVICE_CONFIRMATION_OFF_SOUND,
        ),
        "entry_open": replace(
            entry,
            enter_off=None,
            status=T.ENTRY_READY,
            status_code="",
            status_tone=v.Tone.GOOD,
            checks=(),
            programs=(),
        ),
        "uploading_checking": replace(
            uploading,
            step=v.UploadStep.CHECKING,
            sent_bytes=uploading.total_bytes,
            problem=None,
            problem_code="",
            next_try_in_s=None,
            retry_off=T.UPLOADING_RETRY_OFF_CHECKING,
            streams=tuple(
                replace(s, state=v.StreamState.CHECKING, sent_bytes=s.total_bytes)
                for s in uploading.streams
            ),
        ),
    }


def notice_pdf() -> bytes:
    """A real attachment of the demonstration plans."""
    return (RESOURCES / "attachments" / "在线考试须知.pdf").read_bytes()


_BEFORE = (
    "device_preparation",
    "consent",
    "face_login",
    "home",
    "reading_flow",
    "binding",
    "lottery",
    "attachments",
    "entry",
)
_COUNTED = {
    "face_login": (T.STAGE_TO_START, 1120),
    "home": (T.STAGE_TO_ENTRY, 220),
    "binding": (T.STAGE_TO_ENTRY, 215),
    "lottery": (T.STAGE_TO_ENTRY, 210),
    "attachments": (T.STAGE_TO_ENTRY, 205),
    "entry": (T.STAGE_TO_ENTRY, 192),
    "device_confirmation": (T.STAGE_TO_START, 611),
    "waiting": (T.STAGE_TO_START, 452),
    "preparation": (T.STAGE_PREPARATION, 1138),
    "answering": (T.STAGE_LESSON, 462),
    "skill_test": (T.STAGE_SKILL_TEST, 3300),
    "display_of_work": (T.STAGE_DISPLAY_OF_WORK, 44),
    "uploading": (T.STAGE_UPLOAD_DEADLINE, 3122),
}


def seen_from_behind() -> bytes:
    """What a phone behind a candidate sees, roughly: desk, screen, a person."""
    image = QImage(480, 360, QImage.Format.Format_RGB32)
    image.fill(QColor("#c9d3dc"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(0, 250, 480, 110, QColor("#8a6f52"))
    painter.fillRect(150, 110, 190, 120, QColor("#1d2a38"))
    painter.fillRect(160, 120, 170, 100, QColor("#7fb0df"))
    painter.setBrush(QColor("#2b2f36"))
    painter.drawEllipse(200, 150, 80, 90)
    painter.drawRoundedRect(150, 230, 180, 130, 40, 40)
    painter.end()
    data = QBuffer()
    data.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(data, "JPEG")
    return bytes(data.data().data())


def frame(name: str, page: v.PageView, language: Language = Language.ZH) -> v.FrameView:
    """The whole window around a page, as it would be in a rehearsal of notice B."""
    phase = next(key for key in pages() if name.startswith(key))
    step = T.PHASE_LESSON if phase == "answering" else T(f"phase.{phase}")
    return v.FrameView(
        page,
        v.HeaderView(
            T.PRODUCT_NAME,
            "教师招聘线上面试（模拟课堂）",
            v.Band.REHEARSAL,
            language,
            "09:41:48",
            (T.BAND_DEMO_CAMERA, T.BAND_DEMO_MICROPHONE, T.BAND_DEMO_SCREEN),
        ),
        _panel(phase),
        steps(step),
        noun=Noun.INTERVIEW,
        help=v.HelpView(phone="400-808-3202", hours="09:00–18:00"),
    )


def _panel(phase: str) -> v.PanelView:
    is_before = phase in _BEFORE
    is_over = phase in ("ending", "uploading", "receipt")
    counted = _COUNTED.get(phase)
    countdown = None
    if counted is not None:
        urgency = v.Urgency.LAST if counted[1] <= 60 else v.Urgency.CALM
        countdown = v.CountdownView(counted[0], counted[1], urgency=urgency)
    light = v.RecordingLight.NOT_STARTED if is_before else v.RecordingLight.RECORDING
    return v.PanelView(
        identity=""
        if phase in ("device_preparation", "consent")
        else text(T.PANEL_TICKET_TAIL, tail="0042"),
        preview_off=T.PANEL_PREVIEW_OFF if phase == "consent" else None,
        recording=v.RecordingLight.STOPPED if is_over else light,
        level_share=0.42,
        has_level=not is_over and phase != "consent",
        countdown=countdown,
        upload=v.UploadWord.NONE
        if is_before
        else v.UploadWord.SENDING
        if is_over
        else v.UploadWord.SYNCED,
        phone=None
        if is_before
        else text(T.PHONE_LINE, name="HUAWEI Mate 60", state=T.PHONE_STATE_RECORDING),
        has_end=not is_before and not is_over and phase not in ("device_confirmation", "waiting"),
    )


def overlays() -> dict[str, v.FrameView]:
    """The window with things over the page."""
    answering = frame("answering", pages()["answering"])
    lines = (
        v.ChatLineView(v.From.CANDIDATE, "题目未显示", "09:52", v.Delivery.READ),
        v.ChatLineView(v.From.SUPERVISOR, "已收到，请点击【刷新题目】，我们同时在查看。", "09:53"),
        v.ChatLineView(v.From.CANDIDATE, "现在显示了，谢谢。", "09:53", v.Delivery.QUEUED),
    )
    help_view = v.HelpView(
        True,
        lines,
        waiting_s=38,
        phone="400-808-3202",
        hours="09:00–18:00",
        callback_numbers=("028-63201710", "028-62093080"),
    )
    return {
        "over_help": replace(answering, help=help_view),
        "over_my_data": replace(
            answering,
            my_data=v.MyDataView(
                True,
                kept=KEPT,
                requests=(
                    v.DataRequestView(
                        text(T.MY_DATA_REQUEST, wish=T.MY_DATA_COPY, at="2026-11-23"),
                        text(T.MY_DATA_ANSWER_GRANTED, words="三个工作日内邮寄"),
                        True,
                    ),
                ),
                rights=rights(plan_of("b")),
                deletion_off=T.MY_DATA_OFF_WAITING,
                has_withdraw=True,
            ),
        ),
        "over_withdraw": replace(
            answering,
            my_data=v.MyDataView(
                True,
                kept=KEPT[:1],
                has_withdraw=True,
                consequences=T.MY_DATA_WITHDRAW_DURING,
            ),
        ),
        "over_end_question": replace(
            answering, end_question=v.EndQuestionView(462, T.PHASE_SKILL_TEST)
        ),
        "over_notices": replace(
            answering,
            notices=(
                v.NoticeView("network", T.NOTICE_E501, v.Tone.CAUTION, "E501"),
                v.NoticeView(
                    "restart", text(T.NOTICE_E502, seconds=4), v.Tone.GOOD, "E502", may_close=True
                ),
            ),
            panel=replace(answering.panel, upload=v.UploadWord.LATER),
        ),
        "over_devices": replace(
            answering,
            notices=(
                v.NoticeView(
                    "lost.camera",
                    text(T.DEVICE_GO_ON, words=text(T.DEVICE_CAMERA_BUSY, program="微信 WeChat")),
                    v.Tone.CAUTION,
                    "E201",
                ),
                v.NoticeView(
                    "microphone.sound",
                    text(T.DEVICE_GO_ON, words=text(T.DEVICE_MICROPHONE_SILENT_NOW)),
                    v.Tone.CAUTION,
                    "E202",
                    may_close=True,
                ),
                v.NoticeView("trouble.DISK_HELD", T.NOTICE_E504, v.Tone.CALM, "E504"),
            ),
            panel=replace(answering.panel, preview_off=T.PANEL_PREVIEW_LOST),
        ),
        "over_message": replace(
            answering,
            message=v.MessageView(T.MESSAGE_STARTING, T.MESSAGE_STARTING_LEAD, is_busy=True),
        ),
    }
