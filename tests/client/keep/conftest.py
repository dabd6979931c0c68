"""A plan for what is kept about an exam."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhishiyun_protocol.plan import ExamPlan, read_plan

PLANS = Path(__file__).resolve().parents[3] / "resources" / "plans"


@pytest.fixture
def plan() -> ExamPlan:
    return read_plan((PLANS / "b.toml").read_bytes())
