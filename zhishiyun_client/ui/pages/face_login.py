"""人脸登录: numbers, face, a technician instead; never a dead end (R041–R046)."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from zhishiyun_client.flow.intents import (
    AskForTechnician,
    BackToFace,
    CancelTakeOver,
    OpenHelp,
    RetryFace,
    SubmitNumbers,
    TakeOverHere,
)
from zhishiyun_client.flow.views import FaceLoginState, FaceLoginView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_client.ui import names
from zhishiyun_client.ui.pages.page import Page
from zhishiyun_client.ui.parts.buttons import GatedButton, IntentButton
from zhishiyun_client.ui.parts.card import Card
from zhishiyun_client.ui.parts.countdown import clock_text
from zhishiyun_client.ui.parts.labels import Icon, label
from zhishiyun_client.ui.parts.part import Tools, mark
from zhishiyun_client.ui.parts.preview import Preview
from zhishiyun_client.ui.theme import Colour, Space, Type, font

_PREVIEW_PX = (560, 315)
_PREVIEW_LEAST_PX = (320, 180)
_PREVIEW_SMALL_PX = (240, 135)
_FIELD_WIDTH_PX = 420
_OVAL = {
    FaceLoginState.LOOKING: Colour.ON_NIGHT,
    FaceLoginState.FAILED: Colour.FOCUS,
    FaceLoginState.ACCEPTED: Colour.GOOD_ON_NIGHT,
    FaceLoginState.WAITING: Colour.ON_NIGHT,
}


class FaceLoginPage(Page):
    """Draws a `FaceLoginView`; what was typed leaves its fields only in `SubmitNumbers`."""

    phase = "face_login"

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, T.FACE_LOGIN_TITLE, T.FACE_LOGIN_LEAD)
        self._not_open = self._make_not_open()
        self._numbers = self._make_numbers()
        self._face = self._make_face()
        self._take_over = self._make_take_over()
        self._states = (self._not_open, self._numbers, self._face, self._take_over)
        for part in self._states:
            self.body.addWidget(part)
        self.contact_words = label("muted")
        self.body.addWidget(self.contact_words)
        self.body.addStretch(1)
        self._make_bar()

    def set_compact(self, is_compact: bool) -> None:
        """On a small window picture and hint stay in sight together."""
        super().set_compact(is_compact)
        if hasattr(self, "preview"):  # the first call comes while the page is being made
            self.lead.setVisible(not is_compact)
            self.preview.setMinimumSize(*(_PREVIEW_SMALL_PX if is_compact else _PREVIEW_LEAST_PX))
            self.preview.setMaximumSize(*(_PREVIEW_SMALL_PX if is_compact else _PREVIEW_PX))

    def draw(self, view: FaceLoginView) -> None:
        """Show the state that the view is in."""
        state = view.state
        if state is FaceLoginState.NOT_OPEN:
            self._show_only(self._not_open)
            self.put(self.opens, text(T.FACE_LOGIN_NOT_OPEN, time=view.opens_at))
            self.put(self.opens_in, clock_text(view.opens_in_s))
        elif state is FaceLoginState.NUMBERS:
            self._show_only(self._numbers)
            self._draw_numbers(view)
        elif state is FaceLoginState.TAKE_OVER:
            self._show_only(self._take_over)
        else:
            self._show_only(self._face)
            self._draw_face(view)
        called = text(T.COMMON_CALL, phone=view.phone, hours=view.hours)
        self.put(self.contact_words, called if view.phone else None)
        self._draw_bar(view)

    def _show_only(self, wanted: QWidget) -> None:
        for part in self._states:
            part.setVisible(part is wanted)

    def _draw_numbers(self, view: FaceLoginView) -> None:
        for field, problem, words in (
            (self.id_number, self.id_problem, view.id_number_problem),
            (self.ticket_number, self.ticket_problem, view.ticket_number_problem),
        ):
            self.put(problem, words)
            mark(field, "tone", "grave" if words is not None else "")
            field.setAccessibleDescription(problem.text())
        self.put(self.numbers_problem, view.problem)
        self.submit.gate(view.submit_off)

    def _draw_face(self, view: FaceLoginView) -> None:
        state = view.state
        self.preview.guide(_OVAL.get(state, Colour.ON_NIGHT), view.progress_share)
        is_looking = state is FaceLoginState.LOOKING
        self.put(self.hint, (view.hint or T.FACE_LOGIN_CHECKING) if is_looking else None)
        self.put(self.heading, self._heading(view))
        self.put(self.detail, self._detail(view))
        left = (
            view.attempts_left if state in (FaceLoginState.LOOKING, FaceLoginState.FAILED) else None
        )
        self.put(
            self.attempts,
            text(T.FACE_LOGIN_ATTEMPTS_LEFT, count=left) if left is not None else None,
        )
        self.put(
            self.code,
            text(T.COMMON_ERROR_CODE, code=view.problem_code) if view.problem_code else None,
        )
        self.busy.setVisible(state in (FaceLoginState.WAITING, FaceLoginState.LOOKING))
        tone = {FaceLoginState.ACCEPTED: "good", FaceLoginState.FAILED: "caution"}.get(state, "")
        self.state_card.colour(tone)
        picture = {
            FaceLoginState.ACCEPTED: ("tick_circle", Colour.GOOD),
            FaceLoginState.FAILED: ("caution", Colour.CAUTION),
            FaceLoginState.WAITING: ("person", Colour.PRIMARY),
        }.get(state, ("face", Colour.PRIMARY))
        self.picture.choose(*picture)
        self.back.setVisible(state is FaceLoginState.WAITING and view.may_go_back)

    def _heading(self, view: FaceLoginView) -> Words:
        if view.state is FaceLoginState.WAITING:
            return T.FACE_LOGIN_WAITING_TITLE
        if view.state is FaceLoginState.ACCEPTED:
            return T.FACE_LOGIN_ACCEPTED_BY_PERSON if view.is_by_person else T.FACE_LOGIN_ACCEPTED
        if view.state is FaceLoginState.FAILED and view.problem is not None:
            return view.problem
        return T.FACE_LOGIN_LEAD

    def _detail(self, view: FaceLoginView) -> Words | None:
        if view.state is FaceLoginState.ACCEPTED:
            return T.FACE_LOGIN_ACCEPTED_LEAD
        if view.state is not FaceLoginState.WAITING:
            return None
        lines: list[Words] = [
            T.FACE_LOGIN_WAITING_LEAD,
            text(T.FACE_LOGIN_WAITING_TIME, time=clock_text(view.waiting_s)),
        ]
        if view.people_ahead is not None:
            lines.append(text(T.FACE_LOGIN_WAITING_PLACE, count=view.people_ahead))
        return "\n".join(self.say(line) for line in lines)

    def _draw_bar(self, view: FaceLoginView) -> None:
        is_face = view.state in (FaceLoginState.LOOKING, FaceLoginState.FAILED)
        is_looking = view.state is FaceLoginState.LOOKING
        self.retry.setVisible(is_face and not (is_looking and self._is_compact))
        self.retry.gate(view.retry_off)
        self.technician.setVisible(is_face)
        self.technician.gate(view.technician_off)
        is_waiting = view.state is FaceLoginState.WAITING
        done = view.state in (FaceLoginState.ACCEPTED, FaceLoginState.TAKE_OVER)
        self.other.setVisible(not done and (view.may_go_back or not is_waiting))
        self.other.button.intent = BackToFace() if is_waiting else AskForTechnician()

    def _make_not_open(self) -> Card:
        card = Card(self.tools, T.FACE_LOGIN_NOT_OPEN_TITLE, "clock")
        self.opens = label()
        self.opens_in = label(wraps=False)
        self.opens_in.setFont(font(Type.HUGE_SMALL, is_bold=True, has_tabular_digits=True))
        card.body.addWidget(self.opens)
        card.body.addWidget(self.opens_in)
        return card

    def _make_numbers(self) -> Card:
        card = Card(self.tools, T.FACE_LOGIN_NUMBERS_TITLE, "person")
        lead = label("muted")
        self.fix(lead.setText, T.FACE_LOGIN_NUMBERS_LEAD)
        card.body.addWidget(lead)
        self.id_number, self.id_problem = self._field(
            card, names.ID_NUMBER, T.FACE_LOGIN_ID_NUMBER, T.FACE_LOGIN_ID_NUMBER_HINT
        )
        self.ticket_number, self.ticket_problem = self._field(
            card, names.TICKET_NUMBER, T.FACE_LOGIN_TICKET_NUMBER, T.FACE_LOGIN_TICKET_NUMBER_HINT
        )
        self.numbers_problem = label("problem")
        card.body.addWidget(self.numbers_problem)
        button = self.button(names.SUBMIT_NUMBERS, T.FACE_LOGIN_SUBMIT, None, "primary")
        button.clicked.connect(self._on_submit)
        self.id_number.returnPressed.connect(self.ticket_number.setFocus)
        self.ticket_number.returnPressed.connect(button.click)
        self.submit = GatedButton(self.tools, button, QBoxLayout.Direction.LeftToRight)
        card.body.addWidget(self.submit)
        return card

    def _field(self, card: Card, name: str, words: T, hint: T) -> tuple[QLineEdit, QLabel]:
        caption = label("strong")
        self.fix(caption.setText, words)
        field = QLineEdit()
        field.setObjectName(name)
        field.setMaximumWidth(_FIELD_WIDTH_PX)
        field.setMaxLength(32)
        self.fix(field.setPlaceholderText, hint)
        self.fix(field.setAccessibleName, words)
        caption.setBuddy(field)
        problem = label("problem")
        problem.setObjectName(f"{name}.problem")
        for widget in (caption, field, problem):
            card.body.addWidget(widget)
        return field, problem

    def _make_face(self) -> QWidget:
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.SNUG)
        self.preview = Preview(self.tools, has_oval=True)
        self.preview.setMaximumSize(*_PREVIEW_PX)
        self.preview.setMinimumSize(*_PREVIEW_LEAST_PX)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self.preview, 20)
        middle.addStretch(1)
        self.hint = label("cue")
        self.hint.setObjectName("login.hint")
        # Above the picture: nearer to the camera, and in sight at 200 % as well.
        column.addWidget(self.hint)
        column.addLayout(middle)
        self.state_card = Card(self.tools)
        row = QHBoxLayout()
        row.setSpacing(Space.NORMAL)
        self.picture = Icon(self.tools.pictures, "face", Colour.PRIMARY, 32)
        words = QVBoxLayout()
        words.setSpacing(Space.HAIR)
        self.heading = label("big")
        self.detail = label("muted")
        self.attempts = label("strong")
        self.code = label("small")
        for widget in (self.heading, self.detail, self.attempts, self.code):
            words.addWidget(widget)
        self.back = IntentButton(names.BACK_TO_FACE, BackToFace(), "quiet")
        self.fix(self.back.setText, T.FACE_LOGIN_RETRY)
        self.back.intended.connect(self.intended)
        row.addWidget(self.picture)
        row.addLayout(words, 1)
        row.addWidget(self.back)
        self.state_card.body.addLayout(row)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.state_card.body.addWidget(self.busy)
        column.addWidget(self.state_card)
        return whole

    def _make_take_over(self) -> Card:
        card = Card(self.tools, T.FACE_LOGIN_TITLE, "screen")
        card.colour("caution")
        words = label("big")
        self.fix(words.setText, T.FACE_LOGIN_E103)
        row = QHBoxLayout()
        here = self.button(names.TAKE_OVER, T.FACE_LOGIN_HERE, TakeOverHere())
        cancel = self.button(
            names.CANCEL_TAKE_OVER, T.FACE_LOGIN_CANCEL, CancelTakeOver(), "primary"
        )
        row.addWidget(cancel)
        row.addWidget(here)
        row.addStretch(1)
        for button in (here, cancel):
            button.intended.connect(self.intended)
        code = label("small")
        self.fix(code.setText, text(T.COMMON_ERROR_CODE, code="E103"))
        card.body.addWidget(words)
        card.body.addLayout(row)
        card.body.addWidget(code)
        return card

    def _make_bar(self) -> None:
        self.other = self.action(names.OTHER_WAY, T.FACE_LOGIN_OTHER_WAY, AskForTechnician(), "")
        self.contact = self.action("login.contact", T.FACE_LOGIN_CONTACT, OpenHelp(), "", "help")
        self.technician = self.action(
            names.TECHNICIAN,
            T.FACE_LOGIN_TECHNICIAN,
            AskForTechnician(),
            "",
            "person",
            is_right=True,
        )
        self.retry = self.action(
            names.RETRY_FACE, T.FACE_LOGIN_RETRY, RetryFace(), "primary", "refresh"
        )

    def _on_submit(self) -> None:
        self.intended.emit(
            SubmitNumbers(self.id_number.text().strip(), self.ticket_number.text().strip())
        )
