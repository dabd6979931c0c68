"""An exam in a folder, its server in this process or in its own, and candidates who call it."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import uuid
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import av
import httpx
import msgspec
import numpy as np

from zhishiyun_protocol import ticket
from zhishiyun_protocol.messages.entering import (
    Enrolment,
    FaceResult,
    Login,
    LoginOpened,
    LoginStatus,
    ManualRequest,
)
from zhishiyun_protocol.messages.evidence import (
    ChunkOffer,
    GrantRequest,
    Grants,
    Receipt,
    Seal,
)
from zhishiyun_protocol.messages.live import Beat, Heartbeat
from zhishiyun_protocol.messages.sitting import (
    Act,
    ActKind,
    Acts,
    EntryGranted,
    EntryRequest,
    Sitting,
)
from zhishiyun_protocol.signing import SigningKey, from_text, to_text
from zhishiyun_server.__main__ import main
from zhishiyun_server.application import build
from zhishiyun_server.clock import Anchor
from zhishiyun_server.domain.idnumber import check_digit
from zhishiyun_server.domain.roles import Role
from zhishiyun_server.keep.staff import put_staff
from zhishiyun_server.premises import Premises
from zhishiyun_server.settings import Limits, Rate, Settings

with warnings.catch_warnings():  # Starlette would like another httpx; ours works
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

if sys.platform == "linux":
    import resource

T = TypeVar("T")
SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
T0_US = 1_800_000_000 * SECOND_US
OFTEN = Rate(10_000, 10_000)
LENIENT = Limits(OFTEN, OFTEN, OFTEN, OFTEN, OFTEN, OFTEN, reserve_bytes=0)
PASSWORD = "correct horse battery"

PLAN = """
format = 1
id = "plain"
title = "公开招聘线上面试"
flow = [
  "consent", "device_preparation", "face_login", "home", "reading_flow", "binding", "lottery",
  "attachments", "entry", "device_confirmation", "waiting", "answering", "ending", "uploading",
  "receipt",
]
[support]
phone = "400-000-0000"
hours = "09:00-18:00"
[binding]
required = false
[lottery]
enabled = true
closes_before_s = 300
[[attachments]]
id = "pledge"
title = "考生诚信承诺书"
file = "pledge.pdf"
[[stages]]
kind = "answering"
title = "作答"
duration_s = 600
"""


def photo(seed: int = 1, side: int = 96) -> bytes:
    """A small JPEG that decodes."""
    pixels = np.random.default_rng(seed).integers(0, 255, (side, side, 3), dtype=np.uint8)
    codec = av.CodecContext.create("mjpeg", "w")
    codec.width = codec.height = side
    codec.pix_fmt = "yuvj420p"
    codec.time_base = Fraction(1, 25)
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuvj420p")
    packets = [*codec.encode(frame), *codec.encode(None)]
    return b"".join(bytes(packet) for packet in packets)


def id_number(serial: int) -> str:
    """A possible 身份证号."""
    first = f"110101199001{1 + serial % 28:02d}{serial % 1000:03d}"
    return first + check_digit(first)


def pdf(text: str = "pledge") -> bytes:
    """Bytes that begin and end like a PDF."""
    return b"%PDF-1.4\n" + text.encode() + b"\n%%EOF\n"


@dataclass
class HandClock:
    """The exam's clock, moved by hand."""

    us: int = T0_US
    speed: float = 1.0

    def now_us(self) -> int:
        return self.us

    def real_s(self, exam_us: int) -> float:
        return (exam_us - self.us) / 1e6

    def after_real_us(self, seconds: float) -> int:
        return self.us + round(seconds * 1e6)

    def anchor(self) -> Anchor:
        return Anchor(wall_us=0, exam_us=self.us, speed=1.0)

    def to(self, seconds_after_t0: float) -> None:
        self.us = T0_US + round(seconds_after_t0 * 1e6)


@dataclass
class ExamHome:
    """A server's folder with one exam in it."""

    home: Path
    exam_id: str
    count: int = 3

    def run(self, *arguments: str) -> int:
        return main([*arguments, "--home", str(self.home)])

    def tickets(self, url: str) -> list[str]:
        folder = self.home.parent / f"tickets-{self.exam_id}"
        code = self.run(
            "tickets", "export", str(folder), "--exam", self.exam_id, "--server-url", url, "--json"
        )
        assert code == 0
        return [path.read_text() for path in sorted(folder.glob("*.zsyenroll"))]


def make_exam(
    folder: Path,
    *,
    plan: str = PLAN,
    starts_at: str = "2027-01-15T08:00:00+00:00",  # T0_US
    exam_id: str = "exam-1",
    count: int = 3,
    post: str = "岗位一",
    home: Path | None = None,
    address: str = "",
    bus: str = "",
) -> ExamHome:
    """Init, and import plan, roster and paper, by the commands themselves.

    address: PostgreSQL's, for its state; "": SQLite in the folder
    bus: NATS', for several processes
    """
    made = ExamHome(home or folder / "home", exam_id, count)
    source = folder / f"source-{exam_id}"
    source.mkdir(parents=True)
    (source / "plan.toml").write_text(plan, "utf-8")
    (source / "pledge.pdf").write_bytes(pdf())
    (source / "paper.pdf").write_bytes(pdf(f"paper of {exam_id}"))
    rows = [["姓名", "身份证号", "准考证号", "岗位", "科目", "电话", "照片"]]
    base = int(hashlib.sha256(exam_id.encode()).hexdigest(), 16) % 500
    for n in range(count):
        (source / f"{n}.jpg").write_bytes(photo(base + n))
        number = f"{exam_id}-{1000 + n}"
        rows.append([f"考生{n}", id_number(base + n), number, post, "", "", f"{n}.jpg"])
    with (source / "roster.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    where: list[str] = []
    if address:
        (source / "database").write_text(f"{address}\n")
        where += ["--database-file", str(source / "database")]
    if bus:
        (source / "bus").write_text(f"{bus}\n")
        where += ["--bus-file", str(source / "bus")]
    assert made.run("init", *where) == 0
    assert made.run(
        "exam", "import", str(source / "plan.toml"), "--starts-at", starts_at, "--id", exam_id
    ) == 0  # fmt: skip
    assert made.run("roster", "import", str(source / "roster.csv"), "--exam", exam_id) == 0
    if _is_future(starts_at):
        assert made.run("paper", "import", str(source / "paper.pdf"), "--exam", exam_id) == 0
    return made


def _is_future(starts_at: str) -> bool:
    return not starts_at.startswith("+-")


@dataclass
class Room:
    """A server in this process, with a clock moved by hand."""

    exam: ExamHome
    client: TestClient
    premises: Premises
    clock: HandClock
    tickets: list[str] = field(default_factory=list)

    def candidate(self, index: int = 0) -> Candidate:
        return Candidate(self.client, self.tickets[index], self.clock.now_us)

    def staff(self, role: str) -> Staff:
        name = f"{role}-{uuid.uuid4().hex[:6]}"
        self.premises.database.write_now(lambda c: put_staff(c, name, Role(role), PASSWORD))
        return Staff(self.client, name)


@contextmanager
def room(exam: ExamHome, limits: Limits = LENIENT, at_s: float = -1200.0) -> Iterator[Room]:
    """Open the server's application; the exam's clock stands `at_s` seconds from T0."""
    clock = HandClock()
    clock.to(at_s)
    tickets = exam.tickets("http://testserver")
    app = build(Settings(home=exam.home, limits=limits))
    app.state.premises = replace(app.state.premises, clock=clock)
    with TestClient(app, raise_server_exceptions=True) as client:
        yield Room(exam, client, app.state.premises, clock, tickets)


@dataclass
class Candidate:
    """Somebody with a ticket and a device key, who calls a server."""

    http: httpx.Client
    ticket: str
    now_us: Any
    device: SigningKey = field(default_factory=SigningKey.generate)
    session: str = ""
    attempt_id: str = ""

    @property
    def ticket_id(self) -> str:
        claims = json.loads(from_text(self.ticket.split(".")[2]))
        return str(claims["ticket_id"])

    @property
    def ticket_number(self) -> str:
        return str(json.loads(from_text(self.ticket.split(".")[2]))["ticket_number"])

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.session}"}

    def post(self, path: str, value: object, bearer: str | None = None) -> httpx.Response:
        token = self.session if bearer is None else bearer
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers["Content-Type"] = "application/json"
        return self.http.post(path, content=msgspec.json.encode(value), headers=headers)

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path, headers=self.bearer)

    def enrol(self, version: str = "0.1.0") -> httpx.Response:
        proof = self.device.sign("enrolment", self.ticket.encode())
        return self.post(
            "/v1/enrolments",
            Enrolment(
                ticket=self.ticket,
                device_key=to_text(self.device.public_bytes()),
                proof=to_text(proof),
                client_version=version,
            ),
            "",
        )

    def open_login(self, **more: Any) -> httpx.Response:
        sent_us = more.pop("sent_us", self.now_us())
        proof = self.device.sign("login", f"{self.ticket_id}.{sent_us}".encode())
        login = Login(ticket_id=self.ticket_id, sent_us=sent_us, proof=to_text(proof), **more)
        return self.post("/v1/logins", login, "")

    def send_face(self, opened: LoginOpened, matched: bool = True) -> httpx.Response:
        result = FaceResult(matched=matched, score=0.7, frames=5, pack="test")
        return self.post(f"/v1/logins/{opened.login_id}/face", result, opened.login_secret)

    def ask_manual(self, opened: LoginOpened, live: bytes | None = None) -> httpx.Response:
        wanted = ManualRequest(live_photo=base64.b64encode(live or photo(9)).decode())
        return self.post(f"/v1/logins/{opened.login_id}/manual", wanted, opened.login_secret)

    def see_login(self, opened: LoginOpened) -> httpx.Response:
        headers = {"Authorization": f"Bearer {opened.login_secret}"}
        return self.http.get(f"/v1/logins/{opened.login_id}", headers=headers)

    def log_in(self, **more: Any) -> Candidate:
        assert self.enrol().status_code in (200, 201)
        opened = told(self.open_login(**more), LoginOpened, 201)
        status = told(self.send_face(opened), LoginStatus)
        self.session, self.attempt_id = status.session, status.attempt_id
        return self

    def sitting(self) -> Sitting:
        return told(self.get("/v1/me"), Sitting)

    def act(self, kind: ActKind, **more: Any) -> httpx.Response:
        at_us = more.pop("at_us", self.now_us())
        act_id = more.pop("id", uuid.uuid4().hex)
        act = Act(id=act_id, kind=kind, at_us=at_us, error_us=1000, **more)
        return self.post("/v1/me/acts", Acts(acts=(act,)))

    def get_ready(self) -> Candidate:
        """Read and draw everything that stands before the entry."""
        self.act(ActKind.FLOW_READ)
        for attachment in self.sitting().attachments:
            self.act(ActKind.ATTACHMENT_READ, subject=attachment.id, version=attachment.sha256)
        self.post("/v1/me/draw", {})
        return self

    def try_entry(self, displays: int = 1, reentry: bool = False) -> httpx.Response:
        return self.post("/v1/me/entry", EntryRequest(displays=displays, reentry=reentry))

    def enter(self) -> EntryGranted:
        return told(self.try_entry(), EntryGranted)

    def beat(self, **more: Any) -> Beat:
        return told(self.post("/v1/me/heartbeat", Heartbeat(sent_us=1, **more)), Beat)

    def put(self, first_byte: int, data: bytes, **headers: str) -> httpx.Response:
        return self.http.put(
            f"/v1/evidence/{self.attempt_id}/{first_byte}",
            content=data,
            headers={**self.bearer, **chunk_headers(data), **headers},
        )

    def put_granted(self, first_byte: int, data: bytes) -> httpx.Response:
        digest = hashlib.sha256(data).hexdigest()
        offer = ChunkOffer(first_byte=first_byte, length=len(data), sha256=digest)
        answer = self.post("/v1/me/evidence/grants", GrantRequest(chunks=(offer,)))
        (grant,) = told(answer, Grants).grants
        return self.http.put(grant.url, content=data, headers=grant.headers)

    def seal(self, seal: Seal) -> httpx.Response:
        return self.post("/v1/me/evidence/seal", seal)

    def receipt(self) -> Receipt:
        return told(self.get("/v1/me/receipt"), Receipt)


@dataclass
class Staff:
    """Somebody of the staff."""

    http: httpx.Client
    name: str
    token: str = ""

    def __post_init__(self) -> None:
        answer = self.http.post(
            "/v1/staff/sessions", json={"name": self.name, "password": PASSWORD}
        )
        assert answer.status_code == 201, answer.text
        self.token = answer.json()["token"]
        self.http.cookies.clear()

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return self.http.request(method, path, headers=headers, **more)


def chunk_headers(data: bytes) -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    return {
        "Content-Digest": f"sha-256=:{digest}:",
        "If-None-Match": "*",
        "Content-Type": "application/octet-stream",
    }


def told(answer: httpx.Response, kind: type[T], status: int = 200) -> T:
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    return msgspec.json.decode(answer.content, type=kind)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@dataclass
class Process:
    """`zhishiyun-server serve` as a process of its own."""

    popen: subprocess.Popen[bytes]
    url: str

    def kill(self) -> None:
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait(10)

    def stop(self) -> int:
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(15)


def start(
    exam: ExamHome,
    *more: str,
    largest_file_bytes: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> Process:
    """Start the server and wait until it is ready; its files may be kept from growing."""
    ready = exam.home.parent / f"ready-{uuid.uuid4().hex}.json"
    popen = subprocess.Popen(
        [
            sys.executable, "-m", "zhishiyun_server", "serve", "--home", str(exam.home),
            "--ready-file", str(ready), "--reserve-mib", "0", *more,
        ],
        env={**os.environ, "PYTHONWARNINGS": "default", **(environment or {})},
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    if largest_file_bytes is not None and sys.platform == "linux":
        limit = (largest_file_bytes, largest_file_bytes)
        resource.prlimit(popen.pid, resource.RLIMIT_FSIZE, limit)
    deadline_s = time.monotonic() + 30
    while not ready.is_file():
        assert popen.poll() is None, "the server ended at once"
        assert time.monotonic() < deadline_s, "the server is not ready"
        time.sleep(0.02)
    return Process(popen, json.loads(ready.read_text())["url"])


@contextmanager
def serving(
    exam: ExamHome,
    *more: str,
    largest_file_bytes: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Process]:
    """A server process that is ended in any case."""
    process = start(exam, *more, largest_file_bytes=largest_file_bytes, environment=environment)
    try:
        yield process
    finally:
        if process.popen.poll() is None:
            process.popen.kill()
            process.popen.wait(10)


def wall_us() -> int:
    return time.time_ns() // 1000


__all__ = ["Candidate", "ExamHome", "Room", "Staff", "make_exam", "room", "serving", "ticket"]
