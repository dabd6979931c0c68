"""What the candidate asked for: the only thing that pages send to the flow.

Every page and the window have one signal, `intended = Signal(object)`, that carries one of these.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from zhishiyun_client.i18n.language import Language


@dataclass(frozen=True, slots=True)
class Intent:
    """The common type of all intents."""


# The window: header, panel, help, confirmation


@dataclass(frozen=True, slots=True)
class ChooseLanguage(Intent):
    """Show all texts in this language from now on; the flow answers with the next `HeaderView`."""

    language: Language


@dataclass(frozen=True, slots=True)
class OpenHelp(Intent):
    """【求助】: open the drawer."""


@dataclass(frozen=True, slots=True)
class CloseHelp(Intent):
    """Fold the drawer away; the conversation stays."""


@dataclass(frozen=True, slots=True)
class SendHelp(Intent):
    """Send these words to the supervisor; never logged in clear."""

    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AskForCall(Intent):
    """Ask a technician to phone back (R161)."""


@dataclass(frozen=True, slots=True)
class AskToEnd(Intent):
    """【结束考试】: ask for the confirmation; ends nothing by itself (R180)."""


@dataclass(frozen=True, slots=True)
class ConfirmEnd(Intent):
    """【确认】 in the confirmation: end now."""


@dataclass(frozen=True, slots=True)
class KeepAnswering(Intent):
    """【继续作答】 or Esc in the confirmation: close it and go on."""


@dataclass(frozen=True, slots=True)
class DismissNotice(Intent):
    """Close the notice with this key."""

    key: str


@dataclass(frozen=True, slots=True)
class AnswerMessage(Intent):
    """The button of the full-window message was pressed."""


# Device preparation


@dataclass(frozen=True, slots=True)
class TickRoomItem(Intent):
    """The candidate confirmed (or took back) one item of the room list."""

    name: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class StartChecks(Intent):
    """【开始检测】: run all checks."""


@dataclass(frozen=True, slots=True)
class RepeatCheck(Intent):
    """【重新检测】 of one check."""

    name: str


@dataclass(frozen=True, slots=True)
class ExportReport(Intent):
    """【导出检测报告】."""


@dataclass(frozen=True, slots=True)
class Continue(Intent):
    """【继续】 of device preparation, binding, lottery and attachments: on to the next phase."""


# Consent


@dataclass(frozen=True, slots=True)
class TickFaceConsent(Intent):
    """The separate consent for face data was ticked or unticked."""

    is_given: bool


@dataclass(frozen=True, slots=True)
class AgreeAndContinue(Intent):
    """【同意并继续】."""


@dataclass(frozen=True, slots=True)
class DeclineFace(Intent):
    """【不同意，使用其他方式】: no face check by machine; a technician looks instead (R040)."""


# 【我的信息】


@dataclass(frozen=True, slots=True)
class OpenMyData(Intent):
    """【我的信息】: what is kept of me, why, and until when."""


@dataclass(frozen=True, slots=True)
class CloseMyData(Intent):
    """Fold it away."""


@dataclass(frozen=True, slots=True)
class AskForCopy(Intent):
    """【申请副本】: the request goes to the server."""


@dataclass(frozen=True, slots=True)
class AskForDeletion(Intent):
    """【申请删除】: the request goes to the server."""


@dataclass(frozen=True, slots=True)
class WithdrawFace(Intent):
    """【撤回人脸同意】: shows what follows; withdraws nothing by itself."""


@dataclass(frozen=True, slots=True)
class ConfirmWithdraw(Intent):
    """【确认撤回】."""


@dataclass(frozen=True, slots=True)
class KeepConsent(Intent):
    """【保留同意】."""


# Face login


@dataclass(frozen=True, slots=True)
class SubmitNumbers(Intent):
    """身份证号 and 准考证号 of notice C; never logged in clear."""

    id_number: str = field(repr=False)
    ticket_number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RetryFace(Intent):
    """【重新识别】."""


@dataclass(frozen=True, slots=True)
class AskForTechnician(Intent):
    """【改用人工核验】 or 【换一种方式】: a technician looks at the live picture (R045)."""


@dataclass(frozen=True, slots=True)
class BackToFace(Intent):
    """Leave the waiting for a technician and try the face check again."""


@dataclass(frozen=True, slots=True)
class TakeOverHere(Intent):
    """【在本机继续】 after E103: end the session on the other computer."""


@dataclass(frozen=True, slots=True)
class CancelTakeOver(Intent):
    """【取消】 after E103."""


# Home, reading, binding, lottery, attachments


@dataclass(frozen=True, slots=True)
class OpenExam(Intent):
    """The big next action of an exam card."""

    exam_id: str


@dataclass(frozen=True, slots=True)
class OpenUpload(Intent):
    """【查看上传进度】."""

    exam_id: str = ""


@dataclass(frozen=True, slots=True)
class OpenReceipt(Intent):
    """【查看回执】 on the home page."""

    exam_id: str


@dataclass(frozen=True, slots=True)
class ConfirmRead(Intent):
    """【已阅】 of 阅读考试流程 (R051)."""


@dataclass(frozen=True, slots=True)
class NewBindingCode(Intent):
    """【更换绑定码】."""


@dataclass(frozen=True, slots=True)
class Draw(Intent):
    """【开始抽签】."""


@dataclass(frozen=True, slots=True)
class OpenAttachment(Intent):
    """Open one attachment in the reading area."""

    attachment_id: str


@dataclass(frozen=True, slots=True)
class ReachedEnd(Intent):
    """The last page of the open attachment has been on the screen; sent once an opening."""

    attachment_id: str


@dataclass(frozen=True, slots=True)
class Acknowledge(Intent):
    """【已阅】 of one attachment."""

    attachment_id: str


# Entry and device confirmation


@dataclass(frozen=True, slots=True)
class Enter(Intent):
    """【进入考试】."""


@dataclass(frozen=True, slots=True)
class Refresh(Intent):
    """【刷新】: ask the server and look at the machine again."""


@dataclass(frozen=True, slots=True)
class CloseProgram(Intent):
    """The candidate agrees that this program is closed (R172)."""

    program_id: str


@dataclass(frozen=True, slots=True)
class ChooseCamera(Intent):
    """Another camera of the list."""

    device_id: str


@dataclass(frozen=True, slots=True)
class ChooseMicrophone(Intent):
    """Another microphone of the list."""

    device_id: str


@dataclass(frozen=True, slots=True)
class RefreshDevices(Intent):
    """【刷新设备】."""


@dataclass(frozen=True, slots=True)
class RecordClip(Intent):
    """Record six seconds to listen to."""


@dataclass(frozen=True, slots=True)
class PlayClip(Intent):
    """Play what was recorded."""


@dataclass(frozen=True, slots=True)
class EnterWaiting(Intent):
    """【进入待考】."""


# Question and stages


@dataclass(frozen=True, slots=True)
class ReloadQuestion(Intent):
    """【刷新题目】."""


@dataclass(frozen=True, slots=True)
class OpenByCode(Intent):
    """【打开试题】: the release code that the hotline read out."""

    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ShownSheet(Intent):
    """【已展示，继续】: both sides of the A4 sheet were shown."""


@dataclass(frozen=True, slots=True)
class StartLesson(Intent):
    """【开始模拟课堂教学】."""


@dataclass(frozen=True, slots=True)
class FinishStage(Intent):
    """【结束本阶段】, after its own second press (the page asks once)."""


# Upload and receipt


@dataclass(frozen=True, slots=True)
class RetryUpload(Intent):
    """【立即重试】."""


@dataclass(frozen=True, slots=True)
class UploadAgain(Intent):
    """【重新上传】: reconcile from the start with what the server holds."""


@dataclass(frozen=True, slots=True)
class ExportTo(Intent):
    """【导出到U盘】 to this folder (one of the view's targets)."""

    target_id: str


@dataclass(frozen=True, slots=True)
class Explain(Intent):
    """【申请说明】: open help with a ticket about this exam's evidence."""


@dataclass(frozen=True, slots=True)
class SaveReceipt(Intent):
    """【保存回执】."""


@dataclass(frozen=True, slots=True)
class PrintReceipt(Intent):
    """【打印回执】."""


@dataclass(frozen=True, slots=True)
class GoHome(Intent):
    """【首页】."""


@dataclass(frozen=True, slots=True)
class Leave(Intent):
    """The window was asked to close; the flow decides and calls `Window.allow_close` first."""
