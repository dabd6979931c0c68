"""试录: six seconds of the microphone to be listened to; in memory, never in the log (R110)."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from zhishiyun_client.capture.encoders import SOUND_HZ
from zhishiyun_client.capture.portaudio import NO_WINDOW
from zhishiyun_client.capture.sound_shape import SAMPLE_BYTES, Samples
from zhishiyun_client.ports.recorder import TRIAL_S
from zhishiyun_client.runtime.programs import client_command
from zhishiyun_client.runtime.worker import Report, Worker

TRIAL_BYTES = TRIAL_S * SOUND_HZ * SAMPLE_BYTES
PLAYS_WITHIN_S = TRIAL_S + 9.0

Command = Callable[[], Sequence[str]]


@dataclass(frozen=True, slots=True)
class TrialHeard:
    """The six seconds are whole."""


@dataclass(frozen=True, slots=True)
class TrialPlayed:
    """The candidate has heard them, or could not: `failed` tells."""

    failed: bool


class SoundTrial:
    """Takes what the microphone gives while it is wanted. Thread: any."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._lock = threading.Lock()
        self._sound = bytearray()
        self._wanted = False

    def begin(self) -> None:
        """Take the next six seconds; what was taken before is forgotten."""
        with self._lock:
            self._sound.clear()
            self._wanted = True

    def forget(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._sound = bytearray()
            self._wanted = False

    def hear(self, samples: Samples) -> None:
        """What the microphone gives, wanted or not. Thread: the microphone's."""
        with self._lock:
            if not self._wanted:
                return
            self._sound += samples.astype("<i2", copy=False).tobytes()
            if len(self._sound) < TRIAL_BYTES:
                return
            self._wanted = False
        self._report(TrialHeard())

    def sound(self) -> bytes:
        """What was taken: b"" before it is whole and after it was forgotten."""
        with self._lock:
            return b"" if self._wanted else bytes(self._sound)


def play_command() -> Sequence[str]:
    """The program that plays."""
    return client_command("sound-play")


class TrialPlayer(Worker):
    """Thread "trial-player": plays once, by a process of its own; then it ends."""

    def __init__(self, sound: bytes, report: Report, command: Command = play_command) -> None:
        super().__init__("trial-player", report)
        self._sound = sound
        self._command = command
        self._child: subprocess.Popen[bytes] | None = None

    def turn(self, stop: threading.Event) -> None:
        """Play, and say how it went."""
        failed = not self._play(stop)
        self.ask_to_stop()
        self._report(TrialPlayed(failed))

    def ask_to_stop(self) -> None:
        """Whoever waits for the other process waits no longer. Thread: any."""
        super().ask_to_stop()
        if self._child is not None:
            self._child.kill()

    def stop(self, within_s: float) -> bool:
        """Silence at once. Thread: any but the worker's."""
        self.ask_to_stop()
        return super().stop(within_s)

    def _play(self, stop: threading.Event) -> bool:
        try:
            child = self._child = subprocess.Popen(
                list(self._command()),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                creationflags=NO_WINDOW,
            )
        except OSError:
            return False
        if stop.is_set():  # between the two nobody could have killed it
            child.kill()
        with contextlib.suppress(subprocess.TimeoutExpired, BrokenPipeError), child:
            try:
                child.communicate(self._sound, timeout=PLAYS_WITHIN_S)
            finally:
                child.kill()  # nothing where it has ended
        return child.returncode == 0
