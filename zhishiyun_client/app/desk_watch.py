"""Starts the desk again when it died in the middle of an attempt: a few times, slower each time."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time

import psutil

from zhishiyun_client.ports.recorder import Hello

LOG = logging.getLogger(__name__)
WAITS_S = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 60.0)  # then a person has to start it
SETTLED_S = 60.0  # a desk that stayed for so long was no failure of starting


class DeskWatch:
    """Knows the desk by its process. Thread: the core's."""

    def __init__(self, restart: tuple[str, ...] = ()) -> None:
        self._restart = restart
        self._desk: psutil.Process | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._starts = 0
        self._met_s = 0.0
        self._next_s = 0.0

    @property
    def restart(self) -> tuple[str, ...]:
        """The command that starts the desk."""
        return self._restart

    def meet(self, hello: Hello) -> None:
        """A desk has come."""
        self._restart = hello.restart
        self._met_s = time.monotonic()
        try:
            self._desk = psutil.Process(hello.desk_pid)
        except psutil.Error:
            self._desk = None

    def dismiss(self) -> None:
        """The desk leaves for good."""
        self._restart = ()

    def look(self) -> bool:
        """While no desk is connected: start one if the last is dead; True when one was started."""
        if not self._restart or self._is_alive():
            return False
        now_s = time.monotonic()
        if self._met_s and now_s - self._met_s > SETTLED_S:
            self._starts = 0
        if self._starts >= len(WAITS_S):
            return False
        if not self._next_s:
            self._next_s = now_s + WAITS_S[self._starts]
        if now_s < self._next_s:
            return False
        self._next_s, self._met_s = 0.0, 0.0
        self._starts += 1
        return self._start()

    def _start(self) -> bool:
        LOG.warning("the desk died; start %d of %d", self._starts, len(WAITS_S))
        try:
            self._child = subprocess.Popen(
                self._restart,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=os.environ,
                start_new_session=sys.platform != "win32",
            )
            self._desk = psutil.Process(self._child.pid)
        except (OSError, psutil.Error) as error:
            LOG.error("the desk cannot be started: %s", error)
            self._desk = None
            return False
        return True

    def _is_alive(self) -> bool:
        is_child_gone = self._child is None or self._child.poll() is not None
        if self._desk is None:
            return False
        if self._child is not None and self._desk.pid == self._child.pid:
            return not is_child_gone
        try:
            return self._desk.is_running() and self._desk.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False
