"""The staff's page in a real browser beside a candidate's real window (R173, R178)."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.helpers.browsing import Browser
from tests.helpers.waits import wait_until
from tests.journeys.stage import Stage

pytestmark = [pytest.mark.journey, pytest.mark.desktop, pytest.mark.timeout(300)]

LEAD_REAL_S = 60  # until T0: whoever is blocked must be let in before
GOES_ON_WITHIN_S = 10.0  # 0.4 s were measured; a busy machine may take longer


def test_what_blocks_a_candidate_is_let_pass_at_the_desk_and_stays_in_the_log(
    stage: Callable[..., Stage], tmp_path: Path
) -> None:
    sitting = stage(notice="a", speed=30, lead_real_s=LEAD_REAL_S)
    sitting.begin()
    sitting.reaches("home")
    with running(tmp_path / "WeChat"):
        let_pass(sitting)
        sitting.reaches("waiting")
    with running(tmp_path / "DingTalk"):
        sitting.reaches("answering")
    sitting.leaves()
    outcome = sitting.outcome()
    timeline = next(path for path in outcome["exported"] if path.endswith("timeline.json"))
    findings = json.loads(Path(timeline).read_text("utf-8"))["findings"]

    assert outcome["upload"]["verified"]
    found = {(finding["rule"], finding["subject"]) for finding in findings}
    assert ("process.chat", "wechat") in found, "let pass, and kept"
    assert ("process.chat", "dingtalk") in found, "and what comes while it is recorded"


def let_pass(sitting: Stage) -> None:
    """A supervisor sees what keeps the candidate out, says why it may be, and she goes on."""
    name, password = sitting.supervisor()
    with Browser(f"{sitting.server.url}/desk/") as page:
        page.type("#name", name)
        page.type("#password", password)
        page.click("#login-form button")
        page.until("#rows", "聊天软件：微信", within_s=30)
        sitting.reaches("entry")
        with sitting.candidates_api() as candidate:
            wait_until(lambda: candidate.get("/v1/me").json()["entry"]["open"], 60)
        page.click("#rows button", "异常 1")
        page.click("#findings-list button", "允许")
        page.type("#allowing-reason", "面试单位要求开启")
        assert sitting.phases()[-1] == "entry", "the door is shut, whatever the clock says"

        page.click("#allowing button", "允许")
        began_s = time.monotonic()
        sitting.reaches("device_confirmation", within_s=GOES_ON_WITHIN_S)
        print(f"from 【允许】 to the candidate's next page: {time.monotonic() - began_s:.2f} s")
        page.until("#findings-list", "已允许")


@contextmanager
def running(program: Path) -> Iterator[None]:
    """A program of this name, which does nothing."""
    shutil.copy("/bin/sleep", program)
    with subprocess.Popen([str(program), "300"]) as process:
        yield
        process.kill()
