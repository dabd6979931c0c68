"""Appending: whole or not at all, durable only when fsynced, never the same nonce twice."""

from __future__ import annotations

import errno
import os
import sys
import threading
from pathlib import Path

import pytest

from tests.client.evidence.logs import KEYS, of_kind, records, reopen, verdict
from zhishiyun_client.evidence import writer as writer_module
from zhishiyun_client.evidence.unwritten import WAITING_BYTES
from zhishiyun_client.evidence.writer import LogWriter
from zhishiyun_client.runtime.refusals import Refusal
from zhishiyun_client.runtime.worker import Worker
from zhishiyun_protocol.evidence.layout import Kind, Track
from zhishiyun_protocol.evidence.sealing import TAG_BYTES


@pytest.fixture
def log(tmp_path: Path) -> LogWriter:
    return reopen(tmp_path / "attempt-1.zlog").writer


def test_a_sealed_payload_is_on_disk_at_once_and_opens_with_the_key_only(log: LogWriter) -> None:
    log.append(Kind.PACKET, b"picture " * 20, track=Track.CAMERA, at_us=5, duration_us=7)

    written = of_kind(log.path, Kind.PACKET)[0]

    assert KEYS.sealer.open(written) == b"picture " * 20
    assert b"picture" not in log.path.read_bytes()
    assert written.header.payload_bytes == 160 + TAG_BYTES
    log.close()


def test_only_what_was_fsynced_counts_as_durable(log: LogWriter) -> None:
    before = log.durable_bytes()
    log.append(Kind.MARK, b"{}")

    assert log.durable_bytes() == before
    assert log.sync() == log.path.stat().st_size == log.durable_bytes()
    log.close()


def test_a_checkpoint_is_offered_only_once_it_is_durable(log: LogWriter) -> None:
    first = log.checkpoint
    log.append(Kind.MARK, b"{}")
    log.sign_head()

    assert log.checkpoint == first
    log.sync()
    assert log.checkpoint is not None
    assert log.checkpoint.records == log.head.records - 1
    log.close()


def test_threads_append_at_the_same_time_and_the_chain_holds(log: LogWriter) -> None:
    class Scribe(Worker):
        left = 200

        def turn(self, stop: threading.Event) -> None:
            log.append(Kind.PACKET, b"x" * 30, track=Track.CAMERA)
            self.left -= 1
            if not self.left:
                stop.set()

    scribes = [Scribe(f"scribe-{number}", print) for number in range(4)]
    for scribe in scribes:
        scribe.start()
    refused = {log.refusal}
    while any(scribe.is_running for scribe in scribes):
        log.sign_head()
        refused.add(log.refusal)
    log.close()

    assert refused == {None}  # a write that is only under way is no refusal

    assert verdict(log.path).faults == ("LOG_NOT_ENDED",)
    assert len(of_kind(log.path, Kind.PACKET)) == 800


class FullDisk:
    """Takes `room` bytes, then refuses as a full disk does, until room is made."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.seen: list[bytes] = []
        self._write = os.write

    def __call__(self, descriptor: int, data: bytes) -> int:
        if self.room <= 0:
            raise OSError(errno.ENOSPC, "no space left on device")
        taken = self._write(descriptor, data[: self.room])
        self.seen.append(bytes(data[:taken]))
        self.room -= taken
        return taken


@pytest.mark.parametrize("room", [0, 1, 50, 79, 100])
def test_what_a_full_disk_refuses_waits_and_is_written_with_the_same_bytes(
    log: LogWriter, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nonce of the refused record must not seal another payload (design §3)."""
    whole = log.path.read_bytes()
    disk = FullDisk(room)
    monkeypatch.setattr(writer_module.os, "write", disk)

    assert log.append(Kind.PACKET, b"first " * 10, track=Track.CAMERA)
    assert log.path.read_bytes() == whole
    assert log.append(Kind.PACKET, b"second", track=Track.CAMERA)
    assert log.refusal is Refusal.FULL
    assert not log.pay()

    disk.room = 10_000
    assert log.append(Kind.PACKET, b"third", track=Track.CAMERA)
    packets = [KEYS.sealer.open(r) for r in of_kind(log.path, Kind.PACKET)]
    assert packets == [b"first " * 10, b"second", b"third"]
    assert b"".join(disk.seen)[:room] == log.path.read_bytes()[len(whole) :][:room]
    assert log.refusal is None
    monkeypatch.undo()
    log.close()


def test_what_waits_has_a_limit_and_what_is_refused_leaves_the_chain_whole(
    log: LogWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(0)
    monkeypatch.setattr(writer_module.os, "write", disk)
    piece = bytes(1024 * 1024)

    kept = [log.append(Kind.PACKET, piece, track=Track.CAMERA) for _ in range(20)]
    disk.room = 10**9
    log.append(Kind.MARK, b"{}")

    assert kept.count(True) == WAITING_BYTES // len(piece) - 1  # a record is more than its payload
    assert len(of_kind(log.path, Kind.PACKET)) == kept.count(True)
    assert verdict(log.path).faults == ("LOG_NOT_ENDED",)
    monkeypatch.undo()
    log.close()


def test_a_head_signed_while_nothing_can_be_written_is_offered_only_when_it_is_durable(
    log: LogWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = log.checkpoint
    disk = FullDisk(0)
    monkeypatch.setattr(writer_module.os, "write", disk)
    log.append(Kind.MARK, b"{}")
    log.sign_head()
    log.sync()

    assert log.checkpoint == before
    disk.room = 10_000
    log.sync()
    assert log.checkpoint is not None
    assert log.checkpoint.records == log.head.records - 1
    assert verdict(log.path).faults == ("LOG_NOT_ENDED",)
    monkeypatch.undo()
    log.close()


def test_a_file_that_can_be_neither_written_nor_cut_back_is_written_over_later(
    log: LogWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file another program has locked in Windows: both calls fail, and pass together."""
    disk = FullDisk(40)
    monkeypatch.setattr(writer_module.os, "write", disk)

    def held(_descriptor: int, _length: int) -> None:
        raise PermissionError(errno.EACCES, "another program holds it")

    monkeypatch.setattr(writer_module.os, "ftruncate", held)
    log.append(Kind.PACKET, b"first", track=Track.CAMERA)
    torn = log.path.stat().st_size
    disk.room = 10_000
    log.append(Kind.PACKET, b"second", track=Track.CAMERA)
    monkeypatch.undo()

    assert torn > log.durable_bytes()
    assert [KEYS.sealer.open(r) for r in of_kind(log.path, Kind.PACKET)] == [b"first", b"second"]
    log.close()


class Hanging:
    """A disk of which one write hangs until it is let go."""

    def __init__(self) -> None:
        self.hangs = threading.Event()
        self.let_go = threading.Event()
        self._write = os.write

    def __call__(self, descriptor: int, data: bytes) -> int:
        if not self.hangs.is_set():
            self.hangs.set()
            assert self.let_go.wait(20)
        return self._write(descriptor, data)


def test_a_write_that_hangs_keeps_one_thread_only(
    log: LogWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Scribe(Worker):
        def turn(self, stop: threading.Event) -> None:
            log.append(Kind.PACKET, b"first", track=Track.CAMERA)
            stop.set()

    disk = Hanging()
    monkeypatch.setattr(writer_module.os, "write", disk)
    scribe = Scribe("scribe", print)
    scribe.start()
    assert disk.hangs.wait(20)

    for number in range(50):
        assert log.append(Kind.PACKET, b"%d" % number, track=Track.MICROPHONE)
    assert log.head.records < 50  # and whoever asks how it stands is answered
    disk.let_go.set()
    assert scribe.stop(20)
    log.sync()

    packets = [KEYS.sealer.open(r) for r in of_kind(log.path, Kind.PACKET)]
    assert packets == [b"first", *(b"%d" % number for number in range(50))]
    assert verdict(log.path).faults == ("LOG_NOT_ENDED",)
    monkeypatch.undo()
    log.close()


def test_after_a_write_that_took_long_the_logs_own_thread_writes(
    log: LogWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "SLOW_WRITE_US", 0)
    log.append(Kind.MARK, b"{}")
    assert log.is_slow
    size = log.path.stat().st_size

    log.append(Kind.MARK, b"{}")
    assert log.path.stat().st_size == size
    assert log.sync() == log.path.stat().st_size > size
    log.close()


@pytest.mark.parametrize("moved", [False, True])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets nobody move an open file")
def test_a_log_that_somebody_removed_is_written_anew_with_every_byte(
    log: LogWriter, tmp_path: Path, moved: bool
) -> None:
    """F29, F41: a quarantine, or a candidate who deletes files."""
    log.append(Kind.PACKET, bytes(3 * 1024 * 1024), track=Track.CAMERA)
    before = log.path.read_bytes()
    assert not log.put_back()
    if moved:
        log.path.rename(tmp_path / "quarantine")
        log.path.write_bytes(b"something else")
    else:
        log.path.unlink()
    log.append(Kind.MARK, b"{}")

    assert log.put_back()
    log.append(Kind.PACKET, b"afterwards", track=Track.CAMERA)
    log.sign_head()
    log.close()

    assert log.path.read_bytes().startswith(before)
    assert log.path.stat().st_size == log.durable_bytes()
    assert verdict(log.path).faults == ("LOG_NOT_ENDED",)
    assert KEYS.sealer.open(of_kind(log.path, Kind.PACKET)[-1]) == b"afterwards"


def test_boundaries_are_those_of_the_records(log: LogWriter) -> None:
    for number in range(40):
        log.append(Kind.PACKET, b"x" * (number * 7), track=Track.SCREEN)
    log.sync()
    found = records(log.path)
    ends = [found[0].offset, *(record.end for record in found)]

    for offset in range(0, log.durable_bytes() + 50, 13):
        expected = max((end for end in ends if end <= offset), default=0)
        assert log.boundary_at_or_before(offset) == expected
    log.close()


def test_no_boundary_is_offered_beyond_what_is_durable(log: LogWriter) -> None:
    log.sync()
    durable = log.durable_bytes()
    log.append(Kind.MARK, b"{}")

    assert log.boundary_at_or_before(10**9) == durable
    log.close()


def test_the_slowest_write_is_told_once(log: LogWriter) -> None:
    log.append(Kind.MARK, b"{}")
    slowest_us = log.take_slowest_write_us()

    assert 0 < slowest_us < 60_000_000
    assert log.take_slowest_write_us() == 0
    log.close()
