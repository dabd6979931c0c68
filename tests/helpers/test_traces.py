"""What must be found is found: else finding nothing would mean nothing."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.traces import Person, Traces, sitter_of
from zhishiyun_client.app.rehearsal_server import pick_sitter
from zhishiyun_client.face.engine import InsightFaceEngine
from zhishiyun_client.face.enrolment import enrol
from zhishiyun_client.face.pack import DEFAULT_PACK, open_pack
from zhishiyun_client.ports.faces import Enrolment
from zhishiyun_client.runtime.paths import resources


@pytest.fixture(scope="module")
def person() -> Person:
    return sitter_of(pick_sitter("").ticket_number)


@pytest.fixture(scope="module")
def traces(person: Person) -> Traces:
    return Traces(person)


@pytest.fixture(scope="module")
def numbers(person: Person) -> np.ndarray:
    made = enrol(InsightFaceEngine(open_pack(resources() / "face" / DEFAULT_PACK)), person.photo)
    assert isinstance(made, Enrolment)
    return made.embedding


def test_the_photo_is_found_anywhere_in_a_file(traces: Traces, person: Person) -> None:
    assert traces.in_bytes(b"log" * 99 + person.photo + b"end") == ["face picture"]


def test_the_numbers_of_the_face_are_found_in_every_form(
    traces: Traces, numbers: np.ndarray
) -> None:
    forms = [
        b"\0" * 3 + numbers.tobytes(),
        numbers.astype(">f8").tobytes(),
        numbers.tobytes().hex().encode(),
        b'{"e":"' + base64.urlsafe_b64encode(b"xy" + numbers.tobytes()) + b'"}',
        json.dumps([float(number) for number in numbers]).encode(),
    ]

    assert [traces.in_bytes(form) for form in forms] == [["numbers of the face"]] * len(forms)


def test_name_and_id_number_are_found(traces: Traces, person: Person, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(f"hello {person.name}", "gbk")
    (tmp_path / "b.json").write_bytes(base64.b64encode(f"{{{person.id_number}}}".encode()))
    (tmp_path / "part.json").write_text(person.id_number)

    found = traces.in_folders([tmp_path], but=["part.json"])

    assert [line.rsplit(": ", 1)[1] for line in found] == ["name", "ID number"]


def test_noise_and_pictures_of_nobody_are_let_be(traces: Traces) -> None:
    noise = np.random.default_rng(5).integers(0, 256, 2_000_000, np.uint8).tobytes()
    mark = (resources() / "pictures").glob("*.png")

    assert traces.in_bytes(noise + b"\xff\xd8\xff" + noise[:1000]) == []
    assert all(traces.in_bytes(path.read_bytes()) == [] for path in mark)
