"""Secrets: a real keyring or 0600 files, never anything else (R007)."""

from __future__ import annotations

import os
import sys
import time

import keyring.backend
import keyring.backends.fail
import keyring.errors
import pytest

from zhishiyun_client.keep import system_keyring
from zhishiyun_client.keep.secret_store import (
    FOLDER,
    MARKER,
    SecretFiles,
    SecretsInKeyring,
    open_secrets,
    service_of,
)
from zhishiyun_client.keep.system_keyring import SystemKeyring, find_keyring
from zhishiyun_protocol.errors import Broken, Fixable

LONG = bytes(range(256))


class Memory(keyring.backend.KeyringBackend):
    """A keyring in memory that can be locked."""

    priority = 0.1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}
        self.is_locked = False

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.entries[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.entries.get((service, username))

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        del self.entries[service, username]

    def _check(self) -> None:
        if self.is_locked:
            raise keyring.errors.KeyringLocked("locked")


@pytest.fixture
def memory():
    return Memory()


@pytest.fixture(params=["file", "keyring"])
def store(request, tmp_path, memory):
    if request.param == "file":
        return SecretFiles(tmp_path / FOLDER)
    return SecretsInKeyring(SystemKeyring(memory, (keyring.errors.KeyringError,)), tmp_path)


@pytest.mark.parametrize("value", [b"", b"plain text", "密钥".encode(), LONG, b"t:x", b"a\nb"])
def test_what_was_put_is_got_back(store, value):
    store.put("device-key", b"older")
    store.put("device-key", value)

    assert store.get("device-key") == value


def test_what_was_forgotten_is_gone_and_may_be_forgotten_twice(store):
    store.put("session", b"x")
    store.forget("session")
    store.forget("session")

    assert store.get("session") is None


@pytest.mark.parametrize("name", ["", "../x", "a/b", "A", "a" * 100, ".hidden", "a\n"])
def test_names_are_plain(store, name):
    with pytest.raises(ValueError, match="name"):
        store.put(name, b"")


def test_files_are_for_this_person_only(tmp_path):
    if os.name == "nt":
        pytest.skip("Windows keeps secrets in DPAPI")
    store = SecretFiles(tmp_path / FOLDER)
    store.put("device-key", LONG)

    found = list((tmp_path / FOLDER).iterdir())

    assert [path.name for path in found] == ["device-key.secret"]
    assert found[0].stat().st_mode & 0o777 == 0o600
    assert (tmp_path / FOLDER).stat().st_mode & 0o777 == 0o700


def test_a_secret_that_cannot_be_written_is_said(tmp_path):
    store = SecretFiles(tmp_path / FOLDER)
    (tmp_path / FOLDER / "device-key.secret.new").mkdir()

    with pytest.raises(Broken) as caught:
        store.put("device-key", b"x")

    assert caught.value.code == "SECRET_NOT_KEPT"


def test_two_homes_share_nothing_in_one_keyring(tmp_path, memory):
    system = SystemKeyring(memory, ())
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    SecretsInKeyring(system, tmp_path / "a").put("ticket", b"one")

    assert SecretsInKeyring(system, tmp_path / "b").get("ticket") is None
    assert service_of(tmp_path / "a") != service_of(tmp_path / "b")


def test_text_stays_short_enough_for_windows(tmp_path, memory):
    """A ticket is text of some 900 characters; an entry may have 1280."""
    SecretsInKeyring(SystemKeyring(memory, ()), tmp_path).put("ticket", b"Z" * 1200)

    assert len(next(iter(memory.entries.values()))) <= 1280


def test_a_locked_keyring_is_said(tmp_path, memory):
    store = SecretsInKeyring(SystemKeyring(memory, (keyring.errors.KeyringError,)), tmp_path)
    store.put("device-key", b"x")
    memory.is_locked = True

    with pytest.raises(Fixable) as caught:
        store.get("device-key")

    assert caught.value.code == "KEYRING_UNREACHABLE"


def test_without_a_session_bus_files_are_used(tmp_path, monkeypatch):
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(system_keyring.sys, "platform", "linux")
    store = open_secrets(tmp_path)

    assert store.kind == "file"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps secrets behind a bus")
def test_a_bus_that_leads_nowhere_leads_to_files_in_time(tmp_path, monkeypatch):
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/no-bus")
    began_s = time.monotonic()

    assert open_secrets(tmp_path).kind == "file"
    assert time.monotonic() - began_s < system_keyring.PROBE_WITHIN_S + 20


def test_backends_that_are_not_the_systems_are_never_used(monkeypatch, memory):
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    monkeypatch.setattr(system_keyring, "_may_have_keyring", lambda: True)
    backends = [memory, keyring.backends.fail.Keyring()]
    monkeypatch.setattr(keyring.backend, "get_all_keyring", lambda: backends)

    assert find_keyring() is None


def test_a_keyring_that_never_answers_is_left_in_time(monkeypatch):
    monkeypatch.setattr(system_keyring, "_may_have_keyring", lambda: True)
    hangs = system_keyring.threading.Event()
    monkeypatch.setattr(system_keyring, "_first_real_backend", lambda: hangs.wait(60) and None)
    began_s = time.monotonic()

    assert find_keyring(within_s=0.2) is None
    assert time.monotonic() - began_s < 30
    hangs.set()


def test_a_real_backend_is_used_once_it_proved_itself(monkeypatch, memory, tmp_path):
    monkeypatch.setattr(system_keyring, "_may_have_keyring", lambda: True)
    monkeypatch.setattr(keyring.backend, "get_all_keyring", lambda: [memory])
    monkeypatch.setattr(system_keyring, "REAL_BACKENDS", {Memory.__module__})

    store = open_secrets(tmp_path)
    store.put("device-key", LONG)

    assert store.kind == "keyring"
    assert open_secrets(tmp_path).get("device-key") == LONG
    assert not any(service.startswith("zhishiyun probe") for service, _ in memory.entries)


def test_secrets_in_a_keyring_are_not_silently_replaced_by_files(tmp_path):
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / MARKER).touch()

    with pytest.raises(Fixable) as caught:
        open_secrets(tmp_path)

    assert caught.value.code == "KEYRING_UNREACHABLE"
