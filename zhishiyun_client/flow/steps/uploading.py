"""上传: nothing to do, and everything that can be done when it does not go (R182–R190)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from zhishiyun_client.domain.phases import Event, Phase
from zhishiyun_client.flow.clock_words import clock_time
from zhishiyun_client.flow.intents import Continue, ExportTo, Intent, RetryUpload, UploadAgain
from zhishiyun_client.flow.phone_part import PhonePart
from zhishiyun_client.flow.room import Room
from zhishiyun_client.flow.stepping import Step
from zhishiyun_client.flow.views import (
    CountdownView,
    ExportTargetView,
    StreamState,
    StreamView,
    UploadingView,
    UploadStep,
)
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_client.ports.desk import ExportTarget
from zhishiyun_client.ports.devices import TrackState
from zhishiyun_client.ports.recorder import (
    ExportBundle,
    Exported,
    Retry,
    TrackStatus,
    UploadStatus,
)
from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_protocol.timing import SECOND_US, remaining_s

UNMEASURED_IS_LATE_S = 15 * 60  # before the deadline, while nobody knows how long it will take
LOOK_FOR_DRIVES_US = 3_000_000
MINUTE_S = 60
IN_THE_WAY = {
    "NETWORK_DOWN": (T.UPLOADING_OFFLINE, "E501"),
    "NETWORK_CAPTIVE": (T.UPLOADING_CAPTIVE, "NETWORK_CAPTIVE"),
    "NETWORK_PROXY": (T.UPLOADING_UNTRUSTED, "NETWORK_PROXY"),
    "TLS_UNTRUSTED": (T.UPLOADING_UNTRUSTED, "TLS_UNTRUSTED"),
}
SLOW = ("SERVER_SILENT",)  # the line was measured before, and now a chunk did not pass in time
DOWN = (
    "SERVER_SILENT",
    "SERVER_BUSY",
    "SERVER_FAULT",
    "SERVER_NONSENSE",
    "DISK_FULL",
    "TOO_MANY",
)


class UploadingStep(Step):
    """Bytes, an honest range, the cause, the next try; the end is the server's word."""

    phase = Phase.UPLOADING

    def __init__(self, room: Room, happened: Callable[[Event], None]) -> None:
        super().__init__(room, happened)
        self._left = False
        self._targets: tuple[ExportTarget, ...] = ()
        self._look_at_us = 0
        self._exporting = False
        self._exported_to = ""
        self._export_problem: Words | None = None
        self._phone = PhonePart(room)

    def enter(self) -> None:
        """Perhaps the receipt is here already."""
        self._left = False
        self._phone.ask()

    def beat(self) -> None:
        """Lead on with the receipt; see which drives there are."""
        if self.room.receipt is not None and not self._left and not self._awaits_phone():
            self._left = True
            self.happened(Event.PASSED)
        self._phone.beat()
        if self.room.now_us >= self._look_at_us:
            self._look_at_us = self.room.now_us + LOOK_FOR_DRIVES_US
            self.room.run(
                "drives", self.room.ports.files.export_targets, self._on_targets, self._ignore
            )

    def take(self, intent: Intent) -> None:
        """Retry, reconcile, export."""
        recorder = self.room.ports.recorder
        if isinstance(intent, Continue) and self.room.receipt is not None and not self._left:
            self._left = True
            self.happened(Event.PASSED)
        elif isinstance(intent, RetryUpload | UploadAgain):
            recorder.say(Retry())
        elif isinstance(intent, ExportTo):
            target = next((t for t in self._targets if t.target_id == intent.target_id), None)
            if target is not None:
                self._exporting, self._export_problem = True, None
                recorder.say(ExportBundle(folder=str(target.path)))

    def hear(self, report: object) -> None:
        """The bundle is written, or not."""
        if isinstance(report, Exported):
            self._exporting = False
            self._exported_to = report.path
            self._export_problem = report.zh or report.message if report.code else None

    def countdown(self) -> CountdownView | None:
        """Until the upload's deadline."""
        left_s = remaining_s(self._deadline_us(), self.room.now_us)
        if not left_s:
            return None
        return CountdownView(stage=text(T.STAGE_UPLOAD_DEADLINE), remaining_s=left_s)

    def view(self) -> UploadingView:
        """The page now."""
        upload = self.room.status.upload if self.room.status else UploadStatus()
        problem, code = self._problem(upload)
        running = upload.next_try_s is None
        if self.room.receipt is not None:
            problem, code = self._phone.problem(self._deadline_us())
        return UploadingView(
            streams=self._streams(upload),
            step=self._stage(upload),
            sent_bytes=upload.held_bytes,
            total_bytes=max(upload.total_bytes, upload.held_bytes),
            eta=_eta(upload) if running and self.room.receipt is None else None,
            deadline=self._deadline(),
            problem=self._export_problem or problem,
            problem_code=code,
            next_try_in_s=None if running else math.ceil(upload.next_try_s or 0),
            tries=upload.attempt_number,
            retry_off=self._retry_off(upload),
            again_off=text(T.UPLOADING_AGAIN_OFF) if running and not upload.cause else None,
            export_off=self._export_off(),
            export_targets=tuple(ExportTargetView(t.target_id, t.name) for t in self._targets),
            exported_to=self._exported_to,
            has_phone=self._phone.must_stop(),
            may_go_on=self.room.receipt is not None,
        )

    def _streams(self, upload: UploadStatus) -> tuple[StreamView, ...]:
        status = self.room.status
        if status is None:
            return ()
        tracks = (
            (T.UPLOADING_CAMERA, status.camera),
            (T.UPLOADING_SCREEN, status.screen),
            (T.UPLOADING_MICROPHONE, status.microphone),
        )
        computers = tuple(_stream(key, track, upload) for key, track in tracks)
        if self.room.receipt is not None:
            computers = tuple(verified(each) for each in computers)
        return computers + self._phone.streams()

    def _stage(self, upload: UploadStatus) -> UploadStep:
        if self.room.receipt is not None:
            return UploadStep.RECEIPT
        return UploadStep.CHECKING if upload.checking else UploadStep.SENDING

    def _awaits_phone(self) -> bool:
        """Whether the page stays for the phone's sake: until everything is here, or the hour is."""
        return self._phone.is_missing() and self.room.now_us <= self._deadline_us()

    def _deadline_us(self) -> int:
        return self.room.upload_due_us()

    def _deadline(self) -> Words:
        if self.room.now_us > self._deadline_us():
            return text(T.UPLOADING_DEADLINE_PAST)
        return text(T.UPLOADING_DEADLINE, time=clock_time(self._deadline_us()))

    def _problem(self, upload: UploadStatus) -> tuple[Words | None, str]:
        may_go = not upload.cause or upload.cause in SLOW  # else what is in the way comes first
        if may_go and self._will_be_late(upload):
            words = text(
                T.UPLOADING_E602,
                count=upload.missing_parts,
                stream=text(T.UPLOADING_COMPUTER),
                deadline=clock_time(self._deadline_us()),
            )
            return words, "E602"
        if not upload.cause:
            return None, ""
        if upload.cause in SLOW and (range_min := _range_min(upload)) is not None:
            return text(T.UPLOADING_E601, low=range_min[0], high=range_min[1]), "E601"
        if upload.cause in IN_THE_WAY:
            key, code = IN_THE_WAY[upload.cause]
            return text(key), code
        if upload.cause in DOWN:
            return text(T.UPLOADING_SERVER_DOWN), upload.cause
        return text(T.UPLOADING_SERVER_REFUSED), upload.cause

    def _will_be_late(self, upload: UploadStatus) -> bool:
        """Whether the 60 minutes will hardly do (R186); no word of it once they are over."""
        left_s = (self._deadline_us() - self.room.now_us) / SECOND_US / self.room.ports.clock.speed
        if not upload.missing_parts or left_s <= 0:
            return False
        return left_s < (upload.eta_high_s or UNMEASURED_IS_LATE_S)

    def _retry_off(self, upload: UploadStatus) -> Words | None:
        if upload.checking:
            return text(T.UPLOADING_RETRY_OFF_CHECKING)
        return text(T.UPLOADING_RETRY_OFF_RUNNING) if upload.next_try_s is None else None

    def _export_off(self) -> Words | None:
        if self._exporting:
            return text(T.UPLOADING_EXPORTING)
        return None if self._targets else text(T.UPLOADING_EXPORT_OFF_NONE)

    def _on_targets(self, targets: tuple[ExportTarget, ...]) -> None:
        self._targets = targets

    def _ignore(self, error: ZhishiyunError) -> None:
        self._targets = ()


def _stream(key: T, track: TrackStatus, upload: UploadStatus) -> StreamView:
    """One track's bar. The log carries all tracks together, so all bars show the log's share."""
    if track.state is TrackState.ABSENT:
        return StreamView(text(key), StreamState.NOT_USED)
    state = StreamState.CHECKING if upload.checking else StreamState.SENDING
    if upload.next_try_s is not None:
        state = StreamState.WAITING
    return StreamView(text(key), state, upload.held_bytes, max(upload.total_bytes, 1))


def verified(stream: StreamView) -> StreamView:
    """The server has checked it: the receipt says so."""
    if stream.state is StreamState.NOT_USED:
        return stream
    return replace(stream, state=StreamState.DONE, sent_bytes=stream.total_bytes)


def _eta(upload: UploadStatus) -> Words | None:
    if upload.checking:
        return None
    range_min = _range_min(upload)
    if range_min is None or upload.eta_high_s is None:
        return text(T.UPLOADING_ETA_UNKNOWN)
    if upload.eta_high_s < MINUTE_S:
        return text(T.UPLOADING_ETA_SECONDS)
    return text(T.UPLOADING_ETA, low=range_min[0], high=range_min[1])


def _range_min(upload: UploadStatus) -> tuple[int, int] | None:
    """How long it will take, in whole minutes; None while the line was not measured."""
    if upload.eta_low_s is None or upload.eta_high_s is None:
        return None
    low = max(1, math.floor(upload.eta_low_s / MINUTE_S))
    return low, max(low + 1, math.ceil(upload.eta_high_s / MINUTE_S))
