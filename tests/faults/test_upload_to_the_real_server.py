"""Our uploader and the real exam server: a lost disk, a stick, altered bytes (R182–R191).

Servers that are killed meanwhile: test_upload_matrix.py.
"""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import msgspec
import pytest

from tests.helpers.flaky_proxy import FlakyProxy
from tests.helpers.seat import Seat
from tests.helpers.waits import wait_until
from tests.server.rig import PASSWORD, ExamHome, Staff, make_exam, serving
from zhishiyun_client.net.evidence_api import EvidenceClient
from zhishiyun_client.net.wire import Wire
from zhishiyun_client.ports.uploading import UploadBroken
from zhishiyun_client.upload import bundle
from zhishiyun_protocol.errors import Refused

pytestmark = pytest.mark.faults


@pytest.fixture
def exam(tmp_path: Path) -> ExamHome:
    return make_exam(tmp_path, starts_at="+600", count=1)


def test_chunks_lost_on_the_servers_disk_are_sent_again(exam: ExamHome, tmp_path: Path) -> None:
    """R188: after its start the server wants again what its disk has lost."""
    with serving(exam) as server:
        seat = Seat(exam, server.url, tmp_path)
        with seat.uploading(server.url):
            wait_until(lambda: _held_bytes(server.url, seat) > 1_000_000, 30)
    lost = sorted(exam.home.rglob("*.chunk"))[1:3]
    for path in lost:
        path.unlink()

    with serving(exam) as server, seat.uploading(server.url) as uploader:
        uploader.finish(seat.log.seal())
        wait_until(seat.receipt, 30)

    seat.is_proven()
    assert all(path.exists() for path in lost)


def test_what_staff_want_again_after_the_receipt_is_sent_again(
    exam: ExamHome, tmp_path: Path
) -> None:
    """R188, 【重新上传】: by range, on the server's demand, after it vouched for the whole."""
    word = tmp_path / "word"
    word.write_text(PASSWORD)
    add = ("staff", "add", "technician", "--role", "technician", "--password-file", str(word))
    assert exam.run(*add) == 0
    with serving(exam) as server:
        seat = Seat(exam, server.url, tmp_path)
        with seat.uploading(server.url) as uploader:
            uploader.finish(seat.log.seal())
            wait_until(seat.receipt, 30)
            with httpx.Client(base_url=server.url) as http:
                wanted = {"ranges": [[100_000, 200_000]], "reason": "a disk was changed"}
                target = f"/v1/staff/candidates/{seat.attempt_id}/reupload"
                answer = Staff(http, "technician").call("POST", target, json=wanted)
            asked = answer.json()["wanted"]  # whole chunks, as they lie there
            assert asked[0][0] <= 100_000
            assert asked[-1][1] >= 200_000

            uploader.look_again()

            wait_until(lambda: seat.wanted(server.url) == [], 30)
    seat.is_proven()


def test_a_bundle_is_proven_identical(exam: ExamHome, tmp_path: Path) -> None:
    """R190: half uploaded, the rest from the stick."""
    with serving(exam) as server:
        seat = Seat(exam, server.url, tmp_path)
        with FlakyProxy(int(server.url.rsplit(":", 1)[1])) as proxy:
            proxy.weather.rate_bytes_s = 1_500_000
            with seat.uploading(proxy.url):
                wait_until(lambda: proxy.up_bytes > len(seat.log.data) / 3, 30)
                proxy.weather.is_refusing = True
                proxy.reset_all()
    stick = tmp_path / "stick.zsybundle"
    bundle.write(seat.path, seat.log.seal(), stick)

    assert exam.run("import-bundle", str(stick)) == 0

    with serving(exam) as server, seat.uploading(server.url) as uploader:
        uploader.finish(seat.log.seal())
        wait_until(seat.receipt, 30)
    seat.is_proven()


def test_an_altered_log_meets_a_conflict_that_is_told(exam: ExamHome, tmp_path: Path) -> None:
    with serving(exam) as server:
        seat = Seat(exam, server.url, tmp_path)
        with seat.uploading(server.url):
            wait_until(lambda: _held_bytes(server.url, seat) == len(seat.log.data), 30)
        content = bytearray(seat.path.read_bytes())
        content[100] ^= 1
        seat.path.write_bytes(content)
        min(exam.home.rglob("*.chunk")).unlink()  # and the server wants that one again

    with serving(exam) as server, seat.uploading(server.url):
        wait_until(lambda: [r for r in seat.seen if isinstance(r, UploadBroken)], 30)

    assert next(r.code for r in seat.seen if isinstance(r, UploadBroken)) == "LOG_CHANGED"
    assert seat.receipt() is None


def test_the_session_that_ended_is_the_cause_and_a_new_one_goes_on(
    exam: ExamHome, tmp_path: Path
) -> None:
    with serving(exam) as server:
        seat = Seat(exam, server.url, tmp_path)
        wire = Wire(server.url)
        with pytest.raises(Refused) as caught:
            EvidenceClient(wire, "nobody").held()
        wire.close()

        with seat.uploading(server.url) as uploader:
            uploader.finish(seat.log.seal())
            wait_until(seat.receipt, 30)

    assert caught.value.code == "SESSION_UNKNOWN"
    seat.is_proven()


def _held_bytes(url: str, seat: Seat) -> int:
    time.sleep(0.02)
    headers = {"Authorization": f"Bearer {seat.session}"}
    held = msgspec.json.decode(httpx.get(f"{url}/v1/me/evidence", headers=headers).content)
    return sum(end - first for first, end in held["ranges"])
