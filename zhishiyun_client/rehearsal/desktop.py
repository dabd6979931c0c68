"""A virtual desktop: Xvfb with a window manager on a display of its own, behind its own key."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from zhishiyun_client.ports.devices import DEMO_SCREEN_VARIABLE
from zhishiyun_protocol.errors import Fixable

from .display import has_window_manager
from .troupe import Troupe

UP_WITHIN_S = 15.0
DEFAULT_SIZE = (1920, 1080)
SIZE_LIMITS_PX = (640, 7680)
_COOKIE_BYTES = 16
_FAMILY_WILD = 0xFFFF  # Xauth(3): an entry that matches every display


@dataclass(frozen=True, slots=True)
class DesktopSize:
    """Width and height of a screen."""

    width_px: int
    height_px: int

    @classmethod
    def parse(cls, text: str) -> DesktopSize:
        """Read `1366x768`.

        Raises: Fixable: the text is no size, or one that no screen has.
        """
        match = re.fullmatch(r"(\d{3,4})x(\d{3,4})", text)
        size = cls(int(match[1]), int(match[2])) if match else None
        low_px, high_px = SIZE_LIMITS_PX
        if not size or not all(low_px <= px <= high_px for px in (size.width_px, size.height_px)):
            raise Fixable(
                "REHEARSAL_SIZE",
                f"{text!r} is not a size like 1920x1080, each side from {low_px} to {high_px}",
                f"“{text}”不是 1920x1080 这样的屏幕尺寸（每边 {low_px}–{high_px}）",
            )
        return size

    def __str__(self) -> str:
        return f"{self.width_px}x{self.height_px}"


class VirtualDesktop:
    """Xvfb and openbox from `with` to the end of the block; also gone if this process is killed.

    Xvfb itself picks a display number that nobody uses. Windows may be opened as soon as the
    block is entered: the window manager has announced itself by then (a window mapped while
    openbox starts is never shown).

    Raises on entering: Fixable: Xvfb or openbox is missing. Transient: they did not come up.
    """

    def __init__(self, size: DesktopSize | None = None) -> None:
        self.size = size or DesktopSize(*DEFAULT_SIZE)
        self.display = ""
        self._folder: Path | None = None
        self._troupe: Troupe | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to open windows here and to film them."""
        if self._folder is None:
            raise RuntimeError("the desktop is not up")
        return {
            DEMO_SCREEN_VARIABLE: str(self.size),
            "DISPLAY": self.display,
            "XAUTHORITY": str(self._folder / "Xauthority"),
            "QT_QPA_PLATFORM": "xcb",
            "XDG_SESSION_TYPE": "x11",
            "XDG_RUNTIME_DIR": os.environ.get("XDG_RUNTIME_DIR") or str(self._folder),
        }

    @property
    def is_up(self) -> bool:
        """Whether both programs are still running."""
        return self._troupe is not None and not self._troupe.fallen()

    def __enter__(self) -> VirtualDesktop:
        self._folder = Path(tempfile.mkdtemp(prefix="zhishiyun-desktop-"))
        try:
            self._start(self._folder)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End both programs and remove their folder; may be called twice."""
        if self._troupe is not None:
            self._troupe.stop()
            self._troupe = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _start(self, folder: Path) -> None:
        cookie = secrets.token_bytes(_COOKIE_BYTES)
        authority = folder / "Xauthority"
        authority.write_bytes(_authority(cookie))
        environment = {**_own_environment(), "XAUTHORITY": str(authority), "HOME": str(folder)}
        self._troupe = Troupe(folder, environment)
        self._troupe.begin()
        self.display = self._start_server(self._troupe, authority)
        here = {"DISPLAY": self.display}
        self._troupe.start("openbox", ["openbox", "--sm-disable"], also=here)
        self._troupe.wait_until(
            "openbox", lambda: has_window_manager(self.display, cookie), UP_WITHIN_S
        )

    def _start_server(self, troupe: Troupe, authority: Path) -> str:
        """Start Xvfb and return the display it chose."""
        reading, writing = os.pipe()
        try:
            screen = ["-screen", "0", f"{self.size}x24", "-dpi", "96"]
            keyed = ["-auth", str(authority), "-nolisten", "tcp", "-noreset"]
            command = ["Xvfb", "-displayfd", str(writing), *screen, *keyed]
            troupe.start("xvfb", command, keep_open=[writing])
            os.set_blocking(reading, False)
            said = bytearray()
            troupe.wait_until("Xvfb", lambda: _has_line(reading, said), UP_WITHIN_S)
        finally:
            os.close(reading)
            os.close(writing)
        return f":{int(said)}"


def _has_line(reading: int, said: bytearray) -> bool:
    try:
        said += os.read(reading, 16)
    except BlockingIOError:
        return False
    return said.endswith(b"\n")


def _authority(cookie: bytes) -> bytes:
    """One entry of an Xauthority file that fits every display number. Source: Xauth(3)."""
    parts = (b"", b"", b"MIT-MAGIC-COOKIE-1", cookie)
    counted = b"".join(struct.pack(">H", len(part)) + part for part in parts)
    return struct.pack(">H", _FAMILY_WILD) + counted


def _own_environment() -> dict[str, str]:
    """What the two programs inherit: where programs are and which language; no desktop of ours."""
    return {key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL") if key in os.environ}
