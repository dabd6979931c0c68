"""Errands: whoever sent one hears of its end, whatever it was."""

from __future__ import annotations

from tests.helpers.waits import wait_until
from zhishiyun_client.runtime.errands import Errand, ErrandDone, ErrandFailed, ErrandLine


def test_an_error_nobody_expected_fails_its_errand_and_stops_no_other() -> None:
    reports: list[object] = []
    heard: list[object] = []
    line = ErrandLine("errands", 1, reports.append)
    for worker in line.workers:
        worker.start()
    try:
        line.run(Errand("broken", lambda: 1 // 0, heard.append, lambda e: heard.append(e.code)))
        line.run(Errand("next", lambda: "done", heard.append, lambda e: heard.append(e.code)))
        wait_until(lambda: len(reports) == 2)
    finally:
        for worker in line.workers:
            worker.stop(5)

    for report in reports:
        assert isinstance(report, ErrandDone | ErrandFailed)
        report.deliver()
    assert heard == ["UNEXPECTED", "done"]
