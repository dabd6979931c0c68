"""Login as one conversation with the server: numbers, face, technician (R041–R046)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from zhishiyun_client.flow.room import Room
from zhishiyun_protocol.errors import Broken, Fixable, ZhishiyunError
from zhishiyun_protocol.messages.entering import (
    FaceResult,
    Login,
    LoginOpened,
    LoginStatus,
    ManualReason,
    ManualRequest,
    PictureTaken,
    ShownPicture,
)
from zhishiyun_protocol.messages.sitting import Sitting
from zhishiyun_protocol.signing import to_text

Failed = Callable[[ZhishiyunError], None]


@dataclass(frozen=True, slots=True)
class Numbers:
    """What notice C asks to be typed; empty where the plan does not ask."""

    id_number: str = ""
    ticket_number: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Admitted: the session is in use and the server's view is here."""

    session: str
    sitting: Sitting


class SignIn:
    """The calls of one login; every answer comes back in the UI thread."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._opened: LoginOpened | None = None

    @property
    def reference_photo(self) -> bytes:
        """The roster's photo; empty when the server sent none that can be read."""
        return _photo(self._opened.reference_photo if self._opened else "")

    @property
    def id_photo(self) -> bytes:
        """The ID card's photo, where the plan asks for 人证; as above."""
        return _photo(self._opened.id_photo if self._opened else "")

    def forget_photos(self) -> None:
        """The login is over: nothing of the photos is left in this process."""
        if self._opened is not None:
            self._opened = msgspec.structs.replace(self._opened, reference_photo="", id_photo="")

    def open(
        self, numbers: Numbers, take_over: bool, done: Callable[[LoginOpened], None], failed: Failed
    ) -> None:
        """Begin a login on this device."""
        room = self._room

        def call() -> LoginOpened:
            sent_us = room.now_us
            ticket_id = room.identity.ticket_id
            proof = room.identity.device_key.sign("login", f"{ticket_id}.{sent_us}".encode())
            return room.ports.api.log_in(
                Login(
                    ticket_id=ticket_id,
                    sent_us=sent_us,
                    proof=to_text(proof),
                    id_number=numbers.id_number,
                    ticket_number=numbers.ticket_number,
                    take_over=take_over,
                )
            )

        def keep(opened: LoginOpened) -> None:
            self._opened = opened
            done(opened)

        room.run("login", call, keep, failed)

    def send_face(
        self, result: FaceResult, done: Callable[[LoginStatus], None], failed: Failed
    ) -> None:
        """Tell what the device found: a verdict and a score, never a picture."""
        opened, api = self._login(), self._room.ports.api
        self._room.run(
            "face",
            lambda: api.send_face(opened.login_id, opened.login_secret, result),
            done,
            failed,
        )

    def ask_technician(
        self, reason: ManualReason, done: Callable[[LoginStatus], None], failed: Failed
    ) -> None:
        """【改用人工核验】: a live picture for a technician (R045); also without one (F02)."""
        opened, room = self._login(), self._room

        def call() -> LoginStatus:
            try:
                photo = base64.b64encode(room.ports.face.live_photo()).decode("ascii")
                request = ManualRequest(live_photo=photo, reason=reason.value)
            except Fixable:  # no picture: the candidate waits for a person all the same
                request = ManualRequest(live_photo="", reason=ManualReason.NO_CAMERA.value)
            return room.ports.api.ask_manual(opened.login_id, opened.login_secret, request)

        room.run("manual", call, done, failed)

    def ask_status(self, done: Callable[[LoginStatus], None], failed: Failed) -> None:
        """Whether a technician has decided."""
        opened, api = self._login(), self._room.ports.api
        self._room.run(
            "login-status",
            lambda: api.login_status(opened.login_id, opened.login_secret),
            done,
            failed,
        )

    def show_picture(self, done: Callable[[PictureTaken], None], failed: Failed) -> None:
        """What the camera shows now, for a technician who looks; the server does not keep it."""
        opened, room = self._login(), self._room

        def call() -> PictureTaken:
            jpeg = room.ports.face.live_photo()
            picture = ShownPicture(picture=base64.b64encode(jpeg).decode("ascii"))
            return room.ports.api.show_picture(opened.login_id, opened.login_secret, picture)

        room.run("login-picture", call, done, failed)

    def take_seat(self, session: str, done: Callable[[SignedIn], None], failed: Failed) -> None:
        """Use the session, keep it for a restart, and learn what the server knows."""
        room = self._room

        def call() -> SignedIn:
            room.ports.secrets.put("session", session.encode())
            room.ports.api.use_session(session)
            return SignedIn(session, room.ports.api.sitting())

        room.run("seat", call, done, failed)

    def _login(self) -> LoginOpened:
        if self._opened is None:
            raise Broken("LOGIN_NOT_OPENED", "A login call was made before the login was opened.")
        return self._opened


def _photo(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        return b""
