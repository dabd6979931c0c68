"""The face check of the desk: the examiner in its thread, and a live picture for a technician."""

from __future__ import annotations

from pathlib import Path

from zhishiyun_client.face.examiner import Examiner
from zhishiyun_client.ports.preview import PreviewFeed
from zhishiyun_client.runtime.worker import Report
from zhishiyun_protocol.errors import Fixable

STOP_WITHIN_S = 3.0
JPEG_QUALITY = 85


class ExaminerDesk:
    """Implements `ports.desk.FaceDesk`. The nets are loaded when a face is looked for first."""

    def __init__(
        self, folder: Path, feed: PreviewFeed, report: Report, *, asks_for_turns: bool = False
    ) -> None:
        self._folder = folder
        self._feed = feed
        self._report = report
        self._asks_for_turns = asks_for_turns
        self._examiner: Examiner | None = None

    def look_for(self, reference_photo: bytes) -> None:
        """Begin a try against this photo."""
        self._running().enrol(reference_photo)
        self._running().begin_try()

    def try_again(self) -> None:
        """Another try against the same photo."""
        self._running().begin_try()

    def stop(self) -> None:
        """Forget the face; the nets go with their thread, and their memory with them."""
        if self._examiner is not None:
            self._examiner.forget()
            self._examiner.ask_to_stop()
            self._examiner = None

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
                self._folder,
                self._feed.latest,
                self._report,
                asks_for_turns=self._asks_for_turns,
            )
            self._examiner.start()
        return self._examiner
