"""A server's folder of before decision 0040 goes on as it was: nothing kept is lost or renamed."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from tests.server.log_rig import plain_log, send
from tests.server.rig import ExamHome, room, told
from zhishiyun_protocol.messages.evidence import Held, Receipt
from zhishiyun_server.keep.database import Database
from zhishiyun_server.keep.home import Home

BEFORE = Path(__file__).with_name("before_0040.sql")
SAME = ("chunks", "heads", "wanted")


def made_old(path: Path) -> None:
    """The same rows in the tables of before."""
    shutil.move(path, path.with_name("fresh.sqlite"))
    for journal in path.parent.glob(f"{path.name}-*"):
        journal.unlink()
    with sqlite3.connect(path) as old:
        old.executescript(BEFORE.read_text("utf-8"))
        old.execute("ATTACH ? AS fresh", (str(path.with_name("fresh.sqlite")),))
        names = [
            row[0] for row in old.execute("SELECT name FROM main.sqlite_master WHERE type='table'")
        ]
        for name in names:
            _copy(old, name)
    old.close()


def _copy(old: sqlite3.Connection, name: str) -> None:
    columns = [row[1] for row in old.execute(f"PRAGMA main.table_info({name})")]
    if name == "attempts":
        told = ("evidence_key", "committed", "seal", "receipt")
        taken = [f"recordings.{c}" if c in told else f"attempts.{c}" for c in columns]
        source = "fresh.attempts JOIN fresh.recordings ON recordings.id = attempts.id"
    else:
        taken = ["recording_id" if name in SAME and c == "attempt_id" else c for c in columns]
        source = f"fresh.{name}"
    old.execute(
        f"INSERT INTO main.{name} ({', '.join(columns)}) SELECT {', '.join(taken)} FROM {source}"
    )


def everything(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(path) as database:
        names = [
            row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        found = {name: sorted(database.execute(f"SELECT * FROM {name}"), key=str) for name in names}
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    database.close()
    return found


def test_an_exam_goes_on_in_a_database_of_before(exam: ExamHome) -> None:
    with room(exam, at_s=-320) as here:
        first, second = (here.candidate(n).log_in().get_ready() for n in range(2))
        whole = plain_log(first, first.enter())
        send(first, whole)
        receipt = told(first.seal(whole.seal()), Receipt)
        half = plain_log(second, second.enter())
        pieces = list(half.chunks())
        for piece in pieces[:2]:
            second.put(*piece)
        second.put(0, b"other bytes")
        second.beat(head=half.head())
        path = here.premises.home.database
        key = first.session, second.session
    before = everything(path)
    made_old(path)

    with room(exam, at_s=-300) as here:
        for candidate, session in zip((first, second), key, strict=True):
            candidate.http, candidate.session = here.client, session
        kept = first.receipt()
        held = told(second.get("/v1/me/evidence"), Held)
        for piece in pieces[2:]:
            second.put(*piece)
        sealed = told(second.seal(half.seal()), Receipt)

    assert kept == receipt
    assert held.ranges == ((0, pieces[1][0] + len(pieces[1][1])),)
    assert sealed.body.complete
    after = everything(path)
    sealed_before = [row for row in before["recordings"] if row[0] == first.attempt_id]
    assert sealed_before == [row for row in after["recordings"] if row[0] == first.attempt_id]
    assert before["alarms"] == after["alarms"]
    assert set(before["chunks"]) <= set(after["chunks"])
    assert set(before["heads"]) <= set(after["heads"])
    assert before.keys() == after.keys()


def test_a_database_of_now_is_left_alone(exam: ExamHome) -> None:
    path = Home(exam.home).database
    before = everything(path)
    Database(path).close()

    assert everything(path) == before
