"""Export of what the ladder of quality and the encoders without GPL leave: every piece plays."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from tests.server.log_rig import Log, _run, new_log, send
from tests.server.rig import make_exam, room
from zhishiyun_client.capture.encoders import AV1_CAMERA, X264_CAMERA, PictureEncoder, PictureFormat
from zhishiyun_client.capture.picture_track import PictureTrack, Source
from zhishiyun_client.capture.sound_track import SoundTrack
from zhishiyun_protocol.evidence.contents import Cause, DeviceEvent, Stream
from zhishiyun_protocol.evidence.layout import Flag, Kind, Track

FPS = 15
STEP_US = 1_000_000 // FPS
PICTURES = 90
LARGE, SMALL = PictureFormat(320, 180, FPS), PictureFormat(160, 90, FPS)


@dataclass
class LogBook:
    """What the client's tracks write into a log of the test rig."""

    log: Log
    run: int = 1

    def place_us(self, monotonic_us: int) -> int:
        return monotonic_us

    def stream(self, track: Track, stream: Stream) -> None:
        self.log.add_json(Kind.STREAM, stream, track=track)

    def packet(
        self, track: Track, data: bytes, *, at_us: int, duration_us: int, is_key: bool
    ) -> bool:
        flags = Flag.KEY_FRAME if is_key else Flag.NONE
        self.log.add(Kind.PACKET, data, at_us, track, duration_us, flags)
        return True

    def blame(self, track: Track, cause: Cause) -> None:
        raise NotImplementedError

    def explain(self, track: Track, cause: Cause) -> None:
        raise NotImplementedError

    def device(self, track: Track, event: DeviceEvent) -> None:
        raise NotImplementedError


def film(log: Log, encoder: PictureEncoder) -> None:
    """Six seconds: large, from the third on small, from the fifth on large again; and sound."""
    log.run = 1
    log.add_json(Kind.RUN, _run(1, 0))
    book = LogBook(log)
    source = Source(Track.CAMERA, cv2.COLOR_BGR2YUV_I420, 10_000_000, encoder)
    filming = PictureTrack(book, source, LARGE, 3 * STEP_US)
    speaking = SoundTrack(book, 32, demonstration=False)
    tone = (np.sin(np.arange(1920) / 20) * 8000).astype(np.int16)
    for number in range(PICTURES):
        if number == PICTURES // 3:
            filming.change(SMALL, 3 * STEP_US)
        elif number == 2 * PICTURES // 3:
            filming.change(LARGE, 3 * STEP_US)
        picture = np.full((180, 320, 3), 60, np.uint8)
        cv2.putText(picture, str(number), (20, 100), cv2.FONT_HERSHEY_SIMPLEX, 2, (255, 255, 255))
        filming.keep(picture, number * STEP_US)
    for number in range(PICTURES * STEP_US // 40_000):
        speaking.keep(tone, number * 40_000)
    filming.close()
    log.end(PICTURES * STEP_US)


@pytest.mark.parametrize("encoder", [X264_CAMERA, AV1_CAMERA], ids=lambda row: row.name)
def test_every_change_of_rung_is_a_file_that_plays_in_its_place(
    tmp_path: Path, encoder: PictureEncoder
) -> None:
    exam = make_exam(tmp_path, count=1)
    with room(exam, at_s=-320) as here:
        candidate = here.candidate().log_in().get_ready()
        log = new_log(candidate, candidate.enter())
        film(log, encoder)
        send(candidate, log)
    code = exam.run("export", "--attempt", candidate.attempt_id, "--out", str(tmp_path / "out"))
    folder = next((tmp_path / "out").iterdir())
    files = json.loads((folder / "timeline.json").read_text())["files"]

    assert code == 0
    cameras = [file for file in files if file["track"] == "camera"]
    assert [file["name"] for file in cameras] == ["camera.mp4", "camera-2.mp4", "camera-3.mp4"]
    assert [file["width_px"] for file in cameras] == [320, 160, 320]
    assert {file["codec"] for file in cameras} == {encoder.codec}
    times = [time for file in cameras for time in decoded(folder / file["name"])]
    assert times == pytest.approx([n * STEP_US / 1e6 for n in range(PICTURES)], abs=0.002)
    for file, third in zip(cameras, range(3), strict=True):
        begins_us = third * (PICTURES // 3) * STEP_US
        assert file["starts_us"] == begins_us
    assert len(decoded(folder / "microphone.mp4")) >= PICTURES * STEP_US // 40_000 - 1


def decoded(path: Path) -> list[float]:
    """Times of all frames, s; decoding errors are raised."""
    with av.open(str(path), options={"err_detect": "explode"}) as container:
        return [float(frame.time) for frame in container.decode(container.streams[0])]
