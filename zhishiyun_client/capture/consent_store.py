"""Who uses a camera or microphone on Windows 10 and 11: the registry behind its privacy page.

Windows notes for each program when it last began and stopped; a stop of 0 means: it uses it now. A
program that crashed may leave that behind, so whoever asks looks whether it runs. The parsing is
pure; only `read` touches the registry.

HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\CapabilityAccessManager\\ConsentStore\\webcam
  Value = "Allow" | "Deny"
  <package family>\\LastUsedTimeStart, LastUsedTimeStop            programs from the Store
  NonPackaged\\C:#Program Files#…#WeChat.exe\\LastUsedTimeStart …  all others, by path
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass

STORE = r"Software\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore"
NON_PACKAGED = "NonPackaged"
STARTED, STOPPED, CONSENT = "LastUsedTimeStart", "LastUsedTimeStop", "Value"

Values = Mapping[str, int | str]
Store = Mapping[str, Values]
"""The values of each key below a capability; "" is the capability's own key."""


@dataclass(frozen=True, slots=True)
class Use:
    """A program that uses a capability now.

    program: its file name, or the package's name
    is_file: whether `program` is a file name that a list of processes shows too
    since:   Windows' time, units of 100 ns since 1601
    """

    program: str
    is_file: bool
    since: int


def uses_now(store: Store) -> tuple[Use, ...]:
    """Programs that have begun and not stopped, the newest first. Pure."""
    found = [use for key, values in store.items() if (use := _use(key, values)) is not None]
    return tuple(sorted(found, key=lambda use: -use.since))


def is_denied(store: Store) -> bool:
    """Whether the settings keep desktop programs away. Pure."""
    return any(store.get(key, {}).get(CONSENT) == "Deny" for key in ("", NON_PACKAGED))


def _use(key: str, values: Values) -> Use | None:
    since = values.get(STARTED)
    if key in ("", NON_PACKAGED) or not isinstance(since, int) or since <= 0:
        return None
    if values.get(STOPPED) != 0:
        return None
    folder, _, name = key.rpartition("\\")
    if folder == NON_PACKAGED:
        return Use(name.rpartition("#")[2], is_file=True, since=since)
    return Use(name.partition("_")[0].rpartition(".")[2], is_file=False, since=since)


if sys.platform == "win32":
    import winreg

    def read(capability: str) -> Store:
        """The store of "webcam" or "microphone", the machine's own settings beneath the user's."""
        found: dict[str, Values] = {}
        for root in (winreg.HKEY_LOCAL_MACHINE, winreg.HKEY_CURRENT_USER):
            _gather(root, rf"{STORE}\{capability}", "", found)
        return found

    def _gather(root: int, path: str, key: str, found: dict[str, Values]) -> None:
        try:
            with winreg.OpenKey(root, rf"{path}\{key}" if key else path) as opened:
                keys, values, _changed = winreg.QueryInfoKey(opened)
                told = (winreg.EnumValue(opened, index) for index in range(values))
                mine = {name: value for name, value, _kind in told}
                found[key] = {**found.get(key, {}), **mine}
                below = [winreg.EnumKey(opened, index) for index in range(keys)]
        except OSError:  # not there, or gone meanwhile
            return
        for name in below:
            _gather(root, path, rf"{key}\{name}" if key else name, found)

else:

    def read(capability: str) -> Store:
        """Only Windows keeps such a store."""
        del capability
        return {}
