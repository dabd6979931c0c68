"""A small door to an X server: libxcb by ctypes, replies as bytes.

Not Xlib: its error handlers end the whole process when a window vanishes between two questions
or the server goes away; here the first is `None` and the second is `ConnectionError`.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Mapping
from types import TracebackType

REPLY_HEADER = struct.Struct("=xxxxI")  # four bytes, then the length beyond 32 bytes, in words
REPLY_BYTES = 32
_POINTER = ctypes.c_void_p
_RANDR_VERSION = (1, 5)  # monitors came with 1.5


class Cookie(ctypes.Structure):
    """The number of a request whose reply may be waited for."""

    _fields_ = (("sequence", ctypes.c_uint),)


class ScreenIterator(ctypes.Structure):
    """A position in the list of screens of the server's greeting."""

    _fields_ = (("data", ctypes.c_void_p), ("rem", ctypes.c_int), ("index", ctypes.c_int))


# Arguments of each request after the connection. Source: the X11 and RandR protocols, xcb headers.
_CORE = {
    "intern_atom": (ctypes.c_uint8, ctypes.c_uint16, ctypes.c_char_p),
    "get_property": (
        ctypes.c_uint8,
        ctypes.c_uint32,
        ctypes.c_uint32,
        ctypes.c_uint32,
        ctypes.c_uint32,
        ctypes.c_uint32,
    ),
    "get_atom_name": (ctypes.c_uint32,),
    "get_input_focus": (),
    "query_tree": (ctypes.c_uint32,),
    "get_screen_saver": (),
}
_TOLD = {
    "set_screen_saver": (ctypes.c_int16, ctypes.c_int16, ctypes.c_uint8, ctypes.c_uint8),
}
_RANDR = {
    "randr_query_version": (ctypes.c_uint32, ctypes.c_uint32),
    "randr_get_screen_resources_current": (ctypes.c_uint32,),
    "randr_get_output_info": (ctypes.c_uint32, ctypes.c_uint32),
    "randr_get_crtc_info": (ctypes.c_uint32, ctypes.c_uint32),
    "randr_get_monitors": (ctypes.c_uint32, ctypes.c_uint8),
}


class Xcb:
    """One connection to an X server. Thread: one at a time.

    Args:
        display: ":0" and the like; None takes $DISPLAY.

    Raises:
        OSError: libxcb or libxcb-randr is not installed.
        ConnectionError: nobody answers at that display.
    """

    def __init__(self, display: str | None = None) -> None:
        self._core = ctypes.CDLL("libxcb.so.1")
        self._randr = ctypes.CDLL("libxcb-randr.so.0")
        self._free = ctypes.CDLL(None).free
        self._free.argtypes = (_POINTER,)
        _declare(self._core, _CORE)
        _declare(self._randr, _RANDR)
        _declare_told(self._core)
        _declare_connection(self._core)
        screen = ctypes.c_int()
        name = None if display is None else display.encode()
        self._connection = self._core.xcb_connect(name, ctypes.byref(screen))
        if self._core.xcb_connection_has_error(self._connection):
            self.close()
            raise ConnectionError("no X server answers")
        self.root = self._root_of(screen.value)
        self.has_randr = self.ask("randr_query_version", *_RANDR_VERSION) is not None

    def __enter__(self) -> Xcb:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection back; may be called twice."""
        if self._connection:
            self._core.xcb_disconnect(self._connection)
            self._connection = None

    def ask(self, request: str, *arguments: int | bytes) -> bytes | None:
        """The reply's bytes; None when the server answered with an error.

        Raises:
            ConnectionError: the server is gone.
        """
        library = self._randr if request.startswith("randr_") else self._core
        cookie = getattr(library, f"xcb_{request}")(self._connection, *arguments)
        reply = getattr(library, f"xcb_{request}_reply")(self._connection, cookie, None)
        if not reply:
            if self._core.xcb_connection_has_error(self._connection):
                raise ConnectionError("the X server is gone")
            return None
        try:
            (words,) = REPLY_HEADER.unpack(ctypes.string_at(reply, REPLY_HEADER.size))
            return ctypes.string_at(reply, REPLY_BYTES + 4 * words)
        finally:
            self._free(reply)

    def tell(self, request: str, *arguments: int) -> bool:
        """Send a request that has no reply, and wait until it is done; False when it was refused.

        Raises:
            ConnectionError: the server is gone.
        """
        cookie = getattr(self._core, f"xcb_{request}_checked")(self._connection, *arguments)
        error = self._core.xcb_request_check(self._connection, cookie)
        if self._core.xcb_connection_has_error(self._connection):
            raise ConnectionError("the X server is gone")
        if error:
            self._free(error)
        return not error

    def _root_of(self, screen: int) -> int:
        iterator = self._core.xcb_setup_roots_iterator(self._core.xcb_get_setup(self._connection))
        for _ in range(screen):
            self._core.xcb_screen_next(ctypes.byref(iterator))
        return ctypes.c_uint32.from_address(iterator.data).value


def _declare(library: ctypes.CDLL, requests: Mapping[str, tuple[type[object], ...]]) -> None:
    for request, arguments in requests.items():
        ask = getattr(library, f"xcb_{request}")
        ask.argtypes = (_POINTER, *arguments)
        ask.restype = Cookie
        reply = getattr(library, f"xcb_{request}_reply")
        reply.argtypes = (_POINTER, Cookie, _POINTER)
        reply.restype = _POINTER


def _declare_told(core: ctypes.CDLL) -> None:
    for request, arguments in _TOLD.items():
        tell = getattr(core, f"xcb_{request}_checked")
        tell.argtypes = (_POINTER, *arguments)
        tell.restype = Cookie
    core.xcb_request_check.argtypes = (_POINTER, Cookie)
    core.xcb_request_check.restype = _POINTER


def _declare_connection(core: ctypes.CDLL) -> None:
    core.xcb_connect.argtypes = (ctypes.c_char_p, ctypes.POINTER(ctypes.c_int))
    core.xcb_connect.restype = _POINTER
    core.xcb_connection_has_error.argtypes = (_POINTER,)
    core.xcb_disconnect.argtypes = (_POINTER,)
    core.xcb_disconnect.restype = None
    core.xcb_get_setup.argtypes = (_POINTER,)
    core.xcb_get_setup.restype = _POINTER
    core.xcb_setup_roots_iterator.argtypes = (_POINTER,)
    core.xcb_setup_roots_iterator.restype = ScreenIterator
    core.xcb_screen_next.argtypes = (ctypes.POINTER(ScreenIterator),)
    core.xcb_screen_next.restype = None
