"""Newer lists come from a real server, signed by it, and hold at the next start."""

from __future__ import annotations

from pathlib import Path

from tests.server.rig import make_exam, serving
from zhishiyun_client.app.rules_desk import learn_rules, rules_here
from zhishiyun_client.keep.enrolment import read_trust
from zhishiyun_client.net.client import ExamClient
from zhishiyun_client.net.wire import Wire

LISTS = Path(__file__).parents[3] / "resources" / "guard"


def test_what_the_office_signed_holds_at_the_candidates_next_start(tmp_path: Path) -> None:
    exam = make_exam(tmp_path)
    home = tmp_path / "candidate"
    home.mkdir()
    shipped = rules_here(home, {}).catalogue.version
    newer = tmp_path / "list.toml"
    text = (LISTS / "list.toml").read_text("utf-8")
    newer.write_text(text.replace(f'version = "{shipped}"', 'version = "2099.1.1"'), "utf-8")

    with serving(exam) as server:
        exam.tickets(server.url)
        trust = read_trust([next(tmp_path.rglob("trust.json"))])
        api = ExamClient(Wire(server.url))
        assert api.guard_rules() == ""
        learn_rules(api, home, trust)
        assert rules_here(home, trust).catalogue.version == shipped

        assert exam.run("rules", "sign", str(newer), str(LISTS / "surroundings.toml")) == 0
        learn_rules(api, home, {})  # nobody is trusted: the shipped ones hold
        assert rules_here(home, trust).catalogue.version == shipped
        learn_rules(api, home, trust)

    assert rules_here(home, trust).catalogue.version == "2099.1.1"
    learn_rules(api, home, trust)  # the server is gone: nothing changes
    assert rules_here(home, trust).catalogue.version == "2099.1.1"
