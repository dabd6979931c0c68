"""A real recorder on 300 kbit/s: it lowers the quality by itself, says so, and is soon done."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest

from tests.helpers.flaky_proxy import FlakyProxy, Weather
from tests.rigs.beacon.sitting import ServedDesk, admit, exam_in
from tests.server.rig import wall_us
from zhishiyun_client.capture.line_wish import TAIL_S
from zhishiyun_client.ports.recorder import Attach, Status
from zhishiyun_protocol.evidence.chain import ChainFollower
from zhishiyun_protocol.evidence.contents import Quality
from zhishiyun_protocol.evidence.layout import Kind
from zhishiyun_protocol.plan import Recording

pytestmark = [pytest.mark.alone, pytest.mark.faults, pytest.mark.slow, pytest.mark.desktop]

SLOW_LINE = Weather(37_500, queue_bytes=256 * 1024, delay_s=0.03)  # 300 kbit/s
HOUR_US = 3_600_000_000
WATCHED_S = 5.0


def test_a_slow_line_lowers_the_quality_until_it_keeps_up(
    demonstration: None, tmp_path: Path
) -> None:
    with exam_in(tmp_path) as (exam, server):
        admission = admit(exam, server.url)
        port = int(server.url.rsplit(":", 1)[1])
        with FlakyProxy(port, SLOW_LINE) as proxy:
            admission.attach = Attach(session=admission.attach.session, server_url=proxy.url)
            admission.begin = msgspec.structs.replace(
                admission.begin,
                ends_us=wall_us() + HOUR_US,
                recording=Recording(line_may_lower=True),
            )
            with ServedDesk(tmp_path / "home", admission) as desk:
                desk.record(camera="", microphone="")
                lowered = desk.until("a lower rung", lambda s: s.rung == "G", 60)
                desk.record_for(WATCHED_S)
                kept_up = desk.status
                began_s = time.monotonic()
                proof = desk.hand_in(60)
                tail_s = time.monotonic() - began_s

    assert proof.is_whole, proof.faults
    assert kept_up is not None
    assert kept_up.rung == "G"
    assert waits(kept_up) < waits(lowered) + 0.25 * WATCHED_S * 37_500, "it keeps up now"
    assert tail_s <= TAIL_S
    print(
        f"lowered after {lowered.timeline_s:.0f} s, {waits(lowered)} bytes wait, "
        f"{waits(kept_up)} after {WATCHED_S:.0f} s more; the tail took {tail_s:.1f} s"
    )
    steps = [(said.rung, said.why) for said in qualities(desk.log)]
    if "cpu" not in {why for _, why in steps}:  # a machine that is busy lowers it before the line
        assert ("G", "line") in steps
    assert [coverage.track for coverage in proof.coverage if coverage.missing] == []


def waits(status: Status) -> int:
    return status.upload.total_bytes - status.upload.held_bytes


def qualities(log: Path) -> list[Quality]:
    return [
        msgspec.json.decode(record.payload, type=Quality)
        for record in ChainFollower().feed(log.read_bytes())
        if record.header.kind == Kind.QUALITY
    ]
