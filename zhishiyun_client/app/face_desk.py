"""The face check of the desk: its process while a face is looked for, and a technician's photo."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage

from zhishiyun_client.app.face_link import FaceLink
from zhishiyun_client.app.recorder_link import PreviewFinder
from zhishiyun_client.ports.examining import TURNS, KnownFace
from zhishiyun_client.ports.recorder import RecorderDesk, WatchFace
from zhishiyun_client.runtime.programs import client_command
from zhishiyun_client.runtime.worker import Report
from zhishiyun_protocol.errors import Fixable
from zhishiyun_protocol.signing import to_text

JPEG_QUALITY = 85


class ExaminerDesk:
    """Implements `ports.desk.FaceDesk`. The process runs only while a face is looked for."""

    def __init__(
        self,
        feed: PreviewFinder,
        report: Report,
        recorder: RecorderDesk,
        *,
        asks_for_turns: bool = False,
        presence_per_s: float = 0.0,
    ) -> None:
        self._feed = feed
        self._report = report
        self._recorder = recorder
        self._asks_for_turns = asks_for_turns
        self._presence_per_s = presence_per_s
        self._examiner: FaceLink | None = None
        self._watched = False

    def look_for(self, reference_photo: bytes, id_photo: bytes = b"") -> None:
        """Begin a try against these photos."""
        self._running().enrol(reference_photo, id_photo)
        self._running().begin_try()

    def try_again(self) -> None:
        """Another try against the same photo."""
        self._running().begin_try()

    def watch_on(self) -> None:
        """Hand the numbers of the face, if it was matched, to the recorder; by the socket only."""
        self._watched = True
        known = self._examiner.known if self._examiner is not None else None
        self._recorder.say(_watch_message(known, self._presence_per_s))

    def stop(self) -> None:
        """Forget the face; nets, libraries and their memory go with the process."""
        if self._examiner is not None:
            self._examiner.ask_to_stop()
            self._examiner = None

    def withdraw(self) -> None:
        """Stop; a recorder that watches goes on without a face, and only counts."""
        self.stop()
        if self._watched:
            self._recorder.say(_watch_message(None, self._presence_per_s))

    def live_photo(self) -> bytes:
        """The newest picture as JPEG. Thread: a worker."""
        frame = self._feed.latest()
        if frame is None:
            raise Fixable(
                "CAMERA_NO_PICTURE",
                "The camera gives no picture. Connect a camera and try again.",
                "摄像头没有画面。请接好摄像头后再试。",
            )
        size = frame.width_px, frame.height_px, frame.width_px * 3
        picture = QImage(frame.bgr, *size, QImage.Format.Format_BGR888)
        jpeg = QBuffer()
        jpeg.open(QIODevice.OpenModeFlag.WriteOnly)
        # The stubs ask for bytes here, what runs takes a str only.
        if not picture.save(jpeg, "JPEG", JPEG_QUALITY):  # type: ignore[call-overload]
            raise Fixable(
                "CAMERA_NO_PICTURE", "The picture could not be encoded.", "画面编码失败。"
            )
        return bytes(jpeg.data().data())

    def _running(self) -> FaceLink:
        if self._examiner is None or not self._examiner.is_running:
            command = client_command("face-check", *([TURNS] if self._asks_for_turns else []))
            self._examiner = FaceLink(command, self._feed.name, self._report)
            self._examiner.start()
        return self._examiner


def _watch_message(known: KnownFace | None, per_s: float) -> WatchFace:
    if known is None:
        return WatchFace(per_s=per_s)
    pack = (known.pack.name, known.pack.version, known.pack.digest)
    return WatchFace(per_s=per_s, embedding=to_text(known.numbers), pack=pack)
