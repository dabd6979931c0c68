"""What the desk and its face check say to each other: two processes, two pipes, one JSON a line.

Photos and the numbers of a face go through these pipes only, and say nothing when printed.
"""

from __future__ import annotations

import msgspec

from zhishiyun_client.ports.faces import (
    ExaminerReady,
    ExaminerUnavailable,
    FaceDecision,
    FaceHint,
    PackFacts,
    ReferenceRefused,
    ReferenceTaken,
)

TURNS = "--turns"
"""Said on the process' command line where a match is followed by head turns."""


class Order(msgspec.Struct, frozen=True, tag=True):
    """Anything that the desk orders."""


class LookAt(Order, frozen=True):
    """The camera's picture lies in the shared memory of this name; "": nowhere yet."""

    preview: str


class Enrol(Order, frozen=True):
    """Make references of these photos; an empty one is none."""

    photo: bytes
    id_photo: bytes

    def __repr__(self) -> str:
        """Show nobody."""
        return "Enrol()"


class BeginTry(Order, frozen=True):
    """Compare the next looks and decide."""


class KnownFace(msgspec.Struct, frozen=True):
    """Whom the decision that follows has matched. Args: numbers: float32, little endian."""

    numbers: bytes
    pack: PackFacts

    def __repr__(self) -> str:
        """Show nobody."""
        return f"KnownFace({self.pack})"


ToExaminer = LookAt | Enrol | BeginTry
Told = (
    ExaminerReady
    | ExaminerUnavailable
    | ReferenceTaken
    | ReferenceRefused
    | FaceHint
    | FaceDecision
    | KnownFace
)
KINDS: dict[str, type] = {kind.__name__: kind for kind in Told.__args__}

_ORDERS: msgspec.json.Decoder[ToExaminer] = msgspec.json.Decoder(ToExaminer)
_ENVELOPES: msgspec.json.Decoder[tuple[str, msgspec.Raw]] = msgspec.json.Decoder(
    tuple[str, msgspec.Raw]
)


def order_line(order: ToExaminer) -> bytes:
    """An order as a line."""
    return msgspec.json.encode(order) + b"\n"


def order_of(line: bytes) -> ToExaminer:
    """What the desk ordered.

    Raises:
        msgspec.DecodeError: this line is no order.
    """
    return _ORDERS.decode(line)


def told_line(told: Told) -> bytes:
    """A report as a line: its kind and its content."""
    return msgspec.json.encode((type(told).__name__, told)) + b"\n"


def told_of(line: bytes) -> Told:
    """What the examiner told.

    Raises:
        msgspec.DecodeError: this line is no report.
    """
    name, content = _ENVELOPES.decode(line)
    kind = KINDS.get(name)
    if kind is None:
        raise msgspec.DecodeError(f"no such report: {name}")
    told: Told = msgspec.json.decode(content, type=kind)
    return told
