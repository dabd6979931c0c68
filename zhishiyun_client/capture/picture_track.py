"""A picture track while it records: picture → encoder → container → one record a packet."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, cast

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from zhishiyun_client.capture.changes import Planes, pixels_of
from zhishiyun_client.capture.encoders import (
    CLOCK_HZ,
    PictureEncoder,
    PictureFormat,
    open_pictures,
)
from zhishiyun_client.ports.recording import Book
from zhishiyun_protocol.evidence.contents import Stream
from zhishiyun_protocol.evidence.layout import Track

LOG = logging.getLogger(__name__)
CAMERA_KEY_EVERY_US = 10_000_000  # how far a player seeks at most; costs the camera 3 % of its bits
SCREEN_KEY_EVERY_US = 20_000_000  # key frames are most of a screen's bits: half of them (§3.4)

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Source:
    """What a picture track is made of.

    colour: how cv2 turns its pictures into I420, e.g. cv2.COLOR_BGR2YUV_I420
    key_every_us: a picture that stands alone comes so often
    why: reason for this encoder, for the STREAM record
    """

    track: Track
    colour: int
    key_every_us: int
    encoder: PictureEncoder
    why: str = ""
    demonstration: bool = False


class _Sink:
    """The file that the muxer writes to: gathers the bytes of one packet."""

    def __init__(self) -> None:
        self._pieces = bytearray()

    def write(self, data: bytes) -> int:
        self._pieces += data
        return len(data)

    def take(self) -> bytes:
        data = bytes(self._pieces)
        self._pieces.clear()
        return data


class PictureTrack:
    """Encodes and keeps pictures of one fixed size; others are fitted into it.

    After an encoder's error or a refusal of the disk nothing is kept until a key frame is: what
    lies in the log can always be decoded. Thread: the worker that owns it.

    Args:
        stands_us: how long a picture stands at most until the next one must be there.
    """

    def __init__(self, book: Book, source: Source, wanted: PictureFormat, stands_us: int) -> None:
        self._book = book
        self._source = source
        self._format = wanted
        self._stands_us = stands_us
        self._planes = Planes(wanted.width_px, wanted.height_px)
        self._last_pts = -1
        self._key_us: int | None = None
        self._sink = _Sink()
        self.frames = 0
        self.refused = 0
        self._open()

    @property
    def encoder(self) -> PictureEncoder:
        """What encodes it."""
        return self._source.encoder

    @property
    def format(self) -> PictureFormat:
        """Size and rate that are recorded."""
        return self._format

    @property
    def planes(self) -> Planes:
        """The picture that was kept last, as the encoder got it."""
        return self._planes

    def keep(
        self, picture: Pixels | av.VideoFrame, at_us: int, rows: tuple[int, int] | None = None
    ) -> bool:
        """Encode and write one picture, taken at `at_us` of the monotonic clock.

        Args:
            picture: uint8 (height, width, 3 or 4), copied before this returns; or a decoded JPEG.
            rows:    [from, to): nothing else changed since the picture before; None: all may have.

        Raises:
            av.error.FFmpegError: the encoder failed; another track begins a new stream.
        """
        place_us = self._book.place_us(at_us)
        is_key = self._key_us is None or place_us - self._key_us >= self._source.key_every_us
        kept = False
        for packet in self._encode(picture, rows, place_us, is_key):
            self._container.mux(packet)
            kept = self._book.packet(
                self._source.track,
                self._sink.take(),
                at_us=at_us,
                duration_us=self._stands_us,
                is_key=packet.is_keyframe,
            )
        if is_key and kept:
            self._key_us = place_us
        if kept:
            self.frames += 1
        else:
            self.refused += 1
            self._key_us = None  # the next picture must stand alone
        return kept

    def change(self, wanted: PictureFormat, stands_us: int) -> None:
        """Go on at another size or rate: a new stream, of which the next picture is the first.

        Raises:
            av.error.FFmpegError, ValueError: the encoder does not take it.
        """
        self._abandon()
        self._format, self._stands_us = wanted, stands_us
        self._planes = Planes(wanted.width_px, wanted.height_px)
        self._key_us = None
        self._open()

    def close(self) -> None:
        """Let the encoder go; it holds nothing back."""
        self._abandon()

    def _open(self) -> None:
        self._container, self._stream = open_pictures(
            self._sink,  # type: ignore[arg-type]  # write is all that PyAV asks of it
            self._source.encoder,
            self._format,
        )
        self._book.stream(
            self._source.track,
            Stream(
                container=self._source.encoder.container.value,
                codec=self._source.encoder.codec,
                encoder=self._source.encoder.name,
                width_px=self._format.width_px,
                height_px=self._format.height_px,
                fps=self._format.fps,
                demonstration=self._source.demonstration,
                why=self._source.why or self._source.encoder.why,
            ),
        )

    def _abandon(self) -> None:
        try:
            if self._stream.encode(None):
                LOG.warning("%s held pictures back", self._source.encoder.name)
            self._container.close()
        except (av.error.FFmpegError, ValueError) as error:
            LOG.warning("closing the stream of track %d: %s", self._source.track, error)
        self._sink.take()

    def _encode(
        self,
        picture: Pixels | av.VideoFrame,
        rows: tuple[int, int] | None,
        place_us: int,
        is_key: bool,
    ) -> Any:
        if not isinstance(picture, av.VideoFrame):
            fitted = self._fit(picture)
            self._planes.convert(fitted, self._source.colour, rows if fitted is picture else None)
        elif not self._planes.take(picture):
            self._planes.convert(self._fit(pixels_of(picture)), self._source.colour, None)
        frame = av.VideoFrame.from_numpy_buffer(self._planes.array, format="yuv420p")
        if self._source.encoder.pixels != "yuv420p":
            frame = frame.reformat(format=self._source.encoder.pixels)
        frame.pts = self._last_pts = max(place_us * CLOCK_HZ // 1_000_000, self._last_pts + 1)
        frame.time_base = self._stream.codec_context.time_base
        # Without this a decoded frame's own type makes every frame a key frame (capture.md §0).
        frame.pict_type = (
            av.video.frame.PictureType.I if is_key else av.video.frame.PictureType.NONE
        )
        return self._stream.encode(frame)

    def _fit(self, picture: Pixels) -> Pixels:
        """The picture at the recorded size; its shape is kept by black bars."""
        height_px, width_px = picture.shape[:2]
        wanted = self._format
        if (width_px, height_px) == (wanted.width_px, wanted.height_px):
            return picture
        scale = min(wanted.width_px / width_px, wanted.height_px / height_px)
        inner_w, inner_h = round(width_px * scale), round(height_px * scale)
        smaller = scale < 1
        inner = cv2.resize(
            picture,
            (inner_w, inner_h),
            interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR,
        )
        if (inner_w, inner_h) == (wanted.width_px, wanted.height_px):
            return cast(Pixels, inner)
        canvas = np.zeros((wanted.height_px, wanted.width_px, picture.shape[2]), np.uint8)
        top, left = (wanted.height_px - inner_h) // 2, (wanted.width_px - inner_w) // 2
        canvas[top : top + inner_h, left : left + inner_w] = inner
        return canvas
