"""Tries this machine's encoders while nothing is recorded, each once, and remembers what it saw.

Before a trial begins it is written down that it does: what took the machine down is not tried again
until client or system are another version.
"""

from __future__ import annotations

import logging
import platform
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import psutil

from zhishiyun_client import __version__
from zhishiyun_client.capture.encoder_choice import EncoderShelf, Tried, can_exist
from zhishiyun_client.capture.encoders import HARDWARE, PictureEncoder
from zhishiyun_client.runtime.durable import replace_durably
from zhishiyun_client.runtime.programs import client_command
from zhishiyun_client.runtime.worker import Report, Worker

LOG = logging.getLogger(__name__)
FILE = "encoders.json"
AFTER_S = 10.0  # the first seconds belong to the window and to the devices
AGAIN_S = 2.0
DEADLINE_S = 15.0  # opening a driver for the first time may take seconds; hanging takes for ever
LOOK_S = 0.1
SHAPE = "1280x720@15"
UNFINISHED = "its trial did not come back"

Command = Callable[[PictureEncoder], Sequence[str]]


class Trials(msgspec.Struct, frozen=True, kw_only=True):
    """The file. `works` is None while a trial runs."""

    version: str
    system: str
    seen: dict[str, tuple[bool | None, str]] = {}


def trial_command(row: PictureEncoder) -> Sequence[str]:
    """The command line that tries a row."""
    return client_command("encoder-trial", row.name, SHAPE)


class EncoderTrials(Worker):
    """Thread "encoders": one child process after another, then it ends. Never while recording."""

    def __init__(
        self,
        home: Path,
        shelf: EncoderShelf,
        is_recording: Callable[[], bool],
        report: Report,
        *,
        rows: Sequence[PictureEncoder] = HARDWARE,
        command: Command = trial_command,
        after_s: float = AFTER_S,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        super().__init__("encoders", report)
        self._path = home / FILE
        self._shelf = shelf
        self._is_recording = is_recording
        self._command = command
        self._after_s = after_s
        self._deadline_s = deadline_s
        self._trials = self._read()
        for name, (works, why) in self._trials.seen.items():
            shelf.know(name, Tried(bool(works), UNFINISHED if works is None else why))
        known = self._trials.seen
        self._left = [row for row in rows if can_exist(row) and row.name not in known]

    def turn(self, stop: threading.Event) -> None:
        """Try the next row, or leave when none is left."""
        if not self._left:
            self.ask_to_stop()
        elif stop.wait(self._after_s):
            return
        elif self._is_recording():
            self._after_s = AGAIN_S
        else:
            self._after_s = 0.0
            self._try(self._left.pop(0), stop)

    def _try(self, row: PictureEncoder, stop: threading.Event) -> None:
        if not self._keep(row.name, None, ""):
            return  # without a note that it begins nothing is tried
        tried = self._child_says(row, stop)
        if tried is None:
            self._forget(row.name)
            return
        LOG.info("encoder %s %s: %s", row.name, "works" if tried.works else "fails", tried.why)
        self._shelf.know(row.name, tried)
        self._keep(row.name, tried.works, tried.why)

    def _child_says(self, row: PictureEncoder, stop: threading.Event) -> Tried | None:
        """What the trial said; None when it was called off because a recording begins."""
        try:
            child = psutil.Popen(
                list(self._command(row)),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            return Tried(False, f"the trial cannot be started: {error.strerror}")
        _go_last(child)
        deadline_s = time.monotonic() + self._deadline_s
        while child.poll() is None:
            called_off = stop.wait(LOOK_S) or self._is_recording()
            is_late = time.monotonic() > deadline_s
            if called_off or is_late:
                child.kill()
                child.communicate()
                return None if called_off else Tried(False, f"hung for {self._deadline_s:g} s")
        said, _ = child.communicate()
        return _heard(said, child.returncode)

    def _read(self) -> Trials:
        fresh = Trials(version=__version__, system=platform.platform())
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=Trials)
        except (OSError, msgspec.DecodeError):
            return fresh
        same = (kept.version, kept.system) == (fresh.version, fresh.system)
        return kept if same else fresh

    def _keep(self, name: str, works: bool | None, why: str) -> bool:
        return self._write({**self._trials.seen, name: (works, why)})

    def _forget(self, name: str) -> None:
        """A trial that was called off proves nothing: it is made at the next start."""
        self._write({key: seen for key, seen in self._trials.seen.items() if key != name})

    def _write(self, seen: dict[str, tuple[bool | None, str]]) -> bool:
        trials = msgspec.structs.replace(self._trials, seen=seen)
        try:
            replace_durably(self._path, msgspec.json.encode(trials))
        except OSError as error:
            LOG.warning("trials of encoders are not kept: %s", error)
            return False
        self._trials = trials
        return True


def _heard(said: bytes, exit_code: int) -> Tried:
    try:
        return msgspec.json.decode(said.strip().splitlines()[-1], type=Tried)
    except (msgspec.DecodeError, IndexError):
        return Tried(False, f"ended with code {exit_code}")


def _go_last(child: psutil.Popen) -> None:
    """Whatever else runs goes first."""
    try:
        child.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if psutil.WINDOWS else 10)
    except psutil.Error as error:
        LOG.info("no lower priority: %s", error)
