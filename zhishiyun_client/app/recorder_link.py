"""The desk's end of the line to the recorder: found, started, and started again when it died."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from zhishiyun_client.app.recorder_address import RecorderAddress, connect, read_address
from zhishiyun_client.app.voice import Voice
from zhishiyun_client.capture.opencv_environment import ENVIRONMENT
from zhishiyun_client.capture.preview_memory import PreviewReader
from zhishiyun_client.ports.preview import PreviewFrame
from zhishiyun_client.ports.recorder import (
    Attach,
    Begin,
    Choose,
    Finish,
    Hello,
    ListDevices,
    Message,
    RecorderDown,
    RecorderUp,
    SetPhase,
    Standing,
    ToRecorder,
    WatchFace,
    decode_from_recorder,
    encode,
)
from zhishiyun_client.runtime.programs import client_command
from zhishiyun_client.runtime.worker import Report, Worker

LOG = logging.getLogger(__name__)
SAID_AGAIN = (Choose, Attach, Begin, WatchFace, SetPhase, ListDevices, Standing, Finish)
"""In this order, the last of each kind, to every recorder that comes back."""
UP_WITHIN_S = 15.0
LOOK_EVERY_S = 0.05
GLANCE_S = 0.25
WAITS_S = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)  # before the next start, by starts in a row


class RecorderLink(Worker):
    """Thread "recorder-link": hears the recorder; implements `ports.recorder.RecorderDesk`.

    Args:
        home:   the recorder's folder, the same as the desk's.
        hello:  who this desk is.
        report: takes every message of the recorder, RecorderUp, RecorderDown.
    """

    def __init__(self, home: Path, hello: Hello, report: Report) -> None:
        super().__init__("recorder-link", report)
        self._home = home
        self._hello = hello
        self._voice = Voice("recorder-voice", report)
        self._said: OrderedDict[type[Message], ToRecorder] = OrderedDict()
        self._said_lock = threading.Lock()
        self._connection: Connection | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._last_pid = 0
        self._starts = 0

    def say(self, message: ToRecorder) -> None:
        """Send a message; while the recorder is away it waits. Thread: any."""
        with self._said_lock:
            if type(message) in SAID_AGAIN:
                self._remember(message)
            if isinstance(message, Begin):
                self._said.pop(Finish, None)
            elif isinstance(message, SetPhase):
                self._said.pop(ListDevices, None)  # a page that shows the list asks for it
            elif isinstance(message, Finish):
                self._said.pop(Choose, None)  # the camera's light stays off afterwards
                self._said.pop(WatchFace, None)  # the face is forgotten
        if not self._voice.say(encode(message)):
            LOG.error("the line to the recorder is full: %s is lost", type(message).__name__)

    def start(self) -> None:
        """Begin, with the voice."""
        self._voice.start()
        super().start()

    def turn(self, stop: threading.Event) -> None:
        """Hear the next message, or find a recorder."""
        if self._connection is None:
            self._find(stop)
            return
        try:
            if self._connection.poll(GLANCE_S):
                self._report(decode_from_recorder(self._connection.recv_bytes()))
        except (EOFError, OSError):
            self._lose()
        except msgspec.DecodeError as error:
            LOG.error("the recorder said something unknown: %s", error)

    def leave(self) -> None:
        """Say what is still to be said, and hang up; the recorder goes on."""
        self._voice.stop(1.0)
        if self._connection is not None:
            self._connection.close()
        self._forget_child()

    def _remember(self, message: ToRecorder) -> None:
        before = self._said.get(type(message))
        if isinstance(message, Choose) and isinstance(before, Choose):
            message = Choose(
                camera_id=before.camera_id if message.camera_id is None else message.camera_id,
                microphone_id=before.microphone_id
                if message.microphone_id is None
                else message.microphone_id,
            )
        self._said[type(message)] = message

    # ── finding and starting ────────────────────────────────────────

    def _find(self, stop: threading.Event) -> None:
        """One try: whoever is there, else a new one."""
        address = read_address(self._home)
        if address is not None and self._try(address):
            return
        wait_s = WAITS_S[min(self._starts, len(WAITS_S) - 1)]
        if stop.wait(wait_s):
            return
        self._forget_child()
        self._child = start_recorder(self._home)
        self._starts += 1
        deadline_s = time.monotonic() + UP_WITHIN_S
        while not stop.wait(LOOK_EVERY_S) and time.monotonic() < deadline_s:
            fresh = read_address(self._home)
            if fresh is not None and fresh != address and self._try(fresh):
                return
            if self._child.poll() is not None:
                break
        self._report(RecorderDown(tries=self._starts))

    def _try(self, address: RecorderAddress) -> bool:
        try:
            connection = connect(address)
        except (OSError, EOFError, AuthenticationError):
            return False
        try:
            self._greet(connection)
        except (OSError, ValueError):
            connection.close()
            return False
        again = self._last_pid not in (0, address.recorder_pid)
        self._last_pid, self._starts = address.recorder_pid, 0
        self._connection = connection
        self._voice.use(connection)
        self._report(RecorderUp(recorder_pid=address.recorder_pid, again=again))
        return True

    def _greet(self, connection: Connection) -> None:
        connection.send_bytes(encode(self._hello))
        with self._said_lock:
            known = [self._said[kind] for kind in SAID_AGAIN if kind in self._said]
        for message in known:
            connection.send_bytes(encode(message))

    def _forget_child(self) -> None:
        """A recorder outlives whoever started it: that it still runs is no mistake."""
        if self._child is not None and self._child.poll() is None:
            self._child.returncode = 0

    def _lose(self) -> None:
        self._voice.use(None)
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        LOG.warning("the recorder %d is gone", self._last_pid)
        self._report(RecorderDown(tries=self._starts))


class PreviewFinder:
    """The camera's picture, wherever the recorder of the moment shows it. Thread: one a finder."""

    def __init__(self) -> None:
        self._name = ""
        self._reader = PreviewReader()
        self._others: list[PreviewFinder] = []

    def another(self) -> PreviewFinder:
        """One more for another thread; it follows this one."""
        other = PreviewFinder()
        other.follow(self._name)
        self._others.append(other)
        return other

    def follow(self, name: str) -> None:
        """The recorder's status names this memory. Thread: any."""
        self._name = name
        for other in self._others:
            other.follow(name)

    def name(self) -> str:
        """The memory that it looks at, "" while none is known. Thread: any."""
        return self._name

    def latest(self) -> PreviewFrame | None:
        """The newest picture, or None while there is none."""
        self._reader.look_at(self._name)
        return self._reader.latest()


def start_recorder(home: Path) -> subprocess.Popen[bytes]:
    """Start a recorder that outlives this process; a second one of the same home ends by itself."""
    folder = home / "logs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "recorder.out").open("ab") as out:
        return subprocess.Popen(
            client_command("recorder", "--home", str(home)),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env={**os.environ, **ENVIRONMENT},
            start_new_session=sys.platform != "win32",
            creationflags=_APART,
        )


_APART = 0
if sys.platform == "win32":
    _APART = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS
