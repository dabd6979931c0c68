"""The phones' parts beside the computer's: they play, and lie where the clock says (R073–R075)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import pytest

from tests.server.log_rig import _film, new_log, send
from tests.server.phone_rig import add_film, bound_phone, film, run_of
from tests.server.rig import MINUTE_US, SECOND_US, make_exam, room
from zhishiyun_protocol.evidence.contents import Cause, Stream
from zhishiyun_protocol.evidence.layout import Kind, Track
from zhishiyun_server.domain.gaps import CLASSES
from zhishiyun_server.evidence.phone_export import nothing_filmed


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A computer's two seconds; a phone that began 1.5 s later, was called, replaced, died."""
    folder = tmp_path_factory.mktemp("phones")
    exam = make_exam(folder, count=1)
    with room(exam, at_s=-320) as here:
        candidate = here.candidate().log_in().get_ready()
        log = new_log(candidate, candidate.enter())
        _film(log, run=1, timeline_us=0)
        log.end(2_000_000)
        send(candidate, log)
        candidate.seal(log.seal())
        began_us = log.header.created_us + 1_500_000
        first = bound_phone(here, candidate, "first")
        scribe, pieces = film(first, began_us, seconds=3)
        first.send_all(pieces)
        first.seal(scribe.seal())
        second = bound_phone(here, candidate, "second")
        torn = second.scribe()
        torn.know_time(began_us + MINUTE_US, 30_000)
        torn.begin_run(run_of(1, 0), 0)
        add_film(torn, 0, 2)
        torn.add_json(Kind.STREAM, _strange(), 2_000_000, Track.PHONE)
        torn.add(Kind.PACKET, b"no film at all", 2_000_000, Track.PHONE, SECOND_US)
        second.send(*torn.take())  # and nothing more: the phone was switched off
        bound_phone(here, candidate, "third")  # bound, never filmed
    assert exam.run("export", "--exam", exam.exam_id, "--out", str(folder / "out")) == 0
    return next((folder / "out").iterdir())


def _strange() -> Stream:
    return Stream(container="webm", codec="video/webm", encoder="test")


@pytest.fixture(scope="module")
def told(exported: Path) -> dict[str, Any]:
    return json.loads((exported / "timeline.json").read_text("utf-8"))


def test_every_part_is_a_file_that_plays(exported: Path, told: dict[str, Any]) -> None:
    names = [file["name"] for phone in told["phones"] for file in phone["files"]]
    plays = {name: _frames(exported / name) for name in names if name != "phone-2-2.webm"}

    assert names == ["phone-1-1.webm", "phone-1-2.webm", "phone-2-1.webm", "phone-2-2.webm"]
    assert plays == {
        "phone-1-1.webm": (15, 3),
        "phone-1-2.webm": (15, 3),
        "phone-2-1.webm": (10, 2),
    }
    assert (exported / "phone-2-2.webm").read_bytes() == b"no film at all"
    assert [f["remuxed"] for p in told["phones"] for f in p["files"]] == [True, True, True, False]
    assert {path.name for path in exported.iterdir()} == {
        *names, "camera.mp4", "microphone.mp4", "timeline.json",
    }  # fmt: skip


def test_the_parts_lie_where_both_clocks_say(told: dict[str, Any]) -> None:  # R075
    (before, after), second = told["phones"][0]["files"], told["phones"][1]["files"][0]

    assert (before["timeline_starts_us"], before["timeline_ends_us"]) == (1_500_000, 4_500_000)
    assert (after["phone_starts_us"], after["timeline_starts_us"]) == (5_000_000, 6_500_000)
    assert second["timeline_starts_us"] == 1_500_000 + MINUTE_US
    assert (before["uncertain_us"], second["uncertain_us"]) == (20_500, 30_500)


def test_where_no_phone_filmed_is_told(told: dict[str, Any]) -> None:  # R063
    parts = told["phones"]

    assert told["phones_missing"] == [[0, 1_500_000]]  # the computer's two seconds
    assert nothing_filmed(parts, 2 * MINUTE_US) == [
        (0, 1_500_000),
        (4_500_000, 6_500_000),
        (9_500_000, 1_500_000 + MINUTE_US),
        (3_500_000 + MINUTE_US, 2 * MINUTE_US),
    ]


def test_gaps_are_classified_and_placed(told: dict[str, Any]) -> None:  # R243
    (gap,) = told["phones"][0]["gaps"]

    assert (gap["cause"], gap["class"]) == ("call", "phone_call")
    assert (gap["timeline_from_us"], gap["timeline_to_us"]) == (4_500_000, 6_500_000)
    assert CLASSES.keys() == set(Cause)


def test_what_was_whole_and_what_was_not_is_told(told: dict[str, Any]) -> None:
    first, second = told["phones"]

    assert (first["log"]["complete"], second["log"]["complete"]) == (True, False)
    assert second["log"]["faults"] == ["LOG_NOT_ENDED"]
    assert (first["receipt"]["body"]["attempt_id"], second["receipt"]) == (
        first["recording_id"],
        None,
    )
    assert first["marks"][0]["timeline_us"] == 1_500_000


def test_a_phone_alone_is_exported_too(tmp_path: Path) -> None:
    exam = make_exam(tmp_path, count=1)
    with room(exam, at_s=-320) as here:
        candidate = here.candidate().log_in().get_ready()
        candidate.enter()
        phone = bound_phone(here, candidate)
        phone.send_all(film(phone, here.clock.us, seconds=1)[1])
    assert exam.run("export", "--exam", exam.exam_id, "--out", str(tmp_path / "out")) == 0

    (folder,) = (tmp_path / "out").iterdir()
    told = json.loads((folder / "timeline.json").read_text("utf-8"))
    assert told["files"] == []
    assert [file["timeline_starts_us"] for file in told["phones"][0]["files"]] == [None, None]


def _frames(path: Path) -> tuple[int, int]:
    """Pictures, and whole seconds of sound."""
    with av.open(str(path), options={"err_detect": "explode"}) as container:
        pictures = sum(1 for _ in container.decode(video=0))
    with av.open(str(path)) as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
    return pictures, round(samples / 48_000)
