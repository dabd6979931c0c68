"""The rig of power cuts keeps what fsync promises, and nothing beyond it for sure."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys

import pytest

from tests.rigs.power_cut import Diary, Mess

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("gcc") is None, reason="LD_PRELOAD and a compiler"
)
CHANCES = range(40)

WRITES = """
import os, sys, time
from pathlib import Path
from zhishiyun_client.runtime.durable import replace_durably
home = Path(sys.argv[1])
log = os.open(home / "log", os.O_WRONLY | os.O_CREAT, 0o600)
os.write(log, b"A" * 6000)
os.fsync(log)
print(time.monotonic_ns(), flush=True)
os.write(log, b"B" * 6000)
print(time.monotonic_ns(), flush=True)
replace_durably(home / "state", b"one")
print(time.monotonic_ns(), flush=True)
(home / "state.new").write_bytes(b"two")
os.replace(home / "state.new", home / "state")
os.ftruncate(log, 6000)
print(time.monotonic_ns(), flush=True)
print(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Diary, list[int], str]:
    """A program that wrote under the diary, its instants, and which boot it saw."""
    place = tmp_path_factory.mktemp("cut")
    home = place / "home"
    home.mkdir()
    diary = Diary(place, home)
    (place / "boot").write_text("another-boot\n")
    environment = {
        **os.environ,
        **diary.environment,
        "LD_PRELOAD": diary.library,
        "DIARY_BOOT": str(place / "boot"),
    }
    answer = subprocess.run(
        [sys.executable, "-c", WRITES, str(home)],
        env=environment,
        capture_output=True,
        check=True,
        text=True,
        timeout=30,
    )
    *instants, boot = answer.stdout.split()
    return diary, [int(it) for it in instants], boot


def left(told: tuple[Diary, list[int], str], at: int, mess: Mess) -> list[dict[str, bytes]]:
    diary, instants, _ = told
    return [diary.survivors(instants[at], mess, random.Random(seed)) for seed in CHANCES]


@pytest.mark.parametrize("mess", list(Mess))
def test_what_was_fsynced_is_always_there(told: tuple[Diary, list[int], str], mess: Mess) -> None:
    for at in range(3):
        for survivors in left(told, at, mess):
            assert survivors["log"][:6000] == b"A" * 6000


def test_what_was_not_is_lost_torn_or_in_disorder(told: tuple[Diary, list[int], str]) -> None:
    assert {len(it["log"]) for it in left(told, 1, Mess.NOTHING)} == {6000}
    torn = {len(it["log"]) for it in left(told, 1, Mess.TORN)}
    assert len(torn) > 10
    assert max(torn) <= 12_000
    zeros = [it["log"] for it in left(told, 1, Mess.ZEROS)]
    assert all(len(it) == 12_000 for it in zeros)
    assert any(b"\0" in it[6000:8192] and b"B" in it[8192:] for it in zeros)
    garbage = [it["log"] for it in left(told, 1, Mess.GARBAGE)]
    assert any(set(it[6000:]) - {ord("B")} for it in garbage)


def test_a_name_is_the_old_or_the_new_one_until_its_folder_is_fsynced(
    told: tuple[Diary, list[int], str],
) -> None:
    assert {it["state"] for it in left(told, 2, Mess.NOTHING)} == {b"one"}
    after = {it["state"] for it in left(told, 3, Mess.NOTHING)}
    assert after == {b"one", b""}  # renamed without an fsync: an empty file under the new name


def test_before_the_first_fsync_there_may_be_nothing_at_all(
    told: tuple[Diary, list[int], str],
) -> None:
    assert told[0].survivors(0, Mess.TORN, random.Random(1)) == {}


def test_the_program_lives_in_another_boot(told: tuple[Diary, list[int], str]) -> None:
    assert told[2] == "another-boot"
