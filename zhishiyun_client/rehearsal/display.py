"""Asks an X display, through libxcb, whether it answers and whether a window manager is there."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, Structure, byref, c_char_p, c_int, c_uint8, c_uint16, c_uint32, c_void_p

_WINDOW_MANAGER = b"_NET_SUPPORTING_WM_CHECK"  # Extended Window Manager Hints 1.5, root window
_ANY_TYPE = 0
_COOKIE_NAME = b"MIT-MAGIC-COOKIE-1"


class _Auth(Structure):
    _fields_ = (
        ("name_length", c_int),
        ("name", c_char_p),
        ("data_length", c_int),
        ("data", c_char_p),
    )


class _Screen(Structure):
    """The head of xcb_screen_t; only the root window is read."""

    _fields_ = (("root", c_uint32),)


class _Screens(Structure):
    """xcb_screen_iterator_t."""

    _fields_ = (("screen", POINTER(_Screen)), ("remaining", c_int), ("index", c_int))


class _Cookie(Structure):
    _fields_ = (("sequence", c_uint32),)


class _Atom(Structure):
    """xcb_intern_atom_reply_t."""

    _fields_ = (
        ("response_type", c_uint8),
        ("pad", c_uint8),
        ("sequence", c_uint16),
        ("length", c_uint32),
        ("atom", c_uint32),
    )


class _Property(Structure):
    """The head of xcb_get_property_reply_t."""

    _fields_ = (
        ("response_type", c_uint8),
        ("format", c_uint8),
        ("sequence", c_uint16),
        ("length", c_uint32),
        ("type", c_uint32),
        ("bytes_after", c_uint32),
        ("value_length", c_uint32),
    )


def has_window_manager(display: str, cookie: bytes) -> bool:
    """Whether the display answers this cookie and a window manager has announced itself there.

    Raises: OSError: libxcb is not installed.
    """
    xcb, free = _library()
    auth = _Auth(len(_COOKIE_NAME), _COOKIE_NAME, len(cookie), cookie)
    connection = xcb.xcb_connect_to_display_with_auth_info(display.encode(), byref(auth), None)
    try:
        if xcb.xcb_connection_has_error(connection):
            return False
        root = xcb.xcb_setup_roots_iterator(xcb.xcb_get_setup(connection)).screen.contents.root
        return _value_length(xcb, free, connection, root) > 0
    finally:
        xcb.xcb_disconnect(connection)


def _value_length(xcb: ctypes.CDLL, free: ctypes.CDLL, connection: int, root: int) -> int:
    asked = xcb.xcb_intern_atom(connection, 1, len(_WINDOW_MANAGER), _WINDOW_MANAGER)
    atom = xcb.xcb_intern_atom_reply(connection, asked, None)
    if not atom:
        return 0
    asked = xcb.xcb_get_property(connection, 0, root, atom.contents.atom, _ANY_TYPE, 0, 1)
    free.free(atom)
    answer = xcb.xcb_get_property_reply(connection, asked, None)
    if not answer:
        return 0
    length = int(answer.contents.value_length)
    free.free(answer)
    return length


def _library() -> tuple[ctypes.CDLL, ctypes.CDLL]:
    """Return libxcb with the types of what is called here, and the C library for `free`."""
    xcb, libc = ctypes.CDLL("libxcb.so.1"), ctypes.CDLL(None)
    libc.free.argtypes = [c_void_p]
    xcb.xcb_connect_to_display_with_auth_info.argtypes = [c_char_p, POINTER(_Auth), c_void_p]
    xcb.xcb_connect_to_display_with_auth_info.restype = c_void_p
    for name in ("xcb_connection_has_error", "xcb_disconnect", "xcb_get_setup"):
        getattr(xcb, name).argtypes = [c_void_p]
    xcb.xcb_get_setup.restype = c_void_p
    xcb.xcb_setup_roots_iterator.argtypes = [c_void_p]
    xcb.xcb_setup_roots_iterator.restype = _Screens
    xcb.xcb_intern_atom.argtypes = [c_void_p, c_uint8, c_uint16, c_char_p]
    xcb.xcb_intern_atom.restype = _Cookie
    xcb.xcb_intern_atom_reply.argtypes = [c_void_p, _Cookie, c_void_p]
    xcb.xcb_intern_atom_reply.restype = POINTER(_Atom)
    xcb.xcb_get_property.argtypes = [c_void_p, c_uint8, *[c_uint32] * 5]
    xcb.xcb_get_property.restype = _Cookie
    xcb.xcb_get_property_reply.argtypes = [c_void_p, _Cookie, c_void_p]
    xcb.xcb_get_property_reply.restype = POINTER(_Property)
    return xcb, libc
