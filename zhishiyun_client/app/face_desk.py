"""The face check of the desk: the examiner in its thread, and a live picture for a technician."""

from __future__ import annotations

from zhishiyun_client.face.choice import PackChoice
from zhishiyun_client.face.examiner import Examiner
from zhishiyun_client.ports.faces import Enrolment
from zhishiyun_client.ports.preview import PreviewFeed
from zhishiyun_client.ports.recorder import RecorderDesk, WatchFace
from zhishiyun_client.runtime.worker import Report
from zhishiyun_protocol.errors import Fixable
from zhishiyun_protocol.signing import to_text

STOP_WITHIN_S = 3.0
JPEG_QUALITY = 85


class ExaminerDesk:
    """Implements `ports.desk.FaceDesk`. The nets are loaded when a face is looked for first."""

    def __init__(
        self,
        choice: PackChoice,
        feed: PreviewFeed,
        report: Report,
        recorder: RecorderDesk,
        *,
        asks_for_turns: bool = False,
        presence_per_s: float = 0.0,
    ) -> None:
        self._choice = choice
        self._feed = feed
        self._report = report
        self._recorder = recorder
        self._asks_for_turns = asks_for_turns
        self._presence_per_s = presence_per_s
        self._examiner: Examiner | None = None
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
        """Forget the face; the nets go with their thread, and their memory with them."""
        if self._examiner is not None:
            self._examiner.forget()
            self._examiner.ask_to_stop()
            self._examiner = None

    def withdraw(self) -> None:
        """Stop; a recorder that watches goes on without a face, and only counts."""
        self.stop()
        if self._watched:
            self._recorder.say(_watch_message(None, self._presence_per_s))

    def live_photo(self) -> bytes:
        """The newest picture as JPEG. Thread: a worker."""
        import cv2  # 70 MB: not before the first paint
        import numpy as np

        frame = self._feed.latest()
        if frame is None:
            raise Fixable(
                "CAMERA_NO_PICTURE",
                "The camera gives no picture. Connect a camera and try again.",
                "摄像头没有画面。请接好摄像头后再试。",
            )
        shape = (frame.height_px, frame.width_px, 3)
        picture = np.frombuffer(frame.bgr, np.uint8).reshape(shape)
        done, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        if not done:
            raise Fixable(
                "CAMERA_NO_PICTURE", "The picture could not be encoded.", "画面编码失败。"
            )
        return bytes(jpeg)

    def _running(self) -> Examiner:
        if self._examiner is None or not self._examiner.is_running:
            self._examiner = Examiner(
                self._choice,
                self._feed.latest,
                self._report,
                asks_for_turns=self._asks_for_turns,
            )
            self._examiner.start()
        return self._examiner


def _watch_message(known: Enrolment | None, per_s: float) -> WatchFace:
    if known is None:
        return WatchFace(per_s=per_s)
    pack = (known.pack.name, known.pack.version, known.pack.digest)
    numbers = known.embedding.astype("<f4").tobytes()
    return WatchFace(per_s=per_s, embedding=to_text(numbers), pack=pack)
