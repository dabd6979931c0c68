"""A disk that fills up: pictures stop first, sound goes on, nothing is torn, all of it is told."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.stage import DeskStandIn
from zhishiyun_client.evidence.book import PICTURES_NEED_BYTES
from zhishiyun_client.ports.recorder import Trouble
from zhishiyun_protocol.evidence.layout import Track

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


def test_not_a_byte_of_room_tears_nothing_and_ends_in_order(
    demonstration: None, small_disk: Path
) -> None:
    with DeskStandIn(small_disk / "home") as desk:
        desk.prepare()
        desk.begin()
        desk.record_for(1)
        filler = fill(small_disk, 0)
        full = desk.until("sound stopped too", lambda s: s.microphone.dropped > 20)
        filler.unlink()
        desk.until("sound is back", lambda s: s.microphone.frames > full.microphone.frames + 20)
        proof = desk.finish()
        content = desk.content()

    assert proof.is_whole, proof.faults
    assert proof.torn_bytes == 0
    assert content.played(Track.MICROPHONE).frames > 40
