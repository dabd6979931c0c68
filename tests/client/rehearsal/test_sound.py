"""The voice through the same adapter as a microphone: PortAudio (issue 2)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.rigs.fixtures import MEDIA
from zhishiyun_client.rehearsal.sound import MICROPHONE_NAME, VirtualMicrophone
from zhishiyun_protocol.errors import Fixable, Transient

_RECORD = """
import json, sys, time
import numpy as np, sounddevice
blocks, came = [], []
def keep(block, _frames, _time, status):
    came.append(time.monotonic() - started_s)
    blocks.append(block.copy())
started_s = time.monotonic()
with sounddevice.InputStream(samplerate=48000, channels=1, dtype="int16", blocksize=960,
                             device=sys.argv[1] or None, callback=keep):
    sounddevice.sleep(4000)
sound = np.concatenate(blocks)[:, 0].astype(float)
print(json.dumps({"seconds": len(sound) / 48000, "first_s": came[0],
    "peak": float(np.abs(sound).max()), "rms": float(np.sqrt((sound ** 2).mean()))}))
"""


def _record(microphone: VirtualMicrophone, name: str) -> dict[str, float]:
    heard = subprocess.run(
        [sys.executable, "-c", _RECORD, name],
        env={**os.environ, **microphone.environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return dict(json.loads(heard.stdout.splitlines()[-1]))


@pytest.mark.alone
@pytest.mark.parametrize("name", [MICROPHONE_NAME, ""], ids=["by name", "as the default"])
def test_portaudio_records_the_voice(virtual_microphone: VirtualMicrophone, name: str) -> None:
    heard = _record(virtual_microphone, name)

    assert heard["peak"] > 2000
    assert heard["rms"] > 200
    assert heard["seconds"] == pytest.approx(4.0, abs=0.4)
    assert heard["first_s"] < 0.5  # the sink stays awake (research: 0.9 to 1.8 s when it sleeps)


def test_nothing_is_left_when_the_block_ends() -> None:
    with VirtualMicrophone(MEDIA.voice) as microphone:
        folder = Path(microphone.environment["ALSA_CONFIG_PATH"]).parent
        started = [
            it
            for it in psutil.Process().children(recursive=True)
            if it.environ().get("HOME") == str(folder)
        ]
        assert {"pulseaudio", "parec"} <= {it.name() for it in started}

    _gone, alive = psutil.wait_procs(started, timeout=5)
    assert alive == []
    assert not folder.exists()


def test_all_programs_end_with_a_killed_parent() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", _RUN_UNTIL_KILLED, str(MEDIA.voice)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[3],
    )
    with parent:
        assert parent.stdout is not None
        folder = Path(parent.stdout.readline().decode().strip()).parent
        assert folder.name.startswith("zhishiyun-sound-")
        started = psutil.Process(parent.pid).children(recursive=True)
        assert len(started) >= 4
        parent.kill()

    _gone, alive = psutil.wait_procs(started, timeout=10)
    assert alive == []
    assert not folder.exists()


_RUN_UNTIL_KILLED = """
import sys, time
from pathlib import Path
from zhishiyun_client.rehearsal.sound import VirtualMicrophone
with VirtualMicrophone(Path(sys.argv[1])) as microphone:
    print(microphone.environment["ALSA_CONFIG_PATH"], flush=True)
    time.sleep(60)
"""


def test_a_sound_server_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Fixable) as caught, VirtualMicrophone(MEDIA.voice):
        pytest.fail("entered without PulseAudio")

    assert caught.value.facts == {"program": "pulseaudio"}


def test_a_sound_server_that_dies_at_once_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dying = tmp_path / "pulseaudio"
    dying.write_text("#!/bin/sh\necho no sound today >&2\nexit 1\n")
    dying.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    with pytest.raises(Transient) as caught, VirtualMicrophone(MEDIA.voice):
        pytest.fail("entered with a dead PulseAudio")

    assert "no sound today" in caught.value.message


@pytest.mark.skipif(sys.platform == "linux", reason="Linux has the stand-in")
def test_other_systems_say_that_there_is_no_stand_in() -> None:
    with pytest.raises(Fixable) as caught, VirtualMicrophone(MEDIA.voice):
        pytest.fail("entered without PulseAudio")

    assert caught.value.code == "REHEARSAL_NO_VIRTUAL_MICROPHONE"
