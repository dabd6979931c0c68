"""The exam server as a candidate's client calls it: one method a call, protocol structs in and out.

Every method blocks for at most its own deadline and is called from workers, never from the UI.

Raises of every method:
    Transient  NETWORK_DOWN, NETWORK_CAPTIVE (a sign-in page answered), SERVER_SILENT, SERVER_BUSY,
               SERVER_FAULT, SERVER_NONSENSE, TLS_UNTRUSTED, or the code of the server's `Problem`
               when its status says "later" (408, 429, 5xx): the same call may work later.
    Refused    the code of the server's `Problem` (NOT_YET, CLOSED, SESSION_UNKNOWN, …): the rules
               say no. Without a readable Problem: SERVER_REFUSED.
`problem_of(error)` gives the server's `Problem`, `retry_after_s(error)` when it wants to be asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_protocol.messages.entering import (
    Enrolled,
    Enrolment,
    FaceResult,
    Login,
    LoginOpened,
    LoginStatus,
    ManualRequest,
    PictureTaken,
    Problem,
    ShownPicture,
    TimeAnswer,
    TimeQuestion,
)
from zhishiyun_protocol.messages.evidence import (
    ChunkKept,
    Grant,
    GrantRequest,
    Grants,
    Held,
    Receipt,
    Seal,
)
from zhishiyun_protocol.messages.live import Beat, Heartbeat, LiveLook
from zhishiyun_protocol.messages.personal_data import DataRequest, DataRequests
from zhishiyun_protocol.messages.sitting import (
    Acts,
    ActsTaken,
    BindingCode,
    DrawState,
    EntryGranted,
    EntryRequest,
    HelpQuestion,
    HelpThread,
    PaperKey,
    Sitting,
)


class ExamApi(Protocol):
    """Everything the desk asks of the server. Thread: any worker."""

    def use_session(self, session: str) -> None:
        """From now on call /v1/me as this session ("" forgets it). Kept in memory only."""
        ...

    def ask_time(self, question: TimeQuestion) -> TimeAnswer:
        """POST /v1/time."""
        ...

    def guard_rules(self) -> str:
        """GET /v1/guard/rules: the signed text, "" when the server has none."""
        ...

    def enrol(self, enrolment: Enrolment) -> Enrolled:
        """POST /v1/enrolments."""
        ...

    def log_in(self, login: Login) -> LoginOpened:
        """POST /v1/logins."""
        ...

    def send_face(self, login_id: str, login_secret: str, result: FaceResult) -> LoginStatus:
        """POST /v1/logins/{id}/face."""
        ...

    def ask_manual(self, login_id: str, login_secret: str, request: ManualRequest) -> LoginStatus:
        """POST /v1/logins/{id}/manual."""
        ...

    def login_status(self, login_id: str, login_secret: str) -> LoginStatus:
        """GET /v1/logins/{id}."""
        ...

    def show_picture(self, login_id: str, login_secret: str, picture: ShownPicture) -> PictureTaken:
        """POST /v1/logins/{id}/picture."""
        ...

    def sitting(self) -> Sitting:
        """GET /v1/me."""
        ...

    def attachment(self, attachment_id: str) -> bytes:
        """GET /v1/me/attachments/{id}: the file; the caller checks its digest."""
        ...

    def send_acts(self, acts: Acts) -> ActsTaken:
        """POST /v1/me/acts."""
        ...

    def draw(self) -> DrawState:
        """POST /v1/me/draw."""
        ...

    def new_binding(self) -> BindingCode:
        """POST /v1/me/binding: a fresh code, the older one dies."""
        ...

    def phone_picture(self) -> LiveLook:
        """GET /v1/me/phone/picture: where the own phone points; asking keeps pictures coming."""
        ...

    def enter(self, request: EntryRequest) -> EntryGranted:
        """POST /v1/me/entry."""
        ...

    def paper(self) -> bytes:
        """GET /v1/me/paper: the sealed envelope."""
        ...

    def paper_key(self) -> PaperKey:
        """GET /v1/me/paper/key: Refused NOT_YET before T0."""
        ...

    def ask_help(self, question: HelpQuestion) -> None:
        """POST /v1/me/help; returns once the server has kept it."""
        ...

    def help_thread(self, after: int) -> HelpThread:
        """GET /v1/me/help?after=n."""
        ...

    def ask_data(self, request: DataRequest) -> DataRequests:
        """POST /v1/me/data-requests: a copy or deletion; returns once the server has kept it."""
        ...

    def data_requests(self) -> DataRequests:
        """GET /v1/me/data-requests."""
        ...

    def heartbeat(self, heartbeat: Heartbeat) -> Beat:
        """POST /v1/me/heartbeat: the live channel where no WebSocket can be had."""
        ...


class Pacer(Protocol):
    """How fast a body may leave. Thread: any, several at once."""

    @property
    def piece_bytes(self) -> int:
        """How many bytes to write at a time."""
        ...

    def wait(self, length: int) -> None:
        """Return when so many bytes may leave."""
        ...


class EvidenceApi(Protocol):
    """What the uploader asks of the server. Thread: any worker, several at once."""

    def held(self) -> Held:
        """GET /v1/me/evidence."""
        ...

    def grants(self, request: GrantRequest) -> Grants:
        """POST /v1/me/evidence/grants."""
        ...

    def put_chunk(
        self,
        grant: Grant,
        data: Sequence[bytes],
        within_s: float = 30.0,
        pacer: Pacer | None = None,
    ) -> ChunkKept:
        """PUT one chunk where its grant says; returns once it is durable there.

        data: one behind the other, not empty

        Raises:
            Refused: EVIDENCE_CONFLICT: the server holds other bytes for this range.
        """
        ...

    def seal(self, seal: Seal) -> Receipt:
        """POST /v1/me/evidence/seal; Refused with `problem.missing` while ranges are missing."""
        ...

    def receipt(self) -> Receipt:
        """GET /v1/me/receipt; Refused while there is none."""
        ...


def problem_of(error: ZhishiyunError) -> Problem | None:
    """The server's own words behind an error; None when the server did not speak."""
    problem = error.facts.get("problem")
    return problem if isinstance(problem, Problem) else None


def retry_after_s(error: ZhishiyunError) -> float | None:
    """How long the server asks to wait before the next try; None when it did not say."""
    seconds = error.facts.get("retry_after_s")
    return float(seconds) if isinstance(seconds, int | float) else None
