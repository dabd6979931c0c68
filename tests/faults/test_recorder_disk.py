"""A disk that fills up, or that another program holds: nothing is torn, all of it is told."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.client.capture.recordings import wait_until
from tests.faults.stage import DeskStandIn, begin_message
from tests.rigs.held_files import Held, HeldFiles
from zhishiyun_client.evidence.book import PICTURES_NEED_BYTES
from zhishiyun_client.ports.recorder import Trouble
from zhishiyun_protocol.evidence.chain import ChainFollower
from zhishiyun_protocol.evidence.layout import RecordHeader, Track
from zhishiyun_protocol.evidence.verify import Verdict

pytestmark = [
    pytest.mark.alone,
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.desktop,
]
DISK_MIB = 64


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own that can be filled."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(folder)]
    if sys.platform != "linux" or shutil.which("mount") is None:
        pytest.skip("a small file system is mounted on Linux")
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("a small file system is mounted by root only")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, leave_bytes: int) -> Path:
    """Take all room but so much."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):  # the recorder may be faster
        while (more := shutil.disk_usage(folder).free - leave_bytes) > 0:
            file.write(bytes(more))
    return filler


def test_pictures_stop_sound_goes_on_and_everything_comes_back(
    demonstration: None, small_disk: Path
) -> None:
    with DeskStandIn(small_disk / "home") as desk:
        desk.prepare()
        desk.begin()
        desk.record_for(1)
        filler = fill(small_disk, PICTURES_NEED_BYTES // 2)
        full = desk.until("pictures stopped", lambda s: s.camera.dropped > 8)
        desk.until("sound goes on", lambda s: s.microphone.frames > full.microphone.frames + 25)
        filler.unlink()
        desk.until("pictures are back", lambda s: s.camera.frames > full.camera.frames + 8)
        proof = desk.finish()
        content = desk.content()

    told = [(it.code, it.over) for it in desk.told(Trouble)]
    assert ("DISK_LOW", False) in told  # a disk of 64 MiB asks for the lowest rung at once
    assert ("M", "disk_low") in {(quality.rung, quality.why) for quality in content.qualities}
    sizes = [stream.height_px for stream, _ in content.streams[1, Track.CAMERA]]
    assert sizes[0] > sizes[-1] == 360
    assert ("DISK_FULL", False) in told
    assert ("DISK_FULL", True) in told
    assert proof.is_whole, proof.faults
    gaps = {(gap.cause, gap.tracks) for gap in proof.gaps}
    assert ("disk_full", (Track.CAMERA,)) in gaps
    sound = next(track for track in proof.coverage if track.track == "microphone")
    assert sound.missing == ()
    assert content.played(Track.CAMERA).frames > 8
    assert content.played(Track.SCREEN).frames > 2


def test_not_a_byte_of_room_costs_no_sound_and_ends_in_order(
    demonstration: None, small_disk: Path
) -> None:
    with DeskStandIn(small_disk / "home") as desk:
        desk.prepare()
        desk.begin()
        desk.record_for(1)
        filler = fill(small_disk, 0)
        full = desk.until("pictures stopped", lambda s: s.camera.dropped > 8)
        waits = desk.until(
            "sound waits", lambda s: s.microphone.frames > full.microphone.frames + 9
        )
        filler.unlink()
        desk.until("it is written", lambda s: s.log_bytes > waits.log_bytes)
        desk.record_for(1)
        proof = desk.finish()
        content = desk.content()

    assert proof.is_whole, proof.faults
    assert proof.torn_bytes == 0
    sound = next(track for track in proof.coverage if track.track == "microphone")
    assert sound.missing == ()
    assert content.played(Track.MICROPHONE).longest_step_s < 0.06


@pytest.fixture
def held_desk(
    demonstration: None, held: HeldFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DeskStandIn]:
    """A desk whose recorder can be kept from the files of its attempt."""
    for name, value in held.environment.items():
        monkeypatch.setenv(name, value)
    with DeskStandIn(tmp_path / "home") as stand_in:
        yield stand_in


def troubles(desk: DeskStandIn) -> list[tuple[str, bool]]:
    return [(it.code, it.over) for it in desk.told(Trouble)]


def test_a_log_that_another_program_holds_for_seconds_loses_nothing(
    held_desk: DeskStandIn, held: HeldFiles
) -> None:
    """F29: writing, cutting and syncing are refused; everything waits and is written later.

    Then every write takes its time, and in the end the file is taken away altogether.
    """
    desk = held_desk
    desk.prepare()
    desk.begin()
    desk.record_for(1)
    held.hold(Held.WRITE)
    desk.until("told", lambda _: ("DISK_HELD", False) in troubles(desk))
    stuck = desk.status
    assert stuck is not None
    desk.record_for(2)
    held.hold(Held.NOTHING)
    desk.until("over", lambda _: ("DISK_HELD", True) in troubles(desk))
    held.hold(Held.HANG)
    hung = desk.until("slow", lambda s: s.log_bytes > 0)
    desk.until("sound goes on", lambda s: s.microphone.frames > hung.microphone.frames + 75)
    held.hold(Held.NOTHING)
    desk.log.unlink()
    wait_until("it is put back", desk.log.exists)
    proof = desk.finish()

    assert proof.is_whole, proof.faults
    assert_nothing_is_lost(proof)
    assert desk.content().played(Track.MICROPHONE).longest_step_s < 0.06
    assert desk.content().played(Track.CAMERA).longest_step_s < 3  # it was held for five


def assert_nothing_is_lost(proof: Verdict) -> None:
    """Sound is whole; a busy machine may cost a picture, the disk none."""
    assert {gap.cause for gap in proof.gaps} <= {"start", "unknown", "overload"}
    sound = next(track for track in proof.coverage if track.track == "microphone")
    assert all(first < 2 for first, _ in sound.missing), sound  # opening took its time


def test_replacing_files_and_looking_at_folders_may_be_refused_and_slow(
    held_desk: DeskStandIn, held: HeldFiles
) -> None:
    desk = held_desk
    desk.prepare()
    held.hold(Held.RENAME, Held.SLOW)
    desk.say(begin_message())
    desk.until("waits for the run file", lambda _: ("DISK_HELD", False) in troubles(desk))
    held.hold(Held.SLOW)
    desk.until("recording", lambda s: s.state == "recording" and s.microphone.frames > 0)
    held.hold(Held.RENAME, Held.SLOW)
    desk.record_for(3)
    held.hold(Held.NOTHING)
    proof = desk.finish()

    assert proof.is_whole, proof.faults
    assert_nothing_is_lost(proof)


def test_a_recorder_that_may_not_open_its_log_goes_on_as_soon_as_it_may(
    held_desk: DeskStandIn, held: HeldFiles
) -> None:
    """Killed while an antivirus program reads the log: the run's number is never guessed."""
    desk = held_desk
    desk.prepare()
    desk.begin()
    desk.record_for(1)
    assert desk.status is not None
    before = desk.status.recorder_pid
    held.hold(Held.OPEN)
    os.kill(before, signal.SIGKILL)
    desk.until("the next recorder waits", lambda _: ("DISK_HELD", False) in troubles(desk))
    held.hold(Held.NOTHING)
    desk.until("it records", lambda s: s.recorder_pid != before and s.microphone.frames > 5)
    proof = desk.finish()

    assert proof.is_whole, proof.faults
    assert {gap.cause for gap in proof.gaps if gap.cause != "start"} == {"recorder_killed"}
    assert {record.run for record in headers(desk.log)} == {1, 2}


def headers(log: Path) -> list[RecordHeader]:
    return [record.header for record in ChainFollower().feed(log.read_bytes())]
