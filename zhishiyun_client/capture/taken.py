"""One picture of a camera: pixels as OpenCV gives them, or a JPEG that was never made into any.

Most cameras send JPEGs, and what encodes them wants the same brightness and colours that a JPEG
holds. Decoded as such they need neither the way to BGR nor back, and for the small preview only
the small picture is converted (docs/measured/recorder-cpu.md).
"""

from __future__ import annotations

from typing import cast

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from zhishiyun_client.capture.changes import Planes, pixels_of

Pixels = NDArray[np.uint8]


class PixelPicture:
    """uint8 (height, width, 3), BGR; valid until the camera's next picture."""

    def __init__(self, pixels: Pixels) -> None:
        self.content = pixels

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height."""
        return self.content.shape[1], self.content.shape[0]

    def whole(self) -> Pixels:
        """All of it: uint8 (height, width, 3), BGR."""
        return self.content

    def small(self, size_px: tuple[int, int]) -> Pixels:
        """At this width and height: uint8 (height, width, 3), BGR, without padding."""
        small = cv2.resize(self.content, size_px, interpolation=cv2.INTER_LINEAR)
        return cast(Pixels, small)


class JpegPicture:
    """A decoded JPEG: planes of brightness and colours, in full range."""

    def __init__(self, frame: av.VideoFrame) -> None:
        self.content = frame

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height."""
        return self.content.width, self.content.height

    def whole(self) -> Pixels:
        """All of it: uint8 (height, width, 3), BGR."""
        return pixels_of(self.content)

    def small(self, size_px: tuple[int, int]) -> Pixels:
        """At this width and height, even numbers: uint8 (height, width, 3), BGR, no padding."""
        planes = Planes(*size_px)
        if not planes.take(self.content, cv2.INTER_LINEAR):
            return cast(Pixels, self.content.reformat(*size_px, "bgr24").to_ndarray())
        return planes.small(size_px)


CameraPicture = PixelPicture | JpegPicture


class JpegDecoder:
    """Decodes one JPEG after the other. Thread: one at a time."""

    def __init__(self) -> None:
        self._decoder = av.CodecContext.create("mjpeg", "r")
        self._decoder.thread_count = 1
        self._decoder.options = {"idct": "xvid"}  # as exact as the usual one, in 60 % of the time

    def decode(self, data: NDArray[np.uint8]) -> JpegPicture | None:
        """The picture of these bytes; None where they are none, or cut off."""
        try:
            frames = self._decoder.decode(av.Packet(data.tobytes()))
        except av.error.FFmpegError:
            return None
        return JpegPicture(frames[0]) if frames else None
