"""Threads for the disk and what is known of its space: nothing queued is lost, nobody is woken."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from zhishiyun_server.keep import space
from zhishiyun_server.keep.disk import DiskThreads
from zhishiyun_server.keep.space import Space

WAIT_S = 10.0


@dataclass(frozen=True)
class Usage:
    """What `shutil.disk_usage` answers, as far as it is looked at."""

    free: int


@pytest.fixture
def threads() -> DiskThreads:
    return DiskThreads(3, "disk")


def test_jobs_that_wait_run_at_the_same_time_up_to_the_count(threads: DiskThreads) -> None:
    together = threading.Barrier(3)
    done: list[int] = []
    for number in range(9):
        threads.do(_job(done, number, lambda: together.wait(WAIT_S)))
    threads.stop()

    assert sorted(done) == list(range(9))


def test_one_after_another_is_the_work_of_one_thread(threads: DiskThreads) -> None:
    names: list[str] = []
    for number in range(1, 21):
        threads.do(lambda: names.append(threading.current_thread().name))
        _until(lambda n=number: len(names) == n and threads._idle)  # type: ignore[misc]
    threads.stop()

    assert len(names) == 20
    assert len(set(names)) == 1


def test_whatever_many_bring_at_once_is_done_before_the_end(threads: DiskThreads) -> None:
    done: list[int] = []

    def bring(first: int) -> None:
        for number in range(first, first + 500):
            threads.do(_job(done, number))

    bringers = [threading.Thread(target=bring, args=(first,)) for first in range(0, 4000, 500)]
    for bringer in bringers:
        bringer.start()
    for bringer in bringers:
        bringer.join()
    threads.stop()

    assert sorted(done) == list(range(4000))


def test_without_another_thread_jobs_wait_for_those_there_are(
    threads: DiskThreads, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []
    may_go = threading.Event()
    threads.do(_job(done, 1, lambda: may_go.wait(WAIT_S)))
    monkeypatch.setattr(threading.Thread, "start", _no_thread)
    threads.do(_job(done, 2))
    assert done == []
    may_go.set()
    threads.stop()

    assert done == [1, 2]


def test_without_any_thread_a_job_is_done_by_whoever_brings_it(
    threads: DiskThreads, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []
    monkeypatch.setattr(threading.Thread, "start", _no_thread)
    threads.do(_job(done, 1))
    threads.stop()

    assert done == [1]


def test_space_is_counted_down_between_two_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Path] = []
    monkeypatch.setattr(space, "HOLDS_S", 3600.0)
    monkeypatch.setattr(
        space.shutil, "disk_usage", lambda folder: (looks.append(folder), Usage(1000))[1]
    )
    disk = Space(tmp_path)

    assert [disk.has(300, 100) for _ in range(3)] == [True, True, True]
    assert len(looks) == 1
    assert disk.has(300, 100)  # counted down there is too little: the disk itself is asked
    assert len(looks) == 2


def test_a_disk_that_others_have_filled_is_full_for_everybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = [1_000_000]
    monkeypatch.setattr(space.shutil, "disk_usage", lambda _: Usage(free[0]))
    disk = Space(tmp_path)
    assert disk.has(10, 100)
    monkeypatch.setattr(space, "HOLDS_S", -1.0)  # the next one looks
    free[0] = 50
    assert not disk.has(10, 100)
    monkeypatch.setattr(space, "HOLDS_S", 3600.0)

    assert [disk.has(10, 100) for _ in range(5)] == [False] * 5


def test_a_full_disk_is_asked_again_until_it_has_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = [Usage(50), Usage(50), Usage(500)]
    monkeypatch.setattr(space.shutil, "disk_usage", lambda _: free.pop(0))
    disk = Space(tmp_path)

    assert [disk.has(10, 100) for _ in range(3)] == [False, False, True]


def _no_thread(_self: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


def _job(
    done: list[int], number: int, before: Callable[[], object] = lambda: None
) -> Callable[[], None]:
    def job() -> None:
        before()
        done.append(number)

    return job


def _until(holds: Callable[[], object]) -> None:
    deadline_s = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.001)
