"""What PortAudio does not open at its start, and what everybody finds again afterwards."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LOOK = """
import ctypes
from zhishiyun_client.capture import alsa_encoder

alsa = ctypes.CDLL("libasound.so.2")

def there(name):
    alsa.snd_config_update()
    settings = ctypes.c_void_p.in_dll(alsa, "snd_config")
    found = ctypes.byref(ctypes.c_void_p())
    return bool(settings) and alsa.snd_config_search(settings, name, found) == 0

with alsa_encoder.left_out():
    print(there(b"pcm.a52"), there(b"pcm.desk"))
print(there(b"pcm.a52"), there(b"pcm.desk"))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ALSA is Linux' own")
def test_only_the_encoder_is_left_out_and_only_while_devices_are_listed(tmp_path: Path) -> None:
    settings = tmp_path / "asound.conf"
    settings.write_text("pcm.a52 { type null }\npcm.desk { type null }\n", "utf-8")

    told = _look(settings)

    assert told.splitlines() == ["False True", "True True"]


@pytest.mark.skipif(sys.platform != "linux", reason="ALSA is Linux' own")
def test_broken_settings_are_left_to_portaudio(tmp_path: Path) -> None:
    settings = tmp_path / "asound.conf"
    settings.write_text("pcm.a52 { type", "utf-8")

    assert _look(settings).splitlines() == ["False False", "False False"]


def _look(settings: Path) -> str:
    """By another process: ALSA keeps what it has read."""
    return subprocess.run(
        [sys.executable, "-c", LOOK],
        env={"ALSA_CONFIG_PATH": str(settings)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    ).stdout
