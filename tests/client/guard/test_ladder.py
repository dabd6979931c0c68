"""The lock always opens again: kills, failing steps, full disks (design §7)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.client.guard.file_steps import FileStep, states
from zhishiyun_client.guard.ladder import FILE, Journal, Ladder, Rung
from zhishiyun_client.ports.locking import Skipped

ROOT = Path(__file__).parents[3]


def ladder_of(folder: Path, **fails: str) -> Ladder:
    return Ladder([FileStep(folder, name, fails=fails.get(name, "")) for name in "abc"], _j(folder))


def _j(folder: Path) -> Journal:
    return Journal(folder)


def test_everything_is_locked_and_given_back(tmp_path: Path):
    ladder = ladder_of(tmp_path)

    climbed = ladder.climb()
    assert climbed.applied == ("a", "b", "c")
    assert states(tmp_path, "abc") == "sss"
    assert [rung.name for rung in _j(tmp_path).read()] == ["a", "b", "c"]

    ladder.descend()
    assert states(tmp_path, "abc") == "ooo"
    assert not (tmp_path / FILE).exists()


def test_what_a_step_found_is_on_disk_before_it_changes_anything(tmp_path: Path):
    class Watchful(FileStep):
        def apply(self) -> None:
            assert Rung(self.name, {"was": "open"}) in Journal(tmp_path).read()
            super().apply()

    Ladder([Watchful(tmp_path, name) for name in "abc"], _j(tmp_path)).climb()

    assert states(tmp_path, "abc") == "sss"


@pytest.mark.parametrize("moment", ["look", "before apply", "apply"])
def test_a_step_that_fails_opens_everything_again(tmp_path: Path, moment: str):
    with pytest.raises(OSError, match=moment):
        ladder_of(tmp_path, b=moment).climb()

    assert states(tmp_path, "abc") == "ooo"
    assert _j(tmp_path).read() == ()


def test_a_step_that_has_no_place_here_is_left_out_and_said_so(tmp_path: Path):
    climbed = ladder_of(tmp_path, b="not here").climb()

    assert climbed.applied == ("a", "c")
    assert climbed.skipped == (Skipped("b", "NO_FILE"),)
    assert states(tmp_path, "abc") == "sos"


def test_a_stuck_step_stops_no_other_and_is_undone_at_the_next_start(tmp_path: Path):
    stuck = ladder_of(tmp_path, b="undo")
    stuck.climb()

    with pytest.raises(ExceptionGroup):
        stuck.descend()
    assert states(tmp_path, "abc") == "oso"
    assert [rung.name for rung in _j(tmp_path).read()] == ["b"]

    ladder_of(tmp_path).descend()
    assert states(tmp_path, "abc") == "ooo"


def test_a_step_still_locked_from_before_is_not_taken_for_the_usual_state(tmp_path: Path):
    stuck = ladder_of(tmp_path, b="undo")
    stuck.climb()
    with pytest.raises(ExceptionGroup):
        stuck.descend()

    again = ladder_of(tmp_path)
    again.climb()
    again.descend()

    assert states(tmp_path, "abc") == "ooo"


@pytest.mark.parametrize("victim", ["a", "b", "c"])
@pytest.mark.parametrize("moment", ["look", "before apply", "apply", "undo", "after undo"])
def test_a_kill_at_any_moment_is_mended_by_the_next_start(tmp_path: Path, victim: str, moment: str):
    words = ["-m", "tests.client.guard.file_steps", str(tmp_path), victim, moment]
    child = subprocess.run([sys.executable, *words], cwd=ROOT)
    assert child.returncode not in (0, 1)  # killed, not ended and not failed

    ladder_of(tmp_path).descend()

    assert states(tmp_path, "abc") == "ooo"
    assert not (tmp_path / FILE).exists()


def test_without_a_journal_nothing_is_locked(tmp_path: Path):
    steps = [FileStep(tmp_path, "a")]

    with pytest.raises(OSError):
        Ladder(steps, Journal(tmp_path / "no" / "such")).climb()

    assert states(tmp_path, "a") == "o"


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file size exist on POSIX only")
def test_on_a_full_disk_nothing_is_locked_and_nothing_stays_locked(tmp_path: Path):
    ladder_of(tmp_path).climb()
    code = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from tests.client.guard.test_ladder import ladder_of\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "folder = Path(sys.argv[1])\n"
        "ladder = ladder_of(folder)\n"
        # four bytes: `open` can still be given back, no line of the journal can be written
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4, 4))\n"
        "ladder.descend()\n"
        "try:\n"
        "    ladder.climb()\n"
        "except OSError:\n"
        "    sys.exit(7)\n"
    )
    child = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT)

    assert child.returncode == 7
    assert states(tmp_path, "abc") == "ooo"
    assert _j(tmp_path).read() == ()


def test_descending_twice_or_without_a_climb_changes_nothing(tmp_path: Path):
    ladder = ladder_of(tmp_path)
    ladder.descend()
    ladder.climb()
    ladder.descend()
    (tmp_path / "a").write_text("mine")
    ladder.descend()

    assert (tmp_path / "a").read_text() == "mine"


def test_a_listener_cannot_break_it(tmp_path: Path):
    heard: list[str] = []

    def listener(what: str) -> None:
        heard.append(what)
        raise RuntimeError(what)

    ladder = Ladder([FileStep(tmp_path, "a")], _j(tmp_path), listener)
    ladder.climb()
    ladder.descend()

    assert heard == ["climbed", "descended"]
    assert states(tmp_path, "a") == "o"


def test_a_journal_that_nobody_can_read_is_put_aside(tmp_path: Path):
    (tmp_path / FILE).write_text("{")

    ladder_of(tmp_path).descend()

    assert not (tmp_path / FILE).exists()
    assert (tmp_path / f"{FILE}.unreadable").read_text() == "{"


def test_a_step_of_another_version_is_said_and_kept(tmp_path: Path):
    _j(tmp_path).write([Rung("tomorrow", {"x": 1}), Rung("a", {"was": "open"})])
    FileStep(tmp_path, "a").apply()

    with pytest.raises(ExceptionGroup) as slips:
        ladder_of(tmp_path).descend()

    assert "tomorrow" in str(slips.value.exceptions[0])
    assert states(tmp_path, "a") == "o"
    assert [rung.name for rung in _j(tmp_path).read()] == ["tomorrow"]
