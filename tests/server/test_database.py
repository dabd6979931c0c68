"""The writer: together on the disk, each job for itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError

from zhishiyun_server.keep.database import Database, execute_hot
from zhishiyun_server.keep.tables import meta


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "test.sqlite")
    yield opened
    opened.close()


def put(key: str) -> Any:
    return lambda c: c.execute(meta.insert().values(key=key, value="x"))


def put_hot(key: str) -> Any:
    row = {"key": key, "value": "x"}
    statement = "INSERT INTO meta (key, value) VALUES (:key, :value)"
    return lambda c: execute_hot(c, statement, [row])


def count(database: Database) -> int:
    return database.read(lambda c: c.execute(select(func.count()).select_from(meta)).scalar_one())


def test_what_was_written_is_seen_by_the_next_reader(database: Database) -> None:
    database.write_now(put("a"))

    assert count(database) == 1


def test_a_job_that_fails_takes_no_other_with_it(database: Database) -> None:
    waits = threading.Event()
    blocker = _submit(database, lambda c: waits.wait(5))
    good = [_submit(database, put(key)) for key in "ab"]
    twice = _submit(database, put("a"))
    last = _submit(database, put("c"))
    waits.set()

    for future in (blocker, *good, last):
        future.result(5)

    assert twice.exception(5) is not None
    assert count(database) == 3


def test_jobs_that_wait_together_share_one_commit(database: Database) -> None:
    commits: list[int] = []
    began, waits = threading.Event(), threading.Event()
    _submit(database, lambda c: (began.set(), waits.wait(5)))
    assert began.wait(5)  # with nothing behind it
    futures = [_submit(database, put(f"key-{n}")) for n in range(50)]
    futures[0].add_done_callback(lambda _: commits.append(count(database)))
    waits.set()

    for future in futures:
        future.result(5)

    assert commits == [50]


def test_a_decision_and_its_write_are_one(database: Database) -> None:
    def take_a_number(c: Connection) -> int:
        number = c.execute(select(func.count()).select_from(meta)).scalar_one()
        c.execute(meta.insert().values(key=f"key-{number}", value="x"))
        return int(number)

    futures = [_submit(database, take_a_number) for _ in range(40)]

    assert sorted(future.result(5) for future in futures) == list(range(40))


def _submit(database: Database, job: Any) -> Future[Any]:
    return database._writer.submit(job)


def test_whoever_stops_waiting_does_not_stop_the_writer(database: Database) -> None:
    may_go = threading.Event()
    first = database._writer.submit(lambda _: may_go.wait(10))
    left = database._writer.submit(lambda _: None)
    left.cancel()
    may_go.set()

    assert first.result(10)
    assert database.write_now(lambda _: "still here") == "still here"


def test_who_finds_nobody_writing_writes_on_its_own_thread(database: Database) -> None:
    seen: list[str] = []

    def job(connection: Connection) -> None:
        seen.append(threading.current_thread().name)
        put_hot("a")(connection)

    while not database.write_here(job):  # the writer's thread may have hardly begun
        time.sleep(0.01)

    assert seen == [threading.current_thread().name]
    assert count(database) == 1


def test_who_finds_somebody_writing_leaves_everything_as_it_was(database: Database) -> None:
    began, may_go = threading.Event(), threading.Event()
    first = _submit(database, lambda c: (put("a")(c), began.set(), may_go.wait(10)))
    assert began.wait(10)

    assert not database.write_here(put_hot("b"))

    may_go.set()
    first.result(10)
    assert count(database) == 1


def test_what_fails_on_its_own_thread_keeps_nothing_and_stops_nobody(database: Database) -> None:
    database.write_now(put("a"))

    def job(connection: Connection) -> None:
        put_hot("b")(connection)
        put_hot("a")(connection)

    with pytest.raises(IntegrityError):
        database.write_here(job)

    assert count(database) == 1
    assert database.write_here(put_hot("c"))
    database.write_now(put("d"))
    assert count(database) == 3
