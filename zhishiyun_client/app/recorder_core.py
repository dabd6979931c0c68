"""The recorder itself: takes what desk, devices, log and server say, and decides."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

import msgspec

from zhishiyun_client.app.attempt import Attempt, attempt_boot
from zhishiyun_client.app.desk_watch import DeskWatch
from zhishiyun_client.app.disk_words import disk_trouble
from zhishiyun_client.app.heartbeats import Heartbeats
from zhishiyun_client.app.recorder_ailments import RecorderAilments
from zhishiyun_client.app.recorder_devices import RecorderDevices
from zhishiyun_client.app.recorder_door import DeskGone, Door, Heard
from zhishiyun_client.app.recorder_entries import LogEntries
from zhishiyun_client.app.recorder_inbox import Inbox
from zhishiyun_client.app.recorder_line import RecorderLine
from zhishiyun_client.app.recorder_memory import MemoryFile
from zhishiyun_client.app.recorder_notebook import Notebook
from zhishiyun_client.app.recorder_presence import RecorderPresence
from zhishiyun_client.app.recorder_quality import RecorderQuality
from zhishiyun_client.app.recorder_sitting import Sitting, Takers
from zhishiyun_client.app.recorder_status import status_of
from zhishiyun_client.app.recorder_tending import Tending
from zhishiyun_client.app.recorder_trial import RecorderTrial
from zhishiyun_client.app.recorder_troubles import Troubles
from zhishiyun_client.capture.studio import Studio
from zhishiyun_client.evidence.boot import boot_id
from zhishiyun_client.face.presence_worker import NAME as PRESENCE
from zhishiyun_client.ports.faces import PresenceChanged, PresenceOff
from zhishiyun_client.ports.recorder import (
    Begin,
    DeviceBack,
    DeviceLost,
    Finish,
    Hello,
    Quit,
    RecorderState,
    Recovered,
    SetPhase,
    Trouble,
    Uploaded,
    WatchFace,
)
from zhishiyun_client.runtime.clock import ExamClock
from zhishiyun_client.runtime.refusals import Refusal, refusal_of
from zhishiyun_client.runtime.worker import Crashed
from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_protocol.evidence.contents import Cause, Mark

LOG = logging.getLogger(__name__)
STATUS_EVERY_S = 0.5
ALONE_AFTER_END_S = 60.0  # a desk that is there ends the exam itself
NOBODY_CAME_S = 30.0
WAIT_FOR_CLOCK_S = 3.0


class Recorder:
    """One recorder for its whole life. Thread: the process's main one, but what says otherwise."""

    def __init__(
        self, home: Path, inbox: Inbox, studio: Studio, door: Door, memory: MemoryFile
    ) -> None:
        self._home = home
        self._inbox = inbox
        self._studio = studio
        self._door = door
        self._notebook = Notebook(memory)
        self._sitting = Sitting()
        self._to_open: Begin | None = None
        self._clock = ExamClock()
        self._beats = Heartbeats(studio, self._clock)
        self._beats.phase = self._notebook.memory.phase
        self._watch = DeskWatch(self._notebook.memory.restart)
        self._presence = RecorderPresence(studio.preview.reader(), inbox.post)
        self._trial = RecorderTrial(studio.trial, door, inbox.post)
        self._devices = RecorderDevices(studio, door, self._notebook, self._trial.forget)
        self._entries = LogEntries(self._sitting, studio)
        self._line = RecorderLine(
            self._sitting, self._notebook, self._clock, self._beats, door, inbox.post
        )
        self._troubles = Troubles(door, self._beats)
        self._quality = RecorderQuality(studio, self._notebook, self._troubles)
        self._ailments = RecorderAilments(studio, self._entries)
        self._tending = Tending(
            self._notebook, self._clock, self._beats, self._troubles, self._quality, self._ailments
        )
        self._quit = False
        self._next_status_s = 0.0
        self._last_desk_s = time.monotonic()
        self._takers: Takers = {
            **self._own_takers(),
            **self._devices.takers,
            **self._trial.takers,
            **self._entries.takers,
            **self._line.takers,
        }

    def _own_takers(self) -> Takers:
        return {
            Hello: self._on_hello,
            Quit: self._on_quit,
            Begin: self._on_begin,
            WatchFace: self._on_watch_face,
            PresenceChanged: self._on_presence,
            PresenceOff: self._on_presence_off,
            SetPhase: self._on_phase,
            Finish: self._on_finish,
            DeskGone: self._on_desk_gone,
            DeviceLost: self._on_device,
            DeviceBack: self._on_device,
            Trouble: self._on_trouble,
            Crashed: self._on_crash,
        }

    # ── life ────────────────────────────────────────────────────────

    @property
    def state(self) -> RecorderState:
        """What this recorder is at."""
        return self._sitting.state

    def resume(self) -> None:
        """Go on with what the last recorder was doing."""
        memory = self._notebook.memory
        if memory.attempt is not None and not memory.attempt.evidence_key:
            LOG.error("the secrets of %s are gone; a desk must begin it again", memory.attempt)
            memory = msgspec.structs.replace(memory, attempt=None, line=None)
            self._notebook.use(memory)
        self._notebook.recall_clock(self._clock)
        if memory.attempt is not None and memory.recording:
            self._studio.choose(memory.camera_id or "", memory.microphone_id or "")
        if memory.attempt is None:
            return
        # After a reboot only the server knows how long the gap is; else the recording comes first.
        needs_clock = attempt_boot(self._home, memory.attempt.attempt_id) != boot_id()
        if needs_clock and memory.line is not None:
            self._line.attach(memory.line)
            self._wait_for_clock()
        if self._sitting.attempt is None:  # else a desk was faster
            try:
                self._open(memory.attempt)
            except (OSError, ZhishiyunError) as error:
                LOG.error("%s cannot be continued: %s", memory.attempt, error)
        if (
            memory.line is not None and not self._line.is_attached
        ):  # a desk may know a newer session
            self._line.attach(memory.line)

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
        self._trial.forget()
        if self._sitting.attempt is not None:
            self._sitting.attempt.leave_open()
        self._line.close()
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
            trouble = disk_trouble("DISK_FULL" if is_full else "DISK_HELD")
            self._troubles.say(trouble, holds=True)

    def _may_end(self) -> bool:
        if self._door.has_desk:
            self._last_desk_s = time.monotonic()
            return False
        if self.state in (RecorderState.PREVIEW, RecorderState.DONE):
            alone_s = time.monotonic() - self._last_desk_s
            return self._quit or alone_s > NOBODY_CAME_S
        return False

    def _wait_for_clock(self) -> None:
        """After a reboot only the server knows how long the gap is: it may answer at once."""
        deadline_s = time.monotonic() + WAIT_FOR_CLOCK_S
        while self._clock.known is None and self._line.is_attached:
            left_s = deadline_s - time.monotonic()
            item = self._inbox.take(max(left_s, 0.0))
            if item is None:
                return
            self._take(item)

    # ── the desk ────────────────────────────────────────────────────

    def _on_hello(self, hello: Hello) -> None:
        self._quit = False
        self._watch.meet(hello)
        self._notebook.keep(restart=hello.restart)
        self._studio.camera.show_preview(True)
        self._tell_status()
        self._troubles.tell_all()
        if self._sitting.receipt is not None:
            self._door.tell(Uploaded(receipt=self._sitting.receipt))

    def _on_desk_gone(self, _gone: DeskGone) -> None:
        self._studio.camera.show_preview(self._presence.is_wanted)
        self._devices.rest()
        self._trial.forget()
        self._beats.findings = ()  # nobody looks any more
        self._last_desk_s = time.monotonic()
        if self.state in (RecorderState.PREVIEW, RecorderState.UPLOADING, RecorderState.DONE):
            self._studio.rest()

    def _on_quit(self, _quit: Quit) -> None:
        self._quit = True
        self._watch.dismiss()
        self._notebook.keep(restart=())

    def _on_phase(self, said: SetPhase) -> None:
        if said.phase == self._beats.phase:
            return
        self._beats.phase = said.phase
        self._devices.rest()  # a page that shows the list asks for it
        self._trial.forget()
        self._notebook.keep(phase=said.phase)
        self._entries.mark(Mark(what="phase", subject=said.phase))
        self._line.beat_now()

    def _on_watch_face(self, said: WatchFace) -> None:
        if self.state is not RecorderState.FINISHING:
            self._presence.take(said, is_recording=self.state is RecorderState.RECORDING)

    def _on_presence(self, said: PresenceChanged) -> None:
        if self._presence.is_wanted:
            self._beats.presence = said.presence

    def _on_presence_off(self, said: PresenceOff) -> None:
        LOG.warning("nobody looks who sits there: %s", said.code)
        self._presence.drop()

    # ── the attempt ─────────────────────────────────────────────────

    def _on_begin(self, begin: Begin) -> None:
        attempt = self._sitting.attempt
        if attempt is not None and attempt.begin.attempt_id == begin.attempt_id:
            return
        if self.state in (RecorderState.RECORDING, RecorderState.FINISHING):
            LOG.error("another attempt is being recorded")
            return
        if self.state is RecorderState.UPLOADING:
            LOG.warning("the upload of the attempt before waits until its own desk asks again")
        self._sitting.receipt, self._sitting.finishing = None, ""
        self._line.drop_pump()
        self._notebook.keep(attempt=begin, recording=True, ended_why="", rung="")
        self._devices.choose_first_ones()
        self._open(begin)

    def _open(self, begin: Begin) -> None:
        self._to_open = begin  # until it is: a full disk may have room again
        try:
            attempt = Attempt(self._home, begin, self._clock, self._studio, self._inbox.post)
        except ZhishiyunError:
            self._to_open = None
            raise
        self._to_open = None
        self._sitting.attempt = self._beats.attempt = attempt
        if attempt.book is not None:
            self._record(attempt)
        self._line.upload()

    def _record(self, attempt: Attempt) -> None:
        self._quality.begin(attempt.begin.recording)
        attempt.record(self._quality.rung)
        self._presence.begin()
        LOG.info("recording, run %d, %s", attempt.run, attempt.cause)
        if attempt.cause is not Cause.START:
            gap_ms = attempt.gap_us // 1000
            self._door.tell(Recovered(gap_ms=gap_ms, cause=attempt.cause.value, run=attempt.run))
        memory = self._notebook.memory
        if not memory.recording or self._is_past(attempt.begin):
            self._finish(memory.ended_why or "time_up")

    def _on_finish(self, said: Finish) -> None:
        if self.state is RecorderState.RECORDING:
            self._finish(said.why)

    def _finish(self, why: str) -> None:
        """Close the log; where the disk refuses, `_tick` tries again."""
        attempt = self._sitting.attempt
        if attempt is None:
            return
        self._sitting.finishing = why
        self._notebook.keep(recording=False, ended_why=why)
        self._end_presence()
        self._ailments.end()
        self._tell_status()
        if attempt.finish(why, self._quality.rung):
            self._sitting.finishing = ""
            self._troubles.end()
            self._studio.rest()
            LOG.info("the log is closed: %s", why)
            self._line.upload()

    def _end_presence(self) -> None:
        """Forget the face; what was found last is still written."""
        for finding in self._presence.end():
            self._entries.found(finding)
        self._beats.presence = None

    def _is_past(self, begin: Begin) -> bool:
        now_us = self._clock.now_us()
        return now_us is not None and now_us > begin.ends_us

    # ── devices and workers ─────────────────────────────────────────

    def _on_device(self, said: DeviceLost | DeviceBack) -> None:
        self._door.tell(said)
        if self.state is RecorderState.RECORDING:
            self._line.beat_now()

    def _on_trouble(self, trouble: Trouble) -> None:
        self._door.tell(trouble)

    def _on_crash(self, crash: Crashed) -> None:
        """Make the worker anew: one track's fault must not cost the others a frame."""
        LOG.error("worker %s crashed", crash.worker, exc_info=crash.error)
        attempt = self._sitting.attempt
        if self._studio.replace(crash.worker):
            return
        if crash.worker == PRESENCE:
            self._presence.drop()
            self._beats.presence = None
        elif crash.worker == "log" and attempt is not None:
            attempt.start_beat()
        else:
            self._line.replace(crash.worker)

    # ── the beat ────────────────────────────────────────────────────

    def _tick(self, now_s: float) -> None:
        if now_s < self._next_status_s:
            return
        self._next_status_s = now_s + STATUS_EVERY_S
        attempt = self._sitting.attempt
        self._notebook.keep_what_was_refused()
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
        if attempt.book is None:
            return
        if self._sitting.finishing:
            self._finish(self._sitting.finishing)
            return
        self._tending.tend(attempt, self._line.committed, now_s)
        alone_s = now_s - self._last_desk_s
        if not self._door.has_desk and alone_s > ALONE_AFTER_END_S and self._is_past(attempt.begin):
            self._finish("time_up")

    def _tell_status(self) -> None:
        self._door.tell(
            status_of(
                state=self.state,
                studio=self._studio,
                attempt=self._sitting.attempt,
                progress=self._beats.progress,
                line=self._line.news,
                clock=self._clock.known,
                committed=self._line.committed,
                rung=self._quality.rung,
                presence=self._beats.presence.value if self._beats.presence else "",
            )
        )


def new_recorder(home: Path, inbox: Inbox, memory: MemoryFile) -> Recorder:
    """Build a recorder whose workers run."""
    studio = Studio(home, inbox.post)
    studio.start()
    door = Door(home, studio.preview.name, inbox.post)
    door.start()
    LOG.info("recorder %d is up", os.getpid())
    return Recorder(home, inbox, studio, door, memory)
