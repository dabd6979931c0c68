"""What a recorder goes on with after a crash: everything, and no secret in the clear."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from zhishiyun_client.app.recorder_memory import STATE_FILE, Memory, MemoryFile
from zhishiyun_client.keep.secret_store import SecretFiles
from zhishiyun_client.ports.recorder import Attach, Begin

BEGIN = Begin(
    attempt_id="attempt-1",
    exam_id="exam-1",
    plan_sha256="0" * 64,
    evidence_key="evidence-secret",
    device_key="device-secret",
    server_key="public",
    formal=True,
    ends_us=5,
)
ATTACH = Attach(session="session-secret", server_url="https://exam.invalid")
MEMORY = Memory(attempt=BEGIN, line=ATTACH, recording=True, phase="answering", camera_id="camera:0")


@pytest.fixture
def file(tmp_path: Path) -> MemoryFile:
    return MemoryFile(tmp_path, SecretFiles(tmp_path / "secrets"))


def test_everything_comes_back_secrets_included(file: MemoryFile) -> None:
    file.write(MEMORY)

    assert file.read() == MEMORY


def test_no_secret_lies_in_the_state_file(file: MemoryFile, tmp_path: Path) -> None:
    file.write(MEMORY)
    path = tmp_path / STATE_FILE

    assert b"secret" not in path.read_bytes()
    assert b"attempt-1" in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_messages_with_secrets_say_nothing_when_printed() -> None:
    assert "secret" not in f"{BEGIN} {ATTACH} {BEGIN!r} {MEMORY!r}"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"])
def test_a_damaged_state_file_is_an_empty_memory(
    file: MemoryFile, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / STATE_FILE).write_bytes(content)

    assert file.read() == Memory()


def test_lost_secrets_leave_empty_fields_behind(file: MemoryFile, tmp_path: Path) -> None:
    file.write(MEMORY)
    for secret in (tmp_path / "secrets").iterdir():
        secret.unlink()

    read = file.read()
    assert read.attempt is not None
    assert (read.attempt.evidence_key, read.attempt.attempt_id) == ("", "attempt-1")
