"""The pages for people: small, ours alone, and nothing else of the folder."""

from __future__ import annotations

import re

import pytest

from tests.server.rig import Room


@pytest.mark.parametrize(
    ("page", "files"), [("p", ("phone.css", "phone.js")), ("desk", ("desk.css", "desk.js"))]
)
def test_a_page_is_whole_and_lets_nothing_foreign_in(
    here: Room, page: str, files: tuple[str, ...]
) -> None:
    answer = here.client.get(f"/{page}/")
    parts = [here.client.get(f"/{page}/{name}") for name in files]

    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert all(f'"{name}"' in answer.text for name in files)
    assert [part.status_code for part in parts] == [200, 200]
    for text in (answer.text, *(part.text for part in parts)):
        assert not re.search(r"https?://|<script>|\sstyle=|\son\w+=", text)


@pytest.mark.parametrize("name", ["../__main__.py", "..%2f__main__.py", "none.js", "__init__.py"])
def test_nothing_else_is_shown(here: Room, name: str) -> None:
    assert here.client.get(f"/desk/{name}").status_code == 404
