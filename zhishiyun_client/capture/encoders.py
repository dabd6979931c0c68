"""Which encoders can make a track, with which settings: tables, best first.

Sources of the settings: docs/measured/encoders.md and docs/decisions/0020-camera-encoder.md; what a
kill costs is decided by encoders that hold nothing back, so every row here gives a packet at once.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import IO, cast

import av
from av.audio.codeccontext import AudioCodecContext
from av.container import OutputContainer
from av.video.stream import VideoStream

from zhishiyun_client.runtime.pace import at_our_own_pace

CLOCK_HZ = 90_000  # of transport streams, and of IVF as we write it
SOUND_HZ = 48_000
SOUND_BLOCK = 1920  # samples: one Opus frame of 40 ms
NEVER = 10**6  # key frames come when we ask, by time, not by count


class Container(enum.StrEnum):
    """How packets are laid one behind the other, so that any cut leaves whole ones.

    libavformat's MPEG-TS has no place for AV1; IVF is twelve bytes before each picture.
    """

    MPEGTS = "mpegts"
    IVF = "ivf"


MUXING: Mapping[Container, dict[str, str]] = {
    Container.MPEGTS: {
        "flush_packets": "1",
        "mpegts_copyts": "1",
        "pat_period": "2",
        "sdt_period": "60",
        "avoid_negative_ts": "disabled",
        "max_delay": "0",
    },
    Container.IVF: {"flush_packets": "1", "avoid_negative_ts": "disabled"},
}


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """What a picture track is encoded as."""

    width_px: int
    height_px: int
    fps: float


@dataclass(frozen=True, slots=True)
class PictureEncoder:
    """One row of a table.

    most_kbps:   the cap; without it x264's constant quality explodes on noise; 0: none needed
    kbps:        what to aim at, for encoders that know no constant quality; 0: by quality
    is_gpl:      the library behind it is GPL (docs/dependencies.md)
    is_hardware: depends on the machine and is used only after a trial (`encoder_trial`)
    systems:     `sys.platform` where it can exist; empty: everywhere
    needs:       pattern below /dev of a device file that must exist; empty: nothing
    pixels:      what it takes
    """

    name: str
    codec: str
    options: dict[str, str] = field(hash=False)
    most_kbps: int
    why: str
    container: Container = Container.MPEGTS
    kbps: int = 0
    is_gpl: bool = False
    is_hardware: bool = False
    systems: tuple[str, ...] = ()
    needs: str = ""
    pixels: str = "yuv420p"


def _chip(
    name: str, options: dict[str, str], systems: tuple[str, ...], **more: object
) -> PictureEncoder:
    """A row for an H.264 encoder of the operating system or the graphics card."""
    return PictureEncoder(
        name,
        "h264",
        options,
        1200,
        "hardware",
        kbps=450,
        is_hardware=True,
        systems=systems,
        **more,  # type: ignore[arg-type]
    )


RENDERERS = "dri/renderD*"
HARDWARE = (
    _chip(
        "h264_mf",
        {"hw_encoding": "1", "rate_control": "ld_vbr"},
        ("win32",),
        pixels="nv12",
    ),
    _chip(
        "h264_videotoolbox",
        {"realtime": "1", "prio_speed": "1", "allow_sw": "0"},
        ("darwin",),
        pixels="nv12",
    ),
    _chip("h264_vaapi", {"async_depth": "1"}, ("linux",), needs=RENDERERS),
    _chip(
        "h264_qsv",
        {"async_depth": "1", "forced_idr": "1", "preset": "veryfast"},
        ("linux", "win32"),
        needs=RENDERERS,
        pixels="nv12",
    ),
    _chip(
        "h264_nvenc",
        {"preset": "p2", "tune": "ull", "delay": "0", "zerolatency": "1", "forced-idr": "1"},
        ("linux", "win32"),
        needs="nvidia[0-9]*",
    ),
)
"""Never run on the makers' machines: that each works is decided by the trial on the candidate's."""

X264_CAMERA = PictureEncoder(
    "libx264",
    "h264",
    {
        "preset": "superfast",
        "crf": "32",
        "tune": "zerolatency",
        "forced-idr": "1",
        "x264-params": "aq-mode=0:subme=0",  # what they give goes into walls, not into faces
    },
    1200,
    "software, superfast, tuned for faces",
    is_gpl=True,
)
X264_SCREEN = PictureEncoder(
    "libx264",
    "h264",
    {
        "preset": "ultrafast",
        "crf": "30",
        "tune": "zerolatency",
        "forced-idr": "1",
        "x264-params": "cabac=1:8x8dct=1:analyse=i4x4,i8x8:me=umh:merange=64",
    },
    2500,
    "software, tuned for text",
    is_gpl=True,
)
AV1_LIVE = "rtc=1:pred-struct=1:lookahead=0:lp=1:keyint=-1:scd=0"
AV1_CAMERA = PictureEncoder(
    "libsvtav1",
    "av1",
    {
        "preset": "12",
        "svtav1-params": f"{AV1_LIVE}:rc=2:min-qp=36"
        ":buf-sz=2000:buf-initial-sz=1500:buf-optimal-sz=1500",
    },
    0,
    "software without GPL",
    container=Container.IVF,
    kbps=250,
)
AV1_SCREEN = PictureEncoder(
    "libsvtav1",
    "av1",
    {"preset": "12", "crf": "38", "svtav1-params": f"{AV1_LIVE}:scm=1"},
    0,
    "software without GPL, tuned for text",
    container=Container.IVF,
)

CAMERA_ENCODERS = (*HARDWARE, X264_CAMERA, AV1_CAMERA)
SCREEN_ENCODERS = (X264_SCREEN, AV1_SCREEN)
"""No hardware for the screen: at these rates it smears text, and x264 costs 4 % of a core."""


def open_pictures(
    sink: IO[bytes], encoder: PictureEncoder, wanted: PictureFormat
) -> tuple[OutputContainer, VideoStream]:
    """An encoder whose packets are laid into `sink`, in the row's container.

    Raises:
        av.error.FFmpegError, ValueError: this encoder does not work here.
    """
    container = av.open(
        sink, "w", format=encoder.container.value, options=MUXING[encoder.container]
    )
    options = dict(encoder.options)
    if encoder.most_kbps:
        options |= {"maxrate": f"{encoder.most_kbps}k", "bufsize": f"{encoder.most_kbps * 2}k"}
    rate = Fraction(wanted.fps).limit_denominator(1000)
    stream = cast(VideoStream, container.add_stream(encoder.name, rate=rate, options=options))
    context = stream.codec_context
    context.width, context.height = wanted.width_px, wanted.height_px
    context.pix_fmt = encoder.pixels
    if encoder.kbps:
        context.bit_rate = encoder.kbps * 1000
    context.time_base = Fraction(1, CLOCK_HZ)
    context.gop_size = NEVER
    context.thread_count = 1  # more threads cost CPU and delay (capture.md §3.7)
    context.color_range = 1  # limited, BT.601: what cv2.cvtColor makes
    context.colorspace = 6
    with at_our_own_pace():
        context.open()
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
