"""`zhishiyun rehearse --auto` takes a candidate through each notice to the server's receipt."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import av
import pytest

from tests.helpers.traces import Traces, sitter_of
from zhishiyun_client.app.rehearsal_server import pick_sitter
from zhishiyun_client.runtime.programs import client_command

pytestmark = [pytest.mark.journey, pytest.mark.desktop, pytest.mark.timeout(420)]


def rehearse(folder: Path, *words: str) -> dict[str, Any]:
    """Run it and read its last line."""
    common = ("--auto", "--json", "--devices", "demonstration", "--size", "1366x768")
    command = client_command("rehearse", *words, *common, "--keep", str(folder))
    temporary = folder / "temporary"
    temporary.mkdir(exist_ok=True)
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    (folder / "printed.txt").write_text(done.stdout + done.stderr, "utf-8")
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


def phases(outcome: dict[str, Any]) -> list[str]:
    return [phase["phase"] for phase in outcome["phases"]]


def assert_plays(outcome: dict[str, Any]) -> None:
    """Every exported film decodes to its end, and the last of a track is as long as its track.

    The ladder of quality may have begun further ones: camera-2.mp4, camera-3.mp4 …
    """
    films = [Path(path) for path in outcome["exported"] if path.endswith(".mp4")]
    lasts: dict[str, float] = {}
    for film in films:
        with av.open(str(film)) as container:
            stream = container.streams[0]
            last = max(frame.time for frame in container.decode(stream))
        track = film.stem.partition("-")[0]
        lasts[track] = max(last, lasts.get(track, 0.0))
    assert lasts.keys() == {"camera", "microphone", "screen"}
    for track, last in lasts.items():
        assert last == pytest.approx(outcome["tracks"][track]["of_seconds"], abs=2.0)


def test_notice_a_in_ten_steps_with_drawing_lots(tmp_path: Path) -> None:
    outcome = rehearse(tmp_path, "--notice", "a", "--speed", "30")

    assert phases(outcome) == [
        "consent", "device_preparation", "face_login", "home", "reading_flow", "binding",
        "lottery", "attachments", "entry", "device_confirmation", "waiting", "answering",
        "ending", "uploading", "receipt",
    ]  # fmt: skip
    assert outcome["upload"]["verified"]
    for track in outcome["tracks"].values():  # to the second: tests/faults, where nothing else runs
        assert track["seconds"] >= track["of_seconds"] - 3
        assert track["seconds"] == track["of_seconds"] or track["gaps"]
    assert_plays(outcome)
    (phone,) = outcome[
        "phone"
    ]  # the third stream of every rehearsal; a demonstration is not formal
    assert (phone["verified"], phone["formal"], phone["faults"]) == (True, False, [])
    assert phone["seconds"] >= outcome["tracks"]["camera"]["of_seconds"]


def test_notice_b_for_art_with_lesson_easel_and_display(tmp_path: Path) -> None:
    outcome = rehearse(tmp_path, "--notice", "b", "--subject", "art", "--speed", "120")

    assert phases(outcome)[-7:] == [
        "preparation", "answering", "skill_test", "display_of_work",
        "ending", "uploading", "receipt",
    ]  # fmt: skip
    times = {phase["phase"]: phase["at_us"] for phase in outcome["phases"]}
    minute_us = 60_000_000
    assert times["skill_test"] - times["answering"] >= 10 * minute_us
    assert times["display_of_work"] - times["skill_test"] == pytest.approx(
        60 * minute_us, abs=minute_us
    )
    assert outcome["upload"]["verified"]


def test_notice_c_with_numbers_and_face(tmp_path: Path) -> None:
    outcome = rehearse(tmp_path, "--notice", "c", "--speed", "30", "--end-early")

    assert "lottery" not in phases(outcome)
    assert phases(outcome)[-1] == "receipt"
    assert outcome["upload"]["verified"]
    timeline = next(path for path in outcome["exported"] if path.endswith("timeline.json"))
    told = json.loads(Path(timeline).read_text("utf-8"))
    (consent,) = [mark for mark in told["marks"] if mark["what"] == "consent"]
    notice, version = consent["detail"]["notice"], consent["detail"]["version"]
    assert consent["subject"] == "face:given"
    assert hashlib.sha256(notice.encode()).hexdigest() == version  # R040: which words they were
    assert [each for each in told["findings"] if each["rule"] == "presence.someone_else"] == []
    # Nothing of the face, the name or the ID number is left on the computer (R043). part.json is
    # what the rehearsal's stand-in candidate knows by heart; a real candidate has none.
    traces = Traces(sitter_of(pick_sitter("").ticket_number))
    candidates = [tmp_path / "home", tmp_path / "temporary"]
    assert traces.in_folders(candidates, but=["part.json"]) == []
    assert traces.in_bytes((tmp_path / "printed.txt").read_bytes()) == []
    assert traces.in_folders([tmp_path / "server"]), "the server does know the candidate"
