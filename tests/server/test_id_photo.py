"""人证: the ID card's photo in the roster, at the login and beside the others (R042)."""

from __future__ import annotations

import base64
import csv
from pathlib import Path

import pytest

from tests.server.rig import PLAN, ExamHome, id_number, make_exam, photo, room, told
from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.messages.entering import (
    FaceResult,
    LoginOpened,
    LoginState,
    LoginStatus,
)
from zhishiyun_protocol.plan import read_plan

LOGIN = '[login]\nfactors = ["id_photo", "face"]\n'
HEADER = ["姓名", "身份证号", "准考证号", "照片", "证件照"]


def imported(folder: Path, header: list[str], *rows: list[str]) -> tuple[ExamHome, int]:
    """An exam whose plan asks for 人证, and the exit code of its roster's import."""

    exam = make_exam(folder, plan=PLAN, count=1)
    plan = folder / "source-exam-1" / "plan.toml"
    plan.write_text(PLAN + LOGIN, "utf-8")
    words = ("exam", "import", str(plan), "--starts-at", "2027-01-15T08:00:00+00:00", "--id", "id")
    assert exam.run(*words) == 0
    (folder / "live.jpg").write_bytes(photo(31))
    (folder / "id.jpg").write_bytes(photo(32))
    with (folder / "roster.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return exam, exam.run("roster", "import", str(folder / "roster.csv"), "--exam", "id")


def test_a_roster_without_id_photos_is_refused_where_the_plan_needs_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, code = imported(tmp_path, HEADER[:4], ["甲", id_number(3), "T-1", "live.jpg"])

    assert code != 0
    assert "缺少列“证件照”" in capsys.readouterr().err


def test_both_photos_reach_the_device_and_a_result_without_the_second_is_no_login(
    tmp_path: Path,
) -> None:
    exam, code = imported(tmp_path, HEADER, ["甲", id_number(3), "T-1", "live.jpg", "id.jpg"])
    assert code == 0
    exam.exam_id = "id"
    with room(exam) as here:
        candidate = here.candidate()
        candidate.enrol()
        opened = told(candidate.open_login(), LoginOpened, 201)
        result = FaceResult(matched=True, score=0.7, frames=5, pack="test")
        path = f"/v1/logins/{opened.login_id}/face"

        without = told(candidate.post(path, result, opened.login_secret), LoginStatus)
        candidate.ask_manual(opened)
        photos = here.staff("technician").call("GET", f"/v1/staff/logins/{opened.login_id}/photos")
        again = told(candidate.open_login(), LoginOpened, 201)
        whole = FaceResult(matched=True, score=0.6, frames=5, pack="test", id_score=0.6)
        path = f"/v1/logins/{again.login_id}/face"
        admitted = told(candidate.post(path, whole, again.login_secret), LoginStatus)

    assert base64.b64decode(opened.reference_photo) == photo(31)
    assert base64.b64decode(opened.id_photo) == photo(32)
    assert (without.state, without.attempts_left) == (LoginState.FACE_WANTED, 2)
    assert photos.json()["id_photo"].startswith("data:image/jpeg;base64,")
    assert admitted.state is LoginState.ADMITTED


def test_a_plan_with_an_id_photo_and_no_face_contradicts_itself() -> None:
    plan = Path(__file__).parents[2] / "resources" / "plans" / "c.toml"
    alone = plan.read_text("utf-8").replace('["numbers", "id_photo", "face"]', '["id_photo"]')

    with pytest.raises(Refused, match="PLAN_IMPOSSIBLE"):
        read_plan(alone.encode())
