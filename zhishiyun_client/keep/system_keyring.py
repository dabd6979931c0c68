"""The system's keyring (DPAPI, Keychain, Secret Service), if a real one answers in time.

Never a backend that writes plain files, never one that somebody configured: only the systems' own.
"""

from __future__ import annotations

import os
import secrets
import sys
import threading
from pathlib import Path
from typing import Any

from zhishiyun_client.runtime.worker import Worker
from zhishiyun_protocol.errors import Fixable

REAL_BACKENDS = frozenset(
    {
        "keyring.backends.Windows",
        "keyring.backends.macOS",
        "keyring.backends.SecretService",
        "keyring.backends.kwallet",
        "keyring.backends.libsecret",
    }
)
PROBE_WITHIN_S = 5.0  # a locked keyring waits for a password that may never come
_PROBE_SERVICE = "zhishiyun probe"


class SystemKeyring:
    """One real backend. Thread: any.

    Raises of every method:
        Fixable: KEYRING_UNREACHABLE.
    """

    def __init__(self, backend: Any, errors: tuple[type[Exception], ...]) -> None:
        self._backend = backend
        self._errors = errors

    def put(self, service: str, name: str, entry: str) -> None:
        """Keep an entry."""
        try:
            self._backend.set_password(service, name, entry)
        except self._errors as error:
            raise _unreachable() from error

    def get(self, service: str, name: str) -> str | None:
        """The entry, or None."""
        try:
            entry: str | None = self._backend.get_password(service, name)
        except self._errors as error:
            raise _unreachable() from error
        return entry

    def forget(self, service: str, name: str) -> None:
        """Remove the entry, if it is there."""
        if self.get(service, name) is None:
            return
        try:
            self._backend.delete_password(service, name)
        except self._errors as error:
            raise _unreachable() from error


class _Probe(Worker):
    """Tries the keyring in a thread of its own, because it may never answer."""

    def __init__(self) -> None:
        super().__init__("keyring-probe", self._crashed)
        self.found: SystemKeyring | None = None
        self.done = threading.Event()

    def turn(self, stop: threading.Event) -> None:
        """Write, read and remove one entry."""
        keyring = _first_real_backend()
        if keyring is not None and _keeps(keyring):
            self.found = keyring
        self.ask_to_stop()

    def leave(self) -> None:
        """Found, or crashed: there is an answer."""
        self.done.set()

    def _crashed(self, report: object) -> None:
        self.found = None


def find_keyring(within_s: float = PROBE_WITHIN_S) -> SystemKeyring | None:
    """The system's keyring, proven to work; None where there is none or it does not answer."""
    if not _may_have_keyring():
        return None
    probe = _Probe()
    probe.start()
    probe.done.wait(within_s)
    return probe.found


def _may_have_keyring() -> bool:
    """Whether looking is worth while; without a session bus a look could start one and hang."""
    if os.environ.get("PYTHON_KEYRING_BACKEND", "").endswith(".fail.Keyring"):
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    bus = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    if bus and not bus.startswith("autolaunch:"):
        return True
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    return bool(runtime) and Path(runtime, "bus").is_socket()


def _first_real_backend() -> SystemKeyring | None:
    # keyring looks through all installed packages: 0.2 s that only this thread pays for.
    import keyring.backend
    import keyring.errors

    real = [
        backend
        for backend in keyring.backend.get_all_keyring()
        if type(backend).__module__ in REAL_BACKENDS
    ]
    if not real:
        return None
    best = max(real, key=keyring.backend.by_priority)
    return SystemKeyring(best, (keyring.errors.KeyringError, OSError, RuntimeError))


def _keeps(keyring: SystemKeyring) -> bool:
    name, entry = secrets.token_hex(8), secrets.token_hex(16)
    try:
        keyring.put(_PROBE_SERVICE, name, entry)
        is_kept = keyring.get(_PROBE_SERVICE, name) == entry
        keyring.forget(_PROBE_SERVICE, name)
    except Fixable:
        return False
    return is_kept


def _unreachable() -> Fixable:
    return Fixable(
        "KEYRING_UNREACHABLE",
        "The system's keyring refuses. Unlock it (log in again) and try once more.",
        "系统钥匙串拒绝访问。请解锁钥匙串（或重新登录系统）后重试。",
    )
