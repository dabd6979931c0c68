"""The watch over programs, with real ones started under forbidden names (R171, R172)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from zhishiyun_client.guard import processes
from zhishiyun_client.guard.catalogue import Catalogue
from zhishiyun_client.guard.processes import ROUND_BEATS, ProcessWatch, ask_by_signal
from zhishiyun_client.ports.watching import Closing, Matched, ProcessHit
from zhishiyun_protocol.plan import Guarding, Treatment

from .conftest import Start, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="starts copies of /bin/sleep")
NS_LAST_PID = Path("/proc/sys/kernel/ns_last_pid")


class HandClock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def watch(catalogue: Catalogue, clock: HandClock) -> ProcessWatch:
    return ProcessWatch(catalogue, Guarding(), ask_by_signal, clock)


def products(watch: ProcessWatch) -> list[str]:
    return [hit.product for hit in watch.running()]


def hit_of(watch: ProcessWatch, product: str) -> ProcessHit:
    return next(hit for hit in watch.running() if hit.product == product)


def test_a_program_that_starts_later_is_seen_at_the_next_beat(watch: ProcessWatch, start_as: Start):
    assert "wechat" not in products(watch)
    child = start_as("WeChat")

    hit = hit_of(watch, "wechat")

    assert hit.processes == ((child.pid, round(psutil.Process(child.pid).create_time() * 1000)),)
    assert (hit.zh, hit.category) == ("微信", "chat")
    assert (hit.treatment, hit.matched) == (Treatment.MUST_CLOSE, Matched.NAME)


def test_a_program_that_ran_before_is_seen_at_the_first_beat(watch: ProcessWatch, start_as: Start):
    start_as("teamviewer")

    assert "teamviewer" in products(watch)


def test_a_product_is_one_hit_however_many_processes_it_has(watch: ProcessWatch, start_as: Start):
    children = [start_as("WeChat"), start_as("WeChatAppEx.exe"), start_as("weixin")]

    hits = [hit for hit in watch.running() if hit.product == "wechat"]

    assert len(hits) == 1
    assert {pid for pid, _ in hits[0].processes} == {child.pid for child in children}


@pytest.mark.parametrize("name", [" ", "\u2800.exe"])
def test_a_name_nobody_can_see_is_seen(watch: ProcessWatch, start_as: Start, name: str):
    start_as(name)

    assert hit_of(watch, "nameless").matched is Matched.BLANK_NAME


def test_a_renamed_program_is_known_by_its_folder(watch: ProcessWatch, start_as: Start):
    start_as("notes", folder="Programs/parakeetai-desktop")

    hit = hit_of(watch, "parakeet-ai")

    assert hit.matched is Matched.PATH
    assert hit.program == "notes"


def test_a_script_is_known_by_its_interpreters_command_line(watch: ProcessWatch, start_as: Start):
    child = subprocess.Popen([sys.executable, "-c", "input()", "DeepFaceLive"], stdin=-1)
    try:
        assert until(lambda: "face-swap" in products(watch))
        assert hit_of(watch, "face-swap").matched is Matched.SCRIPT
    finally:
        child.communicate(b"\n")


def test_ordinary_programs_leave_nothing_behind(watch: ProcessWatch, start_as: Start):
    start_as("diary-of-a-candidate")
    watch.running()

    assert "diary" not in repr(vars(watch))


def test_a_program_that_ends_is_no_hit_any_more_even_unreaped(watch: ProcessWatch, start_as: Start):
    child = start_as("WeChat")
    assert "wechat" in products(watch)

    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # dead, and left as a zombie

    assert psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE
    assert "wechat" not in products(watch)


def test_a_launcher_that_becomes_a_listed_program_is_seen(
    watch: ProcessWatch, clock: HandClock, start_as: Start, tmp_path: Path
):
    start_as("WeChat").kill()  # only to have the program there
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    script = f"read line < {gate}; exec {tmp_path}/bin/WeChat 120"
    launcher = subprocess.Popen(["/bin/sh", "-c", script])
    try:
        assert "wechat" not in products(watch)
        gate.write_text("go\n")
        assert until(lambda: psutil.Process(launcher.pid).name() == "WeChat")
        clock.now_s += 1.0

        assert hit_of(watch, "wechat").processes[0][0] == launcher.pid
    finally:
        launcher.kill()
        launcher.wait()


def test_a_late_change_of_program_is_seen_within_a_round(
    watch: ProcessWatch, clock: HandClock, start_as: Start, tmp_path: Path
):
    start_as("WeChat").kill()
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    script = f"read line < {gate}; exec {tmp_path}/bin/WeChat 120"
    launcher = subprocess.Popen(["/bin/sh", "-c", script])
    try:
        watch.running()
        clock.now_s += 60.0  # not young any more
        watch.running()
        gate.write_text("go\n")
        assert until(lambda: psutil.Process(launcher.pid).name() == "WeChat")

        seen = [products(watch) for _ in range(ROUND_BEATS)]

        assert any("wechat" in found for found in seen)
    finally:
        launcher.kill()
        launcher.wait()


def start_with_pid(pid: int, program: str) -> subprocess.Popen[bytes] | None:
    """Start a program whose process gets this very id, if the system lets us choose."""
    for _ in range(50):
        try:
            NS_LAST_PID.write_text(str(pid - 1))
        except OSError:
            return None
        child = subprocess.Popen([program, "120"])
        if child.pid == pid:
            return child
        child.kill()
        child.wait()
    return None


def test_an_id_used_again_by_another_program_is_not_the_old_hit(
    watch: ProcessWatch, clock: HandClock, start_as: Start
):
    old = start_as("WeChat")
    hit = hit_of(watch, "wechat")
    old.kill()
    old.wait()
    new = start_with_pid(old.pid, "/bin/sleep")
    if new is None:
        pytest.skip("this system does not let a test choose a process id")
    try:
        assert "wechat" not in products(watch)
        assert watch.ask_to_close(hit) is Closing.GONE
        assert new.poll() is None
    finally:
        new.kill()
        new.wait()


def test_an_id_used_again_by_a_listed_program_is_seen_within_a_round(
    watch: ProcessWatch, clock: HandClock, start_as: Start, tmp_path: Path
):
    old = start_as("plain")
    start_as("WeChat").kill()
    watch.running()
    clock.now_s += 60.0
    watch.running()
    old.kill()
    old.wait()
    new = start_with_pid(old.pid, str(tmp_path / "bin" / "WeChat"))
    if new is None:
        pytest.skip("this system does not let a test choose a process id")
    try:
        seen = [products(watch) for _ in range(ROUND_BEATS)]

        assert any("wechat" in found for found in seen)
    finally:
        new.kill()
        new.wait()


def test_a_process_that_vanishes_while_being_looked_at_is_nothing(
    watch: ProcessWatch, start_as: Start, monkeypatch: pytest.MonkeyPatch
):
    gone = start_as("WeChat", seconds="0")
    gone.wait()
    everybody = psutil.pids()
    monkeypatch.setattr(processes.psutil, "pids", lambda: [*everybody, gone.pid])

    assert "wechat" not in products(watch)


def test_what_nobody_may_look_at_is_judged_by_its_name_alone(
    watch: ProcessWatch, start_as: Start, monkeypatch: pytest.MonkeyPatch
):
    def refused(process: psutil.Process) -> str:
        raise psutil.AccessDenied(process.pid)

    monkeypatch.setattr(psutil.Process, "exe", refused)
    start_as("WeChat")
    start_as("notes", folder="Programs/parakeetai-desktop")

    found = products(watch)

    assert "wechat" in found
    assert "parakeet-ai" not in found


def test_closing_asks_every_process_and_they_go(watch: ProcessWatch, start_as: Start):
    children = [start_as("WeChat"), start_as("weixin")]
    hit = hit_of(watch, "wechat")

    assert watch.ask_to_close(hit) is Closing.ASKED

    assert [child.wait(5) for child in children] == [-signal.SIGTERM] * 2
    assert "wechat" not in products(watch)
    assert watch.ask_to_close(hit) is Closing.GONE


def test_closing_never_kills_what_does_not_want_to_go(watch: ProcessWatch, tmp_path: Path):
    ignoring = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    code = f"{ignoring}; print(1, flush=True); input()"
    stubborn = subprocess.Popen(
        [sys.executable, "-c", code, "roop"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert stubborn.stdout is not None
        assert stubborn.stdout.readline() == b"1\n"
        hit = hit_of(watch, "face-swap")

        assert watch.ask_to_close(hit) is Closing.ASKED
        assert "face-swap" in products(watch)
        assert stubborn.poll() is None
    finally:
        stubborn.communicate(b"\n")
    assert stubborn.returncode == 0


def test_what_may_not_be_closed_says_so(catalogue: Catalogue, start_as: Start):
    watch = ProcessWatch(catalogue, Guarding(), lambda process: Closing.DENIED)
    child = start_as("WeChat")

    assert watch.ask_to_close(hit_of(watch, "wechat")) is Closing.DENIED
    assert child.poll() is None


def test_what_the_plan_allows_is_no_hit(catalogue: Catalogue, start_as: Start):
    watch = ProcessWatch(catalogue, Guarding(chat=Treatment.ALLOW), ask_by_signal)
    start_as("WeChat")
    start_as("teamviewer")

    found = products(watch)

    assert "wechat" not in found
    assert "teamviewer" in found


def test_a_new_program_costs_less_than_a_look_at_everything(watch: ProcessWatch, clock: HandClock):
    for _ in range(5):
        clock.now_s += 1.0
        watch.running()
    started_s = time.thread_time()
    for _ in range(ROUND_BEATS):
        clock.now_s += 1.0
        watch.running()
    ours_s = time.thread_time() - started_s

    started_s = time.thread_time()
    for _ in range(ROUND_BEATS):
        for process in psutil.process_iter():
            try:
                process.name(), process.exe(), process.cmdline()
            except psutil.Error:
                continue
    naive_s = time.thread_time() - started_s

    assert ours_s < naive_s * 0.5  # the benchmark holds 0.25; here only that the idea works
