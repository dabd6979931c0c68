"""A room made of paper: a server that is a plan file, a recorder that writes down what it is told,
errands that are run at once, and a clock moved by hand. For tests of the flow alone."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from zhishiyun_client.flow.machines import Ports
from zhishiyun_client.flow.room import Identity, Room
from zhishiyun_client.keep.journal import JournalFile
from zhishiyun_client.keep.machine_settings import SettingsFile
from zhishiyun_client.ports.checks import CheckId
from zhishiyun_client.ports.desk import ExportTarget
from zhishiyun_client.ports.watching import Finding, ProcessHit
from zhishiyun_client.runtime.errands import Errand
from zhishiyun_client.runtime.paths import resources
from zhishiyun_protocol import paper
from zhishiyun_protocol.clock import ServerClock
from zhishiyun_protocol.errors import Fixable, Refused, Transient, ZhishiyunError
from zhishiyun_protocol.messages.entering import (
    Enrolled,
    LoginOpened,
    LoginState,
    LoginStatus,
    PictureTaken,
)
from zhishiyun_protocol.messages.live import LiveLook
from zhishiyun_protocol.messages.personal_data import DataRequestKept, DataRequests
from zhishiyun_protocol.messages.sitting import (
    ActKind,
    ActsTaken,
    Allowance,
    AttachmentInfo,
    BindingCode,
    Door,
    DrawState,
    EntryGranted,
    HelpThread,
    PaperKey,
    PhoneState,
    Sitting,
    StageTime,
)
from zhishiyun_protocol.plan import Factor, read_plan
from zhishiyun_protocol.signing import SigningKey, to_text
from zhishiyun_protocol.timing import SECOND_US, windows

T0_US = 1_800_000_000_000_000
PAPER_KEY = bytes(range(32))
ATTACHMENT = b"%PDF-1.4 attachment"


class HandClock:
    """An exam clock that moves when it is told to; implements what the flow uses of `ExamClock`."""

    def __init__(self, at_us: int) -> None:
        self.at_us = at_us
        self.speed = 1.0
        self.learned: list[ServerClock] = []

    def now_us(self) -> int:
        return self.at_us

    def error_us(self) -> int:
        return 1000

    def learn(self, known: ServerClock) -> None:
        self.learned.append(known)


class InstantErrands:
    """Runs every call at once in the caller's thread."""

    def run(self, errand: Errand[Any]) -> None:
        try:
            result = errand.call()
        except ZhishiyunError as error:
            errand.failed(error)
            return
        errand.done(result)


class WrittenRecorder:
    """Writes down what the desk said."""

    def __init__(self) -> None:
        self.said: list[Any] = []

    def say(self, message: Any) -> None:
        self.said.append(message)

    def all(self, kind: type) -> list[Any]:
        return [message for message in self.said if isinstance(message, kind)]


class PaperFace:
    """A face desk that only remembers."""

    def __init__(self) -> None:
        self.photo: bytes | None = None
        self.watches: bool | None = None
        self.tries = 0
        self.withdrawn = False
        self.has_camera = True

    def look_for(self, reference_photo: bytes, id_photo: bytes = b"") -> None:
        self.photo, self.id_photo = reference_photo, id_photo
        self.tries += 1

    def try_again(self) -> None:
        self.tries += 1

    def watch_on(self) -> None:
        self.watches = self.photo is not None

    def stop(self) -> None:
        self.photo = None

    def withdraw(self) -> None:
        self.photo = None
        self.withdrawn = True
        if self.watches is not None:
            self.watches = False

    def live_photo(self) -> bytes:
        if not self.has_camera:
            raise Fixable("CAMERA_NO_PICTURE", "no picture", "没有画面")
        return b"\xff\xd8 live"


class PaperGuard:
    """A guard whose findings are set by the test."""

    def __init__(self) -> None:
        self.found: tuple[Finding, ...] = ()
        self.hits: tuple[ProcessHit, ...] = ()
        self.count = 1
        self.asked: list[str] = []

    def findings(self) -> tuple[Finding, ...]:
        return self.found

    def programs(self) -> tuple[ProcessHit, ...]:
        return self.hits

    def displays(self) -> int:
        return self.count

    def ask_to_close(self, product: str) -> None:
        self.asked.append(product)

    def set_active(self, is_active: bool) -> None:
        self.active = is_active


class PaperChecks:
    """Checks that are started and answered by the test."""

    def __init__(self) -> None:
        self.started: list[tuple[CheckId, ...]] = []

    def names(self) -> tuple[CheckId, ...]:
        return (CheckId.CAMERA, CheckId.NETWORK)

    def start(self, names: tuple[CheckId, ...]) -> None:
        self.started.append(names)

    def report_text(self) -> str:
        return "report"


class PaperFiles:
    """Files in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.saved: dict[str, str] = {}

    def export_targets(self) -> tuple[ExportTarget, ...]:
        return ()

    def keep_sealed(self, name: str, content: bytes) -> None:
        self.kept[name] = content

    def sealed(self, name: str) -> bytes | None:
        return self.kept.get(name)

    def save_report(self, name: str, content: str) -> Path:
        self.saved[name] = content
        return Path(name)


class PaperRelay:
    """A relay that tells what the test lays down."""

    def __init__(self) -> None:
        self.code = ""
        self.asked: list[str] = []

    def ask(self, paper_id: str) -> str:
        self.asked.append(paper_id)
        return self.code


class MemorySecrets:
    """Secrets in memory."""

    kind = "file"

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}

    def put(self, name: str, value: bytes) -> None:
        self.values[name] = value

    def get(self, name: str) -> bytes | None:
        return self.values.get(name)

    def forget(self, name: str) -> None:
        self.values.pop(name, None)


@dataclass
class PaperServer:
    """`ExamApi` by a plan: windows and acts as the real server decides them, nothing stored."""

    plan: Any
    clock: HandClock
    subject: str = ""
    is_down: bool = False
    attempts: int = 3
    elsewhere: bool = False
    decision: LoginState = LoginState.MANUAL_PENDING
    acts: list[Any] = field(default_factory=list)
    entered_us: int | None = None
    drawn: int | None = None
    questions: list[Any] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)
    paper_asked: int = 0
    used: str = ""
    allowed: tuple[Allowance, ...] = ()
    logins: list[Any] = field(default_factory=list)
    manual: list[Any] = field(default_factory=list)
    shown: list[Any] = field(default_factory=list)
    looked_at: bool = False
    phone: PhoneState = field(default_factory=lambda: PhoneState(bound=False))
    phone_jpeg: bytes = b""

    def __getattribute__(self, name: str) -> Any:
        found = object.__getattribute__(self, name)
        public = callable(found) and not name.startswith("_") and name != "use_session"
        if public and object.__getattribute__(self, "is_down"):
            raise Transient("NETWORK_DOWN", "the line is dead")
        return found

    def use_session(self, session: str) -> None:
        self.used = session

    def log_in(self, login: Any) -> LoginOpened:
        self.logins.append(login)
        if self.elsewhere and not login.take_over:
            raise Refused("SESSION_ELSEWHERE", "another session lives")
        return LoginOpened(
            login_id="l1",
            login_secret="s",
            state=LoginState.FACE_WANTED,
            factors=self.plan.login.factors,
            attempts_left=self.attempts,
            reference_photo=base64.b64encode(b"photo").decode(),
            id_photo=base64.b64encode(b"id").decode()
            if Factor.ID_PHOTO in self.plan.login.factors
            else "",
        )

    def send_face(self, _id: str, _secret: str, result: Any) -> LoginStatus:
        if result.matched:
            return self._status(LoginState.ADMITTED)
        self.attempts -= 1
        return self._status(LoginState.FACE_WANTED)

    def ask_manual(self, _id: str, _secret: str, request: Any) -> LoginStatus:
        self.manual.append(request)
        return self._status(LoginState.MANUAL_PENDING)

    def show_picture(self, _id: str, _secret: str, picture: Any) -> PictureTaken:
        self.shown.append(picture)
        return PictureTaken(wanted=self.looked_at)

    def login_status(self, _id: str, _secret: str) -> LoginStatus:
        return self._status(self.decision)

    def sitting(self) -> Sitting:
        around = windows(self.plan, T0_US)
        now_us = self.clock.at_us
        is_open = around.entry_opens_us <= now_us < around.entry_closes_us
        read = {act.subject for act in self.acts if act.kind is ActKind.ATTACHMENT_READ}
        ended = [act.at_us for act in self.acts if act.kind is ActKind.EXAM_ENDED]
        begun = [act for act in self.acts if act.kind is ActKind.STAGE_BEGUN]
        late = now_us >= around.entry_closes_us and self.entered_us is None
        return Sitting(
            attempt_id="at-1",
            exam_id="e1",
            plan=self.plan,
            formal=False,
            starts_us=T0_US,
            now_us=now_us,
            speed=1.0,
            subject=self.subject,
            candidate_name="示例考生甲",
            ticket_tail="0001",
            verified_by="face",
            flow_read=any(act.kind is ActKind.FLOW_READ for act in self.acts),
            attachments=tuple(
                AttachmentInfo(
                    id=a.id,
                    title=a.title,
                    media_type=a.media_type,
                    sha256=_sha256(ATTACHMENT),
                    bytes=len(ATTACHMENT),
                    read=a.id in read,
                )
                for a in self.plan.attachments
            ),
            draw=self._draw_state() if self.plan.lottery.enabled else None,
            phone=self.phone,
            entry=Door(open=is_open or self.entered_us is not None, code="CLOSED" if late else ""),
            entered_us=self.entered_us,
            stages=tuple(StageTime(index=act.index, begun_us=act.at_us) for act in begun),
            ended_us=ended[0] if ended else None,
            paper_ready=True,
            extra_share=0.0,
            sealed=False,
            news_cursor=0,
            allowed=self.allowed,
        )

    def attachment(self, _attachment_id: str) -> bytes:
        return ATTACHMENT

    def send_acts(self, acts: Any) -> ActsTaken:
        self.acts += acts.acts
        return ActsTaken(kept=tuple(act.id for act in acts.acts))

    def draw(self) -> DrawState:
        self.drawn = 7
        return self._draw_state()

    def new_binding(self) -> BindingCode:
        return BindingCode(
            code="1234567890",
            url="https://exam.example/p/#secret",
            expires_us=self.clock.at_us + 600 * SECOND_US,
        )

    def phone_picture(self) -> LiveLook:
        if not self.phone_jpeg:
            return LiveLook()
        picture = base64.b64encode(self.phone_jpeg).decode()
        return LiveLook(picture=f"data:image/jpeg;base64,{picture}")

    def enter(self, _request: Any) -> EntryGranted:
        reentry = self.entered_us is not None
        self.entered_us = self.entered_us or self.clock.at_us
        return EntryGranted(
            attempt_id="at-1",
            evidence_key=to_text(bytes(32)),
            server_key=to_text(bytes(32)),
            entered_us=self.entered_us,
            reentry=reentry,
        )

    def paper(self) -> bytes:
        self.paper_asked += 1
        label = paper.PaperLabel(exam_id="e1", paper_id="p1", title="试题")
        return paper.seal(label, b"%PDF-1.4 question", PAPER_KEY)

    def paper_key(self) -> PaperKey:
        if self.clock.at_us < T0_US:
            raise Refused("NOT_YET", "before T0")
        return PaperKey(paper_id="p1", key=to_text(PAPER_KEY))

    def ask_help(self, question: Any) -> None:
        self.questions.append(question)

    def help_thread(self, after: int) -> HelpThread:
        return HelpThread(messages=())

    def ask_data(self, request: Any) -> DataRequests:
        kept = DataRequestKept(id=request.id, wish=request.wish, received_us=self.clock.at_us)
        self.asked.append(kept)
        return self.data_requests()

    def data_requests(self) -> DataRequests:
        return DataRequests(requests=tuple(self.asked))

    def _status(self, state: LoginState) -> LoginStatus:
        session = "session" if state is LoginState.ADMITTED else ""
        return LoginStatus(
            state=state,
            attempts_left=self.attempts,
            session=session,
            picture_wanted=self.looked_at,
        )

    def _draw_state(self) -> DrawState:
        around = windows(self.plan, T0_US)
        return DrawState(
            commitment="c" * 64,
            opens_us=around.lottery_opens_us,
            closes_us=around.lottery_closes_us,
            number=self.drawn,
        )


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class PaperRoom:
    """Everything together: `room` for the conductor, the stand-ins for the test."""

    def __init__(
        self,
        folder: Path,
        notice: str,
        subject: str = "",
        at_s: int = -1200,
        ticket_id: str = "t1",
    ) -> None:
        plan = read_plan((resources() / "plans" / f"{notice}.toml").read_bytes())
        self.clock = HandClock(T0_US + at_s * SECOND_US)
        self.server = PaperServer(plan, self.clock, subject)
        self.recorder = WrittenRecorder()
        self.face = PaperFace()
        self.guard = PaperGuard()
        self.checks = PaperChecks()
        self.files = PaperFiles()
        self.secrets = MemorySecrets()
        self.relay = PaperRelay()
        self.journal = JournalFile(folder)
        self.enrolled = Enrolled(
            exam_id="e1",
            exam_title=plan.title,
            plan=plan,
            starts_us=T0_US,
            ticket_tail="0001",
            subject=subject,
            formal=False,
        )
        self.room = Room(
            Ports(
                api=self.server,  # type: ignore[arg-type]
                recorder=self.recorder,
                journal=self.journal,
                secrets=self.secrets,
                settings=SettingsFile(folder),
                errands=InstantErrands(),
                disk=InstantErrands(),
                clock=self.clock,  # type: ignore[arg-type]
                face=self.face,
                guard=self.guard,
                checks=self.checks,
                files=self.files,
                relay=self.relay,
            ),
            Identity(ticket_id, SigningKey.generate(), "http://127.0.0.1:1", ""),
            self.enrolled,
        )

    def at(self, seconds: float) -> None:
        """Set the exam's clock to so many seconds after T0."""
        self.clock.at_us = T0_US + round(seconds * SECOND_US)

    def kept_sitting(self) -> Sitting:
        """What the desk remembered of the server's view."""
        return msgspec.json.decode(self.files.kept["sitting"], type=Sitting)
