"""What the flow asks of the desk's own machines: face check, guard, device checks, files.

Everything returns at once; what takes time comes back as a report through the relay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from zhishiyun_client.ports.checks import CheckId
from zhishiyun_client.ports.watching import Finding, ProcessHit
from zhishiyun_client.runtime.errands import Errand

Result = TypeVar("Result")


class Errands(Protocol):
    """Runs calls that may wait off the UI thread, in order."""

    def run(self, errand: Errand[Result]) -> None:
        """Queue a call; its result comes back in the UI thread."""
        ...


class FaceDesk(Protocol):
    """The examiner behind the login; reports are those of `ports.faces`."""

    def look_for(self, reference_photo: bytes, id_photo: bytes = b"") -> None:
        """Begin a try against these photos (JPEG or PNG, kept in memory only).

        Args: id_photo: of the ID card (人证); both must be like the live face.
        """
        ...

    def try_again(self) -> None:
        """Begin another try against the same photo."""
        ...

    def watch_on(self) -> None:
        """The candidate is admitted: the recorder looks on, with the face if it was matched."""
        ...

    def stop(self) -> None:
        """Stop looking and forget the photo and everything made of it."""
        ...

    def withdraw(self) -> None:
        """Consent was withdrawn: stop, and have the recorder forget the face as well."""
        ...

    def live_photo(self) -> bytes:
        """The newest preview picture as JPEG, for a technician's eyes. Thread: a worker.

        Raises:
            Fixable: CAMERA_NO_PICTURE.
        """
        ...


class GuardDesk(Protocol):
    """The guard's eyes; findings are reports of `ports.watching`."""

    def findings(self) -> tuple[Finding, ...]:
        """What stands now, from the newest look."""
        ...

    def programs(self) -> tuple[ProcessHit, ...]:
        """Listed programs that run now, from the newest look."""
        ...

    def displays(self) -> int:
        """How many displays show a picture; 0 while unknown."""
        ...

    def ask_to_close(self, product: str) -> None:
        """Ask a listed program to close, after the candidate's click (R172)."""
        ...

    def set_active(self, is_active: bool) -> None:
        """Tell whether our window has the keyboard."""
        ...


@dataclass(frozen=True, slots=True)
class ExportDone:
    """A report: the bundle was written and read back; `place` is a name for people."""

    place: str


@dataclass(frozen=True, slots=True)
class ExportFailed:
    """A report: the bundle could not be written."""

    code: str


@dataclass(frozen=True, slots=True)
class ExportTarget:
    """A removable drive or folder."""

    target_id: str
    name: str
    path: Path


class CheckDesk(Protocol):
    """The self-test of 设备准备; each result is a report of `ports.checks`."""

    def names(self) -> tuple[CheckId, ...]:
        """The checks in order."""
        ...

    def start(self, names: tuple[CheckId, ...]) -> None:
        """Run these checks, one after another."""
        ...

    def report_text(self) -> str:
        """Everything measured so far, for 【导出检测报告】."""
        ...


class Files(Protocol):
    """Files that the candidate asks for. Thread: a worker."""

    def export_targets(self) -> tuple[ExportTarget, ...]:
        """Where a bundle can go now."""
        ...

    def keep_sealed(self, name: str, content: bytes) -> None:
        """Keep a sealed envelope beside the journal, for a restart without a network."""
        ...

    def sealed(self, name: str) -> bytes | None:
        """The envelope kept under this name, or None."""
        ...

    def save_report(self, name: str, content: str) -> Path:
        """Write a text report to the candidate's documents; returns the file."""
        ...


PostReport = Callable[[object], None]
"""How a machine of the desk says what happened; the relay's `post`."""
