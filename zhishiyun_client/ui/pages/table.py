"""Which page draws which view: one row a phase."""

from __future__ import annotations

from collections.abc import Callable

from zhishiyun_client.flow import views
from zhishiyun_client.ui.pages.answering import AnsweringPage
from zhishiyun_client.ui.pages.attachments import AttachmentsPage
from zhishiyun_client.ui.pages.binding import BindingPage
from zhishiyun_client.ui.pages.consent import ConsentPage
from zhishiyun_client.ui.pages.device_confirmation import DeviceConfirmationPage
from zhishiyun_client.ui.pages.device_preparation import DevicePreparationPage
from zhishiyun_client.ui.pages.display_of_work import DisplayOfWorkPage
from zhishiyun_client.ui.pages.ending import EndingPage
from zhishiyun_client.ui.pages.entry import EntryPage
from zhishiyun_client.ui.pages.face_login import FaceLoginPage
from zhishiyun_client.ui.pages.home import HomePage
from zhishiyun_client.ui.pages.lottery import LotteryPage
from zhishiyun_client.ui.pages.page import Page
from zhishiyun_client.ui.pages.preparation import PreparationPage
from zhishiyun_client.ui.pages.reading_flow import ReadingFlowPage
from zhishiyun_client.ui.pages.receipt import ReceiptPage
from zhishiyun_client.ui.pages.skill_test import SkillTestPage
from zhishiyun_client.ui.pages.uploading import UploadingPage
from zhishiyun_client.ui.pages.waiting import WaitingPage
from zhishiyun_client.ui.parts.part import Tools

PAGES: dict[type, Callable[[Tools], Page]] = {
    views.DevicePreparationView: DevicePreparationPage,
    views.ConsentView: ConsentPage,
    views.FaceLoginView: FaceLoginPage,
    views.HomeView: HomePage,
    views.ReadingFlowView: ReadingFlowPage,
    views.BindingView: BindingPage,
    views.LotteryView: LotteryPage,
    views.AttachmentsView: AttachmentsPage,
    views.EntryView: EntryPage,
    views.DeviceConfirmationView: DeviceConfirmationPage,
    views.WaitingView: WaitingPage,
    views.PreparationView: PreparationPage,
    views.AnsweringView: AnsweringPage,
    views.SkillTestView: SkillTestPage,
    views.DisplayOfWorkView: DisplayOfWorkPage,
    views.EndingView: EndingPage,
    views.UploadingView: UploadingPage,
    views.ReceiptView: ReceiptPage,
}
