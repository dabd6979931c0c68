"""The index of chunks: a row means that the bytes are durable and were acknowledged."""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import BigInteger, Connection, String, bindparam, select

from zhishiyun_protocol.messages.evidence import Seal
from zhishiyun_server.evidence.ranges import Range, merged
from zhishiyun_server.keep.database import execute_hot
from zhishiyun_server.keep.tables import chunks, recordings, wanted
from zhishiyun_server.problems import refusal

_FILE_NAME = re.compile(r"(?P<first>[0-9]{15})-(?P<sha256>[0-9a-f]{64})\.chunk")


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk of a recording's log."""

    recording_id: str
    first_byte: int
    end_byte: int
    sha256: str

    @property
    def file_name(self) -> str:
        """How its file is called: place and digest, so that the folder proves itself."""
        return f"{self.first_byte:015d}-{self.sha256}.chunk"


def chunk_named(recording_id: str, name: str, length: int) -> Chunk | None:
    """The chunk whose file is called so; None when that is no chunk's name."""
    fits = _FILE_NAME.fullmatch(name)
    if fits is None or length <= 0:
        return None
    first = int(fits["first"])
    return Chunk(recording_id, first, first + length, fits["sha256"])


# Built once: building a statement costs more than asking it.
_WHICH = bindparam("which", type_=String)
_FIRST, _END = bindparam("first", type_=BigInteger), bindparam("end", type_=BigInteger)
_LAST_BEFORE = (
    select(chunks)
    .where(chunks.c.recording_id == _WHICH, chunks.c.first_byte < _END)
    .order_by(chunks.c.first_byte.desc())
    .limit(1)
)
_AT = select(chunks).where(chunks.c.recording_id == _WHICH, chunks.c.first_byte == _FIRST)
_ENTER = chunks.insert()
_ENTER_FREE = (
    "INSERT INTO chunks (recording_id, first_byte, end_byte, sha256, received_us)"
    " SELECT :recording_id, :first_byte, :end_byte, :sha256, :received_us"
    " WHERE EXISTS (SELECT 1 FROM recordings WHERE id = :recording_id"
    " AND begun_us IS NOT NULL AND seal IS NULL)"
    " AND NOT EXISTS (SELECT 1 FROM (SELECT end_byte FROM chunks WHERE recording_id = :recording_id"
    " AND first_byte < :end_byte ORDER BY first_byte DESC LIMIT 1) AS last"
    " WHERE last.end_byte > :first_byte)"  # chunks never overlap: the last one decides, see `look`
    " AND NOT EXISTS (SELECT 1 FROM wanted WHERE recording_id = :recording_id)"
)
_STANDS = select(recordings.c.begun_us, recordings.c.seal).where(recordings.c.id == _WHICH)
_SATISFY = wanted.delete().where(
    wanted.c.recording_id == _WHICH, wanted.c.first_byte >= _FIRST, wanted.c.end_byte <= _END
)


class Place(enum.Enum):
    """What is at the place where a chunk wants to go."""

    FREE = "free"
    SAME = "same"  # these very bytes
    OTHER = "other"  # other bytes, in whole or in part


def look(connection: Connection, chunk: Chunk) -> Place:
    """What is there. Chunks never overlap, so the last one that begins before our end decides."""
    row = connection.execute(
        _LAST_BEFORE, {"which": chunk.recording_id, "end": chunk.end_byte}
    ).first()
    if row is None or row.end_byte <= chunk.first_byte:
        return Place.FREE
    same = (row.first_byte, row.end_byte, row.sha256) == (
        chunk.first_byte,
        chunk.end_byte,
        chunk.sha256,
    )
    return Place.SAME if same else Place.OTHER


def insert(connection: Connection, chunk: Chunk, now_us: int) -> Place:
    """Enter a chunk where its place is free; returns what was there."""
    place = look(connection, chunk)
    if place is Place.FREE:
        row = {
            "recording_id": chunk.recording_id,
            "first_byte": chunk.first_byte,
            "end_byte": chunk.end_byte,
            "sha256": chunk.sha256,
            "received_us": now_us,
        }
        connection.execute(_ENTER, row)
    if place is not Place.OTHER:
        satisfied(connection, chunk)
    return place


def insert_free(connection: Connection, rows: Sequence[tuple[Chunk, int]]) -> bool:
    """Enter (chunk, when) of recordings that go on; False when any place was not free for it.

    Nor is it free where anything is asked for again. Then some may have been entered: the caller
    rolls back, and enters one by one.
    """
    told = [
        {
            "recording_id": chunk.recording_id,
            "first_byte": chunk.first_byte,
            "end_byte": chunk.end_byte,
            "sha256": chunk.sha256,
            "received_us": now_us,
        }
        for chunk, now_us in rows
    ]
    return execute_hot(connection, _ENTER_FREE, told) == len(rows)


def require_open(connection: Connection, recording_id: str, end_byte: int) -> None:
    """Check the instant: a recording has begun; behind its seal nothing is added.

    Raises:
        Refusal: NOT_ENTERED, ALREADY_SEALED.
    """
    row = connection.execute(_STANDS, {"which": recording_id}).first()
    if row is None or row.begun_us is None:
        raise refusal("NOT_ENTERED")
    if row.seal is not None and end_byte > msgspec.json.decode(row.seal, type=Seal).length:
        raise refusal("ALREADY_SEALED")


def remove(connection: Connection, chunk: Chunk) -> None:
    """Forget a chunk whose bytes are lost or were asked for again."""
    connection.execute(
        chunks.delete().where(
            chunks.c.recording_id == chunk.recording_id, chunks.c.first_byte == chunk.first_byte
        )
    )


def satisfied(connection: Connection, chunk: Chunk) -> None:
    """These bytes have arrived again: nobody asks for them any more."""
    reach = {"which": chunk.recording_id, "first": chunk.first_byte, "end": chunk.end_byte}
    connection.execute(_SATISFY, reach)


def is_wanted(connection: Connection, chunk: Chunk) -> bool:
    """Whether staff ask for any of a chunk's bytes again."""
    found = connection.execute(
        select(wanted.c.id).where(
            wanted.c.recording_id == chunk.recording_id,
            wanted.c.first_byte < chunk.end_byte,
            wanted.c.end_byte > chunk.first_byte,
        )
    ).first()
    return found is not None


def overlapping(connection: Connection, recording_id: str, reach: Range) -> list[Chunk]:
    """The chunks that hold any byte of `reach`, in order."""
    found = connection.execute(
        select(chunks)
        .where(
            chunks.c.recording_id == recording_id,
            chunks.c.first_byte < reach[1],
            chunks.c.end_byte > reach[0],
        )
        .order_by(chunks.c.first_byte)
    )
    return [Chunk(recording_id, row.first_byte, row.end_byte, row.sha256) for row in found]


def want(connection: Connection, recording_id: str, ranges: tuple[Range, ...]) -> None:
    """Ask the client to send the chunks again that hold any byte of `ranges`."""
    asked = {chunk for reach in ranges for chunk in overlapping(connection, recording_id, reach)}
    for chunk in asked:
        satisfied(connection, chunk)
        connection.execute(
            wanted.insert().values(
                recording_id=recording_id, first_byte=chunk.first_byte, end_byte=chunk.end_byte
            )
        )


def at(connection: Connection, recording_id: str, first_byte: int) -> Chunk | None:
    """The chunk that begins exactly there."""
    row = connection.execute(_AT, {"which": recording_id, "first": first_byte}).first()
    return None if row is None else Chunk(recording_id, row.first_byte, row.end_byte, row.sha256)


def of_recording(connection: Connection, recording_id: str) -> list[Chunk]:
    """All chunks of a recording, in order."""
    return from_byte(connection, recording_id, 0)


def from_byte(connection: Connection, recording_id: str, first_byte: int) -> list[Chunk]:
    """The chunks that begin there or later, in order."""
    found = connection.execute(
        select(chunks)
        .where(chunks.c.recording_id == recording_id, chunks.c.first_byte >= first_byte)
        .order_by(chunks.c.first_byte)
    )
    return [Chunk(recording_id, row.first_byte, row.end_byte, row.sha256) for row in found]


def contiguous(connection: Connection, recording_id: str, first_byte: int) -> list[Chunk]:
    """The chunks that follow one another from `first_byte` on, a chunk's beginning."""
    found: list[Chunk] = []
    if at(connection, recording_id, first_byte) is None:
        return found  # there may be thousands behind a hole
    for chunk in from_byte(connection, recording_id, first_byte):
        if chunk.first_byte != first_byte:
            break
        found.append(chunk)
        first_byte = chunk.end_byte
    return found


def contiguous_end(connection: Connection, recording_id: str, first_byte: int) -> int:
    """Up to where everything from `first_byte` on is held, a chunk's beginning."""
    found = contiguous(connection, recording_id, first_byte)
    return found[-1].end_byte if found else first_byte


def held(connection: Connection, recording_id: str) -> tuple[Range, ...]:
    """The byte ranges that are durable."""
    return merged((c.first_byte, c.end_byte) for c in of_recording(connection, recording_id))


def wanted_of(connection: Connection, recording_id: str) -> tuple[Range, ...]:
    """The chunks that staff ask for again, one range each: they come back as they were cut."""
    found = connection.execute(
        select(wanted).where(wanted.c.recording_id == recording_id).order_by(wanted.c.first_byte)
    )
    return tuple((row.first_byte, row.end_byte) for row in found)
