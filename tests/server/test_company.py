"""Several processes at one folder: one tidies up, and takes nothing away from the others."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.helpers.waits import wait_until
from zhishiyun_server.commands.alone import in_company
from zhishiyun_server.evidence.shelf import Shelf
from zhishiyun_server.keep.chunks import Chunk, of_recording
from zhishiyun_server.keep.database import Database
from zhishiyun_server.keep.tables import attempts, candidates, exams, recordings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="one process a folder there")
CHUNKS, CHUNK_BYTES = 100, 1000


def test_the_second_waits_until_the_first_has_tidied_up(tmp_path: Path) -> None:
    path, told = tmp_path / "lock", []
    leaves = threading.Event()

    def come() -> None:
        with in_company(path) as company:
            told.append(company.is_first)
            leaves.wait(30)

    second = threading.Thread(target=come)
    with in_company(path) as first:
        second.start()
        second.join(0.5)
        before = list(told)
        first.welcome()
        wait_until(lambda: told, 10, "the second is let in")
        with in_company(path) as third:
            assert not third.is_first
    leaves.set()
    second.join(10)

    assert first.is_first
    assert before == []
    assert told == [False]
    with in_company(path) as again:
        assert again.is_first


def test_tidying_up_takes_away_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    database, folder = Database(tmp_path / "test.sqlite"), tmp_path / "evidence"
    folder.mkdir()
    database.write_now(_enter_somebody)
    ours, theirs = Shelf(folder, database, 0), Shelf(folder, database, 0)
    is_over = threading.Event()

    def tidy() -> None:
        while not is_over.is_set():
            theirs.reconcile(1)

    tidying = threading.Thread(target=tidy)
    tidying.start()
    try:
        kept = asyncio.run(_put_many(ours))
    finally:
        is_over.set()
        tidying.join(60)
    lost = [chunk for chunk in kept if not (folder / "at" / chunk.file_name).is_file()]

    assert kept
    assert lost == []
    for each in (ours, theirs, database):
        each.close()


def test_what_a_killed_server_had_only_named_is_on_the_disk_before_it_has_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, folder = Database(tmp_path / "test.sqlite"), tmp_path / "evidence"
    database.write_now(_enter_somebody)
    content = secrets.token_bytes(CHUNK_BYTES)
    chunk = Chunk("at", 0, CHUNK_BYTES, hashlib.sha256(content).hexdigest())
    (folder / "at").mkdir(parents=True)
    path = folder / "at" / chunk.file_name
    path.write_bytes(content)
    flushed: list[int] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if not database.read(lambda c: of_recording(c, "at")):
            flushed.append(os.fstat(descriptor).st_ino)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    shelf = Shelf(folder, database, 0)
    shelf.reconcile(1)
    rows = database.read(lambda c: of_recording(c, "at"))
    for each in (shelf, database):
        each.close()

    assert rows == [chunk]
    assert path.stat().st_ino in flushed
    assert path.parent.stat().st_ino in flushed


async def _put_many(shelf: Shelf) -> list[Chunk]:
    """What was acknowledged; a part that is tidied away on its way is answered with an error."""
    kept = []
    for first in range(0, CHUNKS * CHUNK_BYTES, CHUNK_BYTES):
        content = secrets.token_bytes(CHUNK_BYTES)
        chunk = Chunk("at", first, first + CHUNK_BYTES, hashlib.sha256(content).hexdigest())
        part = shelf.begin("at")
        part.write(content)
        try:
            await shelf.keep(part, chunk, 1)
        except FileNotFoundError:
            continue
        kept.append(chunk)
    return kept


def _enter_somebody(c: Connection) -> None:
    c.execute(
        exams.insert().values(
            id="ex",
            title="",
            plan=b"",
            plan_sha256="",
            starts_us=1,
            formal=True,
            draw_seed=b"",
            draw_commitment="",
            imported_us=0,
        )
    )
    c.execute(
        candidates.insert().values(
            ticket_id="tk",
            exam_id="ex",
            ticket_number="1",
            name="",
            id_number="",
            post="",
            subject="",
            phone="",
            photo_sha256="",
        )
    )
    c.execute(
        attempts.insert().values(
            id="at",
            ticket_id="tk",
            exam_id="ex",
            verified_by="",
            created_us=1,
            entered_us=1,
        )
    )
    c.execute(
        recordings.insert().values(
            id="at", attempt_id="at", source="computer", evidence_key=b"", begun_us=1
        )
    )
