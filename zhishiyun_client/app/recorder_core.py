"""The recorder itself: takes what desk, devices, log and server say, and decides."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from zhishiyun_client.app.attempt import RUNG, Attempt, attempt_boot
from zhishiyun_client.app.desk_watch import DeskWatch
from zhishiyun_client.app.disk_words import disk_trouble
from zhishiyun_client.app.heartbeats import Heartbeats
from zhishiyun_client.app.recorder_ailments import Ailments
from zhishiyun_client.app.recorder_door import DeskGone, Door, Heard
from zhishiyun_client.app.recorder_memory import KnownClock, MemoryFile
from zhishiyun_client.app.recorder_presence import RecorderPresence
from zhishiyun_client.app.recorder_status import status_of
from zhishiyun_client.app.uplink import Uplink
from zhishiyun_client.capture.studio import Studio
from zhishiyun_client.evidence.book import EvidenceBook
from zhishiyun_client.evidence.boot import boot_id
from zhishiyun_client.face.presence_worker import NAME as PRESENCE
from zhishiyun_client.ports.faces import PresenceChanged, PresenceOff
from zhishiyun_client.ports.line import ClockKnown, Committed, LineDown, LineUp, NewsArrived
from zhishiyun_client.ports.recorder import (
    Attach,
    Begin,
    Chat,
    Choose,
    DeviceBack,
    DeviceLost,
    Devices,
    ExportBundle,
    Exported,
    Finish,
    FromServer,
    Hello,
    ListDevices,
    MarkNow,
    Note,
    Quit,
    RecorderState,
    Recovered,
    Retry,
    SetPhase,
    Status,
    Trouble,
    Uploaded,
    WatchFace,
)
from zhishiyun_client.ports.uploading import Progress, ReceiptArrived, UploadBroken
from zhishiyun_client.ports.watching import Finding
from zhishiyun_client.runtime.clock import ExamClock, monotonic_us
from zhishiyun_client.runtime.refusals import Refusal, refusal_of
from zhishiyun_client.runtime.trays import Line
from zhishiyun_client.runtime.worker import Crashed
from zhishiyun_client.upload import bundle
from zhishiyun_protocol.clock import ServerClock
from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_protocol.evidence.contents import Ack, Cause, Mark, Quality
from zhishiyun_protocol.messages.evidence import Receipt

LOG = logging.getLogger(__name__)
INBOX = 4096  # a desk and a dozen workers say less than a hundred things a second
STATUS_EVERY_S = 0.5
QUALITY_EVERY_S = 60.0
ACK_EVERY_S = 10.0
LOW_DISK_BYTES = 500 * 1024 * 1024  # half an hour at 1.2 Mbit/s and room for the system
HELD_TOLD_US = 3_000_000  # a scan is over sooner; nothing is lost meanwhile
ALONE_AFTER_END_S = 60.0  # a desk that is there ends the exam itself
NOBODY_CAME_S = 30.0
WAIT_FOR_CLOCK_S = 3.0


class Inbox(Line[object]):
    """Where desk, workers and server lay what they have to say."""

    def __init__(self) -> None:
        super().__init__(INBOX)

    def post(self, report: object) -> None:
        """Lay a report down; never waits. Thread: any."""
        if not self.put(report):
            LOG.error("the inbox is full: %s is lost", type(report).__name__)


class Recorder:
    """One recorder for its whole life. Thread: the process's main one, but what says otherwise."""

    def __init__(
        self, home: Path, inbox: Inbox, studio: Studio, door: Door, memory: MemoryFile
    ) -> None:
        self._home = home
        self._inbox = inbox
        self._studio = studio
        self._door = door
        self._memory_file = memory
        self._memory = memory.read()
        self._unkept = False
        self._to_open: Begin | None = None
        self._clock = ExamClock()
        self._beats = Heartbeats(studio)
        self._beats.phase = self._memory.phase
        self._watch = DeskWatch(self._memory.restart)
        self._ailments = Ailments()
        self._presence = RecorderPresence(studio.preview.name, inbox.post)
        self._uplink: Uplink | None = None
        self._attempt: Attempt | None = None
        self._receipt: Receipt | None = None
        self._line: LineUp | LineDown | None = None
        self._committed = 0
        self._acked = 0
        self._troubles: dict[str, Trouble] = {}
        self._finishing = ""
        self._quit = False
        self._next_status_s = self._next_quality_s = self._next_ack_s = 0.0
        self._last_desk_s = time.monotonic()
        self._takers: dict[type, Callable[..., None]] = {
            Hello: self._on_hello,
            Quit: self._on_quit,
            ListDevices: self._on_list,
            Choose: self._on_choose,
            Attach: self._on_attach,
            Begin: self._on_begin,
            WatchFace: self._on_watch_face,
            Finding: self._on_finding,
            PresenceChanged: self._on_presence,
            PresenceOff: self._on_presence_off,
            SetPhase: self._on_phase,
            MarkNow: self._on_mark,
            Note: self._on_note,
            Chat: self._on_chat,
            Finish: self._on_finish,
            Retry: self._on_retry,
            ExportBundle: self._on_export,
            DeskGone: self._on_desk_gone,
            Devices: self._on_devices,
            DeviceLost: self._on_device,
            DeviceBack: self._on_device,
            Trouble: self._on_trouble,
            ClockKnown: self._on_clock,
            NewsArrived: self._on_news,
            Committed: self._on_committed,
            LineUp: self._on_line,
            LineDown: self._on_line,
            Progress: self._on_progress,
            ReceiptArrived: self._on_receipt,
            UploadBroken: self._on_upload_broken,
            Crashed: self._on_crash,
        }

    # ── life ────────────────────────────────────────────────────────

    @property
    def state(self) -> RecorderState:
        """What this recorder is at."""
        if self._attempt is None:
            return RecorderState.PREVIEW
        if self._finishing:
            return RecorderState.FINISHING
        if self._attempt.seal is None:
            return RecorderState.RECORDING
        return RecorderState.DONE if self._receipt else RecorderState.UPLOADING

    def resume(self) -> None:
        """Go on with what the last recorder was doing."""
        memory = self._memory
        if memory.attempt is not None and not memory.attempt.evidence_key:
            LOG.error("the secrets of %s are gone; a desk must begin it again", memory.attempt)
            memory = self._memory = msgspec.structs.replace(memory, attempt=None, line=None)
        self._recall_clock(memory.clock)
        if memory.attempt is not None and memory.recording:
            self._studio.choose(memory.camera_id or "", memory.microphone_id or "")
        if memory.line is not None and memory.attempt is not None:
            self._attach(memory.line)
        if memory.attempt is not None:
            if attempt_boot(self._home, memory.attempt.attempt_id) != boot_id():
                self._wait_for_clock()
            if self._attempt is not None:
                return  # a desk was faster
            try:
                self._open(memory.attempt)
            except (OSError, ZhishiyunError) as error:
                LOG.error("%s cannot be continued: %s", memory.attempt, error)

    def turn(self, within_s: float) -> bool:
        """Take what has come; False when there is nothing left to do."""
        item = self._inbox.take(within_s)
        while item is not None:
            self._take(item)
            item = self._inbox.take()
        self._tick(time.monotonic())
        return not self._may_end()

    def close(self) -> None:
        """End this process in order: sources, log, line, door."""
        self._end_presence()
        if self._attempt is not None:
            self._attempt.leave_open()
        if self._uplink is not None:
            self._uplink.close()
        for name in self._studio.close():
            LOG.warning("%s did not stop in time", name)
        self._door.stop(2.0)

    def _take(self, item: object) -> None:
        message = item.message if isinstance(item, Heard) else item
        taker = self._takers.get(type(message))
        if taker is None:
            LOG.warning("nobody takes %s", type(message).__name__)
            return
        try:
            taker(message)
        except ZhishiyunError as error:
            LOG.error("%s: %s", type(message).__name__, error)
            self._door.tell(Trouble(code=error.code, message=error.message, zh=error.zh))
        except OSError as error:
            LOG.error("%s: %s", type(message).__name__, error)
            is_full = refusal_of(error) is Refusal.FULL
            self._say_trouble("DISK_FULL" if is_full else "DISK_HELD", holds=True)

    def _may_end(self) -> bool:
        if self._door.has_desk:
            self._last_desk_s = time.monotonic()
            return False
        if self.state in (RecorderState.PREVIEW, RecorderState.DONE):
            alone_s = time.monotonic() - self._last_desk_s
            return self._quit or alone_s > NOBODY_CAME_S
        return False

    # ── the desk ────────────────────────────────────────────────────

    def _on_hello(self, hello: Hello) -> None:
        self._quit = False
        self._watch.meet(hello)
        self._remember(restart=hello.restart)
        self._studio.camera.show_preview(True)
        self._tell_status()
        for trouble in self._troubles.values():
            self._door.tell(trouble)
        if self._receipt is not None:
            self._door.tell(Uploaded(receipt=self._receipt))

    def _on_desk_gone(self, _gone: DeskGone) -> None:
        self._studio.camera.show_preview(self._presence.is_wanted)
        self._studio.lister.rest()
        self._last_desk_s = time.monotonic()
        if self.state in (RecorderState.PREVIEW, RecorderState.UPLOADING, RecorderState.DONE):
            self._studio.rest()

    def _on_quit(self, _quit: Quit) -> None:
        self._quit = True
        self._watch.dismiss()
        self._remember(restart=())

    def _on_list(self, _list: ListDevices) -> None:
        self._studio.lister.look()

    def _on_devices(self, devices: Devices) -> None:
        self._door.tell(devices)

    def _on_choose(self, choose: Choose) -> None:
        memory = self._memory
        camera = memory.camera_id if choose.camera_id is None else choose.camera_id
        microphone = memory.microphone_id if choose.microphone_id is None else choose.microphone_id
        self._studio.choose(camera, microphone)
        self._remember(camera_id=camera, microphone_id=microphone)

    def _on_attach(self, attach: Attach) -> None:
        if self._memory.line != attach:
            self._remember(line=attach)
        self._attach(attach)

    def _attach(self, attach: Attach) -> None:
        uplink = self._uplink
        if uplink is not None and uplink.attach == attach:
            return
        if uplink is not None and uplink.attach.server_url == attach.server_url:
            uplink.renew(attach)
        else:
            if uplink is not None:
                uplink.close()
            cursor = self._memory.news_cursor
            self._uplink = Uplink(attach, self._beats.compose, self._inbox.post, cursor)
        self._upload()

    def _on_phase(self, said: SetPhase) -> None:
        if said.phase == self._beats.phase:
            return
        self._beats.phase = said.phase
        self._studio.lister.rest()  # a page that shows the list asks for it
        self._remember(phase=said.phase)
        self._mark(Mark(what="phase", subject=said.phase))
        if self._uplink is not None:
            self._uplink.beat_now()

    def _on_mark(self, said: MarkNow) -> None:
        self._mark(Mark(what=said.what, subject=said.subject, index=said.index, detail=said.detail))

    def _mark(self, mark: Mark) -> None:
        if self._attempt is not None and self._attempt.book is not None:
            self._attempt.book.mark(mark)

    def _on_note(self, said: Note) -> None:
        if self._attempt is not None and self._attempt.book is not None:
            self._attempt.book.finding(said.finding)

    def _on_watch_face(self, said: WatchFace) -> None:
        if self.state is not RecorderState.FINISHING:
            self._presence.take(said, is_recording=self.state is RecorderState.RECORDING)

    def _on_finding(self, said: Finding) -> None:
        self._on_note(Note(finding=said.as_record()))

    def _on_presence(self, said: PresenceChanged) -> None:
        if self._presence.is_wanted:
            self._beats.presence = said.presence

    def _on_presence_off(self, said: PresenceOff) -> None:
        LOG.warning("nobody looks who sits there: %s", said.code)
        self._presence.drop()

    def _on_chat(self, said: Chat) -> None:
        if self._attempt is not None and self._attempt.book is not None:
            line = {
                "id": said.id,
                "from_staff": said.from_staff,
                "text": said.text,
                "at_us": said.at_us,
            }
            self._attempt.book.chat(line)

    def _on_retry(self, _retry: Retry) -> None:
        if self._uplink is not None:
            self._uplink.retry()

    def _on_export(self, said: ExportBundle) -> None:
        attempt = self._attempt
        if attempt is None or attempt.seal is None:
            self._door.tell(
                Exported(
                    code="NOTHING_TO_EXPORT",
                    message="The recording is not closed yet.",
                    zh="录制尚未结束，暂不能导出。",
                )
            )
            return
        target = Path(said.folder) / f"{attempt.begin.attempt_id}{bundle.SUFFIX}"
        try:
            bundle.write(attempt.log.path, attempt.seal, target)
        except ZhishiyunError as error:
            self._door.tell(Exported(code=error.code, message=error.message, zh=error.zh))
        else:
            self._door.tell(Exported(path=str(target)))

    # ── the attempt ─────────────────────────────────────────────────

    def _on_begin(self, begin: Begin) -> None:
        attempt = self._attempt
        if attempt is not None and attempt.begin.attempt_id == begin.attempt_id:
            return
        if self.state in (RecorderState.RECORDING, RecorderState.FINISHING):
            LOG.error("another attempt is being recorded")
            return
        if self.state is RecorderState.UPLOADING:
            LOG.warning("the upload of the attempt before waits until its own desk asks again")
        self._receipt, self._finishing = None, ""
        if self._uplink is not None:
            self._uplink.drop_pump()
        self._remember(attempt=begin, recording=True, ended_why="")
        if self._memory.camera_id is None or self._memory.microphone_id is None:
            self._studio.choose(self._memory.camera_id or "", self._memory.microphone_id or "")
        self._open(begin)

    def _open(self, begin: Begin) -> None:
        self._to_open = begin  # until it is: a full disk may have room again
        try:
            attempt = Attempt(self._home, begin, self._clock, self._studio, self._inbox.post)
        except ZhishiyunError:
            self._to_open = None
            raise
        self._to_open = None
        self._attempt = self._beats.attempt = attempt
        if attempt.book is not None:
            attempt.record()
            self._presence.begin()
            LOG.info("recording, run %d, %s", attempt.run, attempt.cause)
            if attempt.cause is not Cause.START:
                gap_ms = attempt.gap_us // 1000
                self._door.tell(
                    Recovered(gap_ms=gap_ms, cause=attempt.cause.value, run=attempt.run)
                )
            if not self._memory.recording or self._is_past(begin):
                self._finish(self._memory.ended_why or "time_up")
        self._upload()

    def _on_finish(self, said: Finish) -> None:
        if self.state is RecorderState.RECORDING:
            self._finish(said.why)

    def _finish(self, why: str) -> None:
        """Close the log; where the disk refuses, `_tick` tries again."""
        attempt = self._attempt
        if attempt is None:
            return
        self._finishing = why
        self._remember(recording=False, ended_why=why)
        self._end_presence()
        for finding in self._ailments.end(monotonic_us()):
            self._on_finding(finding)
        self._tell_status()
        if attempt.finish(why):
            self._finishing = ""
            self._studio.rest()
            LOG.info("the log is closed: %s", why)
            self._upload()

    def _end_presence(self) -> None:
        """Forget the face; what was found last is still written."""
        for finding in self._presence.end():
            self._on_finding(finding)
        self._beats.presence = None

    def _upload(self) -> None:
        attempt = self._attempt
        if attempt is not None and self._uplink is not None and self._receipt is None:
            self._uplink.upload(attempt.log, attempt.begin.server_key, attempt.seal)

    def _is_past(self, begin: Begin) -> bool:
        now_us = self._clock.now_us()
        return now_us is not None and now_us > begin.ends_us

    # ── devices, log ────────────────────────────────────────────────

    def _on_device(self, said: DeviceLost | DeviceBack) -> None:
        self._door.tell(said)
        if self._uplink is not None and self.state is RecorderState.RECORDING:
            self._uplink.beat_now()

    def _on_trouble(self, trouble: Trouble) -> None:
        self._door.tell(trouble)

    def _on_crash(self, crash: Crashed) -> None:
        """Make the worker anew: one track's fault must not cost the others a frame."""
        LOG.error("worker %s crashed", crash.worker, exc_info=crash.error)
        attempt = self._attempt
        if self._studio.replace(crash.worker):
            return
        if crash.worker == PRESENCE:
            self._presence.drop()
            self._beats.presence = None
            return
        if crash.worker == "log" and attempt is not None:
            attempt.start_beat()
        elif self._uplink is not None and not self._uplink.replace(crash.worker):
            self._uplink.drop_pump()
            self._upload()

    # ── the server ──────────────────────────────────────────────────

    def _on_clock(self, said: ClockKnown) -> None:
        self._clock.learn(said.clock)
        if self._memory.clock is None:
            self._remember(clock=self._known_clock())

    def _on_news(self, said: NewsArrived) -> None:
        self._door.tell(FromServer(news=said.news))
        self._remember(news_cursor=said.news.cursor)

    def _on_committed(self, said: Committed) -> None:
        self._committed = said.records

    def _on_line(self, said: LineUp | LineDown) -> None:
        self._line = said
        LOG.info("line: %s", said.by if isinstance(said, LineUp) else said.code)

    def _on_progress(self, said: Progress) -> None:
        self._beats.progress = said

    def _on_receipt(self, said: ReceiptArrived) -> None:
        self._receipt = said.receipt
        self._door.tell(Uploaded(receipt=said.receipt))
        LOG.info("the receipt is here")

    def _on_upload_broken(self, said: UploadBroken) -> None:
        self._door.tell(Trouble(code=said.code, message=said.message, zh=said.zh))

    # ── the beat ────────────────────────────────────────────────────

    def _tick(self, now_s: float) -> None:
        if now_s < self._next_status_s:
            return
        self._next_status_s = now_s + STATUS_EVERY_S
        attempt = self._attempt
        if self._unkept:
            self._remember()
        if self._to_open is not None:
            self._take(self._to_open)
        if attempt is not None and attempt.book is not None:
            self._tend(attempt, now_s)
        if self._door.has_desk:
            self._tell_status()
        elif self.state in (RecorderState.RECORDING, RecorderState.FINISHING):
            self._watch.look()

    def _tend(self, attempt: Attempt, now_s: float) -> None:
        """What a running recording needs twice a second."""
        book = attempt.book
        if book is None:
            return
        if self._finishing:
            self._finish(self._finishing)
            return
        self._watch_disk(attempt)
        self._watch_devices(book)
        if now_s >= self._next_quality_s:
            self._next_quality_s = now_s + QUALITY_EVERY_S
            book.quality(Quality(rung=RUNG, why="steady", counts=self._studio.counts()))
            self._remember(clock=self._known_clock())
        if now_s >= self._next_ack_s and self._committed > self._acked:
            self._next_ack_s, self._acked = now_s + ACK_EVERY_S, self._committed
            held = self._beats.progress.held_bytes
            book.ack(Ack(committed=self._committed, held_bytes=held))
        alone_s = now_s - self._last_desk_s
        if not self._door.has_desk and alone_s > ALONE_AFTER_END_S and self._is_past(attempt.begin):
            self._finish("time_up")

    def _watch_devices(self, book: EvidenceBook) -> None:
        eye, meter = self._studio.camera.eye, self._studio.microphone.meter
        for finding in self._ailments.look(eye.mood, meter.sound, monotonic_us()):
            book.finding(finding.as_record())

    def _watch_disk(self, attempt: Attempt) -> None:
        book = attempt.book
        if book is None:
            return
        refusal = book.writer.refusal
        full = refusal is Refusal.FULL or not book.has_room_for_pictures
        held = refusal not in (None, Refusal.FULL)
        self._say_trouble("DISK_FULL", full)
        self._say_trouble("DISK_HELD", held and book.writer.refused_for_us >= HELD_TOLD_US)
        self._say_trouble("DISK_LOW", not full and book.disk_free_bytes < LOW_DISK_BYTES)

    def _say_trouble(self, code: str, holds: bool) -> None:
        if holds == (code in self._troubles):
            return
        if holds:
            self._troubles[code] = disk_trouble(code)
            self._door.tell(self._troubles[code])
        else:
            past = self._troubles.pop(code)
            self._door.tell(msgspec.structs.replace(past, over=True))
        self._beats.troubles = frozenset(self._troubles)

    def _tell_status(self) -> None:
        self._door.tell(self._status())

    def _status(self) -> Status:
        return status_of(
            state=self.state,
            studio=self._studio,
            attempt=self._attempt,
            progress=self._beats.progress,
            line=self._line,
            clock=self._clock.known,
            committed=self._committed,
            rung=RUNG,
            presence=self._beats.presence.value if self._beats.presence else "",
        )

    # ── memory ──────────────────────────────────────────────────────

    def _remember(self, **changes: object) -> None:
        """Keep changes, also on disk; what the disk refuses is tried again, recording goes on."""
        memory = msgspec.structs.replace(self._memory, **changes)
        if memory == self._memory and not self._unkept:
            return
        self._memory, self._unkept = memory, True
        try:
            self._memory_file.write(memory)
        except (OSError, ZhishiyunError) as error:
            LOG.error("the state is not kept: %s", error)
        else:
            self._unkept = False

    def _known_clock(self) -> KnownClock | None:
        known = self._clock.known
        if known is None:
            return None
        return KnownClock(
            boot_id=boot_id(),
            at_us=known.at_us,
            server_us=known.server_us,
            error_us=known.error_us,
            speed=known.speed,
        )

    def _recall_clock(self, kept: KnownClock | None) -> None:
        if kept is not None and kept.boot_id == boot_id() and kept.at_us <= monotonic_us():
            self._clock.learn(ServerClock(kept.at_us, kept.server_us, kept.error_us, kept.speed))

    def _wait_for_clock(self) -> None:
        """After a reboot only the server knows how long the gap is: it may answer at once."""
        deadline_s = time.monotonic() + WAIT_FOR_CLOCK_S
        while self._clock.known is None and self._uplink is not None:
            left_s = deadline_s - time.monotonic()
            item = self._inbox.take(max(left_s, 0.0))
            if item is None:
                return
            self._take(item)


def new_recorder(home: Path, inbox: Inbox, memory: MemoryFile) -> Recorder:
    """Build a recorder whose workers run."""
    studio = Studio(home, inbox.post)
    studio.start()
    door = Door(home, studio.preview.name, inbox.post)
    door.start()
    LOG.info("recorder %d is up", os.getpid())
    return Recorder(home, inbox, studio, door, memory)
