"""Which encoder makes a track, with which settings: one table, so that others can follow.

Source of all settings: research/capture.md §3.2, §3.4 (measured side by side), §2.3 (zerolatency
decides what a kill costs), `pict_type` and VBV traps §0, §3.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import IO, cast

import av
from av.audio.codeccontext import AudioCodecContext
from av.container import OutputContainer
from av.video.stream import VideoStream

CLOCK_HZ = 90_000  # of the transport stream
SOUND_HZ = 48_000
SOUND_BLOCK = 1920  # samples: one Opus frame of 40 ms
NEVER = 10**6  # key frames come when we ask, by time, not by count
MPEGTS = {
    "flush_packets": "1",
    "mpegts_copyts": "1",
    "pat_period": "2",
    "sdt_period": "60",
    "avoid_negative_ts": "disabled",
    "max_delay": "0",
}


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """What a picture track is encoded as."""

    width_px: int
    height_px: int
    fps: float


@dataclass(frozen=True, slots=True)
class PictureEncoder:
    """One row of the table.

    most_kbps: the VBV cap; without it crf explodes on noise, because zerolatency drops mb-tree
    """

    name: str
    options: dict[str, str]
    most_kbps: int
    why: str


CAMERA = PictureEncoder(
    "libx264",
    {"preset": "superfast", "crf": "28", "tune": "zerolatency", "forced-idr": "1"},
    1200,
    "software, superfast",
)
SCREEN = PictureEncoder(
    "libx264",
    {
        "preset": "ultrafast",
        "crf": "30",
        "tune": "zerolatency",
        "forced-idr": "1",
        "x264-params": "cabac=1:8x8dct=1:analyse=i4x4,i8x8:me=umh:merange=64",
    },
    2500,
    "software, tuned for text",
)


def open_pictures(
    sink: IO[bytes], encoder: PictureEncoder, wanted: PictureFormat
) -> tuple[OutputContainer, VideoStream]:
    """An encoder that feeds a transport stream into `sink`.

    Raises:
        av.error.FFmpegError, ValueError: this encoder does not work here.
    """
    container = av.open(sink, "w", format="mpegts", options=MPEGTS)
    options = {
        **encoder.options,
        "maxrate": f"{encoder.most_kbps}k",
        "bufsize": f"{encoder.most_kbps * 2}k",
    }
    rate = Fraction(wanted.fps).limit_denominator(1000)
    stream = cast(VideoStream, container.add_stream(encoder.name, rate=rate, options=options))
    context = stream.codec_context
    context.width, context.height = wanted.width_px, wanted.height_px
    context.pix_fmt = "yuv420p"
    context.time_base = Fraction(1, CLOCK_HZ)
    context.gop_size = NEVER
    context.thread_count = 1  # more threads cost CPU and delay (capture.md §3.7)
    context.color_range = 1  # limited, BT.601: what cv2.cvtColor makes
    context.colorspace = 6
    return container, stream


def open_sound(kbps: int) -> AudioCodecContext:
    """Opus for speech, one packet a block, no look-ahead beyond its own 6.5 ms.

    Raises:
        av.error.FFmpegError: there is no Opus encoder here.
    """
    context: AudioCodecContext = av.CodecContext.create("libopus", "w")
    context.sample_rate = SOUND_HZ
    context.layout = "mono"
    context.format = "s16"
    context.bit_rate = kbps * 1000
    context.time_base = Fraction(1, SOUND_HZ)
    context.options = {
        "application": "voip",
        "compression_level": "5",  # a third of the CPU of 10, not heard in speech (§3.3)
        "frame_duration": "40",
    }
    context.open()
    return context
