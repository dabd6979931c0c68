"""The evidence log: no bit can be changed, removed or moved unseen (R155, R253)."""

from __future__ import annotations

import functools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.evidence.chain import ChainFollower, Head
from zhishiyun_protocol.evidence.contents import Cause, Checkpoint, End, Gap, Run
from zhishiyun_protocol.evidence.layout import (
    Kind,
    LogHeader,
    RecordHeader,
    Track,
    encode_header,
    encode_record,
)
from zhishiyun_protocol.evidence.sealing import TAG_BYTES, Sealer, key_check
from zhishiyun_protocol.evidence.verify import HEAD_PURPOSE, Verifier, head_statement
from zhishiyun_protocol.signing import SigningKey, to_text

KEY = bytes(range(32))
DEVICE = SigningKey.from_bytes(bytes(range(1, 33)))
SECOND_US = 1_000_000


class LogMaker:
    """Writes a log in memory, record by record."""

    def __init__(self) -> None:
        header = LogHeader(
            attempt_id="at-1",
            exam_id="e1",
            plan_sha256="0" * 64,
            device_key=to_text(DEVICE.public_bytes()),
            server_key="",
            key_check=key_check(KEY),
            created_us=0,
            formal=False,
        )
        self.log = bytearray(encode_header(header))
        follower = ChainFollower()
        list(follower.feed(bytes(self.log)))
        self.digest = follower.head.digest
        self.count = 0
        self.ends: list[int] = [len(self.log)]

    def add(self, kind: Kind, plain: bytes, track=Track.NONE, at_us=0, lasts_us=0) -> None:
        header = RecordHeader(
            sequence=self.count,
            run=1,
            kind=kind,
            track=track,
            flags=0,
            monotonic_us=at_us,
            server_us=at_us,
            error_us=0,
            duration_us=lasts_us,
            payload_bytes=len(plain) + (TAG_BYTES if kind.is_sealed else 0),
            previous=self.digest,
        )
        payload = Sealer(KEY).seal(header, plain) if kind.is_sealed else plain
        record, self.digest = encode_record(header, payload)
        self.log += record
        self.count += 1
        self.ends.append(len(self.log))

    def sign(self) -> None:
        head = Head(self.count, len(self.log), self.digest, 1)
        signature = DEVICE.sign(HEAD_PURPOSE, head_statement("at-1", head))
        checkpoint = Checkpoint(
            records=head.records,
            length=head.length,
            head=head.digest.hex(),
            signature=to_text(signature),
        )
        self.add(Kind.CHECKPOINT, msgspec.json.encode(checkpoint))


@functools.cache
def made() -> LogMaker:
    maker = LogMaker()
    run = Run(
        run=1, cause=Cause.START, boot_id="b", monotonic_us=0, timeline_us=0, client_version="1"
    )
    maker.add(Kind.RUN, msgspec.json.encode(run))
    for second in range(6):
        at_us = second * SECOND_US
        maker.add(Kind.PACKET, b"sound", Track.MICROPHONE, at_us, SECOND_US)
        if second not in (2, 3):
            maker.add(Kind.PACKET, b"picture", Track.CAMERA, at_us, SECOND_US)
    gap = Gap(tracks=(1,), from_us=2 * SECOND_US, to_us=4 * SECOND_US, cause=Cause.DEVICE_LOST)
    maker.add(Kind.GAP, msgspec.json.encode(gap))
    maker.add(Kind.END, msgspec.json.encode(End(why="time_up", counts=())))
    maker.sign()
    return maker


def verdict_of(log: bytes):
    verifier = Verifier()
    verifier.feed(log)
    return verifier.verdict()


def test_a_whole_log_proves_itself() -> None:
    verdict = verdict_of(bytes(made().log))

    assert verdict.is_whole
    assert (verdict.runs, verdict.signatures, len(verdict.gaps)) == (1, 1, 1)


def test_coverage_names_the_missing_seconds_of_each_track() -> None:
    coverage = {track.track: track for track in verdict_of(bytes(made().log)).coverage}

    assert coverage["camera"].missing == ((2, 4),)
    assert coverage["microphone"].missing == ()
    assert coverage["screen"].covered == 0


@given(at=st.integers(0), bit=st.integers(0, 7))
def test_no_flipped_bit_stays_unseen(at: int, bit: int) -> None:
    log = bytearray(made().log)
    log[at % len(log)] ^= 1 << bit

    assert not verdict_of(bytes(log)).is_whole


@given(st.integers(0))
def test_no_removed_record_stays_unseen(which: int) -> None:
    maker = made()
    index = which % maker.count
    log = bytes(maker.log)

    verdict = verdict_of(log[: maker.ends[index]] + log[maker.ends[index + 1] :])

    assert not verdict.is_whole


@given(st.integers(0))
def test_a_log_cut_anywhere_is_told_from_a_whole_one(cut: int) -> None:
    log = bytes(made().log)

    verdict = verdict_of(log[: cut % len(log)])

    assert set(verdict.faults) & {"LOG_NOT_ENDED", "LOG_TORN", "LOG_FOREIGN", "LOG_TAIL_UNSIGNED"}


@given(st.lists(st.integers(1, 400), max_size=30))
def test_the_pieces_in_which_a_log_arrives_do_not_matter(pieces: list[int]) -> None:
    log = bytes(made().log)
    verifier = Verifier()
    at = 0
    for piece in [*pieces, len(log)]:
        verifier.feed(log[at : at + piece])
        at += piece

    assert verifier.verdict() == verdict_of(log)


def test_another_devices_signature_is_refused() -> None:
    maker = LogMaker()
    maker.add(Kind.END, msgspec.json.encode(End(why="time_up", counts=())))
    other = SigningKey.generate().sign(HEAD_PURPOSE, b"anything")
    checkpoint = Checkpoint(
        records=1, length=len(maker.log), head=maker.digest.hex(), signature=to_text(other)
    )
    maker.add(Kind.CHECKPOINT, msgspec.json.encode(checkpoint))

    assert "LOG_SIGNATURE_WRONG" in verdict_of(bytes(maker.log)).faults


def test_a_sealed_payload_opens_with_its_key_only() -> None:
    follower = ChainFollower()
    records = [r for r in follower.feed(bytes(made().log)) if r.header.kind == Kind.PACKET]

    assert Sealer(KEY).open(records[0]) == b"sound"
    with pytest.raises(Refused, match="LOG_WRONG_KEY"):
        Sealer(bytes(32)).open(records[0])


def test_a_foreign_file_is_named_as_such() -> None:
    assert verdict_of(b"PK\x03\x04 something else").faults[0] == "LOG_FOREIGN"
