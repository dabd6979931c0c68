"""上传: bytes, an honest time, the server's check as the last step, rescue (R182–R190)."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
)

from zhishiyun_client.flow.intents import (
    Continue,
    Explain,
    ExportTo,
    OpenHelp,
    RetryUpload,
    UploadAgain,
)
from zhishiyun_client.flow.views import StreamState, StreamView, UploadingView, UploadStep
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ui import names
from zhishiyun_client.ui.pages.binding import NumberedRow
from zhishiyun_client.ui.pages.page import Page
from zhishiyun_client.ui.parts.action_row import ActionRow
from zhishiyun_client.ui.parts.buttons import GatedButton
from zhishiyun_client.ui.parts.card import Card, Rows
from zhishiyun_client.ui.parts.labels import Icon, label
from zhishiyun_client.ui.parts.part import Part, Tools, mark
from zhishiyun_client.ui.theme import Colour, Space, Type, font

_STATE = {
    StreamState.WAITING: (T.UPLOADING_STATE_WAITING, "muted", ""),
    StreamState.SENDING: (T.UPLOADING_STATE_SENDING, "muted", ""),
    StreamState.CHECKING: (T.UPLOADING_STATE_CHECKING, "muted", ""),
    StreamState.DONE: (T.UPLOADING_STATE_DONE, "good", "good"),
    StreamState.FAILED: (T.UPLOADING_STATE_FAILED, "caution", "caution"),
    StreamState.NOT_USED: (T.UPLOADING_STATE_NOT_USED, "muted", ""),
}
_STEPS = (
    (UploadStep.SENDING, T.UPLOADING_STEP_SEND),
    (UploadStep.CHECKING, T.UPLOADING_STEP_CHECK),
    (UploadStep.RECEIPT, T.UPLOADING_STEP_RECEIPT),
)
_BAR_MAXIMUM = 1000
_GUIDE = (T.UPLOADING_GUIDE_1, T.UPLOADING_GUIDE_2, T.UPLOADING_GUIDE_3, T.UPLOADING_GUIDE_4)


def megabytes(count: int) -> str:
    """`12.4 MB`; decimal megabytes, as file managers show them."""
    return (
        f"{count / 1_000_000:.1f} MB"
        if count < 1_000_000_000
        else f"{count / 1_000_000_000:.2f} GB"
    )


class StreamRow(Part):
    """One bar: name, bytes, state."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 2)
        grid.setHorizontalSpacing(Space.NORMAL)
        grid.setVerticalSpacing(Space.HAIR)
        self.name = label("strong", wraps=False)
        self.bytes = label("muted", wraps=False)
        self.bytes.setFont(font(Type.BODY, has_tabular_digits=True))
        self.state = label("muted", wraps=False)
        self.bar = QProgressBar()
        self.bar.setRange(0, _BAR_MAXIMUM)
        self.bar.setTextVisible(False)
        self.note = label("small")
        grid.addWidget(self.name, 0, 0)
        grid.addWidget(self.bytes, 0, 1)
        grid.addWidget(self.state, 0, 2)
        grid.addWidget(self.bar, 1, 0, 1, 3)
        grid.addWidget(self.note, 2, 0, 1, 3)
        grid.setColumnStretch(1, 1)

    def draw(self, view: StreamView) -> None:
        """Full means sent; the word tells whether the server has checked it."""
        words, role, tone = _STATE[view.state]
        self.put(self.name, view.name)
        self.put(self.state, words)
        mark(self.state, "role", role)
        mark(self.bar, "tone", tone)
        sent, total = megabytes(view.sent_bytes), megabytes(view.total_bytes)
        is_used = view.state is not StreamState.NOT_USED
        self.put(self.bytes, text(T.UPLOADING_BYTES, sent=sent, total=total) if is_used else None)
        share = view.sent_bytes / view.total_bytes if view.total_bytes else 0.0
        self.bar.setValue(
            _BAR_MAXIMUM if view.state is StreamState.DONE else int(share * _BAR_MAXIMUM)
        )
        self.bar.setAccessibleName(f"{self.name.text()} {self.state.text()}")
        self.bar.setVisible(is_used)
        self.put(self.note, view.note)


class UploadSteps(Part):
    """Three steps in a row, ticked as they are done."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        flow = ActionRow()
        flow.setSpacing(Space.WIDE)
        self.setLayout(flow)
        self.icons: list[Icon] = []
        for _, words in _STEPS:
            icon = Icon(tools.pictures, "circle", Colour.LINE_STRONG, 22)
            name = label(wraps=False)
            self.fix(name.setText, words)
            step = QFrame()
            step.setProperty("surface", "none")
            row = QHBoxLayout(step)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(Space.TIGHT)
            row.addWidget(icon)
            row.addWidget(name)
            flow.addWidget(step)
            self.icons.append(icon)

    def draw(self, view: UploadStep) -> None:
        """Tick what is done."""
        current = [step for step, _ in _STEPS].index(view)
        for index, icon in enumerate(self.icons):
            if index < current:
                icon.choose("tick_circle", Colour.GOOD)
            else:
                icon.choose(
                    *(
                        ("record", Colour.PRIMARY)
                        if index == current
                        else ("circle", Colour.LINE_STRONG)
                    )
                )


class UploadingPage(Page):
    """Draws an `UploadingView`."""

    phase = "uploading"

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, T.UPLOADING_TITLE, T.UPLOADING_LEAD)
        self._make_problem()
        self._make_progress()
        self._make_rescue()
        self._make_guide()
        self.body.addStretch(1)
        self.guide_button = self.button(names.GUIDE, T.UPLOADING_GUIDE, None, "", "play")
        self.guide_button.clicked.connect(self._on_guide_clicked)
        self.add_minor(self.guide_button)
        self.explain = self.action(names.EXPLAIN, T.UPLOADING_EXPLAIN, Explain(), "", "speech")
        self.again = self.action(names.UPLOAD_AGAIN, T.UPLOADING_AGAIN, UploadAgain(), "", "upload")
        self.retry = self.action(
            names.RETRY_UPLOAD, T.UPLOADING_RETRY, RetryUpload(), "primary", "refresh"
        )
        self.go_on = self.action(names.CONTINUE, T.RECEIPT_SHOW, Continue(), "primary", "document")

    def draw(self, view: UploadingView) -> None:
        """Show how far it is and what is in the way."""
        self.steps.render(view.step)
        self._streams.render(view.streams)
        sent, total = megabytes(view.sent_bytes), megabytes(view.total_bytes)
        self.put(self.total, text(T.UPLOADING_BYTES, sent=sent, total=total))
        is_checking = view.step is UploadStep.CHECKING
        self.put(self.eta, T.UPLOADING_SERVER_CHECK if is_checking else view.eta)
        self.put(self.deadline, view.deadline)
        self._draw_problem(view)
        self._draw_duties(view)
        self._draw_export(view)
        self.retry.gate(view.retry_off)
        self.again.gate(view.again_off)
        self.go_on.setVisible(view.may_go_on)
        for widget in (self.retry, self.again):
            widget.setHidden(view.may_go_on)

    def _draw_problem(self, view: UploadingView) -> None:
        self.problem_card.setVisible(view.problem is not None)
        self.put(self.problem, view.problem)
        next_try = text(T.UPLOADING_NEXT_TRY, seconds=view.next_try_in_s or 0, count=view.tries)
        self.put(self.next_try, next_try if view.next_try_in_s is not None else None)
        self.put(
            self.code,
            text(T.COMMON_ERROR_CODE, code=view.problem_code) if view.problem_code else None,
        )

    def _draw_duties(self, view: UploadingView) -> None:
        duties = [T.UPLOADING_DO_NOTHING]
        if view.must_stay_in_frame:
            duties.append(T.UPLOADING_IN_FRAME)
        if view.has_phone:
            duties.append(T.UPLOADING_STOP_PHONE)
        self.put(self.duties, "\n".join(f"· {self.say(duty)}" for duty in duties))

    def _draw_export(self, view: UploadingView) -> None:
        wanted = [(target.name, target.target_id) for target in view.export_targets]
        if wanted != [
            (self.targets.itemText(i), self.targets.itemData(i))
            for i in range(self.targets.count())
        ]:
            self.targets.clear()
            for name, target_id in wanted:
                self.targets.addItem(name, target_id)
        self.targets.setVisible(bool(wanted))
        self.export.gate(view.export_off)
        done = text(T.UPLOADING_EXPORTED, place=view.exported_to) if view.exported_to else None
        self.put(self.exported, done)

    def _make_problem(self) -> None:
        self.problem_card = Card(self.tools)
        self.problem_card.colour("caution")
        row = QHBoxLayout()
        row.setSpacing(Space.NORMAL)
        row.addWidget(Icon(self.tools.pictures, "caution", Colour.CAUTION, 28))
        words = QVBoxLayout()
        words.setSpacing(2)
        self.problem = label()
        self.problem.setObjectName("upload.problem")
        self.next_try = label("strong")
        self.code = label("small")
        for widget in (self.problem, self.next_try, self.code):
            words.addWidget(widget)
        row.addLayout(words, 1)
        self.problem_card.body.addLayout(row)
        self.body.addWidget(self.problem_card)

    def _make_progress(self) -> None:
        card = Card(self.tools)
        self.steps = UploadSteps(self.tools)
        card.body.addWidget(self.steps)
        row = QHBoxLayout()
        self.total = label("big", wraps=False)
        self.total.setFont(font(Type.LEAD, is_bold=True, has_tabular_digits=True))
        self.eta = label("muted")
        self.eta.setObjectName("upload.eta")
        row.addWidget(self.total)
        row.addSpacing(Space.NORMAL)
        row.addWidget(self.eta, 1)
        card.body.addLayout(row)
        self._streams = Rows(card.body, self._stream)
        self.body.addWidget(card)
        self.duties = label("muted")
        self.deadline = label("strong")
        self.body.addWidget(self.deadline)
        self.body.addWidget(self.duties)

    def _make_rescue(self) -> None:
        card = Card(self.tools)
        row = QHBoxLayout()
        row.setSpacing(Space.NORMAL)
        row.addWidget(Icon(self.tools.pictures, "drive", Colour.PRIMARY, 26))
        button = self.button(names.EXPORT, T.UPLOADING_EXPORT, None)
        button.clicked.connect(self._on_export_clicked)
        self.export = GatedButton(self.tools, button, QHBoxLayout.Direction.TopToBottom)
        self.targets = QComboBox()
        self.targets.setObjectName(names.EXPORT_TARGETS)
        self.targets.setMinimumContentsLength(14)
        self.fix(self.targets.setAccessibleName, T.UPLOADING_EXPORT_TO)
        row.addWidget(self.targets)
        row.addWidget(self.export, 1)
        card.body.addLayout(row)
        self.exported = label("good")
        card.body.addWidget(self.exported)
        self.body.addWidget(card)

    def _make_guide(self) -> None:
        self.guide_card = Card(self.tools, T.UPLOADING_GUIDE_TITLE, "info")
        rows = Rows(self.guide_card.body, self._guide_row)
        self._guide = rows
        rows.render(tuple(enumerate(_GUIDE, 1)))
        help_button = self.button("upload.help", T.PANEL_HELP, OpenHelp(), "quiet", "help")
        help_button.intended.connect(self.intended)
        self.guide_card.body.addWidget(help_button)
        self.guide_card.hide()
        self.body.addWidget(self.guide_card)

    def retranslate(self) -> None:
        """The guide is not part of the view."""
        super().retranslate()
        for row, view in zip(self._guide.rows, enumerate(_GUIDE, 1), strict=True):
            row.draw(view)

    def _stream(self) -> StreamRow:
        return StreamRow(self.tools)

    def _guide_row(self) -> NumberedRow:
        return NumberedRow(self.tools)

    def _on_guide_clicked(self) -> None:
        self.guide_card.setVisible(self.guide_card.isHidden())
        self.area.ensureWidgetVisible(self.guide_card)

    def _on_export_clicked(self) -> None:
        self.intended.emit(ExportTo(str(self.targets.currentData())))
