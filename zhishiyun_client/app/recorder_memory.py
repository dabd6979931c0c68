"""What a recorder must know to go on by itself after a crash; secrets lie in the secret store."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from zhishiyun_client.ports.keeping import SecretStore
from zhishiyun_client.ports.recorder import Attach, Begin
from zhishiyun_client.runtime.durable import read_patiently, replace_durably

LOG = logging.getLogger(__name__)
HELD_S = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
"""How long it is waited for while an antivirus program holds it: without it nobody goes on."""
STATE_FILE = "recorder.json"
SECRET_NAME = "recorder"  # noqa: S105 - the name under which secrets are kept, not a secret
SECRET_FIELDS = ("evidence_key", "device_key")


class KnownClock(msgspec.Struct, frozen=True, kw_only=True):
    """The exam's clock as last known, to be read within the same boot only."""

    boot_id: str
    at_us: int
    server_us: int
    error_us: int
    speed: float


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """The state file. `attempt` and `line` are the desk's messages without their secrets."""

    attempt: Begin | None = None
    line: Attach | None = None
    recording: bool = False
    ended_why: str = ""
    phase: str = ""
    camera_id: str | None = None
    microphone_id: str | None = None
    news_cursor: int = 0
    rung: str = ""
    clock: KnownClock | None = None
    restart: tuple[str, ...] = ()


class _Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the secret store, JSON."""

    evidence_key: str = ""
    device_key: str = ""
    session: str = ""


class MemoryFile:
    """Reads and writes both halves. Thread: the core's."""

    def __init__(self, home: Path, secrets: SecretStore) -> None:
        self._path = home / STATE_FILE
        self._store = secrets

    def read(self) -> Memory:
        """What was known when the last recorder ended; an empty memory when nothing is readable."""
        try:
            memory = msgspec.json.decode(read_patiently(self._path, HELD_S), type=Memory)
        except (OSError, msgspec.DecodeError) as error:
            if not isinstance(error, FileNotFoundError):
                LOG.error("what the last recorder knew cannot be read: %s", error)
            return Memory()
        secrets = self._read_secrets()
        attempt, line = memory.attempt, memory.line
        if attempt is not None:
            attempt = msgspec.structs.replace(
                attempt, evidence_key=secrets.evidence_key, device_key=secrets.device_key
            )
        if line is not None:
            line = msgspec.structs.replace(line, session=secrets.session)
        return msgspec.structs.replace(memory, attempt=attempt, line=line)

    def write(self, memory: Memory) -> None:
        """Keep everything, durable when this returns; secrets never in the file.

        Raises:
            OSError, Broken: it cannot be kept.
        """
        attempt, line = memory.attempt, memory.line
        secrets = _Secrets(
            evidence_key=attempt.evidence_key if attempt else "",
            device_key=attempt.device_key if attempt else "",
            session=line.session if line else "",
        )
        if secrets != self._read_secrets():
            self._store.put(SECRET_NAME, msgspec.json.encode(secrets))
        if attempt is not None:
            attempt = msgspec.structs.replace(attempt, evidence_key="", device_key="")
        if line is not None:
            line = msgspec.structs.replace(line, session="")
        bare = msgspec.structs.replace(memory, attempt=attempt, line=line)
        replace_durably(self._path, msgspec.json.encode(bare))

    def _read_secrets(self) -> _Secrets:
        kept = self._store.get(SECRET_NAME)
        return msgspec.json.decode(kept, type=_Secrets) if kept else _Secrets()
