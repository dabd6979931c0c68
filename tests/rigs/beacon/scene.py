"""A camera, a microphone and a screen that tell the time; everything ends with the block."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from tests.rigs.beacon.film import FPS, write_film
from tests.rigs.v4l2_camera import V4l2Camera, compile_library
from zhishiyun_client.rehearsal.desktop import DesktopSize, VirtualDesktop
from zhishiyun_client.rehearsal.troupe import Troupe

HERE = Path(__file__).resolve().parent
FILM = HERE.parents[2] / "resources" / "rehearsal" / "film.mjpg"
UP_WITHIN_S = 15.0
LATENCY_MS = 30
MICROPHONE = "BeaconMicrophone"
_ALSA = f"""\
</usr/share/alsa/alsa.conf>
pcm.{MICROPHONE} {{ type pulse device beacon hint {{ show on description "{MICROPHONE}" }} }}
pcm.!default {{ type pulse device beacon }}
ctl.!default {{ type pulse }}
"""
PROGRAMS = ("Xvfb", "openbox", "pulseaudio", "parec", "gcc", "nice")
# A card goes on whatever the machine is busy with: its stand-in comes before other programs.
_FIRST = ["nice", "-n", "-20"]


@dataclass(frozen=True)
class NoStandIns:
    """What a rehearsal must know of its stand-ins: these devices count as real ones."""

    demonstrations: tuple[()] = ()


class BeaconScene:
    """Xvfb with the window, PulseAudio with the voice, and the film for a preloaded camera.

    Programs under test are started with `{**os.environ, **scene.environment}`. It can stand for
    the stand-ins of a rehearsal (`start_desk`).

    Args:
        ppm: how far the sound card's crystal is off.
    """

    camera_address = "camera:0"
    microphone_name = MICROPHONE
    plan = NoStandIns()

    def __init__(self, ppm: float = 0.0, size: DesktopSize | None = None) -> None:
        self._ppm = ppm
        self._desktop = VirtualDesktop(size or DesktopSize(1366, 768))
        self._stack = ExitStack()
        self._voice: subprocess.Popen[bytes] | None = None
        self.environment: dict[str, str] = {}
        self.voice_said = ""

    def __enter__(self) -> BeaconScene:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="beacon-")))
            stack.enter_context(self._desktop)
            film = folder / "film.mjpg"
            write_film(FILM, film)
            camera = V4l2Camera(
                compile_library(folder), film, folder, fps=FPS, repeat=1, follows_clock=True
            )
            sound = self._start_sound(stack, folder)
            shown = {k: v for k, v in self._desktop.environment.items() if "DEMO" not in k}
            self.environment = {**shown, **sound, **camera.environment}
            window = subprocess.Popen(
                [sys.executable, str(HERE / "window.py")],
                env={**os.environ, **shown},
                stdin=subprocess.DEVNULL,
            )
            stack.callback(_end, window)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._voice is not None:
            self._voice.send_signal(signal.SIGTERM)
            _, said = self._voice.communicate(timeout=5)
            self.voice_said = said.decode().strip()
        self._stack.close()

    def _start_sound(self, stack: ExitStack, folder: Path) -> dict[str, str]:
        listening, fifo = folder / "native", folder / "voice.fifo"
        (folder / "asound.conf").write_text(_ALSA, "utf-8")
        for place in ("run", "state"):
            (folder / place).mkdir(mode=0o700)
        troupe = Troupe(folder, _own_environment(folder))
        stack.callback(troupe.stop)
        troupe.begin()
        troupe.start("pulseaudio", [*_FIRST, *_pulseaudio(listening, fifo)])
        troupe.wait_until("PulseAudio", lambda: _answers(listening), UP_WITHIN_S)
        environment = {
            "PULSE_SERVER": f"unix:{listening}",
            "PULSE_LATENCY_MSEC": str(LATENCY_MS),
            "ALSA_CONFIG_PATH": str(folder / "asound.conf"),
        }
        listen = ["parec", "--latency-msec=30", "--raw", "--device=beacon", "/dev/null"]
        troupe.start("reader", listen, also=environment)
        self._voice = subprocess.Popen(
            [*_FIRST, sys.executable, str(HERE / "voice.py"), str(fifo), str(self._ppm)],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        stack.callback(_end, self._voice)
        return environment


def _pulseaudio(listening: Path, fifo: Path) -> list[str]:
    modules = [
        "module-null-sink sink_name=speaker rate=48000 channels=2",
        f"module-pipe-source source_name=beacon file={fifo} format=s16le rate=48000 channels=1",
        f"module-native-protocol-unix auth-anonymous=1 socket={listening}",
    ]
    command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
    command.append("--log-target=stderr")
    for module in modules:
        command += ["-L", module]
    return command


def _own_environment(folder: Path) -> dict[str, str]:
    own = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
    places = {
        "PULSE_RUNTIME_PATH": str(folder / "run"),
        "PULSE_STATE_PATH": str(folder / "state"),
    }
    return {**own, **places, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}


def _answers(listening: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as knock:
        return knock.connect_ex(str(listening)) == 0


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
