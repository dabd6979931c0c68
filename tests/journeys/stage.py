"""A whole interview from the outside: real server, desk and recorder as processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.helpers.flaky_proxy import FlakyProxy
from tests.helpers.waits import wait_until
from zhishiyun_client.app.desk_state import DeskState
from zhishiyun_client.app.recorder_address import read_address
from zhishiyun_client.app.recorder_link import start_recorder
from zhishiyun_client.app.rehearsal_outcome import gather
from zhishiyun_client.app.rehearsal_server import RehearsalServer, Sitter, pick_sitter
from zhishiyun_client.app.rehearse import start_desk, write_part
from zhishiyun_client.keep.journal import FILE
from zhishiyun_client.keep.secret_store import open_secrets
from zhishiyun_client.rehearsal.devices import DemonstrationDevices
from zhishiyun_client.runtime.paths import private_folder

LEAD_REAL_S = 45
SUPERVISES_WITH = "correct horse battery"


@dataclass
class Stage:
    """One candidate's interview; the test pulls cables and kills processes."""

    folder: Path
    stand_ins: DemonstrationDevices
    notice: str = "a"
    subject: str = ""
    speed: float = 30.0
    lead_real_s: float = LEAD_REAL_S
    through_proxy: bool = False
    proxy: FlakyProxy | None = None
    programs: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __enter__(self) -> Stage:
        self.home = private_folder(self.folder / "home")
        self.sitter: Sitter = pick_sitter(self.subject)
        lead_s = round(max(480, self.lead_real_s * self.speed))
        self.server = RehearsalServer(
            self.folder, self.notice, self.sitter, lead_s, self.speed, self._reached_by
        )
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_all()
        self.server.__exit__(None, None, None)
        if self.proxy is not None:
            self.proxy.__exit__()

    def begin(self, *, decline_face: bool = False, wait_for_phone: bool = False) -> None:
        """Start a desk, as a candidate would."""
        write_part(self.home, self.sitter, decline_face=decline_face, wait_for_phone=wait_for_phone)
        self.programs.append(start_desk(self.home, self.server, self.stand_ins, auto=True))

    def phases(self) -> list[str]:
        """The phases reached so far, by the desk's own journal."""
        path = self.home / "desk" / FILE
        if not path.is_file():
            return []
        lines = path.read_text("utf-8").splitlines()
        return [line.split('"phase":"')[1].split('"')[0] for line in lines if '"phase":"' in line]

    def reaches(self, phase: str, within_s: float = 120.0) -> None:
        """Wait until the candidate is there."""
        count = self.phases().count(phase)
        wait_until(lambda: self.phases().count(phase) > count or self._is(phase), within_s, phase)

    def returns_to(self, phase: str, before: int, within_s: float = 60.0) -> None:
        """Wait until the phase was entered once more than `before` times."""
        wait_until(lambda: self.phases().count(phase) > before, within_s, phase)

    def comes_again(self) -> None:
        """Open the desk once more after it was left; the recorder is there before it."""
        told, before = self._receipts_told(), self.recorder_pid()
        wait_until(lambda: not psutil.pid_exists(before), 20, "the recorder ends with the desk")
        self.programs.append(start_recorder(self.home))
        wait_until(lambda: self._receipts_told() > told, 30, "the recorder has the receipt")
        self.begin()
        wait_until(lambda: not DeskState(self.home).has_left(), 20, "the desk is there again")

    def _receipts_told(self) -> int:
        return (self.home / "logs" / "recorder.log").read_text("utf-8").count("the receipt is here")

    def leaves(self, within_s: float = 120.0) -> None:
        """Wait until the desk left by itself."""
        wait_until(DeskState(self.home).has_left, within_s, "the desk leaves")

    def desk_pid(self) -> int:
        """The desk of the moment."""
        return DeskState(self.home).running_pid() or 0

    def recorder_pid(self) -> int:
        """The recorder of the moment."""
        address = read_address(self.home)
        return address.recorder_pid if address else 0

    def kill(self, pid: int) -> None:
        """SIGKILL: no last words."""
        process = psutil.Process(pid)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not process.is_running() or process.status() == "zombie")

    def stop_all(self) -> None:
        """Nothing of the candidate's computer runs any more."""
        for pid in (self.recorder_pid(), self.desk_pid(), self.recorder_pid(), self.desk_pid()):
            if pid and psutil.pid_exists(pid) and _is_ours(pid):
                self.kill(pid)
        for program in self.programs:
            program.kill()
            program.wait()

    def outcome(self) -> dict[str, Any]:
        """What it came to."""
        return gather(self.notice, self.home, self.server, self.folder / "export", 0.0)

    def technician(self) -> httpx.Client:
        """A technician at the server's desk."""
        name, password = self.server.add_technician()
        client = httpx.Client(base_url=self.server.url, trust_env=False)
        answer = client.post("/v1/staff/sessions", json={"name": name, "password": password})
        assert answer.status_code in (200, 201), answer.text
        token = answer.json().get("token", "")
        if token:
            client.headers["Authorization"] = f"Bearer {token}"
        return client

    def supervisor(self) -> tuple[str, str]:
        """A supervisor's name and password for the staff's page."""
        words = ("staff", "add", "watching", "--role", "supervisor", "--password-file", "-")
        self.server.command(*words, typed=f"{SUPERVISES_WITH}\n")
        return "watching", SUPERVISES_WITH

    def candidates_api(self) -> httpx.Client:
        """The candidate's own session, as the desk keeps it."""
        session = open_secrets(self.home).get("session")
        assert session is not None
        bearer = {"Authorization": f"Bearer {session.decode()}"}
        return httpx.Client(base_url=self.server.url, trust_env=False, headers=bearer)

    def _is(self, phase: str) -> bool:
        return self.phases()[-1:] == [phase]

    def _reached_by(self, url: str) -> str:
        if not self.through_proxy:
            return url
        self.proxy = FlakyProxy(int(url.rsplit(":", 1)[1]))
        self.proxy.__enter__()
        return self.proxy.url


def _is_ours(pid: int) -> bool:
    try:
        return any("zhishiyun" in word for word in psutil.Process(pid).cmdline())
    except psutil.Error:  # a zombie, or gone
        return False
