"""The lock of the desk: the ladder while recording, the pulse, and the dead man's switch."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

from zhishiyun_client.app.lock_window import PrivateClipboard, WindowHold
from zhishiyun_client.app.unlock_command import ladder_without_window
from zhishiyun_client.guard.ladder import Journal, Ladder
from zhishiyun_client.guard.pulse import BEAT_S, Pulse
from zhishiyun_client.guard.systems.steps_here import steps_here
from zhishiyun_client.ports.locking import Climbed, Renewed
from zhishiyun_client.runtime.programs import client_command
from zhishiyun_client.runtime.worker import Report

LOG = logging.getLogger(__name__)
SWITCHES = 5  # a switch that ends so often can never be relied on: then nothing stays locked


def undo_left_over(home: Path) -> None:
    """At every start, before anything else: give back what a desk before this one left locked."""
    try:
        ladder_without_window(home).descend()
    except (OSError, ExceptionGroup) as error:
        LOG.error("something stays locked: %s", error)


def lock_detail(climbed: Climbed) -> dict[str, str]:
    """What the evidence log says of the lock: what holds, and what has no place here."""
    skipped = (f"{each.name}:{each.reason}" for each in climbed.skipped)
    return {"applied": " ".join(climbed.applied), "skipped": " ".join(skipped)}


class LockDesk(QObject):
    """Locks from entry to the end; without journal or switch nothing is locked. Thread: ui.

    Args:
        home:   where the journal lies.
        window: holds the keyboard.
        report: takes `ChordRefused`, `ClipboardTouched`, and `Climbed` when the lock begins.
    """

    def __init__(self, home: Path, window: QWidget, report: Report) -> None:
        super().__init__()
        self._home = home
        self._report = report
        self._hold = WindowHold(window, report)
        self._steps = steps_here(self._hold, PrivateClipboard(report), report)
        self._ladder = Ladder(self._steps, Journal(home))
        self._pulse: Pulse | None = None
        self._switch: subprocess.Popen[bytes] | None = None
        self._switches = 0
        self._is_up = False
        self._timer = QTimer(self)
        self._timer.setInterval(round(BEAT_S * 1000))
        self._timer.timeout.connect(self._on_beat)

    def hide_from_capture(self, wanted: bool) -> None:
        """What the plan wants of our window; before locking."""
        self._hold.hides = wanted

    def set_locked(self, locked: bool) -> None:
        """Climb or descend; changes nothing when it is so already."""
        if locked and not self._is_up:
            self._climb()
        elif not locked and self._is_up:
            self.descend()

    def descend(self) -> None:
        """Give everything back; what fails is tried again at the next start."""
        self._is_up = False
        self._timer.stop()
        try:
            self._ladder.descend()
        except ExceptionGroup as slips:
            LOG.error("not undone: %s", slips.exceptions)
        self._forget_switch()

    def _climb(self) -> None:
        self._is_up = True
        began_s = time.perf_counter()
        try:
            self._start_switch()
            climbed = self._ladder.climb()
        except (OSError, ExceptionGroup) as error:
            LOG.error("nothing is locked: %s", error)
            self.descend()
            self._report(Climbed((), ()))
            return
        self._timer.start()
        took_ms = round((time.perf_counter() - began_s) * 1000)
        LOG.info("locked in %d ms: %s; left out: %s", took_ms, climbed.applied, climbed.skipped)
        self._report(climbed)

    @Slot()
    def _on_beat(self) -> None:
        """Tell that this thread lives; hold what slipped away."""
        try:
            if not self._is_watched():
                self._start_switch()
        except OSError as error:
            LOG.error("no pulse, no lock: %s", error)
            self.descend()
            return
        self._hold.assert_hold()
        for step in self._steps:
            if isinstance(step, Renewed) and not step.renew():
                LOG.warning("%s does not hold", step.name)

    def _is_watched(self) -> bool:
        """Beat once; whether a switch is there that hears it."""
        if self._switch is None or self._pulse is None or self._switch.poll() is not None:
            return False
        try:
            self._pulse.beat()
        except OSError:  # it has just ended
            return False
        return True

    def _start_switch(self) -> None:
        self._forget_switch()
        self._switches += 1
        if self._switches > SWITCHES:
            raise OSError("the dead man's switch does not stay")
        words = ("release", "--home", str(self._home), "--pid", str(os.getpid()))
        self._switch = subprocess.Popen(
            client_command(*words),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=sys.platform != "win32",
        )
        if self._switch.stdin is not None:
            self._pulse = Pulse(self._switch.stdin)
            self._pulse.beat()

    def _forget_switch(self) -> None:
        """It ends by itself a moment after the pulse is gone; nobody waits for it."""
        pulse, self._pulse = self._pulse, None
        if pulse is not None:
            pulse.stop()
        switch, self._switch = self._switch, None
        if switch is not None and switch.poll() is None:
            switch.returncode = 0
