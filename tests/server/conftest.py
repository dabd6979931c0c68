"""Exams that were imported once and are copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.rig import ExamHome, Room, make_exam, room


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> ExamHome:
    """Two exams in one folder, three candidates each, T0 at the same instant."""
    folder = tmp_path_factory.mktemp("imported")
    make_exam(folder, exam_id="other-exam")
    return make_exam(folder, exam_id="exam-1")


@pytest.fixture
def exam(imported: ExamHome, tmp_path: Path) -> ExamHome:
    """A copy of the imported exams that belongs to this test."""
    home = tmp_path / "server"
    shutil.copytree(imported.home, home)
    return ExamHome(home, imported.exam_id, imported.count)


@pytest.fixture
def here(exam: ExamHome) -> Iterator[Room]:
    """A server in this process, twenty minutes before T0."""
    with room(exam) as opened:
        yield opened
