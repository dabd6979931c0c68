"""The staff's page in a real browser beside a candidate's real window (R173, R178)."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.browsing import Browser
from tests.helpers.waits import wait_until
from tests.journeys.stage import Stage

pytestmark = [pytest.mark.journey, pytest.mark.desktop, pytest.mark.timeout(300)]

GOES_ON_WITHIN_S = 10.0  # 1 s was measured; a busy machine may take longer


def test_what_blocks_a_candidate_is_seen_at_the_desk_and_let_pass(
    stage: Callable[..., Stage], tmp_path: Path
) -> None:
    sitting = stage(notice="a", speed=1.0)
    sitting.begin()
    sitting.reaches("home")
    chat = tmp_path / "WeChat"
    shutil.copy("/bin/sleep", chat)
    with subprocess.Popen([str(chat), "300"]) as running:
        name, password = sitting.supervisor()
        sitting.reaches("entry")
        with Browser(f"{sitting.server.url}/desk/") as page:
            page.type("#name", name)
            page.type("#password", password)
            page.click("#login-form button")
            page.until("#rows", "聊天软件：微信", within_s=30)
            with sitting.candidates_api() as candidate:
                wait_until(lambda: candidate.get("/v1/me").json()["entry"]["open"])
            page.click("#rows button", "异常 1")
            page.click("#findings-list button", "允许")
            page.type("#allowing-reason", "面试单位要求开启")
            assert sitting.phases()[-1] == "entry", "the door is shut, whatever the clock says"

            page.click("#allowing button", "允许")
            began_s = time.monotonic()
            sitting.reaches("device_confirmation", within_s=GOES_ON_WITHIN_S)
            print(f"from 【允许】 to the candidate's next page: {time.monotonic() - began_s:.2f} s")
            page.until("#findings-list", "已允许")
        running.kill()
