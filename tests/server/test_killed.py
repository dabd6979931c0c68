"""The server killed with SIGKILL in the middle of its work: what it acknowledged is there."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from tests.server.log_rig import Log, plain_log
from tests.server.rig import Candidate, ExamHome, Process, make_exam, serving, told, wall_us
from zhishiyun_protocol.messages.evidence import Held, Receipt
from zhishiyun_protocol.messages.sitting import ActKind

pytestmark = pytest.mark.faults
LIVES = 3
closing: list[Candidate] = []


@pytest.fixture(autouse=True)
def _connections_are_closed() -> Iterator[None]:
    yield
    while closing:
        closing.pop().http.close()


@pytest.fixture
def exam(tmp_path: Path) -> ExamHome:
    return make_exam(tmp_path, starts_at="+600", count=1)


@pytest.mark.parametrize("granted", [False, True])  # the long way and the short one
def test_whatever_was_acknowledged_survives_kills_in_the_middle_of_puts(
    exam: ExamHome, granted: bool
) -> None:
    with serving(exam) as server:
        candidate = _enter(server, exam)
        log = plain_log(candidate, candidate.enter(), packets=1200)
        server.kill()
    acknowledged: set[tuple[int, int]] = set()

    for life in range(LIVES):
        with serving(exam) as server:
            kept = _held(candidate, server)
            assert all(_covers(kept, chunk) for chunk in acknowledged), f"life {life}"
            after_s = 0.15 + 0.1 * life
            _put_until_killed(candidate, server, log, acknowledged, granted, after_s)

    with serving(exam) as server:
        _put_rest(candidate, server, log)
        receipt = told(candidate.seal(log.seal()), Receipt)
    assert acknowledged
    assert receipt.body.complete
    assert receipt.body.length == len(log.data)


def test_acts_that_were_answered_survive_a_kill(exam: ExamHome) -> None:
    with serving(exam) as server:
        candidate = _enter(server, exam)
        kept = candidate.act(ActKind.CONSENT, id="the-act").json()["kept"]
        server.kill()

    with serving(exam) as server:
        _reconnect(candidate, server)
        sitting = candidate.sitting()
        again = candidate.act(ActKind.CONSENT, id="the-act")

    assert kept == ["the-act"]
    assert sitting.attempt_id == candidate.attempt_id
    assert again.status_code == 200


def test_the_exams_clock_goes_on_over_a_kill(exam: ExamHome) -> None:
    with serving(exam, "--speed", "50") as server:
        candidate = _enter(server, exam)
        before = _now_us(candidate)
        began_s = time.monotonic()
        server.kill()

    with serving(exam) as server:
        _reconnect(candidate, server)
        after = _now_us(candidate)
        real_s = time.monotonic() - began_s

    passed_s = (after - before) / 1e6
    assert passed_s == pytest.approx(real_s * 50, rel=0.05, abs=5)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits another process's files")
def test_a_disk_that_takes_no_more_keeps_nothing_of_the_chunk(exam: ExamHome) -> None:  # F28
    with serving(exam, largest_file_bytes=600_000) as server:
        candidate = _enter(server, exam)
        candidate.enter()

        small = candidate.put(0, b"x" * 100_000)
        large = candidate.put(100_000, b"y" * 700_000)
        after = candidate.put(100_000, b"y" * 100_000)
        kept = told(candidate.get("/v1/me/evidence"), Held).ranges

    folder = exam.home / "evidence" / candidate.attempt_id
    assert [small.status_code, large.status_code, after.status_code] == [201, 507, 201]
    assert large.json()["code"] == "DISK_FULL"
    assert kept == ((0, 200_000),)
    assert len(list(folder.iterdir())) == 2


def test_a_server_stops_gracefully_and_is_alone_in_its_folder(
    exam: ExamHome, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(exam) as server:
        candidate = _enter(server, exam)
        second = exam.run("serve", "--port", "0")
        url = server.url.replace("http", "ws") + "/v1/live"
        with connect(url, additional_headers=candidate.bearer):
            code = server.stop()

    assert second == 1
    assert "HOME_IN_USE" in capsys.readouterr().err
    assert code == 0


def _reconnect(candidate: Candidate, server: Process) -> None:
    candidate.http.close()
    candidate.http = httpx.Client(base_url=server.url, timeout=5)


def _enter(server: Process, exam: ExamHome) -> Candidate:
    ticket = exam.tickets(server.url)[0]
    candidate = Candidate(httpx.Client(base_url=server.url), ticket, wall_us)
    candidate.now_us = lambda: _now_us(candidate)
    closing.append(candidate)
    return candidate.log_in().get_ready()


def _now_us(candidate: Candidate) -> int:
    answer = candidate.http.post("/v1/time", json={"sent_us": 0}).json()
    return int(answer["server_sent_us"])


def _held(candidate: Candidate, server: Process) -> tuple[tuple[int, int], ...]:
    _reconnect(candidate, server)
    return told(candidate.get("/v1/me/evidence"), Held).ranges


def _covers(ranges: tuple[tuple[int, int], ...], chunk: tuple[int, int]) -> bool:
    return any(first <= chunk[0] and chunk[1] <= end for first, end in ranges)


def _missing(candidate: Candidate, server: Process, log: Log) -> Iterator[tuple[int, bytes]]:
    kept = _held(candidate, server)
    for first, data in log.chunks(16_000):
        if not _covers(kept, (first, first + len(data))):
            yield first, data


def _put_until_killed(
    candidate: Candidate,
    server: Process,
    log: Log,
    acknowledged: set[tuple[int, int]],
    granted: bool,
    after_s: float,
) -> None:
    put = candidate.put_granted if granted else candidate.put
    timer = threading.Timer(after_s, server.kill)
    timer.start()
    try:
        for first, data in _missing(candidate, server, log):
            if put(first, data).status_code in (200, 201):
                acknowledged.add((first, first + len(data)))
    except httpx.TransportError:
        return
    finally:
        timer.join()


def _put_rest(candidate: Candidate, server: Process, log: Log) -> None:
    for first, data in _missing(candidate, server, log):
        assert candidate.put(first, data).status_code in (200, 201)
