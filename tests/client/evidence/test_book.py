"""Whatever is missing between two packets of a track is a GAP with its cause (R158, R243)."""

from __future__ import annotations

import errno
from pathlib import Path

import msgspec
import pytest

from tests.client.evidence.logs import KEYS, book, of_kind, verdict
from zhishiyun_client.evidence.book import HOLE_US, PICTURES_NEED_BYTES, EvidenceBook
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_protocol.evidence.contents import Cause, DeviceEvent, End, Gap
from zhishiyun_protocol.evidence.layout import Kind, Track


@pytest.fixture
def written(tmp_path: Path) -> EvidenceBook:
    return book(tmp_path / "attempt-1.zlog")


def gaps(written: EvidenceBook) -> list[Gap]:
    return [
        msgspec.json.decode(record.payload, type=Gap)
        for record in of_kind(written.writer.path, Kind.GAP)
    ]


def film(written: EvidenceBook, track: Track, *at_us: int) -> None:
    for instant_us in at_us:
        written.packet(track, b"x", at_us=instant_us, duration_us=66_000, is_key=True)


def test_steady_packets_leave_no_gap(written: EvidenceBook) -> None:
    now_us = monotonic_us()
    film(written, Track.CAMERA, *range(now_us, now_us + 3_000_000, 66_667))

    assert gaps(written) == []
    assert written.media_s(Track.CAMERA) == pytest.approx(3, abs=0.1)
    written.close(stopped=True)


@pytest.mark.parametrize("track", list(HOLE_US))
def test_a_hole_becomes_a_gap_with_the_cause_that_was_blamed(
    written: EvidenceBook, track: Track
) -> None:
    now_us = monotonic_us()
    film(written, track, now_us)
    written.blame(track, Cause.DEVICE_LOST)
    film(written, track, now_us + 4_000_000)

    (gap,) = [gap for gap in gaps(written) if gap.cause is Cause.DEVICE_LOST]
    assert gap.tracks == (track,)
    assert gap.to_us - gap.from_us == pytest.approx(4_000_000, abs=66_000)
    written.close(stopped=True)


@pytest.mark.parametrize("known", [None, Cause.DISK_FULL])
def test_a_slow_machine_explains_only_what_nobody_else_does(
    written: EvidenceBook, known: Cause | None
) -> None:
    now_us = monotonic_us()
    film(written, Track.CAMERA, now_us)
    if known is not None:
        written.blame(Track.CAMERA, known)
    written.explain(Track.CAMERA, Cause.OVERLOAD)
    film(written, Track.CAMERA, now_us + 4_000_000, now_us + 8_000_000)

    first, second = [gap.cause for gap in gaps(written) if gap.cause is not Cause.START]
    assert (first, second) == (known or Cause.OVERLOAD, Cause.UNKNOWN)
    written.close(stopped=True)


def test_a_track_that_never_came_is_missing_from_the_start(
    written: EvidenceBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    written.blame(Track.CAMERA, Cause.DEVICE_ABSENT)
    later_us = monotonic_us() + 3_000_000
    monkeypatch.setattr("zhishiyun_client.evidence.book.monotonic_us", lambda: later_us)

    written.end(End(why="candidate", counts=()))
    written.close(stopped=True)

    (camera,) = [gap for gap in gaps(written) if gap.tracks == (Track.CAMERA,)]
    assert (camera.from_us, camera.cause) == (0, Cause.DEVICE_ABSENT)
    assert camera.to_us >= 3_000_000
    assert verdict(written.writer.path).is_whole


def test_a_lasting_gap_is_written_in_slices(
    written: EvidenceBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    written.blame(Track.CAMERA, Cause.DEVICE_LOST)
    start_us = monotonic_us()
    for seconds in (3, 6, 12):
        monkeypatch.setattr(
            "zhishiyun_client.evidence.book.monotonic_us",
            lambda at_us=start_us + seconds * 1_000_000: at_us,
        )
        written.note_missing()

    camera = [gap for gap in gaps(written) if gap.tracks == (Track.CAMERA,)]
    assert [round(gap.to_us / 1e6) for gap in camera] == [6, 12]
    assert camera[0].to_us == camera[1].from_us
    assert {gap.cause for gap in camera} == {Cause.DEVICE_LOST}
    written.close(stopped=True)


def test_sound_that_is_late_on_a_busy_machine_is_not_called_missing(
    written: EvidenceBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    start_us = monotonic_us()
    film(written, Track.MICROPHONE, start_us)
    film(written, Track.CAMERA, start_us)
    written.explain(Track.MICROPHONE, Cause.OVERLOAD)
    for seconds in (6, 12, 40):
        monkeypatch.setattr(
            "zhishiyun_client.evidence.book.monotonic_us",
            lambda at_us=start_us + seconds * 1_000_000: at_us,
        )
        written.note_missing()
        sound = [gap for gap in gaps(written) if gap.tracks == (Track.MICROPHONE,)]
        assert len(sound) == (1 if seconds > 30 else 0)

    assert len([gap for gap in gaps(written) if gap.tracks == (Track.CAMERA,)]) == 3
    written.close(stopped=True)


def test_a_nearly_full_disk_is_kept_for_the_sound(written: EvidenceBook) -> None:
    written.disk_free_bytes = PICTURES_NEED_BYTES - 1
    now_us = monotonic_us()

    assert not written.packet(Track.SCREEN, b"x", at_us=now_us, duration_us=1, is_key=True)
    assert written.packet(Track.MICROPHONE, b"x", at_us=now_us, duration_us=1, is_key=True)
    written.close(stopped=True)


@pytest.mark.parametrize(
    ("number", "cause"),
    [(errno.ENOSPC, Cause.DISK_FULL), (errno.EACCES, Cause.DISK_LOCKED)],
)
def test_what_no_longer_fits_into_memory_is_a_gap_that_says_why(
    written: EvidenceBook, number: int, cause: Cause, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_descriptor: int, _data: bytes) -> int:
        raise OSError(number, "refused")

    now_us = monotonic_us()
    film(written, Track.CAMERA, now_us)
    monkeypatch.setattr("zhishiyun_client.evidence.unwritten.WAITING_BYTES", 0)
    monkeypatch.setattr("zhishiyun_client.evidence.writer.os.write", refuse)
    film(written, Track.CAMERA, *range(now_us + 66_000, now_us + 3_000_000, 66_000))
    monkeypatch.undo()
    film(written, Track.CAMERA, now_us + 3_000_000)

    (gap,) = gaps(written)
    assert (gap.tracks, gap.cause) == ((Track.CAMERA,), cause)
    assert gap.to_us - gap.from_us == pytest.approx(3_000_000, abs=150_000)
    assert written.media_s(Track.CAMERA) == pytest.approx(0.07, abs=0.07)
    written.close(stopped=True)


def test_device_events_are_sealed(written: EvidenceBook) -> None:
    written.device(Track.CAMERA, DeviceEvent(what="lost", name="A camera", cause="DEVICE_GONE"))

    record = of_kind(written.writer.path, Kind.DEVICE)[0]
    assert b"A camera" not in record.payload
    event = msgspec.json.decode(KEYS.sealer.open(record), type=DeviceEvent)
    assert event.cause == "DEVICE_GONE"
    written.close(stopped=True)
