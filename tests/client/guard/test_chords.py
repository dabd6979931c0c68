"""What is kept back and what must pass, on both systems (F31: Chinese is typed while locked)."""

from __future__ import annotations

import ctypes

import pytest

from zhishiyun_client.guard.chords import Chord, refused_as
from zhishiyun_client.guard.systems.macos_lock import DEFAULT, HIDE_MENU_BAR, LOCKED, is_valid
from zhishiyun_client.guard.systems.windows_hook import KeyEvent
from zhishiyun_client.guard.systems.windows_keys import ALT_DOWN, HeldKeys
from zhishiyun_client.guard.systems.windows_lock import StickyKeys, without_hotkey

LCTRL, LALT, LSHIFT, LWIN = 0xA2, 0xA4, 0xA0, 0x5B
TAB, ESCAPE, SPACE, PRINT, F4, MENU = 0x09, 0x1B, 0x20, 0x2C, 0x73, 0x5D
LEFT = 0x25


@pytest.mark.parametrize(
    "chord",
    [
        Chord("a"),
        Chord("a", shift=True),
        Chord("c", ctrl=True),
        Chord("tab"),
        Chord("tab", shift=True),
        Chord("escape"),
        Chord("f5"),
        # by these, input methods are switched and opened
        Chord("shift"),
        Chord("ctrl", shift=True),
        Chord("shift", ctrl=True),
        Chord("shift", alt=True),
        Chord("alt", shift=True),
        Chord("space", ctrl=True),
        Chord("space", shift=True),
        Chord(".", ctrl=True),
    ],
)
def test_typing_and_input_methods_pass(chord: Chord):
    assert refused_as(chord) == ""


@pytest.mark.parametrize(
    ("chord", "reason"),
    [
        (Chord("tab", alt=True), "alt_tab"),
        (Chord("tab", alt=True, shift=True), "alt_tab"),
        (Chord("f4", alt=True), "alt_f4"),
        (Chord("f2", alt=True), "alt_f2"),
        (Chord("space", alt=True), "alt_space"),
        (Chord("escape", alt=True), "alt_escape"),
        (Chord("escape", ctrl=True), "ctrl_escape"),
        (Chord("escape", ctrl=True, shift=True), "ctrl_escape"),
        (Chord("a", ctrl=True, alt=True), "ctrl_alt"),
        (Chord("win"), "win"),
        (Chord("e", win=True), "win"),
        (Chord("menu"), "menu"),
        (Chord("print"), "print"),
        (Chord("print", win=True), "print"),
    ],
)
def test_ways_out_are_kept_back(chord: Chord, reason: str):
    assert refused_as(chord) == reason


def press(keys: HeldKeys, *codes: int, flags: int = 0) -> str:
    """Press all in turn; what becomes of the last."""
    return [refused_as(keys.take(code, flags, is_down=True)) for code in codes][-1]


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        ((LALT, TAB), "alt_tab"),
        ((LWIN,), "win"),
        ((LWIN, 0x45), "win"),
        ((PRINT,), "print"),
        ((LCTRL, ESCAPE), "ctrl_escape"),
        ((LCTRL, LSHIFT, ESCAPE), "ctrl_escape"),
        ((LALT, F4), "alt_f4"),
        ((LCTRL, LALT, 0x41), "ctrl_alt"),
        ((MENU,), "menu"),
        ((0x41,), ""),
        ((LSHIFT, LEFT), ""),
        ((LCTRL, SPACE), ""),
        ((LCTRL, LSHIFT), ""),
        ((0xE5,), ""),  # VK_PROCESSKEY: the input method has the key
        ((0xE7,), ""),  # VK_PACKET: a character that a pen or a voice wrote
    ],
)
def test_windows_keys_become_chords(codes: tuple[int, ...], reason: str):
    assert press(HeldKeys(), *codes) == reason


def test_a_released_key_is_held_no_more():
    keys = HeldKeys()
    press(keys, LALT)
    keys.take(LALT, 0, is_down=False)

    assert press(keys, TAB) == ""


def test_alt_is_known_from_the_system_where_its_press_was_lost():
    assert press(HeldKeys(), TAB, flags=ALT_DOWN) == "alt_tab"


def test_a_key_whose_release_got_lost_on_the_secure_desktop_is_forgotten():
    keys = HeldKeys()
    press(keys, LWIN)
    assert press(keys, 0x41) == "win"

    keys.forget(keys.down)

    assert press(keys, 0x41) == ""


def test_structures_have_the_sizes_that_windows_expects():
    # Source: winuser.h for 64 bits
    assert ctypes.sizeof(KeyEvent) == 24
    assert ctypes.sizeof(StickyKeys) == 8


def test_only_the_hot_key_of_sticky_keys_is_taken_away():
    # 510 is what a fresh Windows has; 1 would switch sticky keys themselves on
    assert without_hotkey(510) == 510 - 4 - 8
    assert without_hotkey(511) & 1 == 1


def test_the_presentation_options_are_a_combination_that_appkit_takes():
    assert is_valid(LOCKED)
    assert is_valid(DEFAULT)
    assert not is_valid(HIDE_MENU_BAR)
