"""Power cuts on either side: only what was fsynced survives, and nothing that was promised is lost.

The disk model is stricter than most disks (tests/rigs/power_loss.c).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.client.evidence.logs import KEYS, header, reopen
from tests.helpers.chunk_server import SERVER_KEY, SESSION, ChunkServer
from tests.helpers.flaky_proxy import FlakyProxy
from tests.helpers.seat import Seat
from tests.helpers.waits import wait_until
from tests.rigs.power_loss import ForgetfulDisk, compile_library
from tests.server.rig import make_exam, serving
from zhishiyun_client.evidence.book import EvidenceBook
from zhishiyun_client.evidence.finished import FinishedLog
from zhishiyun_client.evidence.recovery import Closed, open_log
from zhishiyun_client.evidence.writer import no_server_time
from zhishiyun_client.net.evidence_api import EvidenceClient
from zhishiyun_client.net.wire import Wire
from zhishiyun_client.ports.uploading import ReceiptArrived, UploadBroken
from zhishiyun_client.upload.pump import Uploader
from zhishiyun_protocol.evidence.contents import End
from zhishiyun_protocol.evidence.verify import Verifier
from zhishiyun_protocol.messages.evidence import Seal

pytestmark = pytest.mark.faults

ROOT = Path(__file__).resolve().parents[2]
RECORDING = """
import sys, threading
from pathlib import Path
from tests.client.evidence.logs import reopen
from tests.helpers.chunk_server import SERVER_KEY, SESSION
from zhishiyun_client.net.evidence_api import EvidenceClient
from zhishiyun_client.net.wire import Wire
from zhishiyun_client.upload.pump import Uploader
from zhishiyun_protocol.evidence.layout import Kind, Track

writer = reopen(Path(sys.argv[2])).writer
Uploader(
    writer,
    EvidenceClient(Wire(sys.argv[1]), SESSION),
    lambda report: None,
    server_key=SERVER_KEY.public_bytes(),
).start()
pause = threading.Event()
number = 0
while True:
    writer.append(Kind.PACKET, number.to_bytes(4, "big") * 1500, track=Track.CAMERA)
    number += 1
    if number % 150 == 0:  # nearly a second, as the recorder does
        writer.sync()
    pause.wait(0.005)
"""


@pytest.fixture
def library(tmp_path: Path) -> Path:
    if sys.platform != "linux":
        pytest.skip("the forgetful disk is a preloaded library of Linux")
    return compile_library(tmp_path)


@contextmanager
def _recording(url: str, log: Path, disk: ForgetfulDisk) -> Iterator[None]:
    env = {**os.environ, **disk.environment, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", RECORDING, url, str(log)]
    running = subprocess.Popen(command, cwd=ROOT, env=env)
    try:
        yield
    finally:
        running.send_signal(signal.SIGKILL)
        running.wait(10)


def test_the_server_never_holds_what_the_candidates_disk_lost(
    tmp_path: Path, library: Path
) -> None:
    """Three power cuts in the middle of recording and uploading; then the log is ended."""
    spool = tmp_path / "spool"
    spool.mkdir()
    log = spool / "attempt-1.zlog"
    disk = ForgetfulDisk(library, spool, tmp_path / "disk")
    lost = 0
    with ChunkServer(tmp_path / "server") as server:
        for cut in range(3):
            held = server.ledger.received_bytes
            with _recording(server.url, log, disk):
                wait_until(
                    lambda held=held: server.ledger.received_bytes > held + 300_000,
                    40,
                    f"cut {cut}",
                )
            lost += log.stat().st_size
            disk.cut()
            lost -= log.stat().st_size

            content = log.read_bytes()
            for path, (first, end) in server.ledger.pieces():
                assert content[first:end] == path.read_bytes(), "the server holds what is lost here"

        receipt = _ended_and_uploaded(log, server)
        assert server.ledger.bytes() == log.read_bytes()
    assert receipt.receipt.body.length == log.stat().st_size
    assert lost > 0, "the cuts did take something: else this test shows nothing"


@pytest.mark.parametrize("share", [0.4, 0.6, 0.8])
def test_what_the_server_acknowledged_is_there_after_its_power_cut(
    tmp_path: Path, library: Path, share: float
) -> None:
    """Every chunk that a client was told to be kept is held after the cut: folder and database."""
    exam = make_exam(tmp_path, starts_at="+600", count=1)
    with serving(exam) as server:
        port = server.url.rsplit(":", 1)[1]
        seat = Seat(exam, server.url, tmp_path)
    disk = ForgetfulDisk(library, exam.home, tmp_path / "disk")
    with FlakyProxy(int(port)) as proxy:
        proxy.weather.rate_bytes_s = 1_500_000
        with seat.uploading(proxy.url) as uploader:
            with serving(exam, "--port", port, environment=disk.environment) as server:
                wait_until(lambda: proxy.up_bytes > share * len(seat.log.data), 40)
                wait_until(lambda: seat.held_bytes() > 300_000, 40)
                server.kill()
            acknowledged = seat.held_bytes()
            disk.cut()
            with serving(exam, "--port", port) as server:
                assert seat.server_holds(server.url) >= acknowledged
                uploader.finish(seat.log.seal())
                wait_until(seat.receipt, 60)

    seat.is_proven()


def _ended_and_uploaded(log: Path, server: ChunkServer) -> ReceiptArrived:
    book = EvidenceBook(reopen(log))
    assert book.end(End(why="candidate", counts=()))
    head = book.writer.head
    book.close(stopped=True)
    again = open_log(log, header(), KEYS, no_server_time, "test")
    assert isinstance(again, Closed)
    seal = Seal(
        length=head.length, records=head.records, head=head.digest.hex(), last_run=head.last_run
    )
    verifier = Verifier()
    verifier.feed(log.read_bytes())
    assert verifier.verdict().faults == ()
    seen: list[object] = []
    wire = Wire(server.url)
    uploader = Uploader(
        FinishedLog(log, head.length),
        EvidenceClient(wire, SESSION),
        seen.append,
        server_key=SERVER_KEY.public_bytes(),
    )
    uploader.finish(seal)
    uploader.start()
    wait_until(lambda: [r for r in seen if isinstance(r, ReceiptArrived)], 30, str(seen[-1:]))
    assert uploader.stop(20)
    wire.close()
    assert [r for r in seen if isinstance(r, UploadBroken)] == []
    return next(r for r in seen if isinstance(r, ReceiptArrived))
