"""The ladder in the recorder: rungs reach the tracks, steps the log, and a restart goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.client.evidence.logs import book, of_kind
from zhishiyun_client.app.heartbeats import Heartbeats
from zhishiyun_client.app.recorder_door import Door
from zhishiyun_client.app.recorder_memory import MemoryFile
from zhishiyun_client.app.recorder_notebook import Notebook
from zhishiyun_client.app.recorder_quality import RecorderQuality
from zhishiyun_client.app.recorder_troubles import Troubles
from zhishiyun_client.capture.quality_ladder import WINDOW_S
from zhishiyun_client.capture.rungs import RUNGS
from zhishiyun_client.capture.studio import Studio
from zhishiyun_client.evidence.book import EvidenceBook
from zhishiyun_client.keep.secret_store import SecretFiles
from zhishiyun_client.ports.quality import Load
from zhishiyun_client.runtime.clock import ExamClock
from zhishiyun_protocol.evidence.contents import Quality
from zhishiyun_protocol.evidence.layout import Kind
from zhishiyun_protocol.plan import Recording

LINE_PLAN = Recording(line_may_lower=True)


class Room:
    """A recorder's parts around one book, with the clock in the test's hand."""

    def __init__(self, folder: Path) -> None:
        self.studio = Studio(folder, print)
        self.beats = Heartbeats(self.studio, ExamClock())
        self.door = Door(folder, self.studio.preview.name, print)
        self.notebook = Notebook(MemoryFile(folder, SecretFiles(folder / "secrets")))
        self.troubles = Troubles(self.door, self.beats)
        self.quality = RecorderQuality(self.studio, self.notebook, self.troubles)
        self.book: EvidenceBook = book(folder / "attempt-1.zlog")
        self.now_s = 100.0

    def look(self, after_s: float = 0.5) -> None:
        self.now_s += after_s
        self.quality.look(self.book, self.now_s)

    def records(self) -> list[tuple[str, str]]:
        found = of_kind(self.book.writer.path, Kind.QUALITY)
        said = [msgspec.json.decode(record.payload, type=Quality) for record in found]
        return [(quality.rung, quality.why) for quality in said]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path)
    made.door.start()
    made.book.disk_free_bytes = 1 << 40
    yield made
    made.book.close(stopped=True)
    made.studio.close()
    assert made.door.stop(5)


def test_what_the_line_asks_for_counts_only_where_the_plan_lets_it(here: Room) -> None:
    here.quality.begin(Recording())
    here.quality.want_kbps(RUNGS[2].kbps)
    here.look()
    assert here.quality.rung == "P"
    here.quality.begin(LINE_PLAN)
    here.look()

    assert here.quality.rung == "G"
    assert here.records() == [("G", "line")]


def test_a_step_reaches_every_track_and_says_why_both_ways(here: Room) -> None:
    here.quality.begin(LINE_PLAN)
    here.quality.want_kbps(1)
    here.look()
    assert {worker.rung for worker in here.studio.workers} == {RUNGS[-1]}
    here.quality.want_kbps(None)
    here.look()

    assert {worker.rung for worker in here.studio.workers} == {RUNGS[0]}
    assert here.records() == [("M", "line"), ("P", "line_over")]


def test_a_disk_that_is_nearly_full_is_told_and_told_again_when_it_is_over(here: Room) -> None:
    here.quality.begin(Recording())
    here.book.disk_free_bytes = 200 << 20
    here.look()
    assert here.beats.troubles == {"DISK_LOW"}
    here.book.disk_free_bytes = 1 << 40
    here.look()

    assert here.beats.troubles == frozenset()
    assert here.records() == [("G", "disk_low"), ("P", "disk_low_over")]


def test_no_trouble_outlasts_the_recording(here: Room) -> None:
    here.quality.begin(Recording())
    here.book.disk_free_bytes = 200 << 20
    here.look()
    assert here.beats.troubles == {"DISK_LOW"}
    here.troubles.end()

    assert here.beats.troubles == frozenset()


def test_after_a_crash_it_goes_on_at_the_rung_the_processor_asked_for(
    here: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.quality.begin(Recording())
    here.look()
    late = Load(taken=30, missed=8, busy_us=0)
    monkeypatch.setattr(here.studio.camera, "_load", late)
    here.look(WINDOW_S)
    after = RecorderQuality(here.studio, here.notebook, here.troubles)
    after.begin(Recording())

    assert here.records() == [("P5", "cpu")]
    assert after.rung == "P5"
