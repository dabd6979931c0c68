"""The log's beat: durable, signed, and aware of sleep (R154, §5 of the design)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.client.capture.recordings import wait_until
from tests.client.evidence.logs import KEYS, book, of_kind, verdict
from zhishiyun_client.evidence import sync
from zhishiyun_client.evidence.book import EvidenceBook
from zhishiyun_client.evidence.sync import LogBeat
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_protocol.evidence.contents import Cause, Gap, Mark
from zhishiyun_protocol.evidence.layout import Kind, Track


@pytest.fixture
def beating(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EvidenceBook]:
    monkeypatch.setattr(sync, "SYNC_EVERY_S", 0.02)
    monkeypatch.setattr(sync, "SIGN_EVERY_US", 50_000)
    written = book(tmp_path / "attempt-1.zlog")
    beat = LogBeat(written, print)
    beat.start()
    yield written
    assert beat.stop(3)
    written.close(stopped=True)


def test_what_is_written_becomes_durable_and_signed_by_itself(beating: EvidenceBook) -> None:
    writer = beating.writer
    beating.mark(Mark(what="phase"))
    written = writer.head.length

    wait_until("durable", lambda: writer.durable_bytes() >= written)
    wait_until(
        "signed",
        lambda: writer.checkpoint is not None and writer.checkpoint.length >= written,
    )
    assert verdict(writer.path).faults == ("LOG_NOT_ENDED",)


def test_sleep_is_written_down_with_its_length(
    beating: EvidenceBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sync.asleep_us()
    monkeypatch.setattr(sync, "asleep_us", lambda: before + 90_000_000)

    path = beating.writer.path
    wait_until("a mark", lambda: bool(of_kind(path, Kind.MARK)))
    gaps = [msgspec.json.decode(r.payload, type=Gap) for r in of_kind(path, Kind.GAP)]
    marks = [msgspec.json.decode(KEYS.sealer.open(r), type=Mark) for r in of_kind(path, Kind.MARK)]
    assert [(gap.cause, gap.tracks) for gap in gaps if gap.cause is Cause.SLEPT] == [
        (Cause.SLEPT, (1, 2, 3))
    ]
    assert [mark.what for mark in marks] == ["slept"]
    assert int(marks[0].detail["ms"]) == pytest.approx(90_000, abs=100)


@pytest.mark.skipif(not sync.IS_AWAKE_WHILE_IT_COUNTS, reason="a long wait may be sleep here")
def test_a_wait_that_lasts_too_long_explains_what_is_missing(
    beating: EvidenceBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    beating.packet(Track.CAMERA, b"x", at_us=monotonic_us(), duration_us=66_000, is_key=True)
    monkeypatch.setattr(sync, "STARVED_US", 0)

    wait_until("a cause", lambda: beating._causes[Track.CAMERA] is Cause.OVERLOAD)
