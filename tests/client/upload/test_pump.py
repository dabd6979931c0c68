"""The uploader: everything durable reaches the server, once, until the receipt (R182–R191)."""

from __future__ import annotations

import msgspec
import pytest

from tests.helpers.flaky_proxy import FlakyProxy, Weather
from tests.helpers.waits import wait_until
from zhishiyun_client.upload.cuts import CutTable
from zhishiyun_client.upload.receipts import kept, receipt_path
from zhishiyun_protocol.errors import Broken
from zhishiyun_protocol.messages.evidence import Seal
from zhishiyun_protocol.signing import SigningKey


def test_a_finished_log_arrives_whole_and_its_receipt_is_kept(desk, log, server):
    seal = log.packets(300, 20_000).end()

    desk.uploads().finish(seal)
    desk.gets_receipt()

    assert server.ledger.bytes() == log.path.read_bytes()
    assert set(server.ledger.puts.values()) == {1}
    assert kept(receipt_path(log.path)) == desk.receipts[0].receipt
    assert desk.alarms == []


def test_a_growing_log_is_followed_and_ends_with_the_seal(desk, log, server):
    uploader = desk.uploads()
    for _ in range(5):
        log.packets(20, 8_000)
        reached = log.durable_bytes()
        wait_until(lambda reached=reached: server.ledger.ranges() == [(0, reached)])

    uploader.finish(log.end())
    desk.gets_receipt()

    assert server.ledger.bytes() == log.path.read_bytes()


def test_chunks_end_where_records_end(desk, log, server):
    seal = log.packets(200, 30_000).end()

    desk.uploads().finish(seal)
    desk.gets_receipt()

    ends = [end for _, end in server.ledger.chunks()]
    assert len(ends) > 3
    assert all(log.boundary_at_or_before(end) == end for end in ends)


def test_what_the_server_holds_already_is_not_sent_again(desk, log, server):
    log.packets(100, 20_000)
    desk.uploads()
    wait_until(lambda: server.ledger.ranges() == [(0, log.durable_bytes())])
    desk.stops()
    sent_before = server.ledger.received_bytes

    seal = log.packets(10, 20_000).end()
    desk.uploads().finish(seal)
    desk.gets_receipt()

    assert server.ledger.received_bytes == seal.length
    assert sent_before < seal.length


def test_without_its_table_of_cuts_it_goes_on_from_what_the_server_holds(desk, log, server):
    log.packets(100, 20_000)
    desk.uploads()
    wait_until(lambda: server.ledger.ranges() == [(0, log.durable_bytes())])
    desk.stops()
    log.path.with_suffix(".cuts").unlink()

    desk.uploads().finish(log.packets(50, 20_000).end())
    desk.gets_receipt()

    assert server.ledger.bytes() == log.path.read_bytes()
    assert set(server.ledger.puts.values()) == {1}


def test_ranges_that_the_server_wants_again_are_sent_again(desk, log, server):
    """R188"""
    uploader = desk.uploads()
    log.packets(100, 20_000)
    wait_until(lambda: server.ledger.ranges() == [(0, log.durable_bytes())])
    first, end = sorted(server.ledger.chunks())[1]
    server.ledger.temper.wanted = [(first + 10, end - 10)]

    uploader.look_again()

    wait_until(lambda: server.ledger.puts[first] == 2)
    uploader.finish(log.end())
    desk.gets_receipt()


def test_missing_ranges_named_at_the_seal_are_brought(desk, log, server):
    uploader = desk.uploads()
    log.packets(100, 20_000)
    wait_until(lambda: server.ledger.ranges() == [(0, log.durable_bytes())])
    lost = min(server.ledger.folder.glob("*.chunk"))
    first = int(lost.stem.split("-")[0])
    lost.unlink()

    uploader.finish(log.end())
    desk.gets_receipt()

    assert server.ledger.puts[first] == 2
    assert server.ledger.bytes() == log.path.read_bytes()


def test_a_conflict_is_told_loudly_and_stops_that_chunk_only(desk, log, server):
    server.ledger.temper.deny_first_bytes = {0}
    seal = log.packets(100, 20_000).end()

    desk.uploads().finish(seal)
    wait_until(lambda: desk.alarms)
    wait_until(lambda: server.ledger.ranges()[-1:] and server.ledger.ranges()[-1][1] == seal.length)

    assert [(alarm.code, alarm.first_byte) for alarm in desk.alarms] == [("EVIDENCE_CONFLICT", 0)]
    assert server.ledger.puts[0] == 1
    assert desk.receipts == []


def test_bytes_that_changed_on_the_disk_are_not_sent(desk, log, server):
    server.ledger.temper.next_puts = [(503, b"", {"Retry-After": "200"})] * 3
    log.packets(20, 20_000)
    desk.uploads()
    wait_until(lambda: any(p.cause == "SERVER_BUSY" for p in desk.progress))
    desk.stops()
    server.ledger.temper.next_puts = []
    with log.path.open("r+b") as file:
        file.seek(100)
        file.write(b"altered")

    desk.uploads()
    wait_until(lambda: desk.alarms)

    assert desk.alarms[0].code == "LOG_CHANGED"
    assert server.ledger.puts[0] == 0


def test_a_full_disk_stops_nothing_for_good(desk, log, server, monkeypatch):
    """The table of cuts could not be written for a while: told, waited for, gone on."""
    adding, is_full = CutTable.add, [True]

    def refuse_the_second(table, first_byte, length, sha256):
        if first_byte and is_full[0]:
            raise Broken("CUTS_NOT_WRITABLE", "full", "磁盘已满")
        return adding(table, first_byte, length, sha256)

    monkeypatch.setattr(CutTable, "add", refuse_the_second)
    uploader = desk.uploads()
    uploader.finish(log.packets(50, 20_000).end())
    wait_until(lambda: desk.alarms)
    is_full[0] = False
    uploader.retry_now()
    desk.gets_receipt()

    assert [alarm.code for alarm in desk.alarms] == ["CUTS_NOT_WRITABLE"]
    assert server.ledger.bytes() == log.path.read_bytes()


def test_a_forged_receipt_is_refused(desk, log, server):
    server.ledger.temper.seal_key = SigningKey.generate()

    desk.uploads().finish(log.packets(5, 1000).end())
    wait_until(lambda: desk.alarms)

    assert desk.alarms[0].code == "RECEIPT_FORGED"
    assert desk.receipts == []
    assert not receipt_path(log.path).exists()


def test_a_seal_that_does_not_fit_is_told(desk, log):
    seal = log.packets(5, 1000).end()

    desk.uploads().finish(msgspec.structs.replace(seal, head="0" * 64))
    wait_until(lambda: desk.alarms)

    assert desk.alarms[0].code == "SEAL_WRONG"


def test_a_receipt_of_before_is_reported_without_any_network(desk, log, server):
    seal = log.packets(5, 1000).end()
    desk.uploads().finish(seal)
    desk.gets_receipt()
    desk.stops()
    desk.seen.clear()

    desk.uploads("http://127.0.0.1:9").finish(seal)
    desk.gets_receipt(5)

    assert len(desk.receipts) == 1


def test_a_busy_server_is_asked_again_when_it_says(desk, log, server):
    server.ledger.temper.next_puts = [(503, b"", {"Retry-After": "1"})] * 2
    seal = log.packets(20, 10_000).end()

    desk.uploads().finish(seal)
    wait_until(lambda: any(p.cause == "SERVER_BUSY" for p in desk.progress))
    waiting = next(p for p in desk.progress if p.cause == "SERVER_BUSY")
    desk.gets_receipt()

    assert waiting.next_try_s is not None
    assert 0 < waiting.next_try_s <= 2
    assert waiting.attempt_number >= 1
    assert desk.progress[-1].cause == ""


def test_a_chunk_whose_answer_was_lost_is_asked_for_and_not_sent_again(desk, log, server):
    with FlakyProxy(server.port, Weather(rate_bytes_s=80_000, delay_s=0.1)) as proxy:
        desk.uploads(proxy.url).finish(log.packets(30, 8_000).end())
        wait_until(lambda: len(server.ledger.puts) >= 6)  # the line is known, chunks go in pieces
        proxy.weather.swallow_answers = 1
        desk.gets_receipt(60)
        desk.stops()

    assert proxy.weather.swallow_answers == 0
    assert set(server.ledger.puts.values()) == {1}
    assert server.ledger.bytes() == log.path.read_bytes()


def test_retry_now_does_not_wait(desk, log, server):
    server.ledger.temper.next_others = [(503, b"", {"Retry-After": "250"})]
    uploader = desk.uploads()
    wait_until(lambda: any((p.next_try_s or 0) > 200 for p in desk.progress))

    uploader.retry_now()
    uploader.finish(log.packets(5, 1000).end())

    desk.gets_receipt(5)


def test_an_unknown_session_is_the_cause_shown_and_nothing_is_lost(desk, log, server):
    log.packets(5, 1000)
    desk.uploads(session="stranger")
    wait_until(lambda: any(p.cause == "SESSION_UNKNOWN" for p in desk.progress))
    desk.stops()

    desk.uploads().finish(log.end())
    desk.gets_receipt()

    assert server.ledger.bytes() == log.path.read_bytes()


def test_a_server_that_holds_more_than_the_disk_is_an_alarm(desk, log, server):
    (server.ledger.folder / "0-999999999.chunk").write_bytes(b"")

    desk.uploads()
    wait_until(lambda: desk.alarms)

    assert desk.alarms[0].code == "LOG_SHORTER"


def test_progress_speaks_at_most_twice_a_second_and_reaches_the_end(desk, log, server):
    """R187: the last step is the server's check, and no bar stays at 99 %."""
    with FlakyProxy(server.port) as proxy:
        proxy.weather.rate_bytes_s = 400_000
        seal = log.packets(60, 20_000).end()
        desk.uploads(proxy.url).finish(seal)
        desk.gets_receipt()
        desk.stops()

    heard = desk.progress
    assert 3 <= len(heard) <= 15
    assert any(p.checking and p.held_bytes == p.total_bytes for p in heard)
    assert not heard[-1].checking
    assert [p.held_bytes for p in heard] == sorted(p.held_bytes for p in heard)
    measured = [p for p in heard if p.eta_low_s is not None and p.held_bytes < p.total_bytes]
    assert all(p.eta_low_s < p.eta_high_s for p in measured)


@pytest.mark.parametrize("length", [0, 1, 70_000])
def test_a_log_of_any_size_gets_its_receipt(desk, log, length):
    seal: Seal = log.packets(1, length).end()

    desk.uploads().finish(seal)

    desk.gets_receipt()
