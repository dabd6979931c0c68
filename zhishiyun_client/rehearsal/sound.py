"""A virtual microphone: a private PulseAudio whose only source is a voice from a file."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from pathlib import Path
from types import TracebackType

from zhishiyun_client.ports.devices import DEMO_MICROPHONE_VARIABLE
from zhishiyun_client.runtime.paths import socket_folder
from zhishiyun_protocol.errors import Fixable

from .troupe import Troupe

MICROPHONE_NAME = "DemonstrationMicrophone"
"""The name under which PortAudio lists it."""

UP_WITHIN_S = 10.0
RATE_HZ = 48_000
LATENCY_MS = 30  # docs/rehearsal.md: without it the first block comes after one to two seconds

_SINK, _SOURCE, _SPEAKER = "voice_in", "voice", "speaker"
_LISTEN = ["parec", "--latency-msec=30", "--raw", f"--device={_SOURCE}", "/dev/null"]
# Loops the file; ends with it when told to, and by itself when the player fails.
_SPEAK = f"""\
trap 'kill $player; wait; exit 0' TERM
while paplay --latency-msec=500 --device={_SINK} "$1" & player=$!; wait $player; do :; done
"""
_ALSA = f"""\
</usr/share/alsa/alsa.conf>
pcm.{MICROPHONE_NAME} {{
    type pulse
    device {_SOURCE}
    hint {{ show on description "{MICROPHONE_NAME}" }}
}}
pcm.!default {{ type pulse }}
ctl.!default {{ type pulse }}
"""


class VirtualMicrophone:
    """PulseAudio, a null sink, a source made of it, and a player that loops `voice`.

    A reader of low latency stays open on the source, because a null sink that nobody listens to
    falls back to blocks of two seconds. Everything ends with the block, or with this process.

    Args:
        voice: a sound file that PulseAudio's `paplay` understands (WAV, FLAC, Ogg Opus).

    Raises on entering: Fixable: not on this system, or a program is missing. Transient: it did
    not come up.
    """

    def __init__(self, voice: Path) -> None:
        self._voice = voice
        self._folder: Path | None = None
        self._troupe: Troupe | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs for PortAudio, ALSA and Qt to find this microphone."""
        if self._folder is None:
            raise RuntimeError("the microphone is not up")
        return {
            DEMO_MICROPHONE_VARIABLE: MICROPHONE_NAME,
            "PULSE_SERVER": f"unix:{self._folder / 'native'}",
            "PULSE_LATENCY_MSEC": str(LATENCY_MS),
            "ALSA_CONFIG_PATH": str(self._folder / "asound.conf"),
        }

    @property
    def is_up(self) -> bool:
        """Whether the sound server, the reader and the player are still running."""
        return self._troupe is not None and not self._troupe.fallen()

    def __enter__(self) -> VirtualMicrophone:
        if sys.platform != "linux":
            raise Fixable(
                "REHEARSAL_NO_VIRTUAL_MICROPHONE",
                "a demonstration microphone needs PulseAudio, which only Linux has here; "
                "connect a microphone or rehearse without sound",
                "演示麦克风需要 PulseAudio（仅 Linux）；请连接麦克风，或在无声音的情况下演练",
            )
        self._folder = socket_folder("zhishiyun-sound-")
        try:
            self._start(self._folder)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End all programs and remove their folder; may be called twice."""
        if self._troupe is not None:
            self._troupe.stop()
            self._troupe = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _start(self, folder: Path) -> None:
        (folder / "asound.conf").write_text(_ALSA, "utf-8")
        self._troupe = Troupe(folder, _server_environment(folder))
        self._troupe.begin()
        self._troupe.start("pulseaudio", _server_command(folder / "native"))
        self._troupe.wait_until("PulseAudio", lambda: _answers(folder / "native"), UP_WITHIN_S)
        self._troupe.start("reader", _LISTEN, also=self.environment)
        speak = ["/bin/sh", "-c", _SPEAK, "player", str(self._voice)]
        self._troupe.start("player", speak, also=self.environment)


def _server_command(listening: Path) -> list[str]:
    """A PulseAudio that reads no settings, finds no sound card and speaks on one socket only."""
    rate = f"rate={RATE_HZ}"
    described = f"source_properties=device.description={MICROPHONE_NAME}"
    modules = [
        f"module-null-sink sink_name={_SPEAKER} {rate} channels=2",
        f"module-null-sink sink_name={_SINK} {rate} channels=1",
        f"module-remap-source master={_SINK}.monitor source_name={_SOURCE} {described}",
        f"module-native-protocol-unix auth-anonymous=1 socket={listening}",
    ]
    command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
    command.append("--log-target=stderr")
    for module in modules:
        command += ["-L", module]
    return command


def _server_environment(folder: Path) -> dict[str, str]:
    """Keep every file of PulseAudio in its own folder."""
    own = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
    runtime, state = folder / "run", folder / "state"
    for place in (runtime, state):
        place.mkdir(mode=0o700)
    places = {"PULSE_RUNTIME_PATH": str(runtime), "PULSE_STATE_PATH": str(state)}
    return {**own, **places, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}


def _answers(listening: Path) -> bool:
    """Whether the sound server takes connections; its modules are loaded in order before that."""
    with socket.socket(socket.AF_UNIX) as knock:
        return knock.connect_ex(str(listening)) == 0
