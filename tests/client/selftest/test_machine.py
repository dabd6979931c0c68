"""Checks of the machine itself, run on this one (R031, R035, R037)."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from zhishiyun_client.ports.checks import (
    Advice,
    CheckContext,
    CheckId,
    Needs,
    Outcome,
    Probes,
    Unit,
)
from zhishiyun_client.selftest import disk, machine, processor

GIB = 1024**3


@pytest.fixture
def context(tmp_path: Path) -> CheckContext:
    return CheckContext(
        needs=Needs(),
        folder=tmp_path,
        probes=Probes(),
        local_us=lambda: time.monotonic_ns() // 1000,
        wall_us=lambda: time.time_ns() // 1000,
        wait=lambda seconds: False,
    )


def test_this_system_is_new_enough_for_the_window(context: CheckContext):
    found = machine.SystemCheck().run(context)

    assert found.outcome is Outcome.PASSED
    assert dict(found.noted)["version"].count(".") == 2


def test_an_old_system_fails_but_blocks_nobody(
    context: CheckContext, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(machine.OLDEST, sys.platform, (9999, 0, 0))

    found = machine.SystemCheck().run(context)

    assert (found.outcome, found.advice) == (Outcome.FAILED, Advice.SYSTEM_OLD)
    assert not found.blocks


def test_memory_is_a_number_in_gib(context: CheckContext):
    found = machine.MemoryCheck().run(context)

    assert found.unit is Unit.GIB
    assert found.measured is not None
    assert 0 < found.measured <= float(dict(found.noted)["total_gib"]) + 0.1


@pytest.mark.parametrize(
    ("charge_share", "is_plugged", "outcome"),
    [
        (0.05, True, Outcome.PASSED),
        (0.95, False, Outcome.PASSED),
        (0.6, False, Outcome.WEAK),
        (0.2, False, Outcome.FAILED),
    ],
)
def test_a_plugged_machine_passes_whatever_its_charge(
    charge_share: float, is_plugged: bool, outcome: Outcome
):
    found = machine.judge_battery(charge_share, is_plugged=is_plugged)

    assert found.outcome is outcome
    assert found.measured == charge_share
    assert (found.advice is Advice.BATTERY_LOW) == (outcome is not Outcome.PASSED)


def test_power_can_be_asked_for_here(context: CheckContext):
    assert machine.BatteryCheck().run(context).id is CheckId.BATTERY


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a file of Linux systems")
def test_a_restart_that_waits_is_told(
    context: CheckContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    marker = tmp_path / "reboot-required"
    monkeypatch.setattr(machine, "REQUIRED", (marker,))
    before = machine.SleepCheck().run(context)
    marker.touch()
    after = machine.SleepCheck().run(context)

    assert before.outcome is Outcome.PASSED
    assert (after.outcome, after.advice) == (Outcome.WEAK, Advice.RESTART_PENDING)


def test_room_is_measured_against_the_length_of_the_exam():
    short, long = Needs(recording_s=20 * 60), Needs(recording_s=120 * 60)
    free_bytes = disk.room_needed_bytes(short)

    enough = disk.judge_room(free_bytes, short)
    tight = disk.judge_room(free_bytes + GIB, long)
    none = disk.judge_room(free_bytes // 8, long)

    assert enough.outcome is Outcome.PASSED
    assert tight.outcome is Outcome.WEAK
    assert (none.outcome, none.advice, none.blocks) == (Outcome.FAILED, Advice.DISK_LOW, True)
    assert disk.room_needed_bytes(long) > free_bytes


def test_the_free_room_here_is_measured(context: CheckContext):
    found = disk.DiskCheck().run(context)

    assert found.unit is Unit.GIB
    assert found.measured is not None
    assert found.measured > 0


def test_the_disk_is_written_flushed_and_left_clean(context: CheckContext):
    found = disk.DiskSpeedCheck().run(context)

    assert found.unit is Unit.MIB_PER_S
    assert found.measured is not None
    assert found.measured > 0
    assert float(dict(found.noted)["slowest_flush_ms"]) > 0
    assert list(context.folder.glob("speed-*")) == []


def test_a_folder_that_cannot_be_written_to_blocks(tmp_path: Path, context: CheckContext):
    gone = CheckContext(
        context.needs,
        tmp_path / "gone",
        context.probes,
        context.local_us,
        context.wall_us,
        context.wait,
    )

    found = disk.DiskSpeedCheck().run(gone)

    assert (found.outcome, found.advice) == (Outcome.FAILED, Advice.DISK_READ_ONLY)
    assert found.blocks


def test_a_real_encode_costs_more_for_more_pictures():
    few = processor.measure_encode_cores(Needs(camera_fps=4))
    many = processor.measure_encode_cores(Needs(camera_fps=16))

    assert 0 < few < many


def test_recording_may_take_only_part_of_what_is_idle():
    assert processor.judge(0.2, 1.5).outcome is Outcome.PASSED
    assert processor.judge(1.2, 1.5).outcome is Outcome.WEAK
    tired = processor.judge(0.5, 0.0)
    assert (tired.outcome, tired.advice) == (Outcome.FAILED, Advice.PROCESSOR_SLOW)
    assert not tired.blocks
