"""Names and ids of devices: a name to read, an id that finds the device again after a re-plug.

An id holds the name and a short digest of where the device hangs. It is never a number: numbers
move when a device is plugged in or out, and the wrong camera films.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from zhishiyun_client.ports.devices import DeviceKind

_DIGEST_LETTERS = 8
_KINDS = (
    (DeviceKind.INFRARED, r"\bir\b|infrared|红外|windows hello"),
    (DeviceKind.VIRTUAL, r"virtual|虚拟|\bobs\b|manycam|snap camera|droidcam|e2esoft"),
    (
        DeviceKind.LOOPBACK,
        r"stereo mix|立体声混音|what u hear|\bmonitor of\b|cable output|voicemeeter|blackhole",
    ),
)
"""Never what a candidate means when she chooses nothing. Names of products as their makers write
them."""
_KIND_WORDS = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in _KINDS)


@dataclass(frozen=True, slots=True)
class Seen:
    """One device as a system lists it.

    number: the system's own, good until the next plug
    where:  what tells it from one of the same name: a port, a path, a unique id; "" unknown
    """

    number: int
    name: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """One device with the id and name that people and settings see."""

    seen: Seen
    id: str
    name: str


def named(kind: str, devices: Iterable[Seen]) -> tuple[Named, ...]:
    """Give ids and names; equal names are numbered, those nobody means by default come last."""
    listed = list(devices)
    counts: Counter[str] = Counter()
    result = []
    for seen in listed:
        counts[seen.name] += 1
        nth = counts[seen.name]
        name = f"{seen.name} ({nth})" if nth > 1 else seen.name
        where = seen.where or str(nth)
        digest = hashlib.sha256(where.encode()).hexdigest()[:_DIGEST_LETTERS]
        result.append(Named(seen, f"{kind}:{seen.name}@{digest}", name))
    return tuple(sorted(result, key=lambda device: is_secondary(device.seen.name)))


def kind_of(name: str) -> DeviceKind:
    """What a device is, by its name."""
    return next((kind for kind, words in _KIND_WORDS if words.search(name)), DeviceKind.ORDINARY)


def is_secondary(name: str) -> bool:
    """Whether a device is one that nobody means by default."""
    return kind_of(name) is not DeviceKind.ORDINARY


def found_again(wanted_id: str, devices: Iterable[Named]) -> Named | None:
    """The device of this id; else the one of the same name, plugged in elsewhere."""
    listed = list(devices)
    for device in listed:
        if device.id == wanted_id:
            return device
    name = wanted_id.rpartition("@")[0]
    return next((d for d in listed if name and d.id.rpartition("@")[0] == name), None)


def tidy(name: str) -> str:
    """A name without what drivers repeat: "Integrated Camera: Integrated C", cut by the kernel."""
    head, colon, tail = name.strip().partition(": ")
    return head if colon and tail and head.startswith(tail) else name.strip()
