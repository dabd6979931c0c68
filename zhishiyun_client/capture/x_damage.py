"""What the X server says has been drawn since it was asked last: rows, without looking at any.

The extension DAMAGE, spoken over the connection that mss grabs with: what is told and what is
grabbed then stand in one order. Each request is a few bytes, made here; no library beyond libxcb.

Source: damageproto.txt 1.1 (X.Org); xcb-damage's `damage.xml`.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

_LIBRARY = "libxcb.so.1"  # mss has loaded it
_QUERY_VERSION, _CREATE, _SUBTRACT = 0, 1, 3
_VERSION = (1, 1)
_BOUNDING_BOX = 2  # an event when the box of what was drawn grows; it says the whole box
_CHECKED = 1  # errors wait to be asked for instead of coming as events

Rows = tuple[int, int]


class _Extension(ctypes.Structure):
    _fields_ = (("name", ctypes.c_char_p), ("global_id", ctypes.c_int))


class _Known(ctypes.Structure):
    """xcb_query_extension_reply_t."""

    _fields_ = (
        ("response_type", ctypes.c_uint8),
        ("pad", ctypes.c_uint8),
        ("sequence", ctypes.c_uint16),
        ("length", ctypes.c_uint32),
        ("present", ctypes.c_uint8),
        ("major_opcode", ctypes.c_uint8),
        ("first_event", ctypes.c_uint8),
        ("first_error", ctypes.c_uint8),
    )


class _Request(ctypes.Structure):
    """xcb_protocol_request_t."""

    _fields_ = (
        ("count", ctypes.c_size_t),
        ("extension", ctypes.POINTER(_Extension)),
        ("opcode", ctypes.c_uint8),
        ("isvoid", ctypes.c_uint8),
    )


class _Piece(ctypes.Structure):
    """struct iovec."""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Drawn(ctypes.Structure):
    """xcb_damage_notify_event_t."""

    _fields_ = (
        ("response_type", ctypes.c_uint8),
        ("level", ctypes.c_uint8),
        ("sequence", ctypes.c_uint16),
        ("drawable", ctypes.c_uint32),
        ("damage", ctypes.c_uint32),
        ("timestamp", ctypes.c_uint32),
        ("x", ctypes.c_int16),
        ("y", ctypes.c_int16),
        ("width", ctypes.c_uint16),
        ("height", ctypes.c_uint16),
    )


class XDamage:
    """Watches one drawable. Thread: the one that grabs.

    Args:
        connection: an open xcb connection as mss has it, on which nobody else waits for events.
        drawable:   the root window's id.

    Raises:
        OSError: this server has no such extension.
    """

    def __init__(self, connection: Any, drawable: int) -> None:
        self._xcb = _library()
        self._free = ctypes.CDLL(None).free
        self._free.argtypes, self._free.restype = (ctypes.c_void_p,), None
        self._connection = ctypes.c_void_p(ctypes.addressof(connection))
        self._extension = _Extension(b"DAMAGE", 0)
        known = self._xcb.xcb_get_extension_data(self._connection, ctypes.byref(self._extension))
        if not known or not known.contents.present:
            raise OSError("the X server has no DAMAGE extension")
        self._event = int(known.contents.first_event)
        self._discard(self._send(_QUERY_VERSION, *_VERSION, answers=True))
        self._damage = int(self._xcb.xcb_generate_id(self._connection))
        self._check(self._send(_CREATE, self._damage, drawable, _BOUNDING_BOX))

    def drawn(self) -> Rows | None:
        """Rows [from, to) in which something was drawn since the last call; None: nowhere.

        What is grabbed over the same connection afterwards has all of it, and may have more: that
        is told by the next call.
        """
        top, bottom = 1 << 16, 0
        while event := self._xcb.xcb_poll_for_event(self._connection):
            told = event.contents
            if told.response_type & 0x7F == self._event and told.damage == self._damage:
                top, bottom = min(top, told.y), max(bottom, told.y + told.height)
            self._free(event)
        if bottom <= top:
            return None
        self._discard(self._send(_SUBTRACT, self._damage, 0, 0))
        self._xcb.xcb_flush(self._connection)
        return max(0, top), bottom

    def _send(self, opcode: int, *numbers: int, answers: bool = False) -> int:
        """A request of 32-bit numbers behind xcb's own four bytes; its sequence number."""
        body = (ctypes.c_uint32 * (1 + len(numbers)))(0, *numbers)
        pieces = (_Piece * 4)()  # xcb writes into the two before the first
        pieces[2] = _Piece(ctypes.addressof(body), ctypes.sizeof(body))
        request = _Request(1, ctypes.pointer(self._extension), opcode, int(not answers))
        first = ctypes.byref(pieces, 2 * ctypes.sizeof(_Piece))
        return int(
            self._xcb.xcb_send_request(self._connection, _CHECKED, first, ctypes.byref(request))
        )

    def _check(self, sequence: int) -> None:
        error = self._xcb.xcb_request_check(self._connection, sequence)
        if error:
            self._free(error)
            raise OSError("the X server does not tell what is drawn")

    def _discard(self, sequence: int) -> None:
        self._xcb.xcb_discard_reply(self._connection, sequence)


def _library() -> ctypes.CDLL:
    if sys.platform != "linux":
        raise OSError("no X server")
    xcb = ctypes.CDLL(_LIBRARY)
    pointer, number = ctypes.c_void_p, ctypes.c_uint
    xcb.xcb_get_extension_data.argtypes = (pointer, pointer)
    xcb.xcb_get_extension_data.restype = ctypes.POINTER(_Known)
    xcb.xcb_generate_id.argtypes, xcb.xcb_generate_id.restype = (pointer,), ctypes.c_uint32
    xcb.xcb_send_request.argtypes = (pointer, ctypes.c_int, pointer, pointer)
    xcb.xcb_send_request.restype = number
    xcb.xcb_request_check.argtypes, xcb.xcb_request_check.restype = (pointer, number), pointer
    xcb.xcb_discard_reply.argtypes, xcb.xcb_discard_reply.restype = (pointer, number), None
    xcb.xcb_flush.argtypes = (pointer,)
    xcb.xcb_poll_for_event.argtypes = (pointer,)
    xcb.xcb_poll_for_event.restype = ctypes.POINTER(_Drawn)
    return xcb
