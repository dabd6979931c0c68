"""What a demonstration phone films: a moving pattern and a tone, as WebM like a browser's own."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt

SAMPLE_RATE_HZ = 48_000
TONE_HZ = 440
LOUDNESS = 0.05
VIDEO_BITS_S = 60_000
SOUND_BITS_S = 16_000
_TICKS = 1000  # of the container, a second


class _Out:
    """What the multiplexer writes; it cannot go back, like a stream."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        """One piece more."""
        self._pieces.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        """Everything since the last time."""
        whole = b"".join(self._pieces)
        self._pieces.clear()
        return whole


class Film:
    """One WebM stream, VP8 and Opus, second by second. Thread: one at a time."""

    mime_type = "video/webm;codecs=vp8,opus"

    def __init__(self, width_px: int = 320, height_px: int = 240, fps: int = 5) -> None:
        self.width_px, self.height_px, self.fps = width_px, height_px, fps
        self._second = 0
        self._out = _Out()
        # live: no sizes are filled in later; a cluster a second, so that every blob plays on
        options = {"live": "1", "cluster_time_limit": str(_TICKS), "flush_packets": "1"}
        self._container = av.open(self._out, "w", format="webm", options=options)
        self._video = self._container.add_stream("libvpx", rate=fps)
        self._video.width, self._video.height = width_px, height_px
        self._video.pix_fmt = "yuv420p"
        self._video.bit_rate = VIDEO_BITS_S
        self._video.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
        self._video.gop_size = fps
        self._sound = self._container.add_stream("libopus", rate=SAMPLE_RATE_HZ)
        self._sound.layout = "mono"
        self._sound.bit_rate = SOUND_BITS_S

    def blob(self) -> bytes:
        """The next second."""
        for n in range(self.fps):
            picture = av.VideoFrame.from_ndarray(self._picture(n), format="gray8")
            frame = picture.reformat(format="yuv420p")
            frame.pts, frame.time_base = self._second * self.fps + n, Fraction(1, self.fps)
            self._container.mux(self._video.encode(frame))
        sound = av.AudioFrame.from_ndarray(self._tone(), format="s16", layout="mono")
        sound.sample_rate = SAMPLE_RATE_HZ
        sound.pts, sound.time_base = self._second * SAMPLE_RATE_HZ, Fraction(1, SAMPLE_RATE_HZ)
        self._container.mux(self._sound.encode(sound))
        self._second += 1
        return self._out.take()

    def close(self) -> bytes:
        """What the encoders still held."""
        self._container.mux(self._video.encode(None))
        self._container.mux(self._sound.encode(None))
        self._container.close()
        return self._out.take()

    def blobs(self, seconds: int) -> Iterator[bytes]:
        """So many seconds and the end, one blob a second."""
        whole = [self.blob() for _ in range(seconds)]
        whole[-1] += self.close()
        return iter(whole)

    def _picture(self, n: int) -> npt.NDArray[np.uint8]:
        """A bright bar that moves: whoever looks sees that it lives."""
        width, height = self._video.width, self._video.height
        picture = np.full((height, width), 64, dtype=np.uint8)
        left = (self._second * self.fps + n) * 8 % width
        picture[:, left : left + width // 10] = 224
        return picture

    def _tone(self) -> npt.NDArray[np.int16]:
        times = np.arange(SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
        wave = np.sin(times * TONE_HZ * 2 * np.pi) * LOUDNESS * np.iinfo(np.int16).max
        return wave.astype(np.int16).reshape(1, -1)
