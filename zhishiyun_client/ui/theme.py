"""Every number of taste, in one place: colours, type, spacing, radii, sizes.

Source of the minima: screens-and-wording §6 (body 16 px, contrast 4.5:1, countdown 32 px).
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

from PySide6.QtGui import QFont, QFontDatabase


class Colour(StrEnum):
    """The palette; `TEXT_PAIRS` says which may carry text on which."""

    GROUND = "#F3F5F8"
    SURFACE = "#FFFFFF"
    SUNKEN = "#EDF0F4"
    LINE = "#D5DCE5"
    LINE_STRONG = "#8593A5"
    INK = "#17212E"
    MUTED = "#4F5D6E"
    PRIMARY = "#1B4F9C"
    PRIMARY_HOVER = "#153F80"
    PRIMARY_PRESSED = "#0F3067"
    PRIMARY_TINT = "#E8F0FA"
    PRIMARY_TINT_PRESSED = "#D3E2F5"
    ON_PRIMARY = "#FFFFFF"
    FOCUS = "#F5A623"
    OFF = "#E3E8EE"
    OFF_INK = "#566273"
    GOOD = "#17703C"
    GOOD_TINT = "#E6F4EB"
    CAUTION = "#855000"
    CAUTION_TINT = "#FDF3E0"
    GRAVE = "#B3261E"
    GRAVE_HOVER = "#931D16"
    GRAVE_TINT = "#FCECEA"
    RECORDING = "#D92D20"
    BAND_FORMAL = "#163F7E"
    BAND_MOCK = "#B84A00"
    NIGHT = "#121A24"
    ON_NIGHT = "#E8EDF3"
    GOOD_ON_NIGHT = "#4CC27A"


TEXT_PAIRS: tuple[tuple[Colour, Colour], ...] = (
    (Colour.INK, Colour.GROUND),
    (Colour.INK, Colour.SURFACE),
    (Colour.INK, Colour.SUNKEN),
    (Colour.MUTED, Colour.GROUND),
    (Colour.MUTED, Colour.SURFACE),
    (Colour.MUTED, Colour.SUNKEN),
    (Colour.PRIMARY, Colour.SURFACE),
    (Colour.PRIMARY, Colour.GROUND),
    (Colour.PRIMARY, Colour.PRIMARY_TINT),
    (Colour.PRIMARY, Colour.PRIMARY_TINT_PRESSED),
    (Colour.INK, Colour.PRIMARY_TINT),
    (Colour.ON_PRIMARY, Colour.PRIMARY),
    (Colour.ON_PRIMARY, Colour.PRIMARY_HOVER),
    (Colour.ON_PRIMARY, Colour.PRIMARY_PRESSED),
    (Colour.OFF_INK, Colour.OFF),
    (Colour.GOOD, Colour.SURFACE),
    (Colour.GOOD, Colour.GROUND),
    (Colour.GOOD, Colour.GOOD_TINT),
    (Colour.INK, Colour.GOOD_TINT),
    (Colour.CAUTION, Colour.SURFACE),
    (Colour.CAUTION, Colour.GROUND),
    (Colour.CAUTION, Colour.CAUTION_TINT),
    (Colour.INK, Colour.CAUTION_TINT),
    (Colour.GRAVE, Colour.SURFACE),
    (Colour.GRAVE, Colour.GROUND),
    (Colour.GRAVE, Colour.GRAVE_TINT),
    (Colour.GRAVE_HOVER, Colour.GRAVE_TINT),
    (Colour.INK, Colour.GRAVE_TINT),
    (Colour.ON_PRIMARY, Colour.GRAVE),
    (Colour.ON_PRIMARY, Colour.GRAVE_HOVER),
    (Colour.ON_PRIMARY, Colour.GOOD),
    (Colour.ON_PRIMARY, Colour.BAND_FORMAL),
    (Colour.ON_PRIMARY, Colour.BAND_MOCK),
    (Colour.ON_NIGHT, Colour.NIGHT),
    (Colour.GOOD_ON_NIGHT, Colour.NIGHT),
)


class Type(IntEnum):
    """The type scale in px at 100 %."""

    SMALL = 14
    BODY = 16
    LEAD = 18
    QUESTION = 22
    TITLE = 20
    PAGE = 26
    CLOCK = 40
    CLOCK_SMALL = 32
    HUGE = 88
    HUGE_SMALL = 52


QUESTION_SIZES_PX = (20, 22, 24, 28, 32, 36)


class Space(IntEnum):
    """The spacing scale in px."""

    HAIR = 4
    TIGHT = 8
    SNUG = 12
    NORMAL = 16
    WIDE = 24
    PAGE = 32
    AIRY = 48


RADIUS_PX = 6
RADIUS_CARD_PX = 10
BUTTON_HEIGHT_PX = 44
BUTTON_BIG_HEIGHT_PX = 54
LINE_CHARACTERS = 38
CONTENT_WIDTH_PX = 1040

HEADER_HEIGHT_PX = 60
HEADER_HEIGHT_COMPACT_PX = 46
STEPS_WIDTH_PX = 212
PANEL_WIDTH_PX = 292
PANEL_WIDTH_COMPACT_PX = 212
DRAWER_WIDTH_PX = 380
COMPACT_BELOW_WIDTH_PX = 1100
COMPACT_BELOW_HEIGHT_PX = 620
WINDOW_MINIMUM_PX = (640, 340)
"""Logical size at 200 % on 1366×768 less the frame; the full layout needs 1280×680."""

QR_SIDE_PX = 264
PREVIEW_INTERVAL_MS = 66
WARM_AFTER_MS = 600
WARM_EVERY_MS = 80
END_GUARD_MS = 900
"""How long 【确认】 stays off after the question opens: a double click takes under 500 ms."""

FAMILIES = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "思源黑体",
    "Noto Sans SC",
    "Microsoft YaHei UI",
    "Microsoft YaHei",
    "微软雅黑",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
)


def family() -> str:
    """The first of our families that this machine has; Qt's own choice if none.

    Thread: ui, after the application exists.
    """
    present = set(QFontDatabase.families())
    return next((name for name in FAMILIES if name in present), QFont().family())


def font(size_px: int, *, is_bold: bool = False, has_tabular_digits: bool = False) -> QFont:
    """A font of the scale; tabular digits keep a countdown from dancing."""
    made = QFont(family())
    made.setPixelSize(size_px)
    made.setWeight(QFont.Weight.DemiBold if is_bold else QFont.Weight.Normal)
    if has_tabular_digits:
        made.setFeature(QFont.Tag("tnum"), 1)
    return made


def luminance(colour: str) -> float:
    """Relative luminance of `#RRGGBB`.

    Source: WCAG 2.2, definition of relative luminance.
    """
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Contrast ratio, 1…21."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
