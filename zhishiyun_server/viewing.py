"""Live pictures for a technician's eyes: in memory only, asked for only while somebody looks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from zhishiyun_server.bus import Bus, NobodyElse, Topic

LOOKING_S = 6.0  # a technician's page asks every 2 s; after three missed ones nobody looks
FRESH_S = 15.0  # an older picture says nothing about now
MOST_PICTURES = 512  # some 40 kB each; of logins by their ids, of phones by attempts


@dataclass(frozen=True, slots=True)
class LivePicture:
    """One picture as it arrived."""

    jpeg: bytes
    at_s: float  # of the monotonic clock


class Viewing:
    """Who looks at which login, and the newest picture of it. Thread: the event loop."""

    def __init__(
        self, bus: Bus | None = None, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        """Nobody looks yet; `bus`: technician and candidate may be served by other processes."""
        self._bus = bus or NobodyElse()
        self._bus.on(Topic.LOOKED, lambda told: self._looked(told.decode()))
        self._bus.on(Topic.SHOWN, self._shown)
        self._bus.on(Topic.DECIDED, lambda told: self._decided(told.decode()))
        self._monotonic_s = monotonic_s
        self._looked_s: dict[str, float] = {}
        self._pictures: dict[str, LivePicture] = {}

    def look(self, login_id: str) -> LivePicture | None:
        """A technician looks: from now on pictures are wanted. The newest, if it is fresh."""
        self._looked(login_id)
        self._bus.tell(Topic.LOOKED, login_id.encode())
        return self._pictures.get(login_id)

    def is_wanted(self, login_id: str) -> bool:
        """Whether a technician looks at this login just now."""
        looked_s = self._looked_s.get(login_id)
        return looked_s is not None and self._monotonic_s() - looked_s <= LOOKING_S

    def show(self, login_id: str, jpeg: bytes) -> None:
        """Keep a picture where one is wanted, instead of the one before."""
        if self.is_wanted(login_id):
            self._keep(login_id, jpeg)
            self._bus.tell(Topic.SHOWN, b"\0".join((login_id.encode(), jpeg)))

    def age_s(self, picture: LivePicture) -> float:
        """How old a picture is."""
        return self._monotonic_s() - picture.at_s

    def forget(self, login_id: str) -> None:
        """The login is decided: nobody looks any more."""
        self._decided(login_id)
        self._bus.tell(Topic.DECIDED, login_id.encode())

    def _looked(self, login_id: str) -> None:
        self._forget_old()
        self._looked_s[login_id] = self._monotonic_s()

    def _shown(self, told: bytes) -> None:
        login_id, _, jpeg = told.partition(b"\0")
        if self.is_wanted(login_id.decode()):
            self._keep(login_id.decode(), jpeg)

    def _keep(self, login_id: str, jpeg: bytes) -> None:
        self._forget_old()
        if len(self._pictures) < MOST_PICTURES:
            self._pictures[login_id] = LivePicture(jpeg, self._monotonic_s())

    def _decided(self, login_id: str) -> None:
        self._looked_s.pop(login_id, None)
        self._pictures.pop(login_id, None)

    def _forget_old(self) -> None:
        now_s = self._monotonic_s()
        self._looked_s = {
            each: at_s for each, at_s in self._looked_s.items() if now_s - at_s <= LOOKING_S
        }
        self._pictures = {
            each: picture
            for each, picture in self._pictures.items()
            if now_s - picture.at_s <= FRESH_S
        }
