"""The description says what runs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from starlette.routing import Route

from tests.server.rig import Room
from zhishiyun_server.__main__ import main
from zhishiyun_server.openapi import describe
from zhishiyun_server.problems import PROBLEMS
from zhishiyun_server.routes.catalogue import OPERATIONS

ROOT = Path(__file__).resolve().parents[2]


def test_every_route_of_the_api_is_described(here: Room) -> None:
    served = {
        (method, re.sub(r":\w+\}", "}", route.path))
        for route in here.client.app.routes  # type: ignore[attr-defined]
        if isinstance(route, Route) and route.path.startswith("/v1/")
        for method in route.methods or ()
        if method != "HEAD"
    } - {("GET", "/v1/openapi.json")}

    told = here.client.get("/v1/openapi.json").json()

    assert {(m.upper(), p) for p, calls in told["paths"].items() for m in calls} == served


def test_every_reference_leads_somewhere() -> None:
    described = json.dumps(describe(OPERATIONS))
    names = set(json.loads(described)["components"]["schemas"])

    assert set(re.findall(r'#/components/schemas/([^"]+)', described)) <= names


def test_operation_ids_are_unique() -> None:
    ids = [
        call["operationId"]
        for path in describe(OPERATIONS)["paths"].values()
        for call in path.values()
    ]

    assert len(ids) == len(set(ids))


def test_the_command_prints_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["openapi"]) == 0
    assert json.loads(capsys.readouterr().out)["openapi"] == "3.1.0"


def test_the_prose_names_every_call() -> None:
    prose = (ROOT / "docs/wire.md").read_text("utf-8")
    paths = {re.sub(r"\{\w+(?::\w+)?\}", "{}", operation.path) for operation in OPERATIONS}
    told = re.sub(r"\{\w+\}", "{}", prose)

    assert {path for path in paths if path not in told} == set()


@pytest.mark.parametrize("code", sorted(PROBLEMS))
def test_every_refusal_speaks_both_languages(code: str) -> None:
    status, english, chinese = PROBLEMS[code]

    assert 400 <= status < 600
    assert english.isascii()
    assert re.search("[\u4e00-\u9fff]", chinese)


def test_the_description_of_a_chunk_names_its_headers_and_refusals() -> None:
    put = describe(OPERATIONS)["paths"]["/v1/evidence/{recording_id}/{first_byte}"]["put"]
    headers = {p["name"]: p["required"] for p in put["parameters"] if p["in"] == "header"}
    told = " ".join(answer["description"] for answer in put["responses"].values())

    assert headers == {
        "Content-Length": True,
        "Content-Digest": True,
        "If-None-Match": True,
        "X-Grant": False,
    }
    assert {"200", "201", "409", "428", "507"} <= set(put["responses"])
    assert set(re.findall(r"[A-Z_]{8,}", told)) <= set(PROBLEMS)
