"""When the time is over nothing of a person is left, in tables, files or journal (R226)."""

from __future__ import annotations

import gc
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.server.log_rig import filmed_log, send
from tests.server.rig import (
    PASSWORD,
    Candidate,
    ExamHome,
    Room,
    id_number,
    make_exam,
    photo,
    room,
    told,
)
from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_protocol.messages.entering import LoginOpened, LoginStatus
from zhishiyun_protocol.messages.personal_data import DataRequest, DataWish
from zhishiyun_protocol.signing import canonical_json, from_text, is_signed
from zhishiyun_server.application import furnish
from zhishiyun_server.evidence.exporting import export_attempt
from zhishiyun_server.evidence.follower import Follower
from zhishiyun_server.evidence.forgetting import Certificate, forget_due
from zhishiyun_server.keep import expiry
from zhishiyun_server.keep.audit import AuditRow, first_break
from zhishiyun_server.keep.audit import rows as audit_rows
from zhishiyun_server.keep.holds import hold, let_go
from zhishiyun_server.premises import Premises
from zhishiyun_server.settings import Settings

DAY_S = 86_400
LIVE = photo(4242)
OFFICER = "officer-1"


@dataclass
class Sat:
    """An exam that two candidates sat: one was looked at by a technician, both recorded."""

    here: Room
    first: Candidate
    second: Candidate

    def after(self, days: float) -> int:
        self.here.clock.to(days * DAY_S)
        return self.here.clock.now_us()

    def forget(self, days: float) -> tuple[Certificate, ...]:
        return forget_due(self.here.premises, self.after(days))


@pytest.fixture
def home(tmp_path: Path) -> ExamHome:
    return make_exam(tmp_path, count=2)


@pytest.fixture
def sat(home: ExamHome):
    with room(home, at_s=-320) as here:
        first = here.candidate(0)
        first.enrol()
        opened = told(first.open_login(), LoginOpened, 201)
        first.ask_manual(opened, LIVE)
        path = f"/v1/staff/logins/{opened.login_id}/decision"
        word = {"admit": True, "reason": "the same person"}
        here.staff("technician").call("POST", path, json=word)
        status = told(first.see_login(opened), LoginStatus)
        first.session, first.attempt_id = status.session, status.attempt_id
        second = here.candidate(1).log_in()
        for candidate in (first, second):
            candidate.get_ready()
            log = filmed_log(candidate, candidate.enter())
            send(candidate, log)
            assert candidate.seal(log.seal()).status_code == 200
        yield Sat(here, first, second)


def traces(home: ExamHome, needles: list[bytes]) -> list[str]:
    """Files of the server that hold one of these, and files whose content is one."""
    found = []
    for path in sorted(home.home.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            found += [path.name for needle in needles if needle in content]
    return found


def base_of(home: ExamHome) -> int:
    import hashlib

    return int(hashlib.sha256(home.exam_id.encode()).hexdigest(), 16) % 500


def test_until_the_last_day_everything_is_kept(sat: Sat, tmp_path: Path) -> None:
    assert sat.forget(days=179) == ()

    assert export_attempt(sat.here.premises, sat.first.attempt_id, tmp_path).complete


def test_after_the_last_day_nothing_of_anybody_is_left(home: ExamHome, sat: Sat) -> None:
    base = base_of(home)
    needles = [
        "考生0".encode(), "考生1".encode(), id_number(base).encode(), id_number(base + 1).encode(),
        LIVE, photo(base), photo(base + 1),
    ]  # fmt: skip
    assert len(traces(home, needles)) >= len(needles)

    done = sat.forget(days=181)

    assert traces(home, needles) == []
    assert list((home.home / "evidence").iterdir()) == []
    assert {each.deletion.ticket_id for each in done} == {
        sat.first.ticket_id, sat.second.ticket_id,
    }  # fmt: skip
    assert all(each.deletion.evidence_bytes > 0 for each in done)
    assert sorted(each.deletion.photos for each in done) == [1, 2]
    assert sat.forget(days=182) == ()


def test_nor_in_the_memory_of_who_followed_the_recordings(sat: Sat) -> None:
    def known() -> list[str]:
        followers = [each for each in gc.get_objects() if isinstance(each, Follower)]
        ours = (sat.first.attempt_id, sat.second.attempt_id)
        return [f.expected.recording_id for f in followers if f.expected.recording_id in ours]

    assert known()
    sat.forget(days=181)
    gc.collect()

    assert known() == []


def test_the_certificate_is_the_servers_word(sat: Sat) -> None:
    certificate = sat.forget(days=181)[0]

    public = sat.here.premises.keys.receipts.public_bytes()
    said = canonical_json(certificate.deletion)
    assert is_signed(public, "deletion", said, from_text(certificate.signature))


def test_the_receipt_and_the_audit_chain_stay(sat: Sat) -> None:
    sat.forget(days=181)

    chain = told(sat.here.staff("auditor").call("GET", "/v1/staff/audit"), list[AuditRow])
    assert first_break(chain) is None
    deleted = [row.subject for row in chain if row.what == "data.deleted.retention"]
    assert sorted(deleted) == sorted([sat.first.attempt_id, sat.second.attempt_id])


def test_an_export_says_why_there_is_nothing(sat: Sat, tmp_path: Path) -> None:
    sat.forget(days=181)

    with pytest.raises(ZhishiyunError) as caught:
        export_attempt(sat.here.premises, sat.first.attempt_id, tmp_path)
    assert caught.value.code == "EVIDENCE_EXPIRED"


def test_who_is_held_outlasts_the_time_until_let_go(sat: Sat) -> None:
    database = sat.here.premises.database
    database.write_now(lambda c: hold(c, sat.first.ticket_id, "复核申请", OFFICER, 1))

    (other,) = sat.forget(days=181)
    database.write_now(lambda c: let_go(c, sat.first.ticket_id, OFFICER, 2))
    (released,) = sat.forget(days=182)

    assert other.deletion.ticket_id == sat.second.ticket_id
    assert released.deletion.ticket_id == sat.first.ticket_id


def test_a_granted_request_is_carried_out_after_the_exam(sat: Sat) -> None:
    request = DataRequest(id="r1", wish=DataWish.DELETION, at_us=sat.first.now_us())
    sat.first.post("/v1/me/data-requests", request)
    assert sat.forget(days=1) == ()
    path = f"/v1/staff/data-requests/{sat.first.attempt_id}/r1/answer"
    word = {"granted": True, "words": "同意"}
    assert sat.here.staff("officer").call("POST", path, json=word).status_code == 200

    (done,) = sat.forget(days=1)

    assert (done.deletion.ticket_id, done.deletion.why) == (sat.first.ticket_id, "request")
    assert sat.second.attempt_id != done.deletion.attempt_id


def test_a_run_that_was_killed_halfway_is_finished_by_the_next(home: ExamHome, sat: Sat) -> None:
    now_us = sat.after(181)
    database = sat.here.premises.database
    whom = database.read(lambda c: expiry.due(c, now_us))
    database.write_now(lambda c: expiry.blank(c, whom[0], now_us))  # and then nothing more

    done = sat.forget(days=182)

    assert len(done) == 2
    assert traces(home, [LIVE, photo(base_of(home))]) == []
    assert all(each.deletion.evidence_bytes > 0 for each in done)


def test_a_photo_that_somebody_else_has_as_well_stays_for_him(home: ExamHome, sat: Sat) -> None:
    database = sat.here.premises.database
    database.write_now(lambda c: hold(c, sat.second.ticket_id, "录用", OFFICER, 1))
    shared = photo(base_of(home))
    with database._engine.begin() as c:  # two rows of a roster may name one file
        digest = c.exec_driver_sql(
            "SELECT photo_sha256 FROM candidates WHERE ticket_id = ?", (sat.first.ticket_id,)
        ).scalar_one()
        c.exec_driver_sql(
            "UPDATE candidates SET photo_sha256 = ? WHERE ticket_id = ?",
            (digest, sat.second.ticket_id),
        )

    sat.forget(days=181)

    assert traces(home, [shared]) == [digest]


def test_the_commands_list_hold_and_run(
    home: ExamHome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = tmp_path / "password"
    secret.write_text(PASSWORD)
    home.run("staff", "add", OFFICER, "--role", "officer", "--password-file", str(secret))
    about = ("--exam", home.exam_id, "--ticket-number", f"{home.exam_id}-1000")
    capsys.readouterr()

    codes = [
        home.run("expire", "hold", *about, "--by", "nobody", "--reason", "复核"),
        home.run("expire", "hold", *about, "--by", OFFICER, "--reason", " "),
        home.run("expire", "hold", *about, "--by", OFFICER, "--reason", "复核申请"),
        home.run("expire", "list", "--json"),
    ]
    said = capsys.readouterr()

    assert codes == [1, 1, 0, 0]
    assert "STAFF_MISSING" in said.err
    assert "REASON_MISSING" in said.err
    (line,) = json.loads(said.out.splitlines()[-1])
    assert (line["exam_id"], line["due"], line["held"], line["deleted"]) == (
        home.exam_id, 0, 1, 0,
    )  # fmt: skip
    assert home.run("expire", "run") == 0
    assert "已删除 0 名" in capsys.readouterr().out


def test_two_processes_delete_once(home: ExamHome, sat: Sat) -> None:
    now_us = sat.after(days=181)
    other = furnish(Settings(home=home.home))
    together = threading.Barrier(2)

    def forget(premises: Premises) -> tuple[Certificate, ...]:
        together.wait(30)
        return forget_due(premises, now_us)

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(forget, (sat.here.premises, other)))
    audit = sat.here.premises.database.read(audit_rows)
    other.close()

    assert sorted(each.deletion.ticket_id for part in done for each in part) == sorted(
        (sat.first.ticket_id, sat.second.ticket_id)
    )
    assert len([row for row in audit if row.what == "data.deleted.retention"]) == 2
    assert list((home.home / "evidence").iterdir()) == []
