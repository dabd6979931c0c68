"""The phone at the candidate's computer: state, warnings, E701, E602; nothing of it blocks."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.client.flow.driver import Drive, status
from tests.helpers.paper_room import PaperRoom
from zhishiyun_client.domain.phases import Phase
from zhishiyun_client.flow import intents, phone_words
from zhishiyun_client.flow.views import BindingView, ReceiptView, StreamState, UploadStep
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ports.recorder import FromServer, RecorderState, Uploaded
from zhishiyun_protocol.evidence.contents import Cause
from zhishiyun_protocol.messages.evidence import Receipt, ReceiptBody
from zhishiyun_protocol.messages.live import News, NewsKind
from zhishiyun_protocol.messages.phone import PhonePhase
from zhishiyun_protocol.messages.sitting import Act, ActKind, PhoneState
from zhishiyun_protocol.timing import SECOND_US

BOUND = PhoneState(bound=True, name="Pixel", battery_share=0.86, free_bytes=12 * 1024**3)
FILMING = msgspec.structs.replace(BOUND, phase="recording")
NEWS = FromServer(news=News(cursor=1, kind=NewsKind.PHONE, at_us=0))
RECEIPT = Receipt(
    body=ReceiptBody(
        receipt_id="rc-1",
        attempt_id="at-1",
        exam_id="e1",
        plan_sha256="",
        formal=False,
        length=1,
        records=1,
        head="",
        sha256="",
        coverage=(),
        gaps=0,
        complete=True,
        late=False,
        issued_us=0,
        keep_until="",
    ),
    server_key="",
    signature="",
)


def changed(state: PhoneState, **values: object) -> PhoneState:
    return msgspec.structs.replace(state, **values)


@pytest.fixture
def paper(tmp_path: Path) -> PaperRoom:
    paper = PaperRoom(tmp_path, "a")
    paper.server.phone = BOUND
    paper.room.sitting = paper.server.sitting()
    return paper


def notices(driver) -> dict[str, str]:
    driver.beat()
    return {notice.key: notice.code for notice in driver.frames[-1].notices}


def test_every_phase_and_every_cause_has_its_words() -> None:
    phases = {phone_words.state_words(changed(BOUND, phase=each)).key for each in PhonePhase}
    causes = [phone_words.cause_words(cause).key for cause in Cause]

    assert len(phases) == len(PhonePhase) - 1  # consent and checking are both 正在准备
    assert T.PHONE_STATE_SILENT not in phases
    assert causes.count(T.PHONE_CAUSE_OTHER) < len(causes) - 9


def test_the_page_shows_the_phone_with_the_next_news(drive: Drive, paper: PaperRoom) -> None:
    paper.server.phone = PhoneState(bound=False)
    driver = drive(paper, Phase.BINDING)
    driver.hear(NEWS)
    before: BindingView = driver.page
    paper.server.phone = changed(FILMING, troubles=("battery_low",))
    driver.hear(NEWS)
    after: BindingView = driver.page

    assert before.phone is None
    assert after.phone is not None
    assert (after.phone.battery_percent, after.phone.storage_gb) == (86, 12)
    assert (after.phone.is_recording, after.phone.doing) == (True, text(T.PHONE_STATE_RECORDING))
    assert after.phone.warning == text(T.PHONE_BATTERY_LOW)


def test_where_the_phone_points_is_shown_while_it_is_put_in_place(
    drive: Drive, paper: PaperRoom
) -> None:
    paper.server.phone, paper.server.phone_jpeg = changed(BOUND, phase="placing"), b"a picture"
    paper.room.sitting = paper.server.sitting()
    driver = drive(paper, Phase.BINDING)
    driver.beat()
    placing = driver.page.phone
    paper.server.phone = changed(BOUND, phase="uploading")
    driver.hear(NEWS)

    assert (placing.has_picture, placing.picture) == (True, b"a picture")
    assert driver.page.phone.has_picture is False


def test_a_plan_may_want_the_film_before_the_page_is_left(drive: Drive, paper: PaperRoom) -> None:
    binding = msgspec.structs.replace(paper.room.plan.binding, required=True, must_film=True)
    plan = msgspec.structs.replace(paper.room.plan, binding=binding)
    paper.server.plan = plan
    paper.room.enrolled = msgspec.structs.replace(paper.room.enrolled, plan=plan)
    paper.room.sitting = paper.server.sitting()
    driver = drive(paper, Phase.BINDING)
    bound = driver.page.continue_off
    paper.server.phone = FILMING
    driver.hear(NEWS)

    assert bound == text(T.BINDING_CONTINUE_OFF_FILM)
    assert driver.page.continue_off is None


def test_an_interruption_is_told_calmly_and_e701_when_it_is_over(
    drive: Drive, paper: PaperRoom
) -> None:
    paper.server.phone = FILMING
    paper.room.sitting = paper.server.sitting()
    driver = drive(paper, Phase.ANSWERING)
    driver.hear(status(RecorderState.RECORDING))
    calm = notices(driver)
    paper.server.phone = changed(FILMING, phase="interrupted", interruptions=1, last_cause="call")
    driver.hear(NEWS)
    during = notices(driver)
    paper.server.phone = changed(FILMING, interruptions=1, interrupted_s=6, last_cause="call")
    driver.hear(NEWS)
    after = notices(driver)
    (told,) = [each for each in driver.frames[-1].notices if each.key == "phone.recovered"]

    assert not any(key.startswith("phone") for key in calm)
    assert during["phone.interrupted"] == after["phone.recovered"] == "E701"
    assert "phone.interrupted" not in after
    assert told.words == text(T.NOTICE_E701, seconds=6, cause=text(T.PHONE_CAUSE_CALL))
    assert driver.phase is Phase.ANSWERING
    assert driver.frames[-1].panel.phone_well


def test_an_interruption_that_nobody_here_saw_is_told_as_well() -> None:
    once = changed(FILMING, interruptions=1, interrupted_s=3, last_cause="call")

    assert phone_words.recovered(FILMING, once) is not None
    assert phone_words.recovered(once, once) is None
    assert phone_words.recovered(None, once) is None


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"silent": True}, "phone.silent"),
        ({"phase": "stopped"}, "phone.stopped"),
        ({"troubles": ("battery_critical", "battery_low")}, "phone.trouble"),
        ({"troubles": ("something_new",)}, ""),
    ],
)
def test_what_ails_the_phone_stands_above_the_page(
    drive: Drive, paper: PaperRoom, change: dict[str, object], key: str
) -> None:  # R072
    paper.server.phone = changed(FILMING, **change)
    paper.room.sitting = paper.server.sitting()
    driver = drive(paper, Phase.WAITING)
    driver.hear(status(RecorderState.RECORDING))

    found = [each for each in notices(driver) if each.startswith("phone")]

    assert found == ([key] if key else [])


def uploading(drive: Drive, paper: PaperRoom, phone: PhoneState):
    paper.server.phone = phone
    paper.at(900)
    paper.server.acts.clear()
    driver = drive(paper, Phase.UPLOADING)
    driver.hear(status(RecorderState.UPLOADING), NEWS)
    return driver


def test_the_third_bar_is_the_phones(drive: Drive, paper: PaperRoom) -> None:
    phone = changed(
        FILMING, phase="uploading", parts=1, parts_missing=1, filmed_bytes=100, missing_bytes=40
    )
    driver = uploading(drive, paper, phone)

    bar = driver.page.streams[-1]

    assert (bar.name, bar.state) == (text(T.UPLOADING_PHONE), StreamState.SENDING)
    assert (bar.sent_bytes, bar.total_bytes) == (60, 100)


def test_e602_names_the_phone_once_the_computer_is_done(drive: Drive, paper: PaperRoom) -> None:
    phone = changed(FILMING, phase="uploading", parts=1, parts_missing=1, filmed_bytes=9)
    driver = uploading(drive, paper, phone)
    driver.hear(Uploaded(receipt=RECEIPT))
    waiting = driver.page
    driver.take(intents.Continue())

    assert waiting.problem_code == "E602"
    told = dict(waiting.problem.params)
    assert (told["count"], told["stream"]) == (1, text(T.UPLOADING_PHONE))
    assert told["deadline"] == dict(waiting.deadline.params)["time"]
    assert (waiting.step, waiting.may_go_on) == (UploadStep.RECEIPT, True)
    assert driver.phase is Phase.RECEIPT  # looking at the receipt is nobody's to forbid
    page: ReceiptView = driver.page
    assert (page.phone, page.phone_whole) == (waiting.problem, False)


def test_ending_early_does_not_move_the_deadline(drive: Drive, paper: PaperRoom) -> None:  # R186
    driver = uploading(drive, paper, PhoneState(bound=False))
    before = driver.page.deadline
    now_us = paper.room.now_us
    paper.server.acts.append(
        Act(id="1", kind=ActKind.EXAM_ENDED, at_us=now_us - 60 * SECOND_US, error_us=0)
    )
    driver.hear(NEWS)

    assert paper.room.sitting is not None
    assert paper.room.sitting.ended_us is not None
    assert driver.page.deadline == before


def test_the_receipt_comes_by_itself_when_both_are_there(drive: Drive, paper: PaperRoom) -> None:
    phone = changed(FILMING, phase="uploading", parts=1, parts_missing=1, filmed_bytes=9)
    driver = uploading(drive, paper, phone)
    driver.hear(Uploaded(receipt=RECEIPT))
    driver.beat()
    before = driver.phase
    paper.server.phone = changed(phone, phase="done", parts_missing=0, complete=True)
    driver.hear(NEWS)
    driver.beat()

    assert (before, driver.phase) == (Phase.UPLOADING, Phase.RECEIPT)
    assert driver.page.phone == text(T.PHONE_WHOLE, count=1)


@pytest.mark.parametrize(
    "phone",
    [
        PhoneState(bound=False),
        BOUND,  # it was bound and filmed nothing
        changed(FILMING, phase="done", parts=1, complete=True),
    ],
)
def test_without_a_film_nobody_waits_for_the_phone(
    drive: Drive, paper: PaperRoom, phone: PhoneState
) -> None:
    driver = uploading(drive, paper, phone)
    driver.hear(Uploaded(receipt=RECEIPT))
    driver.beat()

    assert driver.phase is Phase.RECEIPT


def test_after_the_hour_nobody_is_kept_for_the_phones_sake(drive: Drive, paper: PaperRoom) -> None:
    phone = changed(FILMING, phase="uploading", parts=1, parts_missing=1, filmed_bytes=9)
    driver = uploading(drive, paper, phone)
    driver.hear(Uploaded(receipt=RECEIPT))
    driver.at(20_000)

    assert driver.phase is Phase.RECEIPT
