"""The settings of this machine in one small file, replaced whole."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from zhishiyun_client.ports.keeping import MachineSettings
from zhishiyun_client.runtime.durable import replace_durably
from zhishiyun_client.runtime.paths import private_folder
from zhishiyun_protocol.errors import Fixable

LOG = logging.getLogger(__name__)
FILE = "settings.json"


class SettingsFile:
    """`ports.keeping.Settings` in `<home>/settings.json`. Thread: any."""

    def __init__(self, home: Path) -> None:
        self._path = private_folder(home) / FILE

    def read(self) -> MachineSettings:
        """What is kept; the defaults where nothing readable is kept."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=MachineSettings)
        except FileNotFoundError:
            return MachineSettings()
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            LOG.warning("settings cannot be read, defaults are used: %s", type(error).__name__)
            return MachineSettings()

    def write(self, settings: MachineSettings) -> None:
        """Replace them.

        Raises:
            Fixable: SETTINGS_NOT_KEPT.
        """
        try:
            replace_durably(self._path, msgspec.json.encode(settings))
        except OSError as error:
            raise Fixable(
                "SETTINGS_NOT_KEPT",
                "The settings cannot be written: the disk is full or read-only.",
                "设置无法保存，请检查磁盘空间和权限。",
            ) from error
