"""The load command with a few candidates: the same way as with five hundred."""

from __future__ import annotations

import json
import math

import pytest

from zhishiyun_server.__main__ import main
from zhishiyun_server.load.figures import exponent, percentile

SMALL = ("--wait-s", "0.5", "--settle-s", "4", "--upload-s", "2", "--every-s", "0.5")


def test_a_few_candidates_play_the_whole_exam(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["load", "10", "--arrive-per-s", "10", *SMALL, "--json"])

    told = json.loads(capsys.readouterr().out)
    (run,) = told["runs"]
    calls = run["calls"]
    once = ("enrol", "login", "face", "draw", "entry", "paper", "seal", "paper_key", "phone_seal")
    assert (code, run["errors"], run["receipts"], run["phone_receipts"]) == (0, {}, 10, 10)
    assert {calls[call]["count"] for call in once} == {10}
    assert calls["chunk"]["count"] >= 2 * 10
    assert calls["phone_chunk"]["count"] >= 2 * 10
    assert calls["heartbeat"]["p50_ms"] > 0
    assert set(run["parts"]) == {"come_in", "wait", "t0", "upload", "finish"}
    assert run["parts"]["upload"]["cpu_s"] > 0
    assert run["memory_most_mb"] >= run["memory_before_mb"]
    assert told["growth"] == {}


def test_a_server_elsewhere_needs_its_tickets(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["load", "1", "--url", "http://127.0.0.1:9"]) == 1
    assert "LOAD_TICKETS" in capsys.readouterr().err


def test_growth_is_an_exponent() -> None:
    assert exponent(1.0, 10.0, 50, 500) == pytest.approx(1.0)
    assert exponent(1.0, 100.0, 50, 500) == pytest.approx(2.0)
    assert exponent(0.0, 1.0, 50, 500) == 0.0
    assert math.isclose(percentile([1, 2, 3, 4], 50), 2)
    assert percentile([5.0], 99) == 5.0
    assert percentile([], 99) == 0.0
