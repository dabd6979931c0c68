"""Settings of the machine: replaced whole, and never a reason not to start."""

from __future__ import annotations

import pytest

from zhishiyun_client.i18n.language import Language
from zhishiyun_client.keep.machine_settings import FILE, SettingsFile
from zhishiyun_client.ports.keeping import MachineSettings
from zhishiyun_protocol.errors import Fixable


def test_what_was_written_is_read(tmp_path):
    chosen = MachineSettings(language=Language.EN, text_percent=150, camera="cam-1")

    SettingsFile(tmp_path).write(chosen)

    assert SettingsFile(tmp_path).read() == chosen
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [FILE]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"language":"xx"}', b"\xff"])
def test_unreadable_settings_are_the_defaults(tmp_path, content, caplog):
    (tmp_path / FILE).write_bytes(content)

    assert SettingsFile(tmp_path).read() == MachineSettings()
    assert "settings cannot be read" in caplog.text


def test_settings_of_a_newer_program_are_read_as_far_as_known(tmp_path):
    (tmp_path / FILE).write_bytes(b'{"text_percent":120,"colour":"blue"}')

    assert SettingsFile(tmp_path).read() == MachineSettings(text_percent=120)


def test_settings_that_cannot_be_written_are_said(tmp_path):
    settings = SettingsFile(tmp_path)
    (tmp_path / f"{FILE}.new").mkdir()

    with pytest.raises(Fixable) as caught:
        settings.write(MachineSettings())

    assert caught.value.code == "SETTINGS_NOT_KEPT"
