"""The desk's journal: durable, chained, read back; acts until they are kept (R132, R189)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhishiyun_client.keep.journal import FILE, JournalFile, set_aside
from zhishiyun_protocol.errors import Broken
from zhishiyun_protocol.messages.sitting import Act, ActKind

ROOT = Path(__file__).resolve().parents[3]


def _act(name: str) -> Act:
    return Act(id=name, kind=ActKind.PHASE, at_us=5, error_us=1, subject="home")


@pytest.fixture
def journal(tmp_path):
    opened = JournalFile(tmp_path)
    yield opened
    opened.close()


def _again(folder):
    opened = JournalFile(folder)
    opened.close()
    return opened


def test_what_was_noted_is_there_again_in_order(journal, tmp_path):
    journal.note("phase", {"name": "home"}, at_us=7)
    journal.note("consent", {"version": "1", "看": "全部"})
    journal.note("phase", {"name": "entry"}, at_us=9)

    again = _again(tmp_path)

    assert again.entries() == journal.entries()
    assert [entry.facts["name"] for entry in again.entries("phase")] == ["home", "entry"]
    assert again.latest("phase").at_us == 9
    assert again.latest("nothing") is None


def test_acts_are_pending_until_the_server_keeps_them(journal, tmp_path):
    for name in ("a", "b", "c"):
        journal.intend(_act(name))
    journal.intend(_act("b"))
    journal.mark_kept(["b", "unknown"])
    journal.mark_kept(["b"])

    assert [act.id for act in journal.pending()] == ["a", "c"]
    assert _again(tmp_path).pending() == journal.pending()
    assert len(journal.entries()) == 4


@given(torn=st.binary(min_size=1, max_size=40).filter(lambda torn: b"\n" not in torn[:-1]))
def test_a_torn_last_line_is_cut_off(tmp_path_factory, torn):
    folder = tmp_path_factory.mktemp("journal")
    first = JournalFile(folder)
    first.note("phase", {"name": "home"})
    first.close()
    path = folder / FILE
    whole = path.read_bytes()
    path.write_bytes(whole + torn)

    again = JournalFile(folder)
    again.note("phase", {"name": "entry"})
    again.close()

    assert path.read_bytes().startswith(whole)
    assert [entry.facts["name"] for entry in _again(folder).entries()] == ["home", "entry"]


def _three_lines(folder: Path) -> list[bytes]:
    journal = JournalFile(folder)
    for name in ("one", "two", "three"):
        journal.note("phase", {"name": name})
    journal.close()
    return (folder / FILE).read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda lines: [lines[1], lines[2]], id="first removed"),
        pytest.param(lambda lines: [lines[0], lines[2], lines[1]], id="exchanged"),
        pytest.param(lambda lines: [lines[0].replace(b"one", b"eno"), *lines[1:]], id="altered"),
        pytest.param(lambda lines: [lines[0], b"{}\n", *lines[1:]], id="put in between"),
    ],
)
def test_removed_or_altered_lines_are_noticed(tmp_path, damage):
    lines = _three_lines(tmp_path)
    (tmp_path / FILE).write_bytes(b"".join(damage(lines)))

    with pytest.raises(Broken) as caught:
        JournalFile(tmp_path)

    assert caught.value.code == "JOURNAL_CORRUPT"


def test_a_corrupt_journal_is_set_aside_and_nothing_deleted(tmp_path):
    lines = _three_lines(tmp_path)
    (tmp_path / FILE).write_bytes(b"".join(lines[1:]))

    aside = set_aside(tmp_path)
    journal = _again(tmp_path)

    assert aside.read_bytes() == b"".join(lines[1:])
    assert journal.entries() == ()


def test_a_journal_that_cannot_be_written_says_so(journal, tmp_path):
    journal.note("phase", {"name": "home"})
    resource = pytest.importorskip("resource", reason="limits of file size exist on POSIX only")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / FILE).stat().st_size + 20, before[1]))
    try:
        with pytest.raises(Broken) as caught:
            journal.note("phase", {"name": "entry"})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)

    assert caught.value.code == "JOURNAL_NOT_WRITABLE"
    journal.note("phase", {"name": "waiting"})
    names = [entry.facts["name"] for entry in _again(tmp_path).entries()]
    assert names == ["home", "waiting"]


WRITING = """
import sys
from pathlib import Path
from zhishiyun_client.keep.journal import JournalFile
journal = JournalFile(Path(sys.argv[1]))
for number in range(100000):
    journal.note("phase", {"n": str(number)})
    print(number, flush=True)
"""


@pytest.mark.faults
def test_whatever_was_noted_survives_a_kill(tmp_path):
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITING, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert writer.stdout
    said = [writer.stdout.readline() for _ in range(30)]
    writer.kill()
    said += writer.stdout.readlines()
    writer.stdout.close()
    writer.wait(10)

    noted = [int(entry.facts["n"]) for entry in _again(tmp_path).entries()]

    whole = [line for line in said if line.endswith(b"\n")]
    assert noted[: len(whole)] == list(range(len(whole)))
    assert len(noted) <= len(whole) + 1


def test_the_file_is_for_this_person_only(journal, tmp_path):
    if os.name == "nt":
        pytest.skip("Windows keeps the rights in the folder")

    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
