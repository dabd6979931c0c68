"""The candidate's way by the clock: windows, stages, ends, coming back (R041–R148, F-paths)."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.client.flow.driver import MATCHED, OTHER, Drive, status
from tests.helpers.paper_room import PaperRoom
from zhishiyun_client.domain.phases import Phase
from zhishiyun_client.flow import intents, views
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ports.devices import Device, DeviceKind, Picture, Sound
from zhishiyun_client.ports.faces import (
    Challenge,
    FaceDecision,
    FaceHint,
    Hint,
    ReferenceFault,
    ReferenceRefused,
    Verdict,
)
from zhishiyun_client.ports.recorder import (
    Begin,
    DeviceBack,
    Devices,
    Finish,
    FromServer,
    MarkNow,
    RecorderState,
    Status,
    Trouble,
)
from zhishiyun_client.ports.watching import Cause, Finding, Says, Severity, facts
from zhishiyun_protocol.messages.entering import LoginState
from zhishiyun_protocol.messages.live import News, NewsKind
from zhishiyun_protocol.messages.sitting import ActKind, Allowance


def entered(paper: PaperRoom) -> None:
    paper.server.entered_us = paper.clock.at_us
    paper.room.take_sitting(paper.server.sitting())


def test_notice_a_leads_through_its_ten_steps(tmp_path: Path, drive: Drive) -> None:
    way = drive(PaperRoom(tmp_path, "a"), Phase.CONSENT)

    way.consent()
    way.prepare()
    way.log_in()
    assert way.phase is Phase.HOME
    way.take(intents.OpenExam("e1"), intents.ConfirmRead(), intents.Continue())
    assert way.phase is Phase.LOTTERY
    way.take(intents.Draw(), intents.Continue())
    for attachment in ("pledge", "instructions"):
        way.take(intents.OpenAttachment(attachment), intents.Acknowledge(attachment))
    way.take(intents.Continue())
    assert way.phase is Phase.ENTRY
    assert way.page.enter_off is not None
    way.at(-800)
    way.take(intents.Enter())
    assert way.phase is Phase.DEVICE_CONFIRMATION
    assert len(way.paper.recorder.all(Begin)) == 1
    way.confirm_devices()
    way.at(-1)
    assert way.phase is Phase.WAITING
    way.at(0)
    assert way.phase is Phase.ANSWERING
    way.at(600)
    assert way.phase is Phase.ENDING
    assert way.paper.recorder.all(Finish)[-1].why == "time_up"


def test_nothing_of_the_question_shows_before_the_start(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "a", at_s=-60)
    entered(paper)
    way = drive(paper, Phase.WAITING)

    way.at(-0.001)
    assert (way.phase, way.paper.room.papers.views) == (Phase.WAITING, ())
    way.at(0)
    assert way.page.papers == (), "near lines wait for far ones (R122)"
    way.at(0.4)
    assert way.page.papers[0].content == b"%PDF-1.4 question"


def test_the_question_shows_without_a_network_once_its_key_is_here(
    tmp_path: Path, drive: Drive
) -> None:
    paper = PaperRoom(tmp_path, "a", at_s=10)
    entered(paper)
    drive(paper, Phase.WAITING).at(11)
    paper.server.is_down = True

    again = PaperRoom(tmp_path / "again", "a", at_s=20)
    again.files.kept, again.secrets.values = paper.files.kept, paper.secrets.values
    again.server.is_down = True
    again.room.sitting = paper.kept_sitting()
    way = drive(again, Phase.WAITING)
    way.at(21)

    assert way.page.papers[0].content == b"%PDF-1.4 question"


def test_what_is_kept_of_the_sitting_names_nobody(tmp_path: Path) -> None:
    paper = PaperRoom(tmp_path, "a")
    paper.room.take_sitting(paper.server.sitting())

    assert "示例考生甲".encode() not in paper.files.kept["sitting"]


def test_a_lesson_waits_for_the_candidate_and_then_for_nobody(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "b", at_s=-10)
    entered(paper)
    way = drive(paper, Phase.WAITING)

    way.at(1)
    assert way.phase is Phase.PREPARATION
    way.at(1201)
    assert way.phase is Phase.ANSWERING
    assert not way.page.is_started
    way.at(1230)
    way.take(intents.StartLesson())
    assert way.page.is_started
    way.at(1229 + 600)
    assert way.phase is Phase.ANSWERING
    way.at(1230 + 600)
    assert way.phase is Phase.ENDING


def test_a_lesson_nobody_starts_begins_after_its_grace(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "b", at_s=-10)
    entered(paper)
    way = drive(paper, Phase.WAITING)

    way.at(1500)

    assert way.page.is_started
    assert way.paper.room.current_stage().ends_us == paper.room.starts_us + 2100 * 1_000_000


def test_a_self_start_without_a_network_counts_and_is_told_later(
    tmp_path: Path, drive: Drive
) -> None:
    paper = PaperRoom(tmp_path, "b", at_s=-10)
    entered(paper)
    way = drive(paper, Phase.WAITING)
    way.at(1201)
    paper.server.is_down = True

    way.take(intents.StartLesson())
    way.beat()
    assert way.page.is_started
    assert [act.kind for act in paper.journal.pending()] == [ActKind.STAGE_BEGUN]
    paper.server.is_down = False
    way.conductor._outbox._send_at_us = 0
    way.beat()

    assert ActKind.STAGE_BEGUN in [act.kind for act in paper.server.acts]
    assert paper.journal.pending() == ()


def test_art_goes_on_to_the_easel_and_the_display(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "b", subject="美术", at_s=-10)
    entered(paper)
    way = drive(paper, Phase.WAITING)
    seen = []

    for at_s in (1, 1201, 1501, 2101, 5701, 5881):
        way.at(at_s)
        seen.append(way.phase)

    assert seen == [
        Phase.PREPARATION,
        Phase.ANSWERING,
        Phase.ANSWERING,
        Phase.SKILL_TEST,
        Phase.DISPLAY_OF_WORK,
        Phase.ENDING,
    ]


def test_whoever_comes_back_is_in_the_stage_that_runs(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "b", subject="美术", at_s=3000)
    entered(paper)

    way = drive(paper, Phase.WAITING)
    way.beat()

    assert way.phase is Phase.SKILL_TEST
    assert way.frames[-1].panel.countdown.remaining_s == 2700


def test_ending_early_needs_the_question_and_its_answer(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "a", at_s=5)
    entered(paper)
    way = drive(paper, Phase.WAITING)
    way.beat()

    way.take(intents.ConfirmEnd())
    assert way.phase is Phase.ANSWERING
    way.take(intents.AskToEnd(), intents.AskToEnd())
    assert way.frames[-1].end_question.remaining_s == 595
    way.take(intents.KeepAnswering(), intents.ConfirmEnd())
    assert way.phase is Phase.ANSWERING
    way.take(intents.AskToEnd(), intents.ConfirmEnd())

    assert way.phase is Phase.ENDING
    assert paper.recorder.all(Finish) == [Finish(why="candidate")]


def test_three_failed_looks_end_with_a_technician_who_admits(tmp_path: Path, drive: Drive) -> None:
    way = drive(PaperRoom(tmp_path, "a"), Phase.CONSENT)
    way.come_to_login()
    way.beat()

    for _ in range(3):
        way.hear(OTHER)
        assert way.page.state is views.FaceLoginState.FAILED
        way.take(intents.RetryFace())
    assert way.page.retry_off is not None
    way.take(intents.AskForTechnician())
    assert way.page.state is views.FaceLoginState.WAITING
    way.paper.server.decision = LoginState.ADMITTED
    way.at(-1100)

    assert way.phase is Phase.HOME


def test_who_declines_the_face_check_is_seen_by_a_technician(tmp_path: Path, drive: Drive) -> None:
    way = drive(PaperRoom(tmp_path, "a"), Phase.CONSENT)

    way.take(intents.DeclineFace())
    way.prepare()
    way.beat()

    assert way.page.state is views.FaceLoginState.WAITING
    assert way.paper.face.tries == 0


def test_login_waits_for_its_window(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "a", at_s=-1900)
    way = drive(paper, Phase.CONSENT)
    way.come_to_login()

    assert way.page.state is views.FaceLoginState.NOT_OPEN
    assert way.page.opens_in_s == 100
    way.at(-1800)
    assert way.page.state is views.FaceLoginState.LOOKING


def test_notice_c_asks_for_numbers_first(tmp_path: Path, drive: Drive) -> None:
    way = drive(PaperRoom(tmp_path, "c"), Phase.CONSENT)
    way.come_to_login()

    assert way.page.state is views.FaceLoginState.NUMBERS
    way.take(intents.SubmitNumbers("440524188001010015", "2026"))
    assert way.page.id_number_problem is not None
    way.take(intents.SubmitNumbers("440524188001010014", "2026"))
    assert way.page.state is views.FaceLoginState.LOOKING
    assert way.paper.server.logins[-1].ticket_number == "2026"


def test_a_second_computer_asks_before_it_takes_over(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "a")
    paper.server.elsewhere = True
    way = drive(paper, Phase.CONSENT)
    way.come_to_login()
    way.beat()

    assert way.page.problem_code == "E103"
    way.take(intents.TakeOverHere())
    assert way.page.state is views.FaceLoginState.LOOKING


def test_who_is_taken_over_must_log_in_again(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "a")
    paper.room.take_sitting(paper.server.sitting())
    way = drive(paper, Phase.HOME)

    way.hear(FromServer(news=News(cursor=1, kind=NewsKind.TAKEN_OVER, at_us=0)))

    assert way.phase is Phase.FACE_LOGIN
    assert paper.server.used == ""


def test_the_door_opens_by_itself_and_shuts_for_who_is_late(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "a", at_s=-901)
    paper.room.take_sitting(paper.server.sitting())
    way = drive(paper, Phase.ENTRY)

    assert way.page.status_code == "E301"
    way.at(-890)
    assert way.page.enter_off is None
    way.at(1)
    way.take(intents.Refresh())
    assert way.page.status_code == "E302"
    assert way.page.enter_off is not None


SECOND_DISPLAY = Finding(
    rule="display.extra",
    subject="HDMI-1,eDP-1",
    cause=Cause.EXTRA_DISPLAY,
    severity=Severity.BLOCKS_ENTRY,
    explanation=Says.DISPLAY_EXTRA,
    rules_version="r",
    started_us=1,
    facts=facts(displays=2),
)


def test_a_second_display_shuts_the_door_until_it_is_pulled(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "a", at_s=-800)
    paper.room.take_sitting(paper.server.sitting())
    paper.guard.found = (SECOND_DISPLAY,)
    way = drive(paper, Phase.ENTRY)
    assert way.page.enter_off is not None

    paper.guard.found = ()

    assert way.page.enter_off is None  # by itself: nobody pressed anything


def test_a_second_display_passes_when_a_supervisor_says_so(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "a", at_s=-800)
    paper.room.take_sitting(paper.server.sitting())
    paper.guard.found = (SECOND_DISPLAY,)
    way = drive(paper, Phase.ENTRY)
    assert way.page.enter_off is not None

    paper.server.allowed = (Allowance(rule="display.extra"),)
    way.hear(FromServer(news=News(cursor=1, kind=NewsKind.STATE, at_us=0)))

    assert way.page.enter_off is None
    assert way.page.checks[0].outcome is views.CheckOutcome.PASSED


def test_marks_of_the_lesson_stand_where_it_truly_began(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "b", at_s=1201)
    entered(paper)
    way = drive(paper, Phase.WAITING)
    way.beat()
    assert "stage_begun" not in [mark.what for mark in paper.recorder.all(MarkNow)]

    way.take(intents.StartLesson())
    way.beat()

    assert "stage_begun" in [mark.what for mark in paper.recorder.all(MarkNow)]


def test_a_dead_line_is_told_calmly_and_stops_nothing(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "a", at_s=5)
    entered(paper)
    way = drive(paper, Phase.WAITING)
    way.beat()

    down = status(RecorderState.RECORDING)
    way.hear(Status(**{**{f: getattr(down, f) for f in down.__struct_fields__}, "line_up": False}))
    way.beat()

    assert [n.code for n in way.frames[-1].notices] == ["E501"]
    assert way.phase is Phase.ANSWERING


@pytest.mark.parametrize(("left_s", "key"), [(299, "time.300"), (59, "time.60"), (9, "time.10")])
def test_time_is_called_in_words(tmp_path: Path, drive: Drive, left_s: int, key: str) -> None:
    paper = PaperRoom(tmp_path, "a", at_s=5)
    entered(paper)
    way = drive(paper, Phase.WAITING)

    way.at(600 - left_s)

    assert key in [notice.key for notice in way.frames[-1].notices]


def test_the_turns_that_are_asked_are_said_in_words_and_a_failed_one_costs_a_try(
    tmp_path: Path, drive: Drive
) -> None:
    way = drive(PaperRoom(tmp_path, "a"))
    way.come_to_login()
    way.beat()

    way.hear(FaceHint(7, None, None, 0.4, Challenge.TURN_LEFT))
    assert way.page.hint.key is T.FACE_LOGIN_HINT_TURN_LEFT
    assert way.page.progress_share == pytest.approx(0.4)
    way.hear(FaceHint(8, Hint.SEVERAL, None, 0.4, Challenge.TURN_LEFT))
    assert way.page.hint.key is T.FACE_LOGIN_HINT_MANY
    way.hear(FaceDecision(Verdict.NOT_MATCHED, 0.9, 5, "pack/1/0", liveness="turns/1:late"))

    assert way.page.problem_code == "E104"
    assert way.page.attempts_left == 2
    assert way.page.retry_off is None
    assert way.page.technician_off is None


ILL = {"picture": Picture.DARK, "presence": "nobody"}


def test_the_confirmation_page_says_itself_what_is_wrong_with_the_devices(
    tmp_path: Path, drive: Drive
) -> None:
    way = drive(PaperRoom(tmp_path, "a", at_s=-500), Phase.DEVICE_CONFIRMATION)
    recording = status(RecorderState.RECORDING)
    infrared = Device(id="0", name="Cam IR", kind=DeviceKind.INFRARED)
    way.hear(Devices(cameras=(infrared,), microphones=()))
    way.hear(replace(recording, sound=Sound(silent=True), **ILL))

    page = way.page
    assert page.problem == text(T.DEVICE_CAMERA_DARK)
    assert page.sound_problem == text(T.DEVICE_MICROPHONE_SILENT)
    assert page.framing == text(T.DEVICE_CONFIRMATION_FRAMING_HINT)
    assert page.cameras[0].suffix == text(T.DEVICE_CONFIRMATION_INFRARED)
    assert way.frames[-1].notices == ()
    way.hear(recording)
    assert way.page.problem == text(T.DEVICE_CAMERA_INFRARED)


def test_in_the_exam_a_banner_says_it_until_it_is_over(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "a", at_s=10)
    entered(paper)
    way = drive(paper, Phase.ANSWERING)
    recording = status(RecorderState.RECORDING)
    way.hear(replace(recording, sound=Sound(silent=True), **ILL))
    way.beat()
    told = [notice.key for notice in way.frames[-1].notices]
    way.hear(recording)
    way.beat()

    assert told == ["camera.dark", "microphone.sound"]
    assert way.frames[-1].notices == ()


@pytest.mark.parametrize(
    ("trouble", "code", "tone"),
    [
        ("DISK_HELD", "E504", views.Tone.CALM),
        ("DISK_LOW", "E503", views.Tone.CAUTION),
        ("WRITES_SLOW", "WRITES_SLOW", views.Tone.CAUTION),
    ],
)
def test_what_a_disk_lacks_stands_until_it_is_over(
    tmp_path: Path, drive: Drive, trouble: str, code: str, tone: views.Tone
) -> None:
    paper = PaperRoom(tmp_path, "a", at_s=10)
    entered(paper)
    way = drive(paper, Phase.ANSWERING)
    held = Trouble(code=trouble, message="held", zh="占用")
    way.hear(held)
    way.at(120)
    (notice,) = way.frames[-1].notices
    way.hear(replace(held, over=True))
    way.beat()

    assert (notice.code, notice.tone) == (code, tone)
    assert way.frames[-1].notices == ()


@pytest.mark.parametrize(("other", "words"), [(True, T.NOTICE_SWITCHED), (False, T.DEVICE_BACK)])
def test_what_comes_back_is_not_called_another(
    tmp_path: Path, drive: Drive, other: bool, words: T
) -> None:
    paper = PaperRoom(tmp_path, "a", at_s=10)
    entered(paper)
    way = drive(paper, Phase.ANSWERING)
    way.hear(DeviceBack(track="camera", name="Webcam", gap_ms=900, other=other))
    way.beat()

    (notice,) = way.frames[-1].notices
    assert notice.words == text(words, device="Webcam")


def test_without_a_camera_a_person_is_asked_all_the_same(  # F02
    tmp_path: Path, drive: Drive
) -> None:
    paper = PaperRoom(tmp_path, "a")
    paper.face.has_camera = False
    way = drive(paper, Phase.CONSENT)
    way.come_to_login()
    way.beat()
    way.hear(FaceDecision(Verdict.UNDECIDED, 0.0, 0, "pack/1/0", Hint.NO_PICTURE))
    assert way.page.state is views.FaceLoginState.FAILED
    assert way.page.technician_off is None

    way.take(intents.AskForTechnician())

    (asked,) = paper.server.manual
    assert (asked.live_photo, asked.reason) == ("", "no_camera")
    assert way.page.state is views.FaceLoginState.WAITING


def test_the_camera_is_shown_only_while_a_technician_looks(  # R045
    tmp_path: Path, drive: Drive
) -> None:
    paper = PaperRoom(tmp_path, "a")
    way = drive(paper, Phase.CONSENT)
    way.take(intents.DeclineFace())
    way.prepare()
    way.beat()
    way.at(-1100)
    assert paper.server.shown == []

    paper.server.looked_at = True
    way.at(-1095)
    way.at(-1090)
    shown = len(paper.server.shown)
    paper.server.looked_at = False
    way.at(-1085)

    assert shown >= 1
    assert len(paper.server.shown) == shown
    assert len(paper.server.manual) == 1


def test_a_bad_photo_of_the_roster_is_told_and_leads_to_a_person(  # F03
    tmp_path: Path, drive: Drive
) -> None:
    paper = PaperRoom(tmp_path, "a")
    way = drive(paper, Phase.CONSENT)
    way.come_to_login()
    way.beat()

    way.hear(ReferenceRefused(ReferenceFault.NO_FACE))
    assert way.page.problem_code == "E105"
    assert way.page.retry_off is not None
    way.take(intents.AskForTechnician())

    assert paper.server.manual[0].reason == "photo_unusable"
    assert way.page.state is views.FaceLoginState.WAITING


def test_after_the_login_no_photo_is_left_on_the_desk(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "c")
    way = drive(paper, Phase.CONSENT)
    way.come_to_login()
    way.beat()
    way.take(intents.SubmitNumbers("440524188001010014", "2026"))
    assert (paper.face.photo, paper.face.id_photo) == (b"photo", b"id")
    login = way.conductor._steps[Phase.FACE_LOGIN]._login

    way.hear(MATCHED)

    assert way.phase is Phase.HOME
    assert (login.reference_photo, login.id_photo, paper.face.photo) == (b"", b"", None)
