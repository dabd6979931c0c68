"""What is still to be sent, and in which order."""

from __future__ import annotations

import errno

import pytest

from zhishiyun_client.upload.backlog import Backlog
from zhishiyun_client.upload.cuts import CutTable
from zhishiyun_client.upload.reading import Reader
from zhishiyun_protocol.errors import Broken, Transient
from zhishiyun_protocol.messages.evidence import Held

SIZE = 50_000


@pytest.fixture
def table(tmp_path):
    opened = CutTable(tmp_path / "attempt-1.cuts")
    yield opened
    opened.close()


@pytest.fixture
def backlog(log, table):
    return Backlog(log, table, Reader(log.path, print))


def _next(backlog, log, size=SIZE, whole_only=False):
    return backlog.next(log.durable_bytes(), size, whole_only=whole_only)


def test_chunks_follow_one_another_without_gap_or_overlap(backlog, log):
    log.packets(40, 9_000)
    reached = 0

    while (cut := _next(backlog, log)) is not None:
        assert cut.first_byte == reached
        assert cut.length <= SIZE
        reached = cut.end

    assert reached == log.durable_bytes()


def test_a_record_larger_than_a_chunk_travels_whole(backlog, log):
    log.packets(1, 200_000).packets(1, 10)

    lengths = []
    while (cut := _next(backlog, log)) is not None:
        lengths.append(cut.length)

    assert any(length > 200_000 for length in lengths)
    assert sum(lengths) == log.durable_bytes()


def test_a_short_tail_waits_for_more_and_a_long_one_does_not(backlog, log):
    log.packets(1, 1_000)
    assert _next(backlog, log, whole_only=True) is None

    log.packets(10, 9_000)

    assert _next(backlog, log, whole_only=True) is not None


def test_a_log_that_another_program_holds_is_read_later(backlog, log, monkeypatch):
    """An antivirus program reads the log: the pump must come back, not break (F29)."""
    log.packets(40, 9_000)

    def held(*_arguments, **_more):
        raise PermissionError(errno.EACCES, "held")

    with monkeypatch.context() as scanning:
        scanning.setattr("pathlib.Path.open", held)
        with pytest.raises(Transient, match="LOG_HELD"):
            _next(backlog, log)
    cut = _next(backlog, log)
    backlog.read(cut)  # what was just cut is still at hand
    with monkeypatch.context() as scanning:
        scanning.setattr("pathlib.Path.open", held)
        with pytest.raises(Transient, match="LOG_HELD"):
            backlog.read(cut)
    assert sum(map(len, backlog.read(cut))) == cut.length


def test_what_failed_comes_first_again_and_the_same(backlog, log):
    log.packets(40, 9_000)
    first = _next(backlog, log)
    _next(backlog, log)

    backlog.failed(first)

    assert _next(backlog, log, size=SIZE * 2) == first
    assert backlog.failures(first) == 1


def test_gaps_of_the_server_are_cut_anew_within_their_bounds(backlog, log):
    log.packets(40, 9_000)
    total = log.durable_bytes()
    low, high = log.boundary_at_or_before(60_000), log.boundary_at_or_before(90_000)

    backlog.reconcile(Held(ranges=((0, low), (high, total)), sealed=False), total)
    cut = _next(backlog, log, size=10_000_000)

    assert (cut.first_byte, cut.end) == (low, high)
    assert _next(backlog, log) is None
    assert backlog.held_bytes(total) == total - cut.length


def test_wanted_ranges_that_were_never_cut_here_are_cut_and_sent(backlog, log):
    """R188, after a lost table of cuts."""
    log.packets(40, 9_000)
    total = log.durable_bytes()
    low, high = log.boundary_at_or_before(60_000), log.boundary_at_or_before(90_000)

    backlog.reconcile(Held(ranges=((0, total),), sealed=False, wanted=((low, high),)), total)
    cut = _next(backlog, log, size=10_000_000)

    assert (cut.first_byte, cut.end) == (low, high)


def test_a_given_up_chunk_stays_away_also_after_reconciling(backlog, log):
    log.packets(40, 9_000)
    first = _next(backlog, log)
    backlog.give_up(first)

    backlog.reconcile(Held(ranges=(), sealed=False), log.durable_bytes())

    assert _next(backlog, log).first_byte == first.end


def test_split_chunks_are_cut_smaller_and_know_it(backlog, log):
    log.packets(40, 9_000)
    first = _next(backlog, log)
    backlog.failed(first)

    backlog.split(first)
    smaller = _next(backlog, log, size=20_000)

    assert smaller.first_byte == 0
    assert smaller.length <= 20_000
    assert smaller.of_split


def test_a_held_chunk_is_not_split(backlog, log, table):
    log.packets(40, 9_000)
    first = _next(backlog, log)
    backlog.kept(first)

    backlog.split(first)

    assert table.at(0) == first


def test_damaged_bytes_are_sent_too(backlog, log):
    log.packets(40, 9_000)
    with log.path.open("r+b") as file:
        file.seek(log.boundary_at_or_before(30_000))
        file.write(b"\0" * 80)
    reached = 0

    while (cut := _next(backlog, log)) is not None:
        assert b"".join(backlog.read(cut)) == log.path.read_bytes()[cut.first_byte : cut.end]
        reached = cut.end

    assert reached == log.durable_bytes()


def test_a_log_that_vanished_is_said(backlog, log):
    log.packets(4, 9_000)
    cut = _next(backlog, log)
    backlog.read(cut)
    log.path.unlink()

    with pytest.raises(Broken) as caught:
        backlog.read(cut)

    assert caught.value.code == "LOG_UNREADABLE"


def test_a_server_that_holds_more_than_there_is_is_not_believed(backlog):
    with pytest.raises(Broken) as caught:
        backlog.reconcile(Held(ranges=((0, 10**9),), sealed=False), 100)

    assert caught.value.code == "LOG_SHORTER"
