"""PostgreSQL as it is in a bad hour: it goes away, a writer stands still, defaults are others."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, SQLAlchemyError

from tests.rigs.postgresql import PostgreSQLServer
from tests.server.rig import make_exam
from zhishiyun_protocol.messages.live import Heartbeat
from zhishiyun_server import application, expiring, releases
from zhishiyun_server.clock import kept_anchor
from zhishiyun_server.keep import on_postgresql
from zhishiyun_server.keep.database import Database, execute_hot
from zhishiyun_server.keep.tables import meta
from zhishiyun_server.releases import Releases
from zhishiyun_server.settings import Settings

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(sys.platform != "linux", reason="PostgreSQL is tested on Linux"),
]
SECRET = "secret-4711"
_PUT = "INSERT INTO meta (key, value) VALUES (:key, :value)"


@pytest.fixture
def address(postgresql: PostgreSQLServer, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of this test's own."""
    name = request.node.name[:60]
    yield postgresql.create(name)
    postgresql.drop(name)


def put(key: str) -> Any:
    return lambda c: c.execute(meta.insert().values(key=key, value="x"))


def keys(database: Database) -> list[str]:
    return database.read(lambda c: list(c.execute(select(meta.c.key)).scalars()))


def together(database: Database, *jobs: Any) -> list[Future[Any]]:
    """Jobs of one transaction: they come while another is under way."""
    began, waits = threading.Event(), threading.Event()
    database.submit(lambda c: (began.set(), waits.wait(10)))
    assert began.wait(10)
    futures = [database.submit(job) for job in jobs]
    waits.set()
    return futures


def break_the_line(connection: Connection) -> None:
    """As when the database is shut down just now."""
    driver: Any = connection.connection.driver_connection
    with psycopg.connect(driver.info.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 10000)", [driver.info.backend_pid])


def test_a_line_that_breaks_fails_all_who_were_on_it_and_nobody_else(address: str) -> None:
    database = Database(address)
    before = together(database, put("a"))

    def breaks(c: Connection) -> None:
        break_the_line(c)
        put("never")(c)

    on_it = together(database, put("b"), breaks, put("c"))
    errors = [future.exception(30) for future in on_it]
    database.write_now(put("d"))

    assert before[0].exception() is None
    assert [type(error) for error in errors] == [OperationalError] * 3
    assert sorted(keys(database)) == ["a", "d"]
    database.close()


def test_a_writer_that_stands_still_gives_the_lock_back(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_postgresql, "STILL_MS", 500)
    still, other = Database(address), Database(address)
    began, goes_on = threading.Event(), threading.Event()

    def stands_still(c: Connection) -> None:
        put("half")(c)
        began.set()
        goes_on.wait(60)
        put("other half")(c)

    waiting = still.submit(stands_still)
    assert began.wait(10)
    other.write_now(put("whole"))
    goes_on.set()

    assert isinstance(waiting.exception(30), SQLAlchemyError)
    still.write_now(put("again"))
    assert sorted(keys(other)) == ["again", "whole"]
    still.close()
    other.close()


def test_whoever_waited_for_the_lock_sees_what_was_written_meanwhile(address: str) -> None:
    with psycopg.connect(address, autocommit=True) as owner:
        owner.execute("SET default_transaction_isolation = 'repeatable read'")
        name = owner.info.dbname
        owner.execute(
            f"ALTER DATABASE \"{name}\" SET default_transaction_isolation = 'serializable'".encode()
        )
    one, two = Database(address), Database(address)
    waits, began = threading.Event(), threading.Event()

    def first(c: Connection) -> None:
        began.set()
        waits.wait(1)  # so that the other asks for the lock before this is committed
        put("first")(c)

    writing = one.submit(first)
    assert began.wait(10)
    seen = two.write_now(lambda c: list(c.execute(select(meta.c.key)).scalars()))

    assert writing.exception(10) is None
    assert seen == ["first"]
    one.close()
    two.close()


@pytest.mark.parametrize("hot", [False, True])
def test_an_error_names_nobody(address: str, hot: bool) -> None:
    database = Database(address)
    row = {"key": SECRET, "value": "x"}

    def twice(c: Connection) -> None:
        for _ in range(2):
            if hot:
                execute_hot(c, _PUT, [row])
            else:
                c.execute(meta.insert().values(**row))

    with pytest.raises(IntegrityError) as caught:
        database.write_now(twice)

    assert SECRET not in str(caught.value)
    assert SECRET not in str(caught.value.__cause__)
    assert "meta_pkey" in str(caught.value)  # but what went wrong
    database.close()


def test_a_value_of_a_wrong_kind_is_not_quoted(address: str) -> None:
    database = Database(address)

    with pytest.raises(DataError) as caught:
        database.read(lambda c: c.exec_driver_sql("SELECT %(told)s::int", {"told": SECRET}))

    assert SECRET not in str(caught.value)
    assert SECRET not in str(caught.value.__cause__)
    database.close()


def test_giving_room_back_may_take_longer_than_a_statement(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_postgresql, "STATEMENT_MS", 1000)
    database = Database(address)
    with psycopg.connect(address) as other:
        other.execute("LOCK TABLE audit IN SHARE UPDATE EXCLUSIVE MODE")
        freed = threading.Thread(target=database.forget_freed)
        freed.start()
        freed.join(2.5)
        assert freed.is_alive()  # it waits, and nobody told it to stop
    freed.join(30)

    shown = database.read(lambda c: c.exec_driver_sql("SHOW statement_timeout").scalar_one())
    assert not freed.is_alive()
    assert shown == "1s"
    database.close()


def test_what_runs_beside_outlives_a_database_that_was_away(
    tmp_path: Path, postgresql_of_its_own: PostgreSQLServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = postgresql_of_its_own
    exam = make_exam(tmp_path, count=1, address=server.create("away"))
    for module, name in (
        (releases, "LOOK_EVERY_S"), (releases, "RIGHT_AFTER_S"), (application, "ANCHOR_EVERY_S"),
        (expiring, "TOLD_AFTER_S"), (expiring, "FIRST_AFTER_S"), (expiring, "EVERY_S"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, 0.05)
    premises = application.furnish(Settings(home=exam.home))

    async def play() -> None:
        server.stop_hard()
        tasks = [
            asyncio.create_task(beside)
            for beside in (
                Releases(premises).run(),
                expiring.expire(premises),
                application._keep_clock(premises),
                premises.logbook.run(),
            )
        ]
        premises.logbook.note("at-nobody", Heartbeat(sent_us=1), 1)
        await asyncio.wait(tasks, timeout=3)
        assert [task for task in tasks if task.done()] == []
        await asyncio.to_thread(server.start)
        before = premises.clock.now_us()
        deadline_s = asyncio.get_running_loop().time() + 30
        while _anchor_us(premises.database) < before:
            assert asyncio.get_running_loop().time() < deadline_s, "the clock is kept again"
            await asyncio.sleep(0.05)
        assert [task for task in tasks if task.done()] == []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(play())
    premises.close()


def _anchor_us(database: Database) -> int:
    anchor = database.read(kept_anchor)
    assert anchor is not None
    return anchor.exam_us
