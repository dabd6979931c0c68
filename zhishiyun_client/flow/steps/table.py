"""All steps by phase: the conductor makes one of each."""

from __future__ import annotations

from collections.abc import Mapping

from zhishiyun_client.domain.phases import Phase
from zhishiyun_client.flow.stepping import Step
from zhishiyun_client.flow.steps.answering import AnsweringStep
from zhishiyun_client.flow.steps.attachments import AttachmentsStep
from zhishiyun_client.flow.steps.binding import BindingStep
from zhishiyun_client.flow.steps.consent import ConsentStep
from zhishiyun_client.flow.steps.device_confirmation import DeviceConfirmationStep
from zhishiyun_client.flow.steps.device_preparation import DevicePreparationStep
from zhishiyun_client.flow.steps.display_of_work import DisplayOfWorkStep
from zhishiyun_client.flow.steps.ending import EndingStep
from zhishiyun_client.flow.steps.entry import EntryStep
from zhishiyun_client.flow.steps.face_login import FaceLoginStep
from zhishiyun_client.flow.steps.home import HomeStep
from zhishiyun_client.flow.steps.lottery import LotteryStep
from zhishiyun_client.flow.steps.preparation import PreparationStep
from zhishiyun_client.flow.steps.reading_flow import ReadingFlowStep
from zhishiyun_client.flow.steps.receipt import ReceiptStep
from zhishiyun_client.flow.steps.skill_test import SkillTestStep
from zhishiyun_client.flow.steps.uploading import UploadingStep
from zhishiyun_client.flow.steps.waiting import WaitingStep

STEPS: Mapping[Phase, type[Step]] = {
    Phase.DEVICE_PREPARATION: DevicePreparationStep,
    Phase.CONSENT: ConsentStep,
    Phase.FACE_LOGIN: FaceLoginStep,
    Phase.HOME: HomeStep,
    Phase.READING_FLOW: ReadingFlowStep,
    Phase.BINDING: BindingStep,
    Phase.LOTTERY: LotteryStep,
    Phase.ATTACHMENTS: AttachmentsStep,
    Phase.ENTRY: EntryStep,
    Phase.DEVICE_CONFIRMATION: DeviceConfirmationStep,
    Phase.WAITING: WaitingStep,
    Phase.PREPARATION: PreparationStep,
    Phase.ANSWERING: AnsweringStep,
    Phase.SKILL_TEST: SkillTestStep,
    Phase.DISPLAY_OF_WORK: DisplayOfWorkStep,
    Phase.ENDING: EndingStep,
    Phase.UPLOADING: UploadingStep,
    Phase.RECEIPT: ReceiptStep,
}
