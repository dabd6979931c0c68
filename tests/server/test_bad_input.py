"""Everything wrong that can be handed in: one message in two languages, and nothing is kept."""

from __future__ import annotations

import csv
import hashlib
import io
import socket
from pathlib import Path

import openpyxl
import pytest

from tests.server.log_rig import plain_log
from tests.server.rig import (
    PASSWORD,
    PLAN,
    ExamHome,
    Room,
    id_number,
    make_exam,
    pdf,
    photo,
    room,
)
from zhishiyun_protocol.bundle import BundleLabel, encode_head
from zhishiyun_server.__main__ import main

HEADER = ["姓名", "身份证号", "准考证号", "照片"]
Told = tuple[int, str]


@pytest.fixture
def office(exam: ExamHome, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    return Office(exam, tmp_path, capsys)


class Office:
    """Runs commands and reads what they say."""

    def __init__(self, exam: ExamHome, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.exam, self.folder, self._capsys = exam, folder, capsys

    def run(self, *arguments: str) -> Told:
        self._capsys.readouterr()
        code = self.exam.run(*arguments)
        return code, self._capsys.readouterr().err

    def roster(self, *rows: list[str], header: list[str] = HEADER) -> Told:
        text = io.StringIO()
        csv.writer(text).writerows([header, *rows])
        path = self.folder / "roster.csv"
        path.write_text(text.getvalue(), "utf-8")
        (self.folder / "good.jpg").write_bytes(photo())
        return self.run("roster", "import", str(path), "--exam", self.exam.exam_id)

    def plan(self, text: str) -> Told:
        path = self.folder / "plan.toml"
        path.write_text(text, "utf-8")
        (self.folder / "pledge.pdf").write_bytes(pdf())
        return self.run("exam", "import", str(path), "--starts-at", "+5000", "--id", "fresh")

    def paper(self, content: bytes, exam_id: str = "") -> Told:
        path = self.folder / "paper.bin"
        path.write_bytes(content)
        return self.run("paper", "import", str(path), "--exam", exam_id or self.exam.exam_id)


def row(n: int = 1, *, number: str = "", ticket: str = "", file: str = "good.jpg") -> list[str]:
    return [f"考生{n}", number or id_number(n), ticket or f"NEW-{n}", file]


def test_a_plan_with_impossible_times_is_refused(office: Office) -> None:
    code, told = office.plan(PLAN + "\n[entry]\nopens_before_s = 7200\n")

    assert code == 1
    assert "PLAN_IMPOSSIBLE" in told
    assert "nobody could enter in time" in told
    assert "考生来不及进入" in told


def test_a_plan_that_is_no_toml_is_refused(office: Office) -> None:
    code, told = office.plan("flow = [")

    assert (code, "PLAN_UNREADABLE" in told, "无法读取" in told) == (1, True, True)


def test_a_plan_whose_attachment_is_missing_or_no_pdf_is_refused(office: Office) -> None:
    missing = office.plan(PLAN.replace("pledge.pdf", "none.pdf"))
    (office.folder / "picture.pdf").write_bytes(photo())
    wrong = office.plan(PLAN.replace("pledge.pdf", "picture.pdf"))

    assert missing[0] == wrong[0] == 1
    assert "缺少考试附件 none.pdf" in missing[1]
    assert "picture.pdf is no readable application/pdf" in wrong[1]


def test_an_attachment_outside_its_folder_is_not_read(office: Office) -> None:
    (office.folder.parent / "secret.pdf").write_bytes(pdf())

    code, told = office.plan(PLAN.replace("pledge.pdf", "../secret.pdf"))

    assert code == 1
    assert "is missing" in told


@pytest.mark.parametrize("start", ["tomorrow", "2026-12-01T09:00:00", "+soon"])
def test_a_start_without_a_place_in_time_is_refused(office: Office, start: str) -> None:
    (office.folder / "plan.toml").write_text(PLAN, "utf-8")

    code, told = office.run(
        "exam", "import", str(office.folder / "plan.toml"), "--starts-at", start
    )

    assert code == 1
    assert "START_UNREADABLE" in told
    assert "不是有效的开考时间" in told


def test_an_exam_with_candidates_is_never_overwritten(office: Office) -> None:
    (office.folder / "plan.toml").write_text(PLAN, "utf-8")
    (office.folder / "pledge.pdf").write_bytes(pdf())

    code, told = office.run(
        "exam", "import", str(office.folder / "plan.toml"),
        "--starts-at", "+5000", "--id", office.exam.exam_id,
    )  # fmt: skip

    assert code == 1
    assert "EXAM_EXISTS" in told


def test_an_exam_without_candidates_may_be_imported_again(office: Office) -> None:
    first = office.plan(PLAN)
    office.paper(pdf(), "fresh")
    again = office.plan(PLAN.replace("公开招聘线上面试", "新的标题"))

    assert (first[0], again[0]) == (0, 0)
    with room(office.exam) as here:
        exams = here.staff("officer").call("GET", "/v1/staff/exams").json()
    assert "新的标题" in [exam["title"] for exam in exams]


def test_all_faults_of_a_roster_are_told_at_once_with_their_lines(office: Office) -> None:
    (office.folder / "cut.jpg").write_bytes(photo()[:-200])
    (office.folder / "small.jpg").write_bytes(photo(side=32))
    code, told = office.roster(
        row(1),
        row(2, ticket="NEW-1"),
        row(3, number="110101199001010000"),
        row(4, file="cut.jpg"),
        row(5, file="none.jpg"),
        row(6, file="small.jpg"),
        ["", "", "", ""],
        ["", id_number(8), "NEW-8", "good.jpg"],
        row(9, number=id_number(1)),
    )

    assert code == 1
    assert "7 fault(s), nothing was imported" in told
    assert "line 3: the ticket number stands in line 2 already" in told
    assert "第 3 行：准考证号与第 2 行重复" in told
    assert "第 4 行：身份证号格式或校验位不正确" in told
    assert "第 5 行：照片无法读取" in told
    assert "第 6 行：找不到照片文件" in told
    assert "第 7 行：照片无法读取" in told
    assert "第 9 行：姓名为空" in told
    assert "第 10 行：身份证号与第 2 行重复" in told


def test_a_refused_roster_leaves_nobody_behind(office: Office) -> None:
    office.roster(row(1), row(2, ticket="NEW-1"))

    with room(office.exam) as here:
        lines = here.staff("officer").call(
            "GET", f"/v1/staff/exams/{office.exam.exam_id}/candidates"
        ).json()  # fmt: skip

    assert len(lines) == office.exam.count


def test_a_ticket_number_that_is_known_is_refused(office: Office) -> None:
    first, second = office.roster(row(1)), office.roster(row(2), row(1))

    assert first[0] == 0
    assert second[0] == 1
    assert "第 3 行：准考证号已在名册中" in second[1]


def test_a_roster_without_a_column_names_it(office: Office) -> None:
    code, told = office.roster(["甲", "NEW-1"], header=["姓名", "准考证号"])

    assert code == 1
    assert "缺少列“身份证号”" in told
    assert "the column “photo” is missing" in told


def test_an_empty_and_a_damaged_sheet_are_refused(office: Office) -> None:
    empty, damaged = office.folder / "empty.csv", office.folder / "damaged.xlsx"
    empty.write_bytes(b"")
    damaged.write_bytes(b"PK\x03\x04 no sheet")

    answers = [
        office.run("roster", "import", str(path), "--exam", office.exam.exam_id)
        for path in (empty, damaged)
    ]

    assert [code for code, _ in answers] == [1, 1]
    assert "empty.csv 是空的" in answers[0][1]
    assert "SHEET_UNREADABLE" in answers[1][1]


def test_a_roster_as_xlsx_and_in_the_encoding_of_chinese_excel_is_read(office: Office) -> None:
    (office.folder / "good.jpg").write_bytes(photo())
    book = openpyxl.Workbook()
    for cells in (["Name", "ID number", "Ticket", "Photo"], row(21)):
        book.active.append(cells)
    book.save(office.folder / "r.xlsx")
    text = "\r\n".join(",".join(cells) for cells in (HEADER, row(22)))
    (office.folder / "r.csv").write_bytes(text.encode("gb18030"))

    codes = [
        office.run("roster", "import", str(office.folder / n), "--exam", office.exam.exam_id)[0]
        for n in ("r.xlsx", "r.csv")
    ]

    assert codes == [0, 0]


def test_a_roster_for_an_unknown_exam_is_refused(office: Office) -> None:
    (office.folder / "r.csv").write_text("姓名", "utf-8")

    code, told = office.run("roster", "import", str(office.folder / "r.csv"), "--exam", "none")

    assert (code, "EXAM_UNKNOWN" in told) == (1, True)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (pdf()[:-7], "缺少结尾"),
        (b"\x00\x01\x02\xff", "不是 PDF、PNG、JPEG 或文本文件"),
        (b"  \n", "文件内容为空"),
        (b"ZSYPAPER1\n....", "已加封"),
    ],
)
def test_a_damaged_paper_is_refused(office: Office, content: bytes, why: str) -> None:
    code, told = office.paper(content)

    assert code == 1
    assert "PAPER_UNREADABLE" in told
    assert why in told


def test_a_paper_cannot_be_changed_after_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exam = make_exam(tmp_path, starts_at="+-5")

    code, told = Office(exam, tmp_path, capsys).paper(pdf())

    assert (code, "PAPER_FROZEN" in told) == (1, True)


def test_a_folder_without_a_server_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["serve", "--home", str(tmp_path / "none")])

    assert code == 1
    assert "zhishiyun-server init" in capsys.readouterr().err


def test_a_file_that_is_missing_is_named(office: Office) -> None:
    code, told = office.run("roster", "import", "none.csv", "--exam", office.exam.exam_id)

    assert code == 1
    assert "找不到文件：none.csv" in told
    assert "No such file: none.csv" in told


def test_a_port_that_is_taken_and_a_speed_that_cannot_be_are_named(office: Office) -> None:
    speed = office.run("serve", "--speed", "0")
    tls = office.run("serve", "--tls-cert", "cert.pem")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = office.run("serve", "--port", str(taken.getsockname()[1]))

    assert [answer[0] for answer in (speed, tls, port)] == [1, 1, 1]
    assert "SPEED_WRONG" in speed[1]
    assert "TLS_INCOMPLETE" in tls[1]
    assert "PORT_TAKEN" in port[1]


def test_a_password_comes_from_a_file_and_not_too_short(office: Office) -> None:
    file = office.folder / "password"
    file.write_text("short\n")
    short = office.run("staff", "add", "wang", "--role", "officer", "--password-file", str(file))
    file.write_text(PASSWORD + "\n")
    right = office.run("staff", "add", "wang", "--role", "officer", "--password-file", str(file))

    assert (short[0], right[0]) == (1, 0)
    assert "PASSWORD_SHORT" in short[1]
    with room(office.exam) as here:
        login = {"name": "wang", "password": PASSWORD}
        assert here.client.post("/v1/staff/sessions", json=login).status_code == 201


def test_a_ticket_of_another_server_is_refused(here: Room, tmp_path: Path) -> None:
    other = make_exam(tmp_path / "elsewhere", exam_id="exam-1", count=1)
    candidate = here.candidate()
    candidate.ticket = other.tickets("http://testserver")[0]

    answer = candidate.enrol()

    assert answer.status_code == 403
    assert answer.json()["code"] == "TICKET_UNKNOWN_ISSUER"
    assert "不受信任" in answer.json()["zh"]


class TestBundles:
    """A recording that comes on a stick."""

    def test_it_earns_the_same_receipt_as_an_upload(self, office: Office) -> None:  # R190
        path, attempt = self._bundle(office, uploaded=2)

        code, told = office.run("import-bundle", str(path))

        assert (code, told) == (0, "")
        with room(office.exam) as here:
            lines = here.staff("supervisor").call(
                "GET", f"/v1/staff/exams/{office.exam.exam_id}/candidates"
            ).json()  # fmt: skip
        line = next(line for line in lines if line["attempt_id"] == attempt)
        assert (line["sealed"], line["complete"]) == (True, True)
        assert office.run("import-bundle", str(path))[0] == 0

    @pytest.mark.parametrize(
        ("damage", "code"),
        [
            (lambda b: b[:-100], "BUNDLE_DAMAGED"),
            (lambda b: b[:5000] + b"!" + b[5001:], "BUNDLE_DAMAGED"),
            (lambda b: b"PK" + b[2:], "BUNDLE_FOREIGN"),
            (lambda _: b"", "BUNDLE_FOREIGN"),
        ],
    )
    def test_a_damaged_one_is_refused_and_nothing_is_kept(
        self, office: Office, damage: object, code: str
    ) -> None:
        path, attempt = self._bundle(office)
        path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]

        answer, told = office.run("import-bundle", str(path))

        assert answer == 1
        assert code in told
        assert not list((office.exam.home / "evidence").glob(f"{attempt}/*"))

    def test_one_of_another_server_is_refused(self, office: Office, tmp_path: Path) -> None:
        path, _ = self._bundle(office)
        other = make_exam(tmp_path / "elsewhere", exam_id="exam-9", count=1)

        answer = other.run("import-bundle", str(path))

        assert answer == 1

    def test_one_that_differs_from_the_upload_is_refused(self, office: Office) -> None:
        path, _ = self._bundle(office, uploaded=1, other_upload=True)

        code, told = office.run("import-bundle", str(path))

        assert code == 1
        assert "BUNDLE_NOT_THE_SAME" in told
        assert "不一致" in told

    def _bundle(
        self, office: Office, uploaded: int = 0, other_upload: bool = False
    ) -> tuple[Path, str]:
        with room(office.exam, at_s=-320) as here:
            candidate = here.candidate().log_in().get_ready()
            log = plain_log(candidate, candidate.enter())
            for first, data in list(log.chunks())[:uploaded]:
                candidate.put(first, b"?" * len(data) if other_upload else data)
        label = BundleLabel(attempt_id=candidate.attempt_id, seal=log.seal())
        content = encode_head(label) + bytes(log.data)
        path = office.folder / "recording.zsybundle"
        path.write_bytes(content + hashlib.sha256(content).digest())
        return path, candidate.attempt_id
