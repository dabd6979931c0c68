"""首页: the candidate's exam, when and where, and the one big next action (R050, R052)."""

from __future__ import annotations

from zhishiyun_client.domain.phases import Event, Phase
from zhishiyun_client.flow.clock_words import clock_time, date_time, span
from zhishiyun_client.flow.intents import Intent, OpenExam, OpenReceipt, OpenUpload
from zhishiyun_client.flow.stepping import Step
from zhishiyun_client.flow.views import Band, ExamCardView, HomeView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text


class HomeStep(Step):
    """One card; its action follows from what the server says of this sitting."""

    phase = Phase.HOME

    def take(self, intent: Intent) -> None:
        """Go where the card's action leads."""
        if isinstance(intent, OpenExam):
            entered = self.room.sitting is not None and self.room.sitting.entered_us is not None
            self.happened(Event.ENTRY_OPENED if entered else Event.PASSED)
        elif isinstance(intent, OpenUpload):
            self.happened(Event.UPLOAD_OPENED)
        elif isinstance(intent, OpenReceipt):
            self.happened(Event.RECEIPT_OPENED)

    def view(self) -> HomeView:
        """The card of this exam."""
        room = self.room
        around = room.windows()
        state, action, intent = self._next()
        lottery = room.plan.lottery
        card = ExamCardView(
            exam_id=room.enrolled.exam_id,
            title=room.enrolled.exam_title,
            band=band_of(room.enrolled.formal, room.plan.mock),
            when=date_time(around.starts_us)[:16],
            login_opens=clock_time(around.login_opens_us),
            entry_window=span(around.entry_opens_us, around.entry_closes_us),
            draw_window=span(around.lottery_opens_us, around.lottery_closes_us)
            if lottery.enabled
            else "",
            state=state,
            action=action,
            intent=intent,
        )
        return HomeView(cards=(card,), server_date_time=date_time(room.now_us))

    def _next(self) -> tuple[Words, Words, Intent]:
        room, exam_id = self.room, self.room.enrolled.exam_id
        sitting = room.sitting
        if room.receipt is not None or (sitting and sitting.sealed):
            return text(T.HOME_STATE_DONE), text(T.HOME_VIEW_RECEIPT), OpenReceipt(exam_id)
        if sitting and (sitting.ended_us is not None or room.schedule()[-1].ends_us <= room.now_us):
            if sitting.entered_us is not None:
                return text(T.HOME_STATE_UPLOADING), text(T.HOME_VIEW_UPLOAD), OpenUpload(exam_id)
            return (
                text(T.HOME_STATE_MISSED),
                text(T.HOME_START, step=_word(self._following())),
                OpenExam(exam_id),
            )
        if sitting and sitting.entered_us is not None:
            entry = text(T.PHASE_ENTRY)
            return text(T.HOME_STATE_RUNNING), text(T.HOME_RESUME, step=entry), OpenExam(exam_id)
        return (
            text(T.HOME_STATE_OPEN),
            text(T.HOME_START, step=_word(self._following())),
            OpenExam(exam_id),
        )

    def _following(self) -> Phase:
        flow = self.room.plan.flow
        return Phase(flow[flow.index(Phase.HOME.value) + 1])


def _word(phase: Phase) -> Words:
    return text(T[f"PHASE_{phase.name}"])


def band_of(formal: bool, mock: bool) -> Band:
    """Formal, mock, or a rehearsal that nothing rests on (R025)."""
    if formal:
        return Band.FORMAL
    return Band.MOCK if mock else Band.REHEARSAL
