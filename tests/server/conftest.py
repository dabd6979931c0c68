"""Exams that were imported once and are copied for each test, on either kind of database."""

from __future__ import annotations

import shutil
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.rigs.postgresql import PostgreSQLServer
from tests.server.rig import ExamHome, Room, make_exam, room

# Modules marked so run on both; all of tests/server does with --postgresql.
BOTH = "both_databases"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Twice where a module asks for it."""
    if "exam" in metafunc.fixturenames and metafunc.definition.get_closest_marker(BOTH):
        metafunc.parametrize("exam", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQLServer]:
    """A PostgreSQL that belongs to the tests."""
    if sys.platform != "linux":
        pytest.skip("PostgreSQL is tested on Linux")
    with PostgreSQLServer() as server:
        yield server


@pytest.fixture
def postgresql_of_its_own() -> Iterator[PostgreSQLServer]:
    """Another one, which this test may stop and kill."""
    with PostgreSQLServer() as server:
        yield server


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> ExamHome:
    """Two exams in one folder, three candidates each, T0 at the same instant."""
    return _import(tmp_path_factory.mktemp("imported"), "")


@pytest.fixture(scope="session")
def imported_there(
    tmp_path_factory: pytest.TempPathFactory, postgresql: PostgreSQLServer
) -> ExamHome:
    """The same, with its state in PostgreSQL."""
    address = postgresql.create("imported")
    return _import(tmp_path_factory.mktemp("imported_there"), address)


@pytest.fixture
def exam(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ExamHome]:
    """A copy of the imported exams that belongs to this test."""
    there = request.config.getoption("--postgresql")
    kind = getattr(request, "param", "postgresql" if there else "sqlite")
    with _copied(request.getfixturevalue, kind, tmp_path / "server") as copy:
        yield copy


@contextmanager
def _copied(value: Callable[[str], object], kind: str, home: Path) -> Iterator[ExamHome]:
    source = value("imported" if kind == "sqlite" else "imported_there")
    assert isinstance(source, ExamHome)
    shutil.copytree(source.home, home)
    copy = ExamHome(home, source.exam_id, source.count)
    if kind == "sqlite":
        yield copy
        return
    server, name = value("postgresql"), f"copy-{uuid.uuid4().hex}"
    assert isinstance(server, PostgreSQLServer)
    (home / "keys" / "database").write_text(server.create(name, "imported"))
    yield copy
    server.drop(name)


@pytest.fixture
def here(exam: ExamHome) -> Iterator[Room]:
    """A server in this process, twenty minutes before T0."""
    with room(exam) as opened:
        yield opened


def _import(folder: Path, address: str) -> ExamHome:
    make_exam(folder, exam_id="other-exam", address=address)
    return make_exam(folder, exam_id="exam-1", address=address)
