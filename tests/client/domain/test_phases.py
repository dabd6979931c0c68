"""Every phase × every event of every notice; and Qt's machine walks as the table says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhishiyun_client.domain.phases import (
    RECORDED,
    STAGE_EVENTS,
    STAGES,
    Event,
    Phase,
    next_phase,
    table_for,
)
from zhishiyun_client.flow.machine import PhaseMachine
from zhishiyun_client.runtime.paths import resources
from zhishiyun_protocol.plan import StageKind, read_plan

ROOT = Path(__file__).resolve().parents[3]


def flow_of(notice: str) -> tuple[str, ...]:
    return read_plan((resources() / "plans" / f"{notice}.toml").read_bytes()).flow


FLOWS = {notice: flow_of(notice) for notice in "abc"}


@pytest.mark.parametrize("notice", FLOWS)
def test_every_phase_can_be_reached_from_the_first(notice: str) -> None:
    table = table_for(FLOWS[notice])
    reached = {Phase(FLOWS[notice][0])}
    for _ in Phase:
        reached |= {table[p, e] for p in reached for e in Event if (p, e) in table}

    assert reached == {Phase(name) for name in FLOWS[notice]}


@pytest.mark.parametrize("notice", FLOWS)
def test_a_receipt_can_be_reached_from_every_phase(notice: str) -> None:
    table = table_for(FLOWS[notice])
    leads = {Phase.RECEIPT}
    for _ in Phase:
        leads |= {source for (source, _event), target in table.items() if target in leads}

    assert leads == {Phase(name) for name in FLOWS[notice]}


@pytest.mark.parametrize("notice", FLOWS)
@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("event", Event)
def test_no_event_leads_out_of_the_plan(notice: str, phase: Phase, event: Event) -> None:
    target = next_phase(table_for(FLOWS[notice]), phase, event)

    assert target is phase or target.value in FLOWS[notice]


@pytest.mark.parametrize("notice", FLOWS)
def test_recording_is_never_left_but_by_the_end_or_a_lost_session(notice: str) -> None:
    table = table_for(FLOWS[notice])
    ways_out = {
        (event, target)
        for (source, event), target in table.items()
        if source in RECORDED and target not in RECORDED
    }

    assert ways_out <= {(Event.EXAM_OVER, Phase.ENDING), (Event.SESSION_LOST, Phase.FACE_LOGIN)}


def test_whoever_comes_back_lands_in_the_stage_that_runs() -> None:
    table = table_for(FLOWS["b"])

    for kind in StageKind:
        target = Phase(kind.value)
        assert next_phase(table, Phase.WAITING, STAGE_EVENTS[kind]) is target


def test_no_click_leads_into_a_stage() -> None:
    table = table_for(FLOWS["b"])
    into_stages = {event for (_s, event), target in table.items() if target in STAGES}

    assert Event.PASSED not in into_stages


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    notice=st.sampled_from("abc"),
    start=st.sampled_from(Phase),
    events=st.lists(st.sampled_from(Event), max_size=12),
)
def test_the_qt_machine_walks_as_the_table_says(qapp, notice, start, events) -> None:
    table = table_for(FLOWS[notice])
    machine = PhaseMachine(table, start)
    machine.start()
    qapp.processEvents()
    phase = start

    for event in events:
        machine.post(event)
        qapp.processEvents()
        phase = next_phase(table, phase, event)
        assert machine.phase is phase


def test_the_document_is_generated_from_the_table() -> None:
    checked = subprocess.run(
        [sys.executable, str(ROOT / "build" / "phases_doc.py"), "--check"], check=False
    )

    assert checked.returncode == 0
