"""Enrolment and login: from a ticket to a session (R004, R041–R046)."""

from __future__ import annotations

import enum

import msgspec

from zhishiyun_protocol.plan import ExamPlan, Factor


class TimeQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """POST /v1/time: the client's monotonic µs, sent back untouched."""

    sent_us: int


class TimeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The exam's clock, µs since 1970 UTC, and how fast it runs."""

    sent_us: int
    server_received_us: int
    server_sent_us: int
    speed: float = 1.0


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """POST /v1/enrolments: bind a device key to a ticket, once (R004, R007).

    `proof` is the device key's signature, purpose "enrolment", over the ticket's text.
    """

    ticket: str
    device_key: str  # base64url raw Ed25519 public key
    proof: str
    client_version: str


class Enrolled(msgspec.Struct, frozen=True, kw_only=True):
    """201/200: the device is bound; what may be known before login."""

    exam_id: str
    exam_title: str
    plan: ExamPlan
    starts_us: int
    ticket_tail: str  # last four digits of the 准考证号, for the screen
    subject: str
    formal: bool


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """POST /v1/logins: begin a login on an enrolled device.

    `proof`: device key, purpose "login", over "<ticket_id>.<sent_us>" (µs of the exam's clock as
    the client knows it; the server allows ±5 minutes of real time).
    """

    ticket_id: str
    sent_us: int
    proof: str
    id_number: str = ""  # only where the plan's factors ask for numbers
    ticket_number: str = ""
    take_over: bool = False  # the candidate chose 【在本机继续】 (E103)


class LoginState(enum.StrEnum):
    """Where a login stands."""

    FACE_WANTED = "face_wanted"
    MANUAL_PENDING = "manual_pending"
    ADMITTED = "admitted"
    REFUSED = "refused"


class LoginOpened(msgspec.Struct, frozen=True, kw_only=True):
    """201: the reference photo for the match on the device; keep it in memory only."""

    login_id: str
    login_secret: str  # bearer for the calls of this login only
    state: LoginState
    factors: tuple[Factor, ...]
    attempts_left: int
    reference_photo: str = ""  # base64 JPEG/PNG
    id_photo: str = ""  # of the ID card, where the plan asks for 人证; in memory only as well


class FaceResult(msgspec.Struct, frozen=True, kw_only=True):
    """POST /v1/logins/{id}/face: what the device found; no picture, no embedding."""

    matched: bool
    score: float
    frames: int
    pack: str
    liveness: str = ""  # cues, then name and outcome of the liveness probe; empty where none is
    id_score: float | None = None  # 人证: median cosine with the ID card's photo


class ManualReason(enum.StrEnum):
    """Why a person is asked; what the technician sees of it are words, never a judgement."""

    ASKED = "asked"  # the candidate chose it
    NO_CONSENT = "no_consent"
    NOT_ALIKE = "not_alike"
    PHOTO_UNUSABLE = "photo_unusable"  # the roster's photo (F03)
    NO_CAMERA = "no_camera"  # F02: then there is no live picture
    ENGINE = "engine"  # the face pack does not load


class ManualRequest(msgspec.Struct, frozen=True, kw_only=True):
    """POST /v1/logins/{id}/manual: 【改用人工核验】 with a live picture for the technician."""

    live_photo: str  # base64 JPEG; "" only with NO_CAMERA
    reason: str = ""  # a ManualReason


class ShownPicture(msgspec.Struct, frozen=True, kw_only=True):
    """POST /v1/logins/{id}/picture: what the camera shows, while a technician looks; not kept."""

    picture: str  # base64 JPEG


class PictureTaken(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to a `ShownPicture`: whether a technician still looks."""

    wanted: bool


class LoginStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to face, manual and GET /v1/logins/{id}; the session comes once admitted."""

    state: LoginState
    attempts_left: int
    session: str = ""  # bearer of everything under /v1/me
    attempt_id: str = ""
    reason: str = ""  # why a technician refused, in his words
    waiting_s: int = 0
    picture_wanted: bool = False  # a technician looks: send a `ShownPicture` with each question


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Every refusal and fault: a stable code, both sentences, and when to try again."""

    code: str
    message: str
    zh: str
    retry_after_s: float | None = None
    opens_us: int | None = None
    closes_us: int | None = None
    missing: tuple[tuple[int, int], ...] = ()
