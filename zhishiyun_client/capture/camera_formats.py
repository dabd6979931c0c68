"""Which picture a camera really gives: asked, measured, a smaller one where it comes too slowly.

A camera without MJPEG sends raw pictures, and USB 2 carries 1280×720 of them five to ten times a
second only. What a driver promises is not what comes: a driver's rate is a wish, too little light
doubles exposure times. So the rate is measured while the first pictures are already used.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

US = 1_000_000
SETTLES_US = 400_000  # exposure and white balance find their place; some send a burst first
MEASURES_US = 1_200_000  # twelve pictures at ten a second: good to a tenth
WINDOW_US = 2 * US
ENOUGH_SHARE = 0.8  # of the wanted rate; the same share as the self-test's (selftest/devices.py)
GAIN = 1.3  # a smaller picture that is not so much faster shows that size is not the reason
ASKED_KIND = "MJPG"  # a tenth of the bytes of a raw picture
SMALLER_PX = ((640, 480), (640, 360), (320, 240))
"""Sizes that nearly every camera has; 640×480 of raw pictures fits USB 2 thirty times a second."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a camera is asked for; it gives the nearest it has."""

    kind: str
    width_px: int
    height_px: int

    @property
    def area_px(self) -> int:
        """Pixels of a picture."""
        return self.width_px * self.height_px


@dataclass(frozen=True, slots=True)
class Given:
    """What came: kind as the driver names it ("MJPG", "YUYV", …), size, measured rate."""

    kind: str
    width_px: int
    height_px: int
    fps: float = 0.0

    def __str__(self) -> str:
        """As in the log: "YUYV 640x480 30.0 fps"."""
        return f"{self.kind or '?'} {self.width_px}x{self.height_px} {self.fps:.1f} fps"


class RateMeter:
    """How many pictures a second have come, over the last two seconds. Times are monotonic µs."""

    def __init__(self) -> None:
        self._times: deque[int] = deque()

    def tick(self, now_us: int) -> None:
        """One more has come."""
        self._times.append(now_us)
        while now_us - self._times[0] > WINDOW_US:
            self._times.popleft()

    @property
    def fps(self) -> float:
        """0 until two have come."""
        if len(self._times) < 2:
            return 0.0
        return (len(self._times) - 1) * US / (self._times[-1] - self._times[0])


class FormatSearch:
    """Asks for the wanted size, then for smaller ones while the rate is too low. Pure.

    wish: what to ask the camera for now
    why:  once settled, the choice and its reason in one line
    """

    def __init__(self, width_px: int, height_px: int, fps: float) -> None:
        self.wish = Wish(ASKED_KIND, width_px, height_px)
        self.why = ""
        self._wanted = self.wish
        self._fps = fps
        self._tried: list[tuple[Wish, Given]] = []

    def learn(self, given: Given) -> bool:
        """Take what came for the wish, its rate measured; whether `wish` is settled now."""
        if any(_same_picture(given, before) for _, before in self._tried):
            return self._settle("it has no smaller picture")
        self._tried.append((self.wish, given))
        if given.fps >= self._fps * ENOUGH_SHARE:
            is_first = len(self._tried) == 1
            return self._settle("as asked" if is_first else "a larger one came too slowly")
        if len(self._tried) > 1 and given.fps < self._tried[0][1].fps * GAIN:
            return self._settle("a smaller one came no faster: light or computer")
        smaller = [size for size in SMALLER_PX if size[0] * size[1] < self._smallest_px()]
        if not smaller:
            return self._settle("the fastest it has")
        self.wish = Wish(given.kind or ASKED_KIND, *smaller[0])
        return False

    def give_up(self) -> None:
        """The camera does not give what was asked for last: keep what it gave before."""
        self._settle("it gave no smaller picture")

    def _smallest_px(self) -> int:
        return min(given.width_px * given.height_px for _, given in self._tried)

    def _settle(self, reason: str) -> bool:
        """Keep the largest picture among those that come about as fast as the fastest."""
        most_fps = min(max(given.fps for _, given in self._tried), self._fps)
        fast = [both for both in self._tried if both[1].fps * GAIN > most_fps]
        if any(given.fps >= self._fps * ENOUGH_SHARE for _, given in fast):
            fast = [both for both in fast if both[1].fps >= self._fps * ENOUGH_SHARE]
        self.wish, kept = max(fast, key=lambda both: both[1].width_px * both[1].height_px)
        others = [str(given) for _, given in self._tried if given is not kept]
        wanted = f"asked {self._wanted.width_px}x{self._wanted.height_px}"
        told = f"; {', '.join(others)}" if others else ""
        self.why = f"{kept}; {wanted}{told}; {reason}"
        return True


def _same_picture(one: Given, other: Given) -> bool:
    return (one.kind, one.width_px, one.height_px) == (other.kind, other.width_px, other.height_px)


@dataclass(frozen=True, slots=True)
class Known:
    """What was settled for a camera: asked for at once when it is opened again."""

    wish: Wish
    why: str


class KnownFormats:
    """The cameras that were measured in this life of the recorder. Thread: the camera's."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, int], Known] = {}

    def of(self, camera_id: str, width_px: int, height_px: int) -> Known | None:
        """What is known of a camera for a wanted size."""
        return self._known.get((camera_id, width_px, height_px))

    def keep(self, camera_id: str, width_px: int, height_px: int, known: Known) -> None:
        """Remember it."""
        self._known[camera_id, width_px, height_px] = known
