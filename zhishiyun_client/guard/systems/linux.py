"""Displays, windows and who is in front on Linux: X11, or what Xwayland lets one see."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from zhishiyun_client.guard.systems.owner import program_of
from zhishiyun_client.guard.systems.x11_replies import (
    Monitor,
    Output,
    Rect,
    has_value,
    read_atom_name,
    read_crtc,
    read_monitors,
    read_output,
    read_parent,
    read_resources,
    read_text,
    read_word,
    read_words,
)
from zhishiyun_client.guard.systems.xcb import Xcb
from zhishiyun_client.ports.watching import Connection, DisplayFact, FrontFact, Unseen

ANY_TYPE = 0  # X.h: AnyPropertyType
PROPERTY_WORDS = 1024  # of a property read at once; a list of clients is shorter
ANCESTORS = 6  # a focused window's owner is named on itself or a few levels above
Answer = TypeVar("Answer")

# How connectors are named by the kernel's drivers. Source: Linux drm_connector.c names; Xorg's
# older drivers use the same words without the dash.
_CONNECTIONS = (
    (("edp", "lvds", "dsi", "dpi"), Connection.INTERNAL),
    (("hdmi", "displayport", "dp", "dvi", "vga", "usb", "tv"), Connection.EXTERNAL),
    (("virtual",), Connection.VIRTUAL),
    (("writeback",), Connection.INDIRECT),
)


def connection_of(output: str) -> Connection:
    """How a connector of this name hangs on the computer."""
    name = output.casefold()
    for beginnings, connection in _CONNECTIONS:
        if name.startswith(beginnings):
            return connection
    return Connection.UNKNOWN


def display_facts(
    outputs: dict[str, tuple[bool, Rect | None]], monitors: tuple[tuple[str, Rect, bool], ...]
) -> tuple[DisplayFact, ...]:
    """Displays of connectors, and of monitors that no connector shows. Pure.

    Args:
        outputs:  name → (is connected, what it shows).
        monitors: (name, rectangle, has connectors). One without connectors inside a real
                  display is only that display divided; one outside is a display of its own,
                  filmed from there to somewhere else.
    """
    found = []
    for name, (is_connected, rect) in outputs.items():
        if is_connected or rect is not None:
            found.append(_fact(name, connection_of(name), rect))
    shown = [rect for _, rect in outputs.values() if rect is not None]
    for name, rect, has_connectors in monitors:
        if not has_connectors and not any(real.holds(rect) for real in shown):
            found.append(_fact(name, Connection.VIRTUAL, rect))
    return tuple(sorted(found, key=lambda fact: fact.output))


def _fact(name: str, connection: Connection, rect: Rect | None) -> DisplayFact:
    if rect is None:
        return DisplayFact(name, connection, "")
    source = f"{rect.x_px},{rect.y_px}"  # the same corner of the desktop: the same picture
    return DisplayFact(name, connection, source, rect.width_px, rect.height_px)


class X11:
    """Implements `DisplayProbe`, `FocusProbe` and `WindowProbe` over one connection.

    The connection is opened at the first question and again after the server went away.
    Thread: one at a time.

    Args:
        display: None takes $DISPLAY.
        our_pid: windows of this process are ours.
        titles:  whether titles of windows are read.
    """

    def __init__(
        self, display: str | None = None, our_pid: int | None = None, *, titles: bool = False
    ) -> None:
        self._display = display
        self._titles = titles
        self._our_pid = os.getpid() if our_pid is None else our_pid
        self._xcb: Xcb | None = None
        self._atoms: dict[str, int] = {}

    def displays(self) -> tuple[DisplayFact, ...] | Unseen:
        """All connectors and monitors, mirrored ones included."""
        return self._asked(self._displays)

    def front(self) -> FrontFact | Unseen | None:
        """The window that has the keyboard."""
        return self._asked(self._front)

    def pids_with_windows(self) -> frozenset[int] | Unseen:
        """Owners of the windows that the window manager lists."""
        return self._asked(self._pids_with_windows)

    def close(self) -> None:
        """Give the connection back."""
        if self._xcb is not None:
            self._xcb.close()
            self._xcb = None
            self._atoms.clear()

    def _asked(self, question: Callable[[Xcb], Answer | Unseen]) -> Answer | Unseen:
        if self._display is None and not os.environ.get("DISPLAY"):
            return Unseen("WAYLAND" if os.environ.get("WAYLAND_DISPLAY") else "NO_X11")
        try:
            if self._xcb is None:
                self._xcb = Xcb(self._display)
            return question(self._xcb)
        except (OSError, ConnectionError):
            self.close()
            return Unseen("NO_X11")

    def _displays(self, xcb: Xcb) -> tuple[DisplayFact, ...] | Unseen:
        reply = xcb.ask("randr_get_screen_resources_current", xcb.root) if xcb.has_randr else None
        if reply is None:
            return Unseen("NO_RANDR")
        config_at, ids = read_resources(reply)
        outputs: dict[str, tuple[bool, Rect | None]] = {}
        for output_id in ids:
            output = self._output(xcb, output_id, config_at)
            if output is not None:
                crtc = self._crtc(xcb, output.crtc, config_at)
                outputs[output.name] = (output.is_connected, crtc)
        named = tuple(
            (self._name_of(xcb, monitor), monitor.rect, bool(monitor.outputs))
            for monitor in read_monitors(xcb.ask("randr_get_monitors", xcb.root, 0) or bytes(32))
        )
        return display_facts(outputs, named)

    def _output(self, xcb: Xcb, output_id: int, config_at: int) -> Output | None:
        reply = xcb.ask("randr_get_output_info", output_id, config_at)
        return None if reply is None else read_output(reply)

    def _crtc(self, xcb: Xcb, crtc: int, config_at: int) -> Rect | None:
        reply = xcb.ask("randr_get_crtc_info", crtc, config_at) if crtc else None
        return None if reply is None else read_crtc(reply)

    def _name_of(self, xcb: Xcb, monitor: Monitor) -> str:
        reply = xcb.ask("get_atom_name", monitor.name_atom)
        return read_atom_name(reply) if reply is not None else f"monitor-{monitor.name_atom}"

    def _front(self, xcb: Xcb) -> FrontFact | Unseen | None:
        active = self._words(xcb, xcb.root, "_NET_ACTIVE_WINDOW")
        window = active[0] if active else 0
        if window == 0:
            reply = xcb.ask("get_input_focus")
            window = read_word(reply) if reply is not None else 0
        if window <= 1 or window == xcb.root:  # None, PointerRoot, or the bare desktop
            return None
        return self._owner(xcb, window)

    def _owner(self, xcb: Xcb, window: int) -> FrontFact:
        pid = 0
        window_class = ""
        kind = ""
        title = ""
        for _ in range(ANCESTORS):
            pid = pid or next(iter(self._words(xcb, window, "_NET_WM_PID")), 0)
            window_class = window_class or self._class(xcb, window)
            kind = kind or self._kind(xcb, window)
            title = title or self._title(xcb, window)
            tree = xcb.ask("query_tree", window) if not pid else None
            window = read_parent(tree) if tree is not None else 0
            if window in (0, xcb.root):
                break
        program = program_of(pid) or window_class
        is_ours = pid == self._our_pid
        return FrontFact(pid, program, window_class, kind, is_ours, title="" if is_ours else title)

    def _title(self, xcb: Xcb, window: int) -> str:
        reply = self._property(xcb, window, "_NET_WM_NAME") if self._titles else None
        return read_text(reply) if reply is not None else ""

    def _class(self, xcb: Xcb, window: int) -> str:
        reply = self._property(xcb, window, "WM_CLASS")
        parts = read_text(reply).split("\0") if reply is not None else []
        return parts[1] if len(parts) > 1 else ""

    def _kind(self, xcb: Xcb, window: int) -> str:
        kinds = self._words(xcb, window, "_NET_WM_WINDOW_TYPE")
        for kind in ("dialog", "notification", "utility", "splash", "dock", "normal"):
            if self._atom(xcb, f"_NET_WM_WINDOW_TYPE_{kind.upper()}") in kinds:
                return kind
        return ""

    def _pids_with_windows(self, xcb: Xcb) -> frozenset[int] | Unseen:
        if self._property(xcb, xcb.root, "_NET_CLIENT_LIST") is None:
            return Unseen("NO_WINDOW_LIST")
        windows = self._words(xcb, xcb.root, "_NET_CLIENT_LIST")
        pids = (next(iter(self._words(xcb, window, "_NET_WM_PID")), 0) for window in windows)
        return frozenset(pid for pid in pids if pid)

    def _words(self, xcb: Xcb, window: int, name: str) -> tuple[int, ...]:
        reply = self._property(xcb, window, name)
        return read_words(reply) if reply is not None else ()

    def _property(self, xcb: Xcb, window: int, name: str) -> bytes | None:
        atom = self._atom(xcb, name)
        if not atom:
            return None
        reply = xcb.ask("get_property", 0, window, atom, ANY_TYPE, 0, PROPERTY_WORDS)
        return reply if reply is not None and has_value(reply) else None

    def _atom(self, xcb: Xcb, name: str) -> int:
        """An atom's number, 0 when the server has none; only existing ones are remembered."""
        if name not in self._atoms:
            reply = xcb.ask("intern_atom", 1, len(name), name.encode())
            atom = read_word(reply) if reply is not None else 0
            if not atom:
                return 0
            self._atoms[name] = atom
        return self._atoms[name]
