"""A PostgreSQL of the tests' own: a cluster in a folder, stopped and started as they like."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

STARTS_WITHIN_S = 60.0
OWNER = "postgres"  # PostgreSQL refuses to run as root
SETTINGS = {
    "listen_addresses": "''",
    "shared_buffers": "16MB",
    "max_connections": "150",
    "logging_collector": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}


def programs() -> Path | None:
    """The folder of its programs; None: it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if found:
        return found[-1].parent
    told = shutil.which("postgres")
    return Path(told).resolve().parent if told else None


class PostgreSQLServer:
    """`with PostgreSQLServer() as server:` … `server.database("name")`."""

    def __init__(self) -> None:
        found = programs()
        assert found is not None, "PostgreSQL is not installed"
        self._programs = found
        self._user = OWNER if hasattr(os, "geteuid") and os.geteuid() == 0 else None
        # Not among a test's other files: the folders above those are nobody else's.
        self._folder = Path(tempfile.mkdtemp(prefix="zsy-pg-"))
        self._cluster, self._log = self._folder / "cluster", self._folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> PostgreSQLServer:
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        self._run("initdb", "-D", str(self._cluster), "-A", "trust", "-U", OWNER, "--no-sync")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_hard()
        shutil.rmtree(self._folder)

    def start(self, *settings: str) -> None:
        """Start, and wait until it answers."""
        told = [f"{name}={value.strip(chr(39))}" for name, value in SETTINGS.items()]
        options = [part for one in (*told, *settings) for part in ("-c", one)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    str(self._programs / "postgres"), "-D", str(self._cluster),
                    "-k", str(self._folder), *options,
                ],
                user=self._user,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )  # fmt: skip
        deadline_s = time.monotonic() + STARTS_WITHIN_S
        while True:
            try:
                psycopg.connect(self.url(OWNER)).close()
            except psycopg.OperationalError:
                assert self._process.poll() is None, self._log.read_text("utf-8")
                assert time.monotonic() < deadline_s, self._log.read_text("utf-8")
                time.sleep(0.05)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: it closes its connections and stops; SIGQUIT: it lets everything fall."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(STARTS_WITHIN_S)
            self._process = None

    def stop_hard(self) -> None:
        """It falls where it stands: what was not on its disk is gone."""
        self.stop(signal.SIGQUIT)

    def url(self, name: str) -> str:
        """How a client names a database of this server."""
        return f"postgresql://{OWNER}@/{name}?host={self._folder}"

    def create(self, name: str, template: str = "template0", more: str = "") -> str:
        """A new database, a copy of `template` that nobody is using; returns its address."""
        self._tell(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {more}')
        return self.url(name)

    def drop(self, name: str) -> None:
        """It is gone, whoever uses it."""
        self._tell(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _tell(self, statement: str) -> None:
        with psycopg.connect(self.url(OWNER), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._programs / program), *arguments],
            check=True,
            user=self._user,
            stdout=subprocess.DEVNULL,
            cwd="/",
        )
