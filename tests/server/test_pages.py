"""The pages for people: small, ours alone, and nothing else of the folder."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from tests.server.rig import Room

PHONE = Path(__file__).resolve().parents[2] / "zhishiyun_server/phone"
SCRIPTS = sorted(path.name for path in PHONE.glob("*.js") if not path.name.startswith("nacl"))


@pytest.mark.parametrize(
    ("page", "files"),
    [("p", ("phone.css", "main.js", "early.js")), ("desk", ("desk.css", "desk.js"))],
)
def test_a_page_is_whole_and_lets_nothing_foreign_in(
    here: Room, page: str, files: tuple[str, ...]
) -> None:
    answer = here.client.get(f"/{page}/")
    parts = [here.client.get(f"/{page}/{name}") for name in files]

    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert all(f'"{name}"' in answer.text for name in files)
    assert {part.status_code for part in parts} == {200}
    for text in (answer.text, *(part.text for part in parts)):
        assert not re.search(r"https?://|<script>|\sstyle=|\son\w+=", text)


@pytest.mark.parametrize("name", ["../__main__.py", "..%2f__main__.py", "none.js", "__init__.py"])
def test_nothing_else_is_shown(here: Room, name: str) -> None:
    assert here.client.get(f"/desk/{name}").status_code == 404


def test_every_script_of_the_phone_is_served_and_names_nobody_else(here: Room) -> None:
    for name in SCRIPTS:
        look_through(here.client.get(f"/p/{name}"))


def look_through(answer: httpx.Response) -> None:
    assert answer.headers["content-type"].startswith("text/javascript")
    assert not re.search(r"https?://[a-z]|innerHTML|\beval\(|new Function", answer.text)
    for other in re.findall(r'(?:from|import\()\s*"\./([^"]+)"', answer.text):
        assert (PHONE / other).is_file(), other


def test_the_phone_keeps_every_file_of_its_page_for_a_dead_line() -> None:
    listed = set(re.findall(r'"/p/([^"]*)"', (PHONE / "sw.js").read_text("utf-8")))
    files = {path.name for path in PHONE.iterdir() if path.suffix in (".js", ".css")}

    assert listed == files - {"sw.js"} | {""}
