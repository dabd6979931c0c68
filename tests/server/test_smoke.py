"""The whole way in, over a real server process."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.server.rig import Candidate, make_exam, serving, wall_us


def test_a_candidate_gets_from_ticket_to_entry(tmp_path: Path) -> None:
    exam = make_exam(tmp_path, starts_at="+600")
    with serving(exam) as server, httpx.Client(base_url=server.url) as http:
        candidate = Candidate(http, exam.tickets(server.url)[0], wall_us)

        candidate.log_in().get_ready()
        granted = candidate.enter()

        assert granted.attempt_id == candidate.attempt_id
        assert candidate.sitting().entered_us == granted.entered_us
        assert candidate.beat().speed == 1.0
        assert server.stop() == 0
