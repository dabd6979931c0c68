"""The exam server over HTTPS: every call of `ports.api.ExamApi`, one method each."""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import quote

import msgspec

from zhishiyun_client.net import failures
from zhishiyun_client.net.wire import Reply, Wire, decoded, is_page, judged
from zhishiyun_protocol.messages.entering import (
    Enrolled,
    Enrolment,
    FaceResult,
    Login,
    LoginOpened,
    LoginStatus,
    ManualRequest,
    PictureTaken,
    ShownPicture,
    TimeAnswer,
    TimeQuestion,
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

LARGEST_FILE_BYTES = 64 * 1024 * 1024
FILE_WITHIN_S = 300.0
TIME_WITHIN_S = 5.0  # a slower answer says little about the time

Answer = TypeVar("Answer")


class ExamClient:
    """`ExamApi` over a wire. Secrets travel in the bearer header only. Thread: any worker."""

    def __init__(self, wire: Wire, session: str = "") -> None:
        self._wire = wire
        self._session = session

    def use_session(self, session: str) -> None:
        """From now on call /v1/me as this session."""
        self._session = session

    def ask_time(self, question: TimeQuestion) -> TimeAnswer:
        """POST /v1/time."""
        reply = self._wire.send(
            "POST",
            "/v1/time",
            headers=json_headers(""),
            body=msgspec.json.encode(question),
            within_s=TIME_WITHIN_S,
        )
        return decoded(judged(reply), TimeAnswer)

    def guard_rules(self) -> str:
        """GET /v1/guard/rules."""
        reply: Reply = judged(self._wire.send("GET", "/v1/guard/rules", headers={}))
        if is_page(reply):
            raise failures.network_captive()
        try:
            return reply.body.decode("ascii")
        except UnicodeDecodeError as error:
            raise failures.nonsense("rules") from error

    def enrol(self, enrolment: Enrolment) -> Enrolled:
        """POST /v1/enrolments."""
        return self._post("/v1/enrolments", enrolment, Enrolled, bearer="")

    def log_in(self, login: Login) -> LoginOpened:
        """POST /v1/logins."""
        return self._post("/v1/logins", login, LoginOpened, bearer="")

    def send_face(self, login_id: str, login_secret: str, result: FaceResult) -> LoginStatus:
        """POST /v1/logins/{id}/face."""
        target = f"/v1/logins/{quote(login_id, safe='')}/face"
        return self._post(target, result, LoginStatus, bearer=login_secret)

    def ask_manual(self, login_id: str, login_secret: str, request: ManualRequest) -> LoginStatus:
        """POST /v1/logins/{id}/manual."""
        target = f"/v1/logins/{quote(login_id, safe='')}/manual"
        return self._post(target, request, LoginStatus, bearer=login_secret)

    def login_status(self, login_id: str, login_secret: str) -> LoginStatus:
        """GET /v1/logins/{id}."""
        target = f"/v1/logins/{quote(login_id, safe='')}"
        return self._get(target, LoginStatus, bearer=login_secret)

    def show_picture(self, login_id: str, login_secret: str, picture: ShownPicture) -> PictureTaken:
        """POST /v1/logins/{id}/picture."""
        target = f"/v1/logins/{quote(login_id, safe='')}/picture"
        return self._post(target, picture, PictureTaken, bearer=login_secret)

    def sitting(self) -> Sitting:
        """GET /v1/me."""
        return self._get("/v1/me", Sitting, bearer=self._session)

    def attachment(self, attachment_id: str) -> bytes:
        """GET /v1/me/attachments/{id}."""
        return self._file(f"/v1/me/attachments/{quote(attachment_id, safe='')}")

    def send_acts(self, acts: Acts) -> ActsTaken:
        """POST /v1/me/acts."""
        return self._post("/v1/me/acts", acts, ActsTaken, bearer=self._session)

    def draw(self) -> DrawState:
        """POST /v1/me/draw."""
        return self._post("/v1/me/draw", None, DrawState, bearer=self._session)

    def new_binding(self) -> BindingCode:
        """POST /v1/me/binding."""
        return self._post("/v1/me/binding", None, BindingCode, bearer=self._session)

    def phone_picture(self) -> LiveLook:
        """GET /v1/me/phone/picture."""
        return self._get("/v1/me/phone/picture", LiveLook, bearer=self._session)

    def enter(self, request: EntryRequest) -> EntryGranted:
        """POST /v1/me/entry."""
        return self._post("/v1/me/entry", request, EntryGranted, bearer=self._session)

    def paper(self) -> bytes:
        """GET /v1/me/paper: the sealed envelope."""
        return self._file("/v1/me/paper")

    def paper_key(self) -> PaperKey:
        """GET /v1/me/paper/key."""
        return self._get("/v1/me/paper/key", PaperKey, bearer=self._session)

    def ask_help(self, question: HelpQuestion) -> None:
        """POST /v1/me/help; whatever JSON comes back says that it is kept."""
        self._post("/v1/me/help", question, msgspec.Raw, bearer=self._session)

    def help_thread(self, after: int) -> HelpThread:
        """GET /v1/me/help?after=n."""
        return self._get(f"/v1/me/help?after={int(after)}", HelpThread, bearer=self._session)

    def ask_data(self, request: DataRequest) -> DataRequests:
        """POST /v1/me/data-requests."""
        return self._post("/v1/me/data-requests", request, DataRequests, bearer=self._session)

    def data_requests(self) -> DataRequests:
        """GET /v1/me/data-requests."""
        return self._get("/v1/me/data-requests", DataRequests, bearer=self._session)

    def heartbeat(self, heartbeat: Heartbeat) -> Beat:
        """POST /v1/me/heartbeat."""
        return self._post("/v1/me/heartbeat", heartbeat, Beat, bearer=self._session)

    def _post(
        self, target: str, message: msgspec.Struct | None, kind: type[Answer], *, bearer: str
    ) -> Answer:
        body = b"{}" if message is None else msgspec.json.encode(message)
        reply = self._wire.send("POST", target, headers=json_headers(bearer), body=body)
        return decoded(judged(reply), kind)

    def _get(self, target: str, kind: type[Answer], *, bearer: str) -> Answer:
        return decoded(judged(self._wire.send("GET", target, headers=bearing(bearer))), kind)

    def _file(self, target: str) -> bytes:
        reply: Reply = judged(
            self._wire.send(
                "GET",
                target,
                headers=bearing(self._session),
                within_s=FILE_WITHIN_S,
                at_most_bytes=LARGEST_FILE_BYTES,
            )
        )
        if is_page(reply):
            raise failures.network_captive()
        if not reply.body:
            raise failures.nonsense("empty")
        return reply.body


def bearing(bearer: str) -> dict[str, str]:
    """Headers of a request that brings no body."""
    return {"Authorization": f"Bearer {bearer}"} if bearer else {}


def json_headers(bearer: str) -> dict[str, str]:
    """Headers of a request that brings JSON."""
    return {"Content-Type": "application/json", **bearing(bearer)}
