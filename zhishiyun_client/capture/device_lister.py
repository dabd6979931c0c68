"""Lists devices while somebody looks at the list: what is plugged in appears within seconds (R110).

A thread of its own, because asking costs: on macOS half a second for cameras, everywhere a process
for microphones (PortAudio lists once, and may abort whoever asks).
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from zhishiyun_client.capture import portaudio
from zhishiyun_client.capture.cameras import list_cameras
from zhishiyun_client.capture.sound_signs import Signs, signs
from zhishiyun_client.ports.devices import Device
from zhishiyun_client.ports.recorder import Devices
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_client.runtime.worker import Report, Worker

LOOK_EVERY_S = 1.0
ASK_EVERY_US = 10_000_000  # where no sign shows: Bluetooth behind a sound server
IDLE_S = 0.5

Microphones = Callable[[], tuple[Device, ...]]


class DeviceLister(Worker):
    """Thread "devices": reports `Devices` when asked and whenever they change.

    Args:
        microphones: as last seen by the microphone's own worker, for an answer at once.
    """

    def __init__(self, microphones: Microphones, report: Report) -> None:
        super().__init__("devices", report)
        self.also: tuple[Device, ...] = ()  # cameras that no system lists: a film
        self._known = microphones
        self._looks = threading.Event()
        self._asked = threading.Event()
        self._told: Devices | None = None
        self._heard: tuple[Device, ...] | None = None
        self._signs: Signs | None = None
        self._asked_us = 0

    def follow(self, before: DeviceLister) -> None:
        """Go on where one that crashed was. Thread: any, before the start."""
        self.also = before.also
        if before.is_looking:
            self.look()

    @property
    def is_looking(self) -> bool:
        """Whether somebody looks at the list. Thread: any."""
        return self._looks.is_set()

    def look(self) -> None:
        """Tell what there is now and, until `rest`, what changes. Thread: any."""
        self._asked.set()
        self._looks.set()

    def rest(self) -> None:
        """Nobody looks at the list. Thread: any."""
        self._looks.clear()

    def turn(self, stop: threading.Event) -> None:
        """Look once."""
        if not self._looks.is_set():
            stop.wait(IDLE_S)
            return
        was_asked = self._asked.is_set()
        self._asked.clear()
        self._tell(even_the_same=was_asked)
        self._listen()
        self._tell(even_the_same=False)
        if not self._asked.is_set():
            stop.wait(LOOK_EVERY_S)

    def _tell(self, *, even_the_same: bool) -> None:
        cameras = list_cameras()
        known = {camera.id for camera in cameras}
        cameras += tuple(camera for camera in self.also if camera.id not in known)
        heard = self._known() if self._heard is None else self._heard
        devices = Devices(cameras=cameras, microphones=heard)
        if even_the_same or devices != self._told:
            self._told = devices
            self._report(devices)

    def _listen(self) -> None:
        """Ask for microphones when something speaks for a change."""
        now_us, seen = monotonic_us(), signs()
        if seen == self._signs and now_us - self._asked_us < ASK_EVERY_US:
            return
        self._signs, self._asked_us = seen, now_us
        heard = portaudio.ask()
        if heard is not None:
            self._heard = heard
