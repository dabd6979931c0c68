"""The look of every widget, built from the tokens of `theme`.

Roles and kinds are dynamic properties: `role` of labels, `kind` of buttons, `surface` and `tone`
    of frames.
"""

from __future__ import annotations

from zhishiyun_client.ui.theme import (
    BUTTON_BIG_HEIGHT_PX,
    BUTTON_HEIGHT_PX,
    RADIUS_CARD_PX,
    RADIUS_PX,
    Colour,
    Type,
)

_LABELS = f"""
QLabel {{ background: transparent; color: {Colour.INK}; }}
QLabel[role="page"] {{ font-size: {Type.PAGE}px; font-weight: 600; }}
QLabel[role="title"] {{ font-size: {Type.TITLE}px; font-weight: 600; }}
QLabel[role="lead"] {{ font-size: {Type.BODY}px; color: {Colour.MUTED}; }}
QLabel[role="strong"] {{ font-weight: 600; }}
QLabel[role="muted"] {{ color: {Colour.MUTED}; }}
QLabel[role="small"] {{ font-size: {Type.SMALL}px; color: {Colour.MUTED}; }}
QLabel[role="big"] {{ font-size: {Type.LEAD}px; }}
QLabel[role="problem"] {{ color: {Colour.GRAVE}; }}
QLabel[role="good"] {{ color: {Colour.GOOD}; font-weight: 600; }}
QLabel[role="caution"] {{ color: {Colour.CAUTION}; }}
QLabel[role="reason"] {{ color: {Colour.CAUTION}; font-size: {Type.BODY}px; }}
QLabel[role="cue"] {{ font-size: 24px; font-weight: 600; color: {Colour.PRIMARY}; }}
QLabel[role="number"] {{ font-size: 64px; font-weight: 600; color: {Colour.PRIMARY}; }}
QLabel[role="code"] {{ font-size: 26px; font-weight: 600; color: {Colour.INK}; }}
QLabel[role="receipt"] {{ font-size: 30px; font-weight: 600; color: {Colour.GOOD}; }}
QLabel[role="chip"] {{ font-size: {Type.SMALL}px; font-weight: 600; padding: 3px 10px;
    border-radius: 12px; background: {Colour.SUNKEN}; color: {Colour.MUTED}; }}
QLabel[role="chip"][tone="good"] {{ background: {Colour.GOOD_TINT}; color: {Colour.GOOD}; }}
QLabel[role="chip"][tone="caution"] {{ background: {Colour.CAUTION_TINT}; color:
    {Colour.CAUTION}; }}
QLabel[role="chip"][tone="grave"] {{ background: {Colour.GRAVE_TINT}; color: {Colour.GRAVE}; }}
QLabel[role="chip"][tone="calm"] {{ background: {Colour.PRIMARY_TINT}; color: {Colour.PRIMARY}; }}
"""

_SURFACES = f"""
QWidget#window {{ background: {Colour.GROUND}; }}
QFrame[surface="card"] {{ background: {Colour.SURFACE}; border: 1px solid {Colour.LINE};
    border-radius: {RADIUS_CARD_PX}px; }}
QFrame[surface="card"][tone="calm"] {{ background: {Colour.PRIMARY_TINT}; border-color:
    {Colour.PRIMARY}; }}
QFrame[surface="card"][tone="good"] {{ background: {Colour.GOOD_TINT}; border-color:
    {Colour.GOOD}; }}
QFrame[surface="card"][tone="caution"] {{ background: {Colour.CAUTION_TINT}; border-color:
    {Colour.CAUTION}; }}
QFrame[surface="card"][tone="grave"] {{ background: {Colour.GRAVE_TINT}; border-color:
    {Colour.GRAVE}; }}
QFrame[surface="well"] {{ background: {Colour.SUNKEN}; border: none; border-radius:
    {RADIUS_PX}px; }}
QFrame[surface="bar"] {{ background: {Colour.SURFACE}; border: none; border-top: 1px solid
    {Colour.LINE}; }}
QFrame[surface="rail"] {{ background: {Colour.SURFACE}; border: none; border-right: 1px solid
    {Colour.LINE}; }}
QFrame[surface="panel"] {{ background: {Colour.SURFACE}; border: none; border-left: 1px solid
    {Colour.LINE}; }}
QFrame[surface="drawer"] {{ background: {Colour.SURFACE}; border: none; border-left: 1px solid
    {Colour.LINE_STRONG}; }}
QFrame[surface="dialog"] {{ background: {Colour.SURFACE}; border: none; border-radius:
    {RADIUS_CARD_PX}px; }}
QFrame[surface="veil"] {{ background: rgba(18, 26, 36, 150); border: none; }}
QFrame[surface="curtain"] {{ background: {Colour.GROUND}; border: none; }}
QFrame[surface="rule"] {{ background: {Colour.LINE}; border: none; max-height: 1px; min-height:
    1px; }}
QFrame[surface="header"][band="formal"] {{ background: {Colour.BAND_FORMAL}; border: none; }}
QFrame[surface="header"][band="mock"], QFrame[surface="header"][band="rehearsal"] {{
    background: {Colour.BAND_MOCK}; border: none; }}
QFrame[surface="header"] QLabel {{ color: {Colour.ON_PRIMARY}; }}
QLabel[role="product"] {{ font-size: 22px; font-weight: 700; }}
QLabel[role="band"] {{ font-size: {Type.BODY}px; font-weight: 600; padding: 2px 12px;
    border: 1px solid {Colour.ON_PRIMARY}; border-radius: {RADIUS_PX}px; }}
QLabel[role="demonstration"] {{ background: {Colour.CAUTION_TINT}; color: {Colour.CAUTION};
    font-size: {Type.SMALL}px; padding: 4px 24px; border-bottom: 1px solid {Colour.LINE}; }}
QFrame[surface="notice"] {{ border: none; border-bottom: 1px solid {Colour.LINE}; background:
    {Colour.PRIMARY_TINT}; }}
QFrame[surface="notice"][tone="good"] {{ background: {Colour.GOOD_TINT}; }}
QFrame[surface="notice"][tone="caution"] {{ background: {Colour.CAUTION_TINT}; }}
QFrame[surface="notice"][tone="grave"] {{ background: {Colour.GRAVE_TINT}; }}
QFrame[surface="bubble"] {{ background: {Colour.SUNKEN}; border: none; border-radius:
    {RADIUS_CARD_PX}px; }}
QFrame[surface="bubble"][author="candidate"] {{ background: {Colour.PRIMARY_TINT}; }}
QFrame[surface="card"][tone="seal"] {{ border: 2px solid {Colour.GOOD}; }}
QFrame[surface="green"] {{ background: {Colour.GOOD_TINT}; border: none; }}
QScrollArea, QScrollArea > QWidget > QWidget[surface="none"] {{ background: transparent; border:
    none; }}
"""

_BUTTONS = f"""
QPushButton {{ min-height: {BUTTON_HEIGHT_PX - 4}px; padding: 0 18px; border-radius: {RADIUS_PX}px;
    border: 2px solid {Colour.LINE_STRONG}; background: {Colour.SURFACE}; color: {Colour.INK};
    font-size: {Type.BODY}px; }}
QPushButton:hover {{ background: {Colour.PRIMARY_TINT}; border-color: {Colour.PRIMARY}; color:
    {Colour.PRIMARY}; }}
QPushButton:pressed {{ background: {Colour.PRIMARY_TINT_PRESSED}; }}
QPushButton:focus {{ border: 2px solid {Colour.PRIMARY}; background: {Colour.PRIMARY_TINT};
    color: {Colour.PRIMARY}; }}
QPushButton:disabled {{ background: {Colour.OFF}; border-color: {Colour.OFF}; color:
    {Colour.OFF_INK}; }}
QPushButton[kind="primary"] {{ background: {Colour.PRIMARY}; border-color: {Colour.PRIMARY};
    color: {Colour.ON_PRIMARY}; font-weight: 600; }}
QPushButton[kind="primary"]:hover {{ background: {Colour.PRIMARY_HOVER}; border-color:
    {Colour.PRIMARY_HOVER}; }}
QPushButton[kind="primary"]:pressed {{ background: {Colour.PRIMARY_PRESSED}; }}
QPushButton[kind="primary"]:focus {{ border-color: {Colour.FOCUS}; color: {Colour.ON_PRIMARY};
    background: {Colour.PRIMARY}; }}
QPushButton[kind="primary"]:disabled {{ background: {Colour.OFF}; border-color: {Colour.OFF};
    color: {Colour.OFF_INK}; }}
QPushButton[kind="grave"] {{ color: {Colour.GRAVE}; border-color: {Colour.GRAVE}; }}
QPushButton[kind="grave"]:hover {{ background: {Colour.GRAVE_TINT}; color: {Colour.GRAVE_HOVER};
    border-color: {Colour.GRAVE_HOVER}; }}
QPushButton[kind="grave"]:focus {{ background: {Colour.GRAVE_TINT}; color: {Colour.GRAVE};
    border: 2px solid {Colour.GRAVE_HOVER}; }}
QPushButton[kind="grave"]:disabled {{ background: {Colour.OFF}; border-color: {Colour.OFF};
    color: {Colour.OFF_INK}; }}
QPushButton[kind="help"] {{ background: {Colour.PRIMARY_TINT}; border-color: {Colour.PRIMARY};
    color: {Colour.PRIMARY}; font-weight: 600; }}
QPushButton[kind="help"]:hover, QPushButton[kind="help"]:focus {{ background: {Colour.PRIMARY};
    color: {Colour.ON_PRIMARY}; }}
QPushButton[kind="help"]:focus {{ border-color: {Colour.FOCUS}; }}
QPushButton[kind="quiet"] {{ background: transparent; border-color: transparent; color:
    {Colour.PRIMARY};
    padding: 0 10px; }}
QPushButton[kind="quiet"]:hover {{ background: {Colour.PRIMARY_TINT}; }}
QPushButton[kind="quiet"]:focus {{ border: 2px solid {Colour.PRIMARY}; }}
QPushButton[kind="quiet"]:disabled {{ background: transparent; border-color: transparent; color:
    {Colour.OFF_INK}; }}
QPushButton[kind="language"] {{ min-height: 28px; padding: 0 10px; background: transparent;
    border: 2px solid transparent; color: {Colour.ON_PRIMARY}; }}
QPushButton[kind="language"]:hover, QPushButton[kind="language"]:focus {{ border: 2px solid
    {Colour.ON_PRIMARY};
    color: {Colour.ON_PRIMARY}; background: transparent; }}
QPushButton[kind="language"][chosen="yes"] {{ background: {Colour.SURFACE}; color: {Colour.INK}; }}
QPushButton[size="big"] {{ min-height: {BUTTON_BIG_HEIGHT_PX - 4}px; font-size: {Type.LEAD}px;
    padding: 0 28px; }}
QPushButton[size="row"] {{ min-height: 36px; padding: 0 12px; }}
QPushButton[kind="item"] {{ text-align: left; padding: 10px 12px; border-color: {Colour.LINE}; }}
QPushButton[kind="item"]:hover, QPushButton[kind="item"]:focus {{ border-color: {Colour.PRIMARY}; }}
QPushButton[kind="item"]:checked {{ background: {Colour.PRIMARY_TINT}; border-color:
    {Colour.PRIMARY};
    color: {Colour.PRIMARY}; font-weight: 600; }}
"""

_FIELDS = f"""
QLineEdit, QComboBox, QPlainTextEdit {{ min-height: {BUTTON_HEIGHT_PX - 4}px; padding: 0 12px;
    background: {Colour.SURFACE}; color: {Colour.INK}; border: 2px solid {Colour.LINE_STRONG};
    border-radius: {RADIUS_PX}px; font-size: {Type.BODY}px; selection-background-color:
    {Colour.PRIMARY};
    selection-color: {Colour.ON_PRIMARY}; }}
QLineEdit:focus, QComboBox:focus, QPlainTextEdit:focus {{ border-color: {Colour.PRIMARY}; }}
QLineEdit[tone="grave"] {{ border-color: {Colour.GRAVE}; background: {Colour.GRAVE_TINT}; }}
QLineEdit:disabled, QComboBox:disabled {{ background: {Colour.OFF}; color: {Colour.OFF_INK};
    border-color: {Colour.OFF}; }}
QComboBox::drop-down {{ width: 34px; border: none; }}
QComboBox::down-arrow {{ image: url(@pictures@/arrow_down.svg); width: 18px; height: 18px; }}
QComboBox QAbstractItemView {{ background: {Colour.SURFACE}; color: {Colour.INK}; outline: none;
    border: 1px solid {Colour.LINE_STRONG}; selection-background-color: {Colour.PRIMARY_TINT};
    selection-color: {Colour.PRIMARY}; }}
QCheckBox {{ spacing: 12px; color: {Colour.INK}; font-size: {Type.BODY}px; padding: 4px;
    border-radius: {RADIUS_PX}px;
    border: 2px solid transparent; background: transparent; }}
QCheckBox:focus {{ border-color: {Colour.PRIMARY}; }}
QCheckBox::indicator {{ width: 22px; height: 22px; border: 2px solid {Colour.LINE_STRONG};
    border-radius: 4px;
    background: {Colour.SURFACE}; }}
QCheckBox::indicator:hover {{ border-color: {Colour.PRIMARY}; }}
QCheckBox::indicator:checked {{ background: {Colour.PRIMARY}; border-color: {Colour.PRIMARY};
    image: url(@pictures@/tick_white.svg); }}
QTextEdit[role="paper"] {{ background: {Colour.SURFACE}; color: {Colour.INK}; border: 2px solid
    {Colour.SURFACE};
    border-radius: {RADIUS_PX}px; }}
QTextEdit[role="paper"]:focus {{ border-color: {Colour.PRIMARY}; }}
QProgressBar {{ min-height: 10px; max-height: 10px; border: none; border-radius: 5px; background:
    {Colour.OFF}; }}
QProgressBar::chunk {{ background: {Colour.PRIMARY}; border-radius: 5px; }}
QProgressBar[tone="good"]::chunk {{ background: {Colour.GOOD}; }}
QProgressBar[tone="caution"]::chunk {{ background: {Colour.CAUTION}; }}
QScrollBar:vertical {{ width: 12px; background: transparent; margin: 2px; }}
QScrollBar:horizontal {{ height: 12px; background: transparent; margin: 2px; }}
QScrollBar::handle {{ background: {Colour.LINE_STRONG}; border-radius: 4px; min-height: 36px;
    min-width: 36px; }}
QScrollBar::handle:hover {{ background: {Colour.MUTED}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QToolTip {{ background: {Colour.NIGHT}; color: {Colour.ON_NIGHT}; border: none; padding: 6px
    10px; }}
"""


def stylesheet(pictures_folder: str) -> str:
    """The whole style sheet; pictures are addressed in this folder with forward slashes."""
    sheet = _LABELS + _SURFACES + _BUTTONS + _FIELDS
    return sheet.replace("@pictures@", pictures_folder.replace("\\", "/"))
