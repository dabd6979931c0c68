"""人脸登录: numbers where asked, three tries, then a technician; no dead end (R040–R046)."""

from __future__ import annotations

from collections.abc import Callable

from zhishiyun_client.domain.id_number import IdFault, fault_of
from zhishiyun_client.domain.phases import Event, Phase
from zhishiyun_client.flow.clock_words import clock_time
from zhishiyun_client.flow.intents import (
    AskForTechnician,
    BackToFace,
    CancelTakeOver,
    Intent,
    RetryFace,
    SubmitNumbers,
    TakeOverHere,
)
from zhishiyun_client.flow.room import Room
from zhishiyun_client.flow.signing_in import Numbers, SignedIn, SignIn
from zhishiyun_client.flow.stepping import Step
from zhishiyun_client.flow.views import CountdownView, FaceLoginState, FaceLoginView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_client.ports.faces import (
    Challenge,
    ExaminerUnavailable,
    FaceDecision,
    FaceHint,
    Hint,
    ReferenceRefused,
    Verdict,
)
from zhishiyun_client.ports.recorder import Attach
from zhishiyun_protocol.errors import Fixable, Refused, ZhishiyunError
from zhishiyun_protocol.messages.entering import (
    FaceResult,
    LoginOpened,
    LoginState,
    LoginStatus,
    ManualReason,
    PictureTaken,
)
from zhishiyun_protocol.plan import Factor
from zhishiyun_protocol.timing import SECOND_US, remaining_s

HINT_WORDS = {
    Hint.NO_PICTURE: T.FACE_LOGIN_NO_CAMERA,
    Hint.NO_FACE: T.FACE_LOGIN_HINT_NONE,
    Hint.SEVERAL: T.FACE_LOGIN_HINT_MANY,
    Hint.TOO_FAR: T.FACE_LOGIN_HINT_CLOSER,
    Hint.TOO_NEAR: T.FACE_LOGIN_HINT_FARTHER,
    Hint.OFF_CENTRE: T.FACE_LOGIN_HINT_CENTRE,
    Hint.TURNED_AWAY: T.FACE_LOGIN_LEAD,
    Hint.COVERED: T.FACE_LOGIN_HINT_COVERED,
    Hint.TOO_DARK: T.FACE_LOGIN_HINT_DARK,
    Hint.TOO_BRIGHT: T.FACE_LOGIN_HINT_BRIGHT,
    Hint.BACKLIT: T.FACE_LOGIN_HINT_BRIGHT,
    Hint.BLURRED: T.FACE_LOGIN_HINT_BLURRED,
}
TURN_WORDS = {
    Challenge.TURN_LEFT: T.FACE_LOGIN_HINT_TURN_LEFT,
    Challenge.TURN_RIGHT: T.FACE_LOGIN_HINT_TURN_RIGHT,
}
ID_WORDS = {
    IdFault.LENGTH: T.FACE_LOGIN_ID_NUMBER_LENGTH,
    IdFault.CHARACTERS: T.FACE_LOGIN_ID_NUMBER_CHARACTERS,
    IdFault.DATE: T.FACE_LOGIN_ID_NUMBER_DATE,
    IdFault.CHECK: T.FACE_LOGIN_ID_NUMBER_WRONG,
}
ASK_EVERY_US = SECOND_US  # of the exam's clock; the page must follow a decision within 2 s
RETRY_OPEN_S = 3


class FaceLoginStep(Step):
    """What the page does follows from `state`; the machine alone never refuses anybody."""

    phase = Phase.FACE_LOGIN
    _login: SignIn
    _state: FaceLoginState
    _numbers: Numbers
    _hint: Words | None
    _problem: Words | None
    _problem_code: str
    _id_problem: Words | None
    _ticket_problem: Words | None
    _share: float
    _turns_failed: bool
    _reason: ManualReason
    _busy: bool
    _login_open: bool
    _by_person: bool
    _showing: bool
    _attempts_left: int
    _waiting_since_us: int
    _ask_at_us: int

    def __init__(self, room: Room, happened: Callable[[Event], None]) -> None:
        super().__init__(room, happened)
        self._reset()

    def enter(self) -> None:
        """Begin anew; the camera is needed from here on."""
        self._reset()
        self.room.open_devices()

    def leave(self) -> None:
        """Forget the photos and everything made of them."""
        self._login.forget_photos()
        self.room.ports.face.stop()

    def beat(self) -> None:
        """Open the login when its time has come; ask for a technician's decision."""
        now_us = self.room.now_us
        if self._state is FaceLoginState.NOT_OPEN and now_us >= self._opens_us():
            self._begin()
        if self._state is FaceLoginState.LOOKING and not self._busy and self._was_withdrawn():
            self._ask_technician()
        waiting = self._state is FaceLoginState.WAITING
        if waiting and not self._busy and now_us >= self._ask_at_us:
            self._busy, self._ask_at_us = True, now_us + ASK_EVERY_US
            self._login.ask_status(self._on_status, self._on_passing_failure)

    def take(self, intent: Intent) -> None:
        """Numbers, another try, a technician, taking over."""
        if isinstance(intent, SubmitNumbers) and not self._busy:
            self._submit(intent)
        elif isinstance(intent, RetryFace) and self._retry_off() is None:
            self._state, self._problem = FaceLoginState.LOOKING, None
            self.room.ports.face.try_again()
        elif isinstance(intent, AskForTechnician) and self._technician_off() is None:
            self._ask_technician()
        elif isinstance(intent, BackToFace) and self._attempts_left > 0:
            self._look()
        elif isinstance(intent, TakeOverHere) and self._state is FaceLoginState.TAKE_OVER:
            self._open(take_over=True)
        elif isinstance(intent, CancelTakeOver):
            self._reset()

    def hear(self, report: object) -> None:
        """What the examiner saw and decided."""
        if self._state is not FaceLoginState.LOOKING:
            return
        if isinstance(report, FaceHint):
            self._hint = _hint_words(report)
            self._share = report.taken_share
        elif isinstance(report, FaceDecision):
            self._send(report)
        elif isinstance(report, ExaminerUnavailable):
            self._attempts_left, self._reason = 0, ManualReason.ENGINE
            self._fail(text(T.FACE_LOGIN_E105), report.code)
        elif isinstance(report, ReferenceRefused):
            self._attempts_left, self._reason = 0, ManualReason.PHOTO_UNUSABLE
            self._fail(text(T.FACE_LOGIN_E105), "E105")

    def countdown(self) -> CountdownView | None:
        """Until the login opens."""
        if self._state is not FaceLoginState.NOT_OPEN:
            return None
        left_s = remaining_s(self._opens_us(), self.room.now_us)
        return CountdownView(stage=text(T.STAGE_TO_LOGIN), remaining_s=left_s)

    def view(self) -> FaceLoginView:
        """The page of the state."""
        now_us, opens_us = self.room.now_us, self._opens_us()
        waiting = self._state is FaceLoginState.WAITING
        return FaceLoginView(
            state=self._state,
            hint=self._hint,
            progress_share=self._share,
            attempts_left=self._attempts_left if self._login_open else None,
            problem=self._problem,
            problem_code=self._problem_code,
            id_number_problem=self._id_problem,
            ticket_number_problem=self._ticket_problem,
            submit_off=text(T.COMMON_LOADING) if self._busy else None,
            retry_off=self._retry_off(),
            technician_off=self._technician_off(),
            opens_at=clock_time(opens_us),
            opens_in_s=remaining_s(opens_us, now_us),
            waiting_s=max(0, (now_us - self._waiting_since_us) // SECOND_US) if waiting else 0,
            is_by_person=self._by_person,
            may_go_back=self.room.face_consent and self._attempts_left > 0,
            phone=self.room.plan.support.phone,
            hours=self.room.plan.support.hours,
        )

    def _reset(self) -> None:
        self._login = SignIn(self.room)
        self._state = FaceLoginState.NOT_OPEN
        self._numbers = Numbers()
        self._hint = None
        self._problem = None
        self._problem_code = ""
        self._id_problem = None
        self._ticket_problem = None
        self._share = 0.0
        self._turns_failed = False
        self._reason = ManualReason.ASKED
        self._busy = False
        self._login_open = False
        self._by_person = False
        self._showing = False
        self._attempts_left = self.room.plan.login.attempts
        self._waiting_since_us = self._ask_at_us = 0

    def _opens_us(self) -> int:
        return self.room.windows().login_opens_us

    def _begin(self) -> None:
        if Factor.NUMBERS in self.room.plan.login.factors:
            self._state = FaceLoginState.NUMBERS
        else:
            self._open(take_over=False)

    def _submit(self, intent: SubmitNumbers) -> None:
        id_number, ticket_number = intent.id_number.strip().upper(), intent.ticket_number.strip()
        self._id_problem = self._ticket_problem = None
        fault = fault_of(id_number)
        if not id_number:
            self._id_problem = text(T.FACE_LOGIN_ID_NUMBER_MISSING)
        elif fault is not None:
            self._id_problem = text(ID_WORDS[fault], count=len(id_number))
        if not ticket_number:
            self._ticket_problem = text(T.FACE_LOGIN_TICKET_NUMBER_MISSING)
        if self._id_problem is None and self._ticket_problem is None:
            self._numbers = Numbers(id_number, ticket_number)
            self._open(take_over=False)

    def _open(self, *, take_over: bool) -> None:
        self._busy = True
        if self._state is FaceLoginState.NOT_OPEN:
            self._state = FaceLoginState.LOOKING
        self._login.open(self._numbers, take_over, self._on_opened, self._on_open_failure)

    def _on_opened(self, opened: LoginOpened) -> None:
        self._busy, self._login_open = False, True
        self._attempts_left = opened.attempts_left
        if opened.state is LoginState.ADMITTED:  # the plan asks for no face
            self._busy = True
            self._login.ask_status(self._on_status, self._on_failure)
        elif not self.room.face_consent:
            self._ask_technician()
        elif not self._has_photos(opened):
            self._attempts_left, self._reason = 0, ManualReason.PHOTO_UNUSABLE
            self._fail(text(T.FACE_LOGIN_E105), "E105")
        elif opened.attempts_left <= 0:
            self._reason = ManualReason.NOT_ALIKE
            self._fail(text(T.FACE_LOGIN_E102), "E102")
        else:
            self._look()

    def _has_photos(self, opened: LoginOpened) -> bool:
        """Whether everything is there that the face is compared with (F03)."""
        wants_id = Factor.ID_PHOTO in opened.factors
        return bool(self._login.reference_photo) and bool(self._login.id_photo or not wants_id)

    def _look(self) -> None:
        self._state, self._problem, self._problem_code = FaceLoginState.LOOKING, None, ""
        self.room.ports.face.look_for(self._login.reference_photo, self._login.id_photo)

    def _on_open_failure(self, error: ZhishiyunError) -> None:
        self._busy = False
        if error.code == "SESSION_ELSEWHERE":
            self._state, self._problem = FaceLoginState.TAKE_OVER, text(T.FACE_LOGIN_E103)
            self._problem_code = "E103"
        elif error.code == "LOGIN_NOT_OPEN":
            self._state = FaceLoginState.NOT_OPEN
        elif error.code == "NUMBERS_WRONG":
            self._state, self._id_problem = (
                FaceLoginState.NUMBERS,
                text(T.FACE_LOGIN_NUMBERS_UNKNOWN),
            )
        else:
            self._fail(error.zh or error.message, error.code)

    def _send(self, decision: FaceDecision) -> None:
        if decision.verdict is Verdict.UNDECIDED:
            hint = text(HINT_WORDS[decision.hint]) if decision.hint else None
            self._hint = hint
            self._fail(text(T.FACE_LOGIN_E101, count=self._attempts_left), "E101")
            return
        self._busy = True
        result = FaceResult(
            matched=decision.matched,
            score=decision.score,
            frames=decision.frames,
            pack=decision.pack_version,
            id_score=decision.id_score,
            liveness=" ".join((*decision.cues, decision.liveness)).strip(),
        )
        self._reason = ManualReason.ASKED if decision.matched else ManualReason.NOT_ALIKE
        self._turns_failed = bool(decision.liveness) and not decision.matched
        self._login.send_face(result, self._on_status, self._on_failure)

    def _ask_technician(self) -> None:
        if not self._login_open:
            self._open(take_over=False)
            return
        self._busy = True
        reason = self._reason if self.room.face_consent else ManualReason.NO_CONSENT
        self._login.ask_technician(reason, self._on_status, self._on_failure)

    def _on_status(self, status: LoginStatus) -> None:
        self._busy = False
        self._attempts_left = status.attempts_left
        if status.state is LoginState.ADMITTED:
            self._by_person = self._state is FaceLoginState.WAITING
            self._state = FaceLoginState.ACCEPTED
            self.room.ports.face.watch_on()
            self.room.ports.face.stop()
            self._login.take_seat(status.session, self._on_seat, self._on_failure)
        elif status.state is LoginState.MANUAL_PENDING:
            if self._state is not FaceLoginState.WAITING:
                self._waiting_since_us = self.room.now_us
                self.room.ports.face.stop()
            self._state = FaceLoginState.WAITING
            self._show_picture(wanted=status.picture_wanted)
        elif status.state is LoginState.REFUSED:
            self._fail(text(T.FACE_LOGIN_REFUSED, reason=status.reason), "")
        elif self._turns_failed:
            self._fail(text(T.FACE_LOGIN_E104, count=self._attempts_left), "E104")
        else:
            self._fail(text(T.FACE_LOGIN_E102), "E102")

    def _show_picture(self, *, wanted: bool) -> None:
        """One at a time: on a slow line pictures come less often, and the answer is never late."""
        if wanted and not self._showing:
            self._showing = True
            self._login.show_picture(self._on_shown, self._on_not_shown)

    def _on_shown(self, _taken: PictureTaken) -> None:
        self._showing = False

    def _on_not_shown(self, _error: ZhishiyunError) -> None:
        self._showing = False  # no camera, no line: the next answer asks for one again

    def _on_seat(self, seat: SignedIn) -> None:
        self.room.take_sitting(seat.sitting)
        attach = Attach(session=seat.session, server_url=self.room.identity.server_url)
        self.room.ports.recorder.say(attach)
        self.happened(Event.PASSED)

    def _on_failure(self, error: ZhishiyunError) -> None:
        self._busy = False
        if isinstance(error, Refused | Fixable) and error.code in ("LOGIN_UNKNOWN", "LOGIN_OVER"):
            self._reset()
            return
        self._fail(error.zh or error.message, error.code)

    def _on_passing_failure(self, error: ZhishiyunError) -> None:
        self._busy = False  # the next beat asks again; the candidate keeps waiting in his place

    def _fail(self, problem: Words, code: str) -> None:
        self._state, self._problem, self._problem_code = FaceLoginState.FAILED, problem, code

    def _was_withdrawn(self) -> bool:
        """Consent was withdrawn while the face was looked at: the other way goes on at once."""
        return self._login_open and not self.room.face_consent

    def _retry_off(self) -> Words | None:
        if self._busy or self._state is FaceLoginState.LOOKING:
            return text(T.FACE_LOGIN_RETRY_OFF_RUNNING)
        if self._attempts_left <= 0 or not self.room.face_consent:
            return text(T.FACE_LOGIN_RETRY_OFF_NONE_LEFT)
        return None

    def _technician_off(self) -> Words | None:
        not_now = (FaceLoginState.NOT_OPEN, FaceLoginState.ACCEPTED, FaceLoginState.NUMBERS)
        return text(T.COMMON_LOADING) if self._busy or self._state in not_now else None


def _hint_words(report: FaceHint) -> Words:
    """What spoils the look, else the turn to make, else to hold still."""
    if report.hint is not None:
        return text(HINT_WORDS[report.hint])
    return text(TURN_WORDS[report.asked] if report.asked else T.FACE_LOGIN_HINT_STILL)
