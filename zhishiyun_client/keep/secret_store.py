"""Small secrets of this person: in the system's keyring where there is one, else in 0600 files."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Protocol

from zhishiyun_client.keep.system_keyring import SystemKeyring, find_keyring
from zhishiyun_client.runtime.durable import replace_durably
from zhishiyun_client.runtime.paths import private_folder
from zhishiyun_protocol.errors import Broken, Fixable

FOLDER = "secrets"
MARKER = "in-keyring"  # this home's secrets are in the keyring: files are no way out
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,80}\Z")
_TEXT, _BYTES = "t:", "b:"


class SecretFiles:
    """One file a secret, readable by this person only. Thread: any."""

    kind = "file"

    def __init__(self, folder: Path) -> None:
        self._folder = private_folder(folder)

    def put(self, name: str, value: bytes) -> None:
        """Keep `value`, durable when this returns.

        Raises:
            Broken: SECRET_NOT_KEPT.
        """
        try:
            replace_durably(self._path(name), value, mode=0o600)
        except OSError as error:
            raise _not_kept() from error

    def get(self, name: str) -> bytes | None:
        """The value, or None.

        Raises:
            Broken: SECRET_NOT_KEPT: it is there and cannot be read.
        """
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _not_kept() from error

    def forget(self, name: str) -> None:
        """Remove it."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{_checked(name)}.secret"


class SecretsInKeyring:
    """Entries of the system's keyring, apart from those of other homes. Thread: any."""

    kind = "keyring"

    def __init__(self, keyring: SystemKeyring, home: Path) -> None:
        self._keyring = keyring
        self._marker = private_folder(home / FOLDER) / MARKER
        self._service = service_of(home)

    def put(self, name: str, value: bytes) -> None:
        """Keep `value`.

        Raises:
            Fixable: KEYRING_UNREACHABLE.
        """
        self._keyring.put(self._service, _checked(name), _to_entry(value))
        if not self._marker.exists():
            replace_durably(self._marker, b"")

    def get(self, name: str) -> bytes | None:
        """The value, or None.

        Raises:
            Fixable: KEYRING_UNREACHABLE.
        """
        entry = self._keyring.get(self._service, _checked(name))
        return None if entry is None else _from_entry(entry)

    def forget(self, name: str) -> None:
        """Remove it."""
        self._keyring.forget(self._service, _checked(name))


class Secrets(Protocol):
    """What both are (`ports.keeping.SecretStore`)."""

    @property
    def kind(self) -> str:
        """Where they lie."""
        ...

    def put(self, name: str, value: bytes) -> None:
        """Keep."""
        ...

    def get(self, name: str) -> bytes | None:
        """Look up."""
        ...

    def forget(self, name: str) -> None:
        """Remove."""
        ...


def open_secrets(home: Path) -> Secrets:
    """The store of this home; takes a few seconds at most. Thread: a worker.

    Raises:
        Fixable: KEYRING_UNREACHABLE: secrets were kept in a keyring that does not answer now.
    """
    keyring = find_keyring()
    if keyring is not None:
        return SecretsInKeyring(keyring, home)
    if (home / FOLDER / MARKER).exists():
        raise Fixable(
            "KEYRING_UNREACHABLE",
            "This computer's key is in the system's keyring, which does not answer. "
            "Unlock the keyring (log in again) and start once more.",
            "本机密钥保存在系统钥匙串中，但钥匙串当前无法访问。请解锁钥匙串（或重新登录系统）后再启动。",
        )
    return SecretFiles(home / FOLDER)


def service_of(home: Path) -> str:
    """The keyring's service name; another home is another service."""
    digest = hashlib.sha256(str(home.resolve()).encode("utf-8")).hexdigest()[:12]
    return f"zhishiyun {digest}"


def _to_entry(value: bytes) -> str:
    """Text stays text: Windows allows 1280 characters an entry."""
    if value.isascii() and value.decode("ascii").isprintable():
        return _TEXT + value.decode("ascii")
    return _BYTES + base64.b64encode(value).decode("ascii")


def _from_entry(entry: str) -> bytes:
    if entry.startswith(_TEXT):
        return entry.removeprefix(_TEXT).encode("ascii")
    try:
        return base64.b64decode(entry.removeprefix(_BYTES), validate=True)
    except ValueError as error:
        raise _not_kept() from error


def _checked(name: str) -> str:
    if not _NAME.match(name):
        raise ValueError("a secret's name is lower-case letters, digits, dot, dash, underscore")
    return name


def _not_kept() -> Broken:
    return Broken(
        "SECRET_NOT_KEPT",
        "This computer's key cannot be kept or read: the disk is full, read-only or damaged.",
        "本机密钥无法保存或读取，请检查磁盘空间和权限。",
    )
