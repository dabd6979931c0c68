"""The exam server of a rehearsal: its own process on loopback, set up through its own commands."""

from __future__ import annotations

import csv
import json
import os
import secrets
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from zhishiyun_client.runtime.paths import private_folder, resources
from zhishiyun_client.runtime.programs import server_command
from zhishiyun_protocol.errors import Broken, Transient

READY_WITHIN_S = 30.0
STOP_WITHIN_S = 10.0
LOOK_EVERY_S = 0.1
ART = "美术"
PAPERS = {"a": "a.pdf", "b": "b.pdf", "c": "c.pdf"}
ART_PAPER = "b-art.pdf"


@dataclass(frozen=True, slots=True)
class Sitter:
    """The demonstration candidate who rehearses, from the demonstration roster."""

    id_number: str = field(repr=False)
    ticket_number: str = field(repr=False)
    subject: str


def pick_sitter(subject: str) -> Sitter:
    """The first of the demonstration roster with this 科目; any subject but art when empty."""
    roster = resources() / "rehearsal" / "roster" / "roster.csv"
    with roster.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row["科目"] == subject or (not subject and row["科目"] != ART):
                return Sitter(row["身份证号"], row["准考证号"], row["科目"])
    raise Broken(
        "ROSTER_WITHOUT_SUBJECT",
        "The demonstration roster has no candidate of this subject.",
        "演练名册中没有该科目的考生。",
    )


class RehearsalServer:
    """Runs from `with` to the end of the block; what it stored stays in `home`.

    Args:
        reached_by: from the server's own address to the one that the tickets name.
        sees_film:  the demonstration film sits before the camera: it turns no head when asked, so
                    the plan's liveness is off.
    """

    def __init__(
        self,
        folder: Path,
        notice: str,
        sitter: Sitter,
        starts_in_s: int,
        speed: float,
        reached_by: Callable[[str], str] = str,
        *,
        sees_film: bool = True,
    ) -> None:
        self.home = private_folder(folder / "server")
        self._notice = notice
        self._sitter = sitter
        self._starts_in_s = starts_in_s
        self._speed = speed
        self._reached_by = reached_by
        self._sees_film = sees_film
        self._process: subprocess.Popen[bytes] | None = None
        self._ready_file = self.home / "ready.json"
        self._tickets = self.home / "tickets"
        self.url = ""

    @property
    def ticket_file(self) -> Path:
        """The sitter's ticket."""
        return self._tickets / f"{self._sitter.ticket_number}.zsyenroll"

    @property
    def trust_file(self) -> Path:
        """The keys of the authority that issued it."""
        return self._tickets / "trust.json"

    def __enter__(self) -> RehearsalServer:
        self._set_up()
        self._serve()
        reached_by = ("--server-url", self._reached_by(self.url))
        self.command("tickets", "export", str(self._tickets), "--exam", "rehearsal", *reached_by)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def add_technician(self) -> tuple[str, str]:
        """An account for the staff page, with a password made for this rehearsal."""
        name, password = "rehearsal", secrets.token_urlsafe(9)
        words = ("staff", "add", name, "--role", "technician", "--password-file", "-")
        self.command(*words, typed=password + "\n")
        return name, password

    def command(self, *words: str, typed: str = "") -> str:
        """Run one of the server's commands; returns what it printed.

        Args:
            typed: what its standard input holds: secrets never stand in `words`.

        Raises:
            Broken: REHEARSAL_SERVER_COMMAND, with the server's own words.
        """
        done = subprocess.run(
            [*server_command(*words), "--home", str(self.home)],
            input=typed.encode(),
            capture_output=True,
            check=False,
            env=_environment(),
        )
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip()
            raise Broken(
                "REHEARSAL_SERVER_COMMAND",
                f"The rehearsal server refused `{' '.join(words[:2])}`: {said}",
                f"演练服务器未能执行 {' '.join(words[:2])}：{said}",
            )
        return done.stdout.decode("utf-8", "replace")

    def _set_up(self) -> None:
        shipped = resources()
        self.command("init")
        self.command(
            "exam",
            "import",
            str(self._plan(shipped / "plans" / f"{self._notice}.toml")),
            "--id",
            "rehearsal",
            "--starts-at",
            f"+{self._starts_in_s}",
            "--no-formal",
            "--attachments",
            str(shipped / "attachments"),
        )
        roster = shipped / "rehearsal" / "roster"
        self.command(
            "roster",
            "import",
            str(roster / "roster.csv"),
            "--exam",
            "rehearsal",
            "--photos",
            str(roster / "photos"),
        )
        papers = shipped / "rehearsal" / "papers"
        self.command("paper", "import", str(papers / PAPERS[self._notice]), "--exam", "rehearsal")
        if self._notice == "b":
            art = ("--exam", "rehearsal", "--subject", ART)
            self.command("paper", "import", str(papers / ART_PAPER), *art)

    def _plan(self, shipped: Path) -> Path:
        """The notice's plan, or a copy that a film can follow."""
        if not self._sees_film:
            return shipped
        copy = self.home / shipped.name
        words = shipped.read_text("utf-8").replace('liveness = "turns"', 'liveness = "off"')
        copy.write_text(words, "utf-8")
        return copy

    def _serve(self) -> None:
        words = ("serve", "--port", "0", "--speed", str(self._speed), "--ready-file")
        with (self.home / "serve.log").open("wb") as log:
            self._process = subprocess.Popen(
                [*server_command(*words, str(self._ready_file)), "--home", str(self.home)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_environment(),
            )
        deadline_s = time.monotonic() + READY_WITHIN_S
        while not self._ready_file.is_file():
            if self._process.poll() is not None or time.monotonic() > deadline_s:
                tail = (self.home / "serve.log").read_text("utf-8", "replace")[-400:]
                raise Transient(
                    "REHEARSAL_SERVER_SILENT",
                    f"The rehearsal server did not start: {tail}",
                    f"演练服务器没有启动：{tail}",
                )
            time.sleep(LOOK_EVERY_S)
        self.url = str(json.loads(self._ready_file.read_text("utf-8"))["url"])


def _environment() -> Mapping[str, str]:
    return {**os.environ, "PYTHONUTF8": "1"}
