"""The upload page says what is true: bytes, a range, the cause, the next try (R182–R190)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.paper_room import PaperRoom
from zhishiyun_client.flow.steps.uploading import UploadingStep
from zhishiyun_client.flow.views import StreamState, UploadingView, UploadStep
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ports.devices import TrackState
from zhishiyun_client.ports.recorder import RecorderState, Status, TrackStatus, UploadStatus


def page(folder: Path, upload: UploadStatus, at_s: float = 4000) -> UploadingView:
    paper = PaperRoom(folder, "a")
    paper.at(at_s)
    track = TrackStatus(state=TrackState.OK, device_id="0")
    paper.room.status = Status(
        state=RecorderState.UPLOADING,
        recorder_pid=1,
        attempt_id="at-1",
        camera=track,
        microphone=track,
        screen=track,
        upload=upload,
    )
    return UploadingStep(paper.room, lambda event: None).view()


def test_the_time_is_a_range_in_minutes(tmp_path: Path):
    upload = UploadStatus(held_bytes=10, total_bytes=100, eta_low_s=700, eta_high_s=850)

    assert page(tmp_path, upload).eta == text(T.UPLOADING_ETA, low=11, high=15)


def test_an_unmeasured_line_promises_nothing(tmp_path: Path):
    assert page(tmp_path, UploadStatus(total_bytes=100)).eta == text(T.UPLOADING_ETA_UNKNOWN)


@pytest.mark.parametrize(
    ("cause", "key", "code"),
    [
        ("NETWORK_DOWN", T.UPLOADING_OFFLINE, "E501"),
        ("NETWORK_CAPTIVE", T.UPLOADING_CAPTIVE, "NETWORK_CAPTIVE"),
        ("TLS_UNTRUSTED", T.UPLOADING_UNTRUSTED, "TLS_UNTRUSTED"),
        ("SERVER_BUSY", T.UPLOADING_SERVER_DOWN, "SERVER_BUSY"),
        ("DISK_FULL", T.UPLOADING_SERVER_DOWN, "DISK_FULL"),
        ("SESSION_UNKNOWN", T.UPLOADING_SERVER_REFUSED, "SESSION_UNKNOWN"),
    ],
)
def test_the_cause_and_the_next_try_are_told(tmp_path: Path, cause: str, key: T, code: str):
    upload = UploadStatus(
        held_bytes=10,
        total_bytes=100,
        eta_low_s=60,
        eta_high_s=80,
        cause=cause,
        next_try_s=7.2,
        attempt_number=3,
    )

    view = page(tmp_path, upload)

    assert (view.problem, view.problem_code) == (text(key), code)
    assert (view.next_try_in_s, view.tries, view.retry_off) == (8, 3, None)
    assert view.eta is None, "while nothing moves, no time is promised"
    assert {stream.state for stream in view.streams} == {StreamState.WAITING}


@pytest.mark.parametrize(
    ("eta_high_s", "minutes_left", "code"),
    [(900, 16, ""), (900, 14, "E602"), (None, 16, ""), (None, 14, "E602"), (60, -1, "")],
)
def test_who_will_miss_the_deadline_is_told_in_time(
    tmp_path: Path, eta_high_s: float | None, minutes_left: int, code: str
):  # R186
    upload = UploadStatus(
        held_bytes=10, total_bytes=100, missing_parts=2, eta_low_s=50, eta_high_s=eta_high_s
    )
    paper = PaperRoom(tmp_path / "plan", "a")
    ends_s = paper.room.plan.latest_end_s("") + paper.room.plan.upload.deadline_s

    view = page(tmp_path, upload, at_s=ends_s - 60 * minutes_left)

    assert view.problem_code == code
    if code:
        assert view.problem is not None
        told = dict(view.problem.params)
        assert (told["count"], told["stream"]) == (2, text(T.UPLOADING_COMPUTER))


def test_what_stands_in_the_way_is_said_before_the_deadline_is(tmp_path: Path):
    upload = UploadStatus(total_bytes=100, missing_parts=1, cause="NETWORK_DOWN", next_try_s=3)
    paper = PaperRoom(tmp_path / "plan", "a")
    ends_s = paper.room.plan.latest_end_s("") + paper.room.plan.upload.deadline_s

    assert page(tmp_path, upload, at_s=ends_s - 60).problem_code == "E501"


def test_a_line_too_slow_for_its_chunks_is_e601_with_a_range(tmp_path: Path):
    upload = UploadStatus(
        held_bytes=10,
        total_bytes=100,
        eta_low_s=720,
        eta_high_s=900,
        cause="SERVER_SILENT",
        next_try_s=3,
    )

    view = page(tmp_path, upload)

    assert (view.problem, view.problem_code) == (text(T.UPLOADING_E601, low=12, high=15), "E601")


def test_the_last_step_is_the_servers_check_not_a_hundredth_percent(tmp_path: Path):
    view = page(tmp_path, UploadStatus(held_bytes=100, total_bytes=100, checking=True))

    assert view.step is UploadStep.CHECKING
    assert view.retry_off == text(T.UPLOADING_RETRY_OFF_CHECKING)
    assert {stream.state for stream in view.streams} == {StreamState.CHECKING}


def test_the_deadline_is_a_time_of_day_and_afterwards_says_so(tmp_path: Path):
    """R186: an hour after the end, whenever that was."""
    before = page(tmp_path / "1", UploadStatus(total_bytes=100), at_s=1000).deadline
    after = page(tmp_path / "2", UploadStatus(total_bytes=100), at_s=36_000).deadline

    assert before is not None
    assert before != text(T.UPLOADING_DEADLINE_PAST)
    assert after == text(T.UPLOADING_DEADLINE_PAST)
