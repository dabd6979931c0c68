"""【我的信息】: what is kept until when, requests, withdrawing with its consequences (R040)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec

from tests.client.flow.driver import MATCHED, Drive, Driver
from tests.helpers.paper_room import PaperRoom
from zhishiyun_client.domain.phases import Phase
from zhishiyun_client.flow import intents
from zhishiyun_client.flow.consenting import Face, decide
from zhishiyun_client.flow.views import FaceLoginState, MyDataView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Text, Words
from zhishiyun_client.ports.recorder import MarkNow
from zhishiyun_protocol.messages.personal_data import DataAnswer, DataWish
from zhishiyun_protocol.messages.sitting import ActKind


def key(words: Words | None) -> T | None:
    return words.key if isinstance(words, Text) else None


def drawer(way: Driver) -> MyDataView:
    way.beat()
    return way.frames[-1].my_data


def admitted(paper: PaperRoom) -> None:
    decide(paper.room, Face.GIVEN)
    paper.face.photo = b"photo"
    paper.face.watch_on()
    paper.room.take_sitting(paper.server.sitting())


def test_it_says_what_is_kept_why_and_until_which_day(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "a")
    admitted(paper)
    way = drive(paper, Phase.HOME)

    way.take(intents.OpenMyData())
    face, _login, recording, local, _decision = drawer(way).kept

    assert key(face.state) is T.MY_DATA_FACE_WATCHED
    assert recording.until == "2027-07-14"  # the day of T0 and 180 more
    assert key(local.until) is T.CONSENT_LOCAL_RETENTION_RESULTS
    way.take(intents.CloseMyData())
    assert not drawer(way).is_open


def test_requests_need_a_login_and_wait_for_the_line(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "a")
    way = drive(paper, Phase.FACE_LOGIN)
    way.take(intents.OpenMyData(), intents.AskForCopy())
    assert key(drawer(way).copy_off) is T.MY_DATA_OFF_LOGIN

    admitted(paper)
    paper.server.is_down = True
    way = drive(paper, Phase.HOME)
    way.take(intents.OpenMyData(), intents.AskForCopy(), intents.AskForCopy())
    (queued,) = drawer(way).requests
    assert key(queued.answer) is T.MY_DATA_ANSWER_QUEUED
    assert key(drawer(way).copy_off) is T.MY_DATA_OFF_WAITING


def test_a_request_is_sent_and_its_answer_shown(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "a")
    admitted(paper)
    way = drive(paper, Phase.HOME)
    way.take(intents.OpenMyData(), intents.AskForDeletion())
    way.beat()
    (asked,) = paper.server.asked
    assert asked.wish is DataWish.DELETION

    answered = msgspec.structs.replace(asked, answer=DataAnswer.REFUSED, words="复核期内须保留")
    paper.server.asked = [answered]
    way.take(intents.CloseMyData(), intents.OpenMyData())
    way.beat()

    (shown,) = drawer(way).requests
    assert shown.answer == Text(T.MY_DATA_ANSWER_REFUSED, (("words", "复核期内须保留"),))
    assert shown.is_answered
    assert drawer(way).deletion_off is None


def test_withdrawing_asks_first_and_says_what_follows(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "a")
    decide(paper.room, Face.GIVEN)
    way = drive(paper, Phase.FACE_LOGIN)

    way.take(intents.OpenMyData(), intents.WithdrawFace())
    assert key(drawer(way).consequences) is T.MY_DATA_WITHDRAW_BEFORE
    way.take(intents.KeepConsent())

    assert drawer(way).consequences is None
    assert paper.room.face_consent
    way.take(intents.ConfirmWithdraw())
    assert paper.room.face_consent, "nothing was asked, so nothing is confirmed"


def test_withdrawn_at_the_login_a_technician_looks_instead(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "a")
    decide(paper.room, Face.GIVEN)
    way = drive(paper, Phase.FACE_LOGIN)
    assert way.page.state is FaceLoginState.LOOKING

    way.take(intents.OpenMyData(), intents.WithdrawFace(), intents.ConfirmWithdraw())

    assert way.page.state is FaceLoginState.WAITING
    assert paper.face.withdrawn
    assert not way.page.may_go_back
    way.hear(replace(MATCHED))
    assert way.phase is Phase.FACE_LOGIN, "a verdict that was on its way counts no more"


def test_withdrawn_during_the_exam_the_face_is_forgotten_and_the_exam_goes_on(
    tmp_path: Path, drive: Drive
) -> None:
    paper = PaperRoom(tmp_path, "a", at_s=10)
    admitted(paper)
    paper.server.entered_us = paper.clock.at_us
    paper.room.take_sitting(paper.server.sitting())
    way = drive(paper, Phase.ANSWERING)
    way.take(intents.OpenMyData(), intents.WithdrawFace())
    assert key(drawer(way).consequences) is T.MY_DATA_WITHDRAW_DURING

    way.take(intents.ConfirmWithdraw())
    way.beat()

    acts = [act.subject for act in paper.server.acts if act.kind is ActKind.CONSENT]
    marks = [m.subject for m in paper.recorder.all(MarkNow) if m.what == "consent"]
    assert way.phase is Phase.ANSWERING
    assert paper.face.watches is False
    assert acts[-1] == marks[-1] == "face:withdrawn"
    assert key(drawer(way).kept[0].state) is T.MY_DATA_FACE_GONE
    assert not drawer(way).has_withdraw


def test_after_the_exam_it_says_that_nothing_is_left_to_stop(tmp_path: Path, drive: Drive) -> None:
    paper = PaperRoom(tmp_path, "a", at_s=700)
    admitted(paper)
    way = drive(paper, Phase.RECEIPT)

    way.take(intents.OpenMyData(), intents.WithdrawFace())

    assert key(drawer(way).consequences) is T.MY_DATA_WITHDRAW_AFTER
    assert key(drawer(way).kept[0].state) is T.MY_DATA_FACE_GONE
