"""What the rehearsal shows: a face that can log in, a roster, papers and attachments (issue 2)."""

from __future__ import annotations

import csv
import tomllib
import unicodedata
from pathlib import Path

import cv2
import numpy as np
import openpyxl
import pytest
from PySide6.QtPdf import QPdfDocument

from tests.rigs.fixtures import MEDIA, RESOURCES
from zhishiyun_client.face.enrolment import Enrolment
from zhishiyun_client.face.eye import Eye
from zhishiyun_client.ports.preview import PreviewFrame
from zhishiyun_client.rehearsal.film_server import split

ROSTER = RESOURCES / "rehearsal" / "roster"
PAPERS = RESOURCES / "rehearsal" / "papers"
ATTACHMENTS = RESOURCES / "attachments"
PLANS = sorted((RESOURCES / "plans").glob("*.toml"))
A4_PT = (595, 842)


@pytest.fixture(scope="module")
def film() -> list[bytes]:
    return split(MEDIA.film.read_bytes())


def _people() -> list[dict[str, str]]:
    with (ROSTER / "roster.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _preview(jpeg: bytes, sequence: int) -> PreviewFrame:
    """What the recorder shows the desk: 640 x 360."""
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    small = cv2.resize(picture, (640, 360), interpolation=cv2.INTER_AREA)
    return PreviewFrame(sequence, 640, 360, small.tobytes())


def test_every_tenth_picture_of_the_film_shows_one_face_good_enough_to_compare(
    eye: Eye, film: list[bytes]
) -> None:
    glances = [eye.glance(_preview(jpeg, number)) for number, jpeg in enumerate(film[::10])]

    assert [len(glance.faces) for glance in glances] == [1] * len(glances)
    assert [glance.hint for glance in glances if not glance.counts] == []


def test_everybody_on_the_roster_can_log_in_before_the_film(eye: Eye, film: list[bytes]) -> None:
    glances = [eye.glance(_preview(jpeg, number)) for number, jpeg in enumerate(film[::30])]

    for person in _people():
        for photo in (person["照片"], person["证件照"]):
            reference = eye.enrol((ROSTER / "photos" / photo).read_bytes())
            assert isinstance(reference, Enrolment), reference
            alike = [eye.similarity(glance, reference) for glance in glances]
            print(photo, f"similarity {min(alike):.3f} to {max(alike):.3f}")
            assert min(alike) > eye.thresholds.login.value


def test_the_roster_says_the_same_as_table_and_as_text() -> None:
    sheet = openpyxl.load_workbook(ROSTER / "roster.xlsx").active
    assert sheet is not None
    rows = [[str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]

    people = _people()
    assert rows[0] == ["姓名", "身份证号", "准考证号", "岗位", "科目", "电话", "照片", "证件照"]
    assert rows[1:] == [list(person.values()) for person in people]


def test_everybody_is_invented_and_can_be_told_apart() -> None:
    people = _people()

    assert all(person["姓名"].startswith("示例考生") for person in people)
    assert all(person["身份证号"][14:17] == "000" for person in people)
    assert len({person["准考证号"] for person in people}) == len(people) == 6
    assert [person["科目"] for person in people].count("美术") == 1


def test_identity_numbers_have_true_check_digits() -> None:
    for person in _people():
        number = person["身份证号"]
        remainder = sum(pow(2, 17 - place) * int(it) for place, it in enumerate(number[:17]))
        assert (12 - remainder) % 11 == (10 if number[17] == "X" else int(number[17]))


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_every_attachment_of_a_plan_is_there_and_is_what_it_says(path: Path) -> None:
    plan = tomllib.loads(path.read_text("utf-8"))

    for attachment in plan["attachments"]:
        head = (ATTACHMENTS / attachment["file"]).read_bytes()[:8]
        is_picture = attachment.get("media_type", "application/pdf") == "image/png"
        assert head.startswith(b"\x89PNG" if is_picture else b"%PDF-")


@pytest.mark.parametrize("name", ["a", "b", "b-art", "c"])
def test_a_paper_is_a_sheet_or_two_of_a4_that_names_itself_a_demonstration(name: str) -> None:
    path = PAPERS / f"{name}.pdf"
    paper = QPdfDocument()

    assert paper.load(str(path)) is QPdfDocument.Error.None_
    assert paper.pageCount() <= 2
    size = paper.pagePointSize(0)
    assert (round(size.width()), round(size.height())) == A4_PT
    said = unicodedata.normalize("NFKC", paper.getAllText(0).text())  # 示 comes as its radical
    assert "演示试题" in said
    assert path.stat().st_size < 100_000
    paper.close()
