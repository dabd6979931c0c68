"""The cable is pulled ten seconds before T0, and a relay in the room shows the question (R123)."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.campaigns.reveal import enters
from tests.helpers.flaky_proxy import FlakyProxy
from tests.helpers.revealing import RELAY_PORT
from tests.server.rig import PASSWORD, make_exam, serving

pytestmark = [pytest.mark.faults, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
HERE, SPEED, LEAD_EXAM_S = "127.0.0.1", 32.0, 600  # 19 s of real time
PULLED_BEFORE_S = 10.0


@contextmanager
def _program(*command: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    running = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def _free_port() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HERE, 0))
        return str(sock.getsockname()[1])


def test_a_cable_pulled_before_the_start_does_not_hide_the_question(tmp_path: Path) -> None:
    exam = make_exam(tmp_path, starts_at=f"+{LEAD_EXAM_S}", count=1)
    word = tmp_path / "word"
    word.write_text(PASSWORD)
    add = ("staff", "add", "technician", "--role", "technician", "--password-file", str(word))
    assert exam.run(*add) == 0
    port = _free_port()
    with (
        serving(exam, "--speed", str(SPEED)) as server,
        FlakyProxy(int(server.url.rsplit(":", 1)[1])) as proxy,
        httpx.Client(base_url=server.url) as http,
        _program(
            "zhishiyun_client", "relay", "--server", server.url, "--exam", exam.exam_id,
            "--name", "technician", "--password-file", str(word),
            "--interface", HERE, "--port", port,
        ),
    ):  # fmt: skip
        session = enters(http, exam.tickets(server.url)[0])
        headers = {"Authorization": f"Bearer {session}"}
        starts_us = http.get("/v1/me", headers=headers).json()["starts_us"]
        with _program(
            "tests.helpers.revealing", proxy.url, session, str(starts_us), **{RELAY_PORT: port}
        ) as client:
            assert client.stdout is not None
            assert client.stdout.readline().startswith("knows")
            now_us = http.post("/v1/time", json={"sent_us": 0}).json()["server_sent_us"]
            left_s = (starts_us - now_us) / 1e6 / SPEED
            assert left_s > 0, "the client came up after T0: too busy here"
            time.sleep(max(0.0, left_s - PULLED_BEFORE_S))
            proxy.weather.is_refusing = True
            proxy.reset_all()

            shown = client.stdout.readline()

        after_us = http.post("/v1/time", json={"sent_us": 0}).json()["server_sent_us"]
    assert shown.startswith("revealed")
    assert after_us >= starts_us
