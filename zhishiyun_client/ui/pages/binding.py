"""佐证绑定: the QR code and the 绑定码, then the phone as it reports (R060–R065)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout

from zhishiyun_client.flow.intents import Continue, NewBindingCode
from zhishiyun_client.flow.views import BindingView, BoundPhoneView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_client.ui import names
from zhishiyun_client.ui.pages.page import Page
from zhishiyun_client.ui.parts.buttons import GatedButton
from zhishiyun_client.ui.parts.card import Card, Rows
from zhishiyun_client.ui.parts.countdown import clock_text
from zhishiyun_client.ui.parts.labels import Icon, label
from zhishiyun_client.ui.parts.part import Part, Tools
from zhishiyun_client.ui.parts.qr_view import QrView
from zhishiyun_client.ui.parts.still import Still
from zhishiyun_client.ui.theme import QR_SIDE_PX, Colour, Space, Type, font

_LARGE_QR_PX = 440


class NumberedRow(Part):
    """A numbered instruction."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(Space.SNUG)
        self.number = label("strong", wraps=False)
        self.number.setFixedWidth(18)
        self.words = label()
        row.addWidget(self.number, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)

    def draw(self, view: tuple[int, Words]) -> None:
        """Fill the row."""
        self.put(self.number, str(view[0]))
        self.put(self.words, view[1])


class BindingPage(Page):
    """Draws a `BindingView`; 【智试通二维码】 enlarges the code."""

    phase = "binding"

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, T.BINDING_TITLE, T.BINDING_LEAD)
        self._is_large = False
        self._make_phone()
        side = QVBoxLayout()
        side.setSpacing(Space.NORMAL)
        side.addWidget(self._make_code())
        side.addWidget(self._make_steps())
        side.addStretch(1)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(Space.NORMAL)
        self._row.addWidget(self._make_picture(), 0, Qt.AlignmentFlag.AlignTop)
        self._row.addLayout(side, 1)
        self.body.addLayout(self._row)
        self.problem = label("problem")
        self.body.addWidget(self.problem)
        self.body.addStretch(1)
        self.continue_ = self.action(names.CONTINUE, T.BINDING_CONTINUE, Continue())

    def set_compact(self, is_compact: bool) -> None:
        """One below the other on a small window."""
        super().set_compact(is_compact)
        if hasattr(self, "_row"):
            direction = QBoxLayout.Direction
            self._row.setDirection(direction.TopToBottom if is_compact else direction.LeftToRight)

    def draw(self, view: BindingView) -> None:
        """Show the code and, once it is bound, the phone."""
        self.qr.show_matrix(view.qr)
        self.put(self.code, "  ".join(view.code_groups))
        expires = text(T.BINDING_EXPIRES, time=clock_text(view.expires_in_s))
        self.put(self.expires, expires if view.expires_in_s > 0 else None)
        self.new_code.gate(view.new_code_off)
        self._steps.render(tuple(enumerate(view.steps, 1)))
        self.put(self.rule, view.rule)
        self.put(self.problem, view.problem)
        self.put(self.lead, T.BINDING_LEAD_BOUND if view.phone else T.BINDING_LEAD)
        self._draw_phone(view.phone)
        self.continue_.gate(view.continue_off)

    def _draw_phone(self, phone: BoundPhoneView | None) -> None:
        self.phone_name.setProperty(names.IS_BOUND, phone is not None)
        self.phone_card.colour("good" if phone else "calm")
        self.phone_icon.choose(
            "tick_circle" if phone else "phone", Colour.GOOD if phone else Colour.PRIMARY
        )
        if phone is None:
            self.put(self.phone_name, T.BINDING_WAITING)
            self.put(self.phone_facts, None)
            self.put(self.phone_warning, None)
            self.phone_view.hide()
            self.phone_hint.hide()
            return
        self.put(self.phone_name, text(T.BINDING_BOUND, name=phone.name))
        facts: list[Words] = []
        if phone.battery_percent is not None:
            facts.append(text(T.BINDING_BATTERY, value=phone.battery_percent))
        if phone.storage_gb is not None:
            facts.append(text(T.BINDING_STORAGE, value=phone.storage_gb))
        facts.append(phone.doing or T.BINDING_NOT_RECORDING)
        self.put(self.phone_facts, "   ".join(self.say(fact) for fact in facts))
        self.put(self.phone_warning, phone.warning)
        self._draw_view(phone)

    def _draw_view(self, phone: BoundPhoneView) -> None:
        self.phone_view.setVisible(phone.has_picture)
        self.phone_hint.setVisible(phone.has_picture)
        if phone.has_picture:
            self.put(self.phone_hint, T.PHONE_PICTURE_HINT)
            self.phone_view.show_jpeg(phone.picture, T.PHONE_PICTURE_WAITS)

    def _make_phone(self) -> None:
        self.phone_card = Card(self.tools)
        row = QHBoxLayout()
        row.setSpacing(Space.NORMAL)
        self.phone_icon = Icon(self.tools.pictures, "phone", Colour.PRIMARY, 30)
        words = QVBoxLayout()
        words.setSpacing(Space.HAIR)
        self.phone_name = label("big")
        self.phone_name.setObjectName(names.BOUND_PHONE)
        self.phone_facts = label("muted")
        words.addWidget(self.phone_name)
        words.addWidget(self.phone_facts)
        self.phone_warning = label("caution")
        self.phone_hint = label("small")
        words.addWidget(self.phone_warning)
        words.addWidget(self.phone_hint)
        words.addStretch(1)
        self.phone_view = Still(self.tools)
        self.phone_view.setObjectName(names.PHONE_PICTURE)
        self.fix(self.phone_view.setAccessibleName, T.PHONE_PICTURE)
        row.addWidget(self.phone_icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self.phone_view)
        self.phone_card.body.addLayout(row)
        self.body.addWidget(self.phone_card)

    def _make_picture(self) -> Card:
        card = Card(self.tools)
        self.qr = QrView()
        self.fix(self.qr.setAccessibleName, T.BINDING_QR_NAME)
        enlarge = self.button(names.QR_BUTTON, T.BINDING_QR_BUTTON, None, "", "enlarge")
        enlarge.clicked.connect(self._on_enlarge_clicked)
        card.body.setContentsMargins(Space.NORMAL, Space.NORMAL, Space.NORMAL, Space.NORMAL)
        card.body.addWidget(self.qr, 0, Qt.AlignmentFlag.AlignCenter)
        card.body.addWidget(enlarge, 0, Qt.AlignmentFlag.AlignHCenter)
        return card

    def _make_code(self) -> Card:
        card = Card(self.tools)
        caption = label("muted")
        self.fix(caption.setText, T.BINDING_CODE)
        self.code = label("code", wraps=False)
        self.code.setObjectName(names.BINDING_CODE)
        self.code.setFont(font(Type.PAGE, is_bold=True, has_tabular_digits=True))
        hint = label("small")
        self.fix(hint.setText, T.BINDING_CODE_HINT)
        self.expires = label("small")
        new_code = self.button(
            names.NEW_CODE, T.BINDING_NEW_CODE, NewBindingCode(), "quiet", "refresh"
        )
        self.new_code = GatedButton(self.tools, new_code, QBoxLayout.Direction.TopToBottom)
        self.new_code.intended.connect(self.intended)
        row = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(2)
        for widget in (caption, self.code, hint, self.expires):
            words.addWidget(widget)
        row.addLayout(words, 1)
        row.addWidget(self.new_code, 0, Qt.AlignmentFlag.AlignTop)
        card.body.addLayout(row)
        return card

    def _make_steps(self) -> Card:
        card = Card(self.tools)
        self._steps = Rows(card.body, self._step)
        self.rule = label("caution")
        card.body.addWidget(self.rule)
        card.body.setSpacing(Space.HAIR)
        return card

    def _step(self) -> NumberedRow:
        return NumberedRow(self.tools)

    def _on_enlarge_clicked(self) -> None:
        self._is_large = not self._is_large
        self.qr.resize_to(_LARGE_QR_PX if self._is_large else QR_SIDE_PX)
