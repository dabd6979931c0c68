"""One version, said in three places."""

from __future__ import annotations

import tomllib

import zhishiyun_client
import zhishiyun_server
from tests.rules.tree import ROOT


def test_client_server_and_project_have_the_same_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert zhishiyun_client.__version__ == project["version"]
    assert zhishiyun_server.__version__ == project["version"]
