"""Export: playable files, nothing encoded anew, everything in its place on the timeline."""

from __future__ import annotations

import json
from pathlib import Path

import av
import pytest

from tests.server.log_rig import filmed_log, plain_log, send
from tests.server.rig import Candidate, ExamHome, make_exam, room


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    exam = make_exam(folder, count=1)
    with room(exam, at_s=-100) as here:
        candidate = here.candidate().log_in()
        here.clock.to(-320)
        candidate.get_ready()
        log = filmed_log(candidate, candidate.enter())
        send(candidate, log)
        assert candidate.seal(log.seal()).status_code == 200
    code = exam.run("export", "--exam", exam.exam_id, "--out", str(folder / "out"))
    assert code == 0
    return next((folder / "out").iterdir())


def test_every_track_decodes_whole(exported: Path) -> None:
    frames = {name: _decoded(exported / name) for name in ("camera.mp4", "microphone.mp4")}

    assert len(frames["camera.mp4"]) == 40
    assert len(frames["microphone.mp4"]) >= 198


def test_the_gap_between_two_runs_is_kept(exported: Path) -> None:
    times = _decoded(exported / "camera.mp4")

    assert times[19] == pytest.approx(1.9, abs=0.01)
    assert times[20] == pytest.approx(3.0, abs=0.01)


def test_sound_lies_beside_its_pictures(exported: Path) -> None:
    sound = _decoded(exported / "microphone.mp4")

    assert sound[0] == pytest.approx(0.0, abs=0.03)
    assert min(abs(t - 3.0) for t in sound) < 0.03
    assert not [t for t in sound if 2.05 < t < 2.95]


def test_pictures_are_not_encoded_anew(exported: Path) -> None:
    with av.open(str(exported / "camera.mp4")) as container:
        packets = [p for p in container.demux(video=0) if p.size]

    timeline = json.loads((exported / "timeline.json").read_text())
    assert len(packets) == 40
    assert timeline["files"][0]["packets"] == 40
    assert timeline["files"][0]["codec"] == "h264"


def test_the_timeline_tells_runs_marks_gaps_and_coverage(exported: Path) -> None:
    timeline = json.loads((exported / "timeline.json").read_text())

    assert [run["timeline_us"] for run in timeline["runs"]] == [0, 3_000_000]
    assert [mark["timeline_us"] for mark in timeline["marks"]] == [10_000, 3_010_000]
    assert timeline["gaps"][0]["cause"] == "recorder_killed"
    assert timeline["coverage"][0]["missing"] == [[2, 3]]
    assert timeline["stages"][0]["kind"] == "answering"
    assert timeline["log"]["complete"] is True
    assert {file["name"] for file in timeline["files"]} == {"camera.mp4", "microphone.mp4"}


def test_no_plain_stream_is_left_beside_the_files(exported: Path) -> None:
    names = {path.name for path in exported.iterdir()}

    assert names == {"camera.mp4", "microphone.mp4", "timeline.json"}


def test_a_track_that_is_no_stream_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exam = make_exam(tmp_path, count=1)
    with room(exam, at_s=-320) as here:
        candidate = here.candidate().log_in().get_ready()
        send(candidate, plain_log(candidate, candidate.enter()))

    code = exam.run("export", "--attempt", candidate.attempt_id, "--out", str(tmp_path / "out"))

    assert code == 1
    assert "轨道无法读取" in capsys.readouterr().err


def test_an_attempt_that_is_not_here_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exam = make_exam(tmp_path, count=1)

    code = exam.run("export", "--attempt", "at-0000000000000000", "--out", str(tmp_path / "out"))

    told = capsys.readouterr().err
    assert code == 1
    assert "There is no attempt" in told
    assert "没有编号为" in told


def _decoded(path: Path) -> list[float]:
    """Times of all frames, s; decoding errors are raised."""
    with av.open(str(path), options={"err_detect": "explode"}) as container:
        return [float(frame.time) for frame in container.decode(container.streams[0])]


__all__ = ["Candidate", "ExamHome"]
