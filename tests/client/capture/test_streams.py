"""Tracks as transport streams: every packet at once, playable after a cut at any packet."""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import dataclass, field

import av
import cv2
import numpy as np
import pytest

from tests.client.capture.recordings import played, times_of
from zhishiyun_client.capture.encoders import (
    AV1_CAMERA,
    AV1_SCREEN,
    X264_CAMERA,
    X264_SCREEN,
    PictureEncoder,
    PictureFormat,
)
from zhishiyun_client.capture.mpegts_sound import PACKET_BYTES, OpusTransport
from zhishiyun_client.capture.picture_track import CAMERA_KEY_EVERY_US, PictureTrack, Source
from zhishiyun_client.capture.sound_track import SoundTrack
from zhishiyun_client.capture.taken import JpegDecoder
from zhishiyun_protocol.evidence.contents import Cause, DeviceEvent, Stream
from zhishiyun_protocol.evidence.layout import Track

SOFTWARE = [X264_CAMERA, X264_SCREEN, AV1_CAMERA, AV1_SCREEN]
CHANCE = np.random.default_rng(3)


@dataclass
class OpenBook:
    """Keeps packets in a list; `full` refuses them as a full disk does."""

    packets: list[bytes] = field(default_factory=list)
    explained: list[tuple[Track, Cause]] = field(default_factory=list)
    keys: list[bool] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)
    full: bool = False
    run: int = 1

    def place_us(self, monotonic_us: int) -> int:
        return monotonic_us

    def stream(self, track: Track, stream: Stream) -> None:
        self.streams.append(stream)

    def packet(
        self, track: Track, data: bytes, *, at_us: int, duration_us: int, is_key: bool
    ) -> bool:
        if not self.full:
            self.packets.append(data)
            self.keys.append(is_key)
        return not self.full

    def blame(self, track: Track, cause: Cause) -> None:
        raise NotImplementedError

    def explain(self, track: Track, cause: Cause) -> None:
        self.explained.append((track, cause))

    def device(self, track: Track, event: DeviceEvent) -> None:
        raise NotImplementedError


def track(book: OpenBook, encoder: PictureEncoder = X264_CAMERA) -> PictureTrack:
    source = Source(Track.CAMERA, cv2.COLOR_BGR2YUV_I420, CAMERA_KEY_EVERY_US, encoder)
    return PictureTrack(book, source, PictureFormat(320, 180, 15), 200_000)


def picture(number: int) -> np.ndarray:
    canvas = np.zeros((180, 320, 3), np.uint8)
    cv2.putText(canvas, str(number), (20, 100), cv2.FONT_HERSHEY_SIMPLEX, 2, (255, 255, 255), 3)
    return canvas


@pytest.mark.parametrize("encoder", SOFTWARE, ids=lambda row: f"{row.name} {row.why}")
def test_every_picture_is_one_packet_at_once(encoder: PictureEncoder) -> None:
    book = OpenBook()
    filming = track(book, encoder)
    for number in range(30):
        assert filming.keep(picture(number), number * 66_667)
        assert len(book.packets) == number + 1

    result = played(b"".join(book.packets), encoder.container.value)
    assert result.frames == 30
    assert result.last_s == pytest.approx(29 * 0.066667, abs=0.001)
    filming.close()


def test_packets_of_a_transport_stream_are_whole_ones() -> None:
    book = OpenBook()
    filming = track(book)
    for number in range(10):
        filming.keep(picture(number), number * 66_667)

    assert all(len(packet) % PACKET_BYTES == 0 for packet in book.packets)
    filming.close()


def test_another_size_begins_a_stream_of_its_own_and_loses_no_picture() -> None:
    """What the ladder of quality does between two pictures."""
    book = OpenBook()
    filming = track(book)
    begins = []
    for number in range(30):
        if number in (10, 20):
            begins.append(len(book.packets))
            small = number == 10
            filming.change(PictureFormat(*((160, 90) if small else (320, 180)), 15), 200_000)
        assert filming.keep(picture(number), number * 66_667)
    filming.close()

    assert [stream.width_px for stream in book.streams] == [320, 160, 320]
    pieces = [book.packets[:10], book.packets[10:20], book.packets[20:]]
    times = [time for piece in pieces for time in times_of(b"".join(piece), "mpegts")]
    assert times == pytest.approx([number * 0.066667 for number in range(30)], abs=0.001)
    assert begins == [10, 20]
    assert [number for number, is_key in enumerate(book.keys) if is_key] == [0, 10, 20]


def test_key_frames_come_by_time_and_nowhere_else() -> None:
    """The trap of capture.md §0: a frame's own type would make each of them a key frame."""
    book = OpenBook()
    filming = track(book)
    for number in range(330):
        filming.keep(picture(number), number * 66_667)

    keys = [number for number, is_key in enumerate(book.keys) if is_key]
    every = round(CAMERA_KEY_EVERY_US / 66_667)
    assert keys == [0, every, 2 * every]
    filming.close()


@pytest.mark.parametrize("encoder", [X264_CAMERA, AV1_CAMERA], ids=lambda row: row.name)
def test_a_recording_cut_at_any_packet_plays_to_that_packet(encoder: PictureEncoder) -> None:
    book = OpenBook()
    filming = track(book, encoder)
    for number in range(20):
        filming.keep(picture(number), number * 66_667)
    filming.close()

    for kept in (1, 2, 7, 19):
        cut = b"".join(book.packets[:kept])
        assert played(cut, encoder.container.value).frames == kept


def test_after_a_refusal_the_next_picture_stands_alone() -> None:
    book = OpenBook()
    filming = track(book)
    for number in range(10):
        book.full = 4 <= number < 6
        filming.keep(picture(number), number * 66_667)

    assert book.keys == [True, False, False, False, True, False, False, False]
    assert (filming.frames, filming.refused) == (8, 2)
    assert played(b"".join(book.packets)).frames == 8
    filming.close()


def test_a_picture_of_another_size_is_fitted_into_the_stream() -> None:
    book = OpenBook()
    filming = track(book)
    filming.keep(picture(1), 0)
    filming.keep(np.full((480, 640, 3), 200, np.uint8), 66_667)
    filming.keep(np.full((90, 160, 3), 200, np.uint8), 133_334)

    assert played(b"".join(book.packets)).frames == 3
    assert len(book.streams) == 1
    filming.close()


def test_noise_does_not_break_the_cap_on_the_bit_rate() -> None:
    """zerolatency drops mb-tree and crf explodes on noise (capture.md §3.4)."""
    book = OpenBook()
    filming = track(book)
    seconds = 6
    for number in range(15 * seconds):
        filming.keep(CHANCE.integers(0, 256, (180, 320, 3)).astype(np.uint8), number * 66_667)

    kbps = sum(map(len, book.packets[1:])) * 8 / seconds / 1000
    assert kbps < X264_CAMERA.most_kbps * 1.6
    filming.close()


def speak(blocks: int) -> OpenBook:
    book = OpenBook()
    speaking = SoundTrack(book, 32, demonstration=False)
    for number in range(blocks):
        loud = 0 if number % 5 == 0 else 8000  # silence makes packets of a few bytes
        block = (CHANCE.standard_normal(1920) * loud).clip(-32768, 32767).astype(np.int16)
        speaking.keep(block, 2_000_000 + number * 40_000)
        assert len(book.packets) == number + 1
    return book


def test_every_block_of_sound_is_one_packet_at_once_however_small() -> None:
    """libavformat's own muxer would keep the small ones back until the next (mpegts_sound.py)."""
    result = played(b"".join(speak(100).packets))

    assert result.frames == 100
    assert result.first_s == pytest.approx(2.0 - 0.0065, abs=0.001)
    assert result.longest_step_s == pytest.approx(0.04, abs=0.001)


def test_ffmpeg_itself_reads_the_sound_without_a_complaint(tmp_path: object) -> None:
    if shutil.which("ffmpeg") is None:
        pytest.skip("not installed: ffmpeg")
    stream = b"".join(speak(60).packets)
    command = ["ffmpeg", "-hide_banner", "-v", "warning", "-f", "mpegts", "-i", "-"]

    answer = subprocess.run(
        [*command, "-f", "null", "-"], input=stream, capture_output=True, timeout=30
    )

    assert answer.returncode == 0
    assert answer.stderr == b""


@pytest.mark.parametrize(
    "size", [1, 100, 150, 156, 157, 158, 159, 160, 166, 170, 254, 255, 400, 900]
)
def test_whole_transport_packets_for_every_size(size: int) -> None:
    transport = OpusTransport()
    data = b"".join(transport.wrap(bytes(size), number * 3600) for number in range(3))

    assert len(data) % PACKET_BYTES == 0
    assert {data[at] for at in range(0, len(data), PACKET_BYTES)} == {0x47}
    counters = [
        data[at + 3] & 15
        for at in range(0, len(data), PACKET_BYTES)
        if (data[at + 1] << 8 | data[at + 2]) & 0x1FFF == 0x100
    ]
    assert counters == [number % 16 for number in range(len(counters))]


@pytest.mark.parametrize("size", [(320, 180), (320, 240)], ids=["the same shape", "another shape"])
def test_a_decoded_jpeg_is_kept_as_it_looks(size: tuple[int, int]) -> None:
    book = OpenBook()
    filming = track(book)
    shown = np.asarray(cv2.resize(picture(7), size), np.uint8)
    _, data = cv2.imencode(".jpg", shown)
    jpeg = JpegDecoder().decode(np.asarray(data, np.uint8))
    assert jpeg is not None
    for number in range(5):
        assert filming.keep(jpeg.content, number * 66_667)
    filming.close()

    with av.open(io.BytesIO(b"".join(book.packets)), format="mpegts") as opened:
        *_, last = opened.decode(video=0)
    kept = last.to_ndarray(format="bgr24")
    whole = 180 * size[0] // size[1]
    left = (320 - whole) // 2
    inner = np.asarray(cv2.resize(shown, (whole, 180)), np.int16)
    assert np.abs(kept[:, left : left + whole] - inner).mean() < 8
    assert [packet for packet in book.keys if packet] == [True]


def sounded(lost: bool) -> list[tuple[Track, Cause]]:
    """What a track explains where 0.4 s of sound are missing, 3 s after it was told of a loss."""
    book = OpenBook()
    heard = SoundTrack(book, 32, demonstration=False)
    block = np.zeros(1920, np.int16)
    for number in range(100):
        if lost and number == 10:
            heard.lost(number * 40_000)
        hole_us = 400_000 if number >= 80 else 0
        heard.keep(block, 1_000_000 + number * 40_000 + hole_us)
    return book.explained


def test_sound_that_the_system_lost_is_missing_because_the_machine_was_too_slow() -> None:
    assert sounded(lost=True) == [(Track.MICROPHONE, Cause.OVERLOAD)]
    assert sounded(lost=False) == []
