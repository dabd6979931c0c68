"""Consent: a notice made from the plan, asked once, in the log by its digest (R040)."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import pytest

from tests.client.flow.driver import Drive
from tests.helpers.paper_room import PaperRoom
from zhishiyun_client.domain.phases import Phase
from zhishiyun_client.flow import intents
from zhishiyun_client.flow.consenting import Face
from zhishiyun_client.flow.processing import purposes
from zhishiyun_client.flow.views import ConsentView, FaceLoginState
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.language import Language
from zhishiyun_client.i18n.words import Text, Words
from zhishiyun_client.ports.recorder import Begin, Choose, MarkNow
from zhishiyun_protocol.messages.sitting import ActKind
from zhishiyun_protocol.plan import ExamPlan, Factor, Liveness, Login, Recording, Retention


def keys_of(words: Words) -> T:
    assert isinstance(words, Text)
    return words.key


def shown(plan: ExamPlan) -> list[T]:
    return [keys_of(card.title) for card in purposes(plan)]


def changed(plan: ExamPlan, **fields: object) -> ExamPlan:
    return msgspec.structs.replace(plan, **fields)


def use(paper: PaperRoom, plan: ExamPlan) -> None:
    paper.room.enrolled = msgspec.structs.replace(paper.room.enrolled, plan=plan)


def test_the_notice_lists_what_the_plan_does_and_nothing_else(tmp_path: Path) -> None:
    plan = PaperRoom(tmp_path, "c").room.plan
    by_numbers = changed(plan, login=Login(factors=(Factor.NUMBERS,)))
    alone = changed(plan, flow=tuple(name for name in plan.flow if name != "binding"))

    assert shown(plan)[:3] == [
        T.CONSENT_FACE_TITLE, T.CONSENT_MANUAL_TITLE, T.CONSENT_NUMBERS_TITLE,
    ]  # fmt: skip
    assert T.CONSENT_FACE_TITLE not in shown(by_numbers)
    assert T.CONSENT_PHONE_TITLE in shown(plan)
    assert T.CONSENT_PHONE_TITLE not in shown(alone)


def test_the_words_follow_the_numbers_of_the_plan(tmp_path: Path) -> None:
    plan = PaperRoom(tmp_path, "a").room.plan
    turning = changed(
        plan,
        login=Login(liveness=Liveness.TURNS, manual_needs_second_person=True),
        recording=Recording(presence_per_s=0),
        retention=Retention(recordings_days=30, client_until="2027-03-01"),
    )
    face, manual, *rest = purposes(turning)

    assert keys_of(face.data) is T.CONSENT_FACE_DATA_TURNS
    assert keys_of(face.retention) is T.CONSENT_FACE_RETENTION
    assert keys_of(manual.who) is T.CONSENT_MANUAL_WHO_TWO
    assert rest[0].retention == Text(T.CONSENT_RECORDING_RETENTION, (("days", 30),))
    assert rest[-1].retention == Text(T.CONSENT_LOCAL_RETENTION_DATE, (("date", "2027-03-01"),))


@pytest.mark.parametrize("agrees", [True, False])
def test_the_decision_is_kept_in_journal_act_and_log(
    tmp_path: Path, drive: Drive, agrees: bool
) -> None:
    paper = PaperRoom(tmp_path, "a", at_s=-800)
    way = drive(paper, Phase.CONSENT)

    if agrees:
        way.consent()
    else:
        way.take(intents.DeclineFace())
    paper.room.take_sitting(paper.server.sitting())
    way.beat()
    again = drive(paper, Phase.ENTRY)
    again.take(intents.Enter())

    word = "given" if agrees else "declined"
    noted = paper.journal.latest("consent")
    (act,) = [act for act in paper.server.acts if act.kind is ActKind.CONSENT]
    said = paper.recorder.said
    begun = said.index(paper.recorder.all(Begin)[0])
    (mark,) = [m for m in said[begun:] if isinstance(m, MarkNow) and m.what == "consent"]
    assert noted is not None
    assert noted.facts["face"] == word
    assert (act.subject, act.version) == (f"face:{word}", noted.facts["version"])
    assert mark.subject == f"face:{word}"
    assert hashlib.sha256(mark.detail["notice"].encode()).hexdigest() == mark.detail["version"]


def test_who_declined_waits_for_a_technician_and_is_not_asked_again(
    tmp_path: Path, drive: Drive
) -> None:
    paper = PaperRoom(tmp_path, "a")
    way = drive(paper, Phase.CONSENT)
    way.take(intents.DeclineFace())
    way.prepare()
    way.beat()
    assert way.phase is Phase.FACE_LOGIN
    assert way.page.state is FaceLoginState.WAITING
    assert paper.face.photo is None

    paper.journal.close()
    restarted = PaperRoom(tmp_path, "a")
    again = drive(restarted, Phase.CONSENT)
    again.beat()

    assert again.phase is Phase.DEVICE_PREPARATION
    assert not restarted.room.face_consent


def test_a_change_of_language_asks_nobody_again(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "a")
    drive(paper, Phase.CONSENT).consent()
    paper.room.language = Language.EN

    assert drive(paper, Phase.CONSENT).phase is Phase.DEVICE_PREPARATION


def test_another_plan_asks_anew(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "a")
    drive(paper, Phase.CONSENT).consent()
    longer = changed(paper.room.plan, retention=Retention(recordings_days=365))
    use(paper, longer)

    assert isinstance(drive(paper, Phase.CONSENT).page, ConsentView)


def test_the_consent_of_another_candidate_of_this_machine_counts_for_nobody_else(
    tmp_path: Path, drive: Drive
) -> None:
    drive(PaperRoom(tmp_path, "a", ticket_id="t1"), Phase.CONSENT).consent()

    assert PaperRoom(tmp_path, "a", ticket_id="t2").room.consent is None
    recalled = PaperRoom(tmp_path, "a", ticket_id="t1").room.consent
    assert recalled is not None
    assert recalled.face is Face.GIVEN


def test_a_login_by_numbers_asks_for_no_face(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "c")
    plan = changed(paper.room.plan, login=Login(factors=(Factor.NUMBERS,)))
    use(paper, plan)
    way = drive(paper, Phase.CONSENT)

    assert not way.page.asks_face
    assert way.page.agree_off is None
    way.take(intents.AgreeAndContinue())

    assert way.phase is Phase.DEVICE_PREPARATION
    assert not paper.room.face_consent


def test_the_notice_comes_before_any_use_of_the_camera(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "b")
    way = drive(paper, Phase(paper.room.plan.flow[0]))

    assert isinstance(way.page, ConsentView)
    assert paper.recorder.all(Choose) == []
    way.come_to_login()

    assert paper.recorder.all(Choose)
