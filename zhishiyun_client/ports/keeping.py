"""What the machine keeps between two starts: secrets, the desk's journal, its settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec

from zhishiyun_client.i18n.language import Language
from zhishiyun_protocol.messages.sitting import Act


class SecretStore(Protocol):
    """Small secrets of this person: device key, evidence key, session. Thread: any."""

    @property
    def kind(self) -> str:
        """Where they lie: "keyring" or "file" (0600; the self-test says so)."""
        ...

    def put(self, name: str, value: bytes) -> None:
        """Keep `value` under `name`, durable when this returns."""
        ...

    def get(self, name: str) -> bytes | None:
        """The value, or None when there is none."""
        ...

    def forget(self, name: str) -> None:
        """Remove it; nothing happens when there is none."""
        ...


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the journal.

    kind: "phase", "consent", "attempt", … ; `act` and `kept` are the outbox's own
    at_us: the exam's clock as known then, 0 while unknown
    """

    sequence: int
    kind: str
    at_us: int
    facts: dict[str, str]


class Journal(Protocol):
    """The desk's durable memory, append-only. Thread: any.

    Raises of what writes:
        Broken: JOURNAL_NOT_WRITABLE.
    """

    def note(self, kind: str, facts: Mapping[str, str], at_us: int = 0) -> Entry:
        """Append one line; durable when this returns. Never a name, number, key or picture."""
        ...

    def entries(self, kind: str = "") -> tuple[Entry, ...]:
        """All lines in order, or those of one kind."""
        ...

    def latest(self, kind: str) -> Entry | None:
        """The newest line of a kind, or None."""
        ...

    def intend(self, act: Act) -> None:
        """Write an act down before it is sent; writing the same id again changes nothing."""
        ...

    def mark_kept(self, act_ids: Iterable[str]) -> None:
        """The server keeps these acts now."""
        ...

    def pending(self) -> tuple[Act, ...]:
        """Acts written down and not yet kept by the server, in order."""
        ...


class MachineSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What was chosen on this machine; never anything about a person.

    text_percent: size of all texts, 100 … 200
    camera, microphone, display: stable ids as the device ports name them; "" = the system's choice
    """

    language: Language = Language.ZH
    text_percent: int = 100
    camera: str = ""
    microphone: str = ""
    display: str = ""
    server_url: str = ""
    extra_ca_file: str = ""


class Settings(Protocol):
    """The machine's settings. Thread: any."""

    def read(self) -> MachineSettings:
        """What is kept; the defaults where nothing readable is kept."""
        ...

    def write(self, settings: MachineSettings) -> None:
        """Replace them atomically."""
        ...
