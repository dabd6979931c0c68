"""Fixtures: a desktop, a microphone and cameras, started when first asked for, surely stopped.

`pytest_plugins = ["tests.rigs.fixtures"]` makes them known; programs under test are started with
`{**os.environ, **thing.environment}`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.rigs import held_files
from tests.rigs.held_files import HeldFiles
from tests.rigs.v4l2_camera import V4l2Camera, compile_library
from zhishiyun_client.rehearsal.camera import DemonstrationCamera
from zhishiyun_client.rehearsal.desktop import DesktopSize, VirtualDesktop
from zhishiyun_client.rehearsal.devices import Media
from zhishiyun_client.rehearsal.sound import VirtualMicrophone

if TYPE_CHECKING:
    from tests.rigs.beacon.scene import BeaconScene

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
MEDIA = Media.of(RESOURCES)


@pytest.fixture(scope="session")
def virtual_desktop() -> Iterator[VirtualDesktop]:
    """Xvfb and openbox, 1366 x 768."""
    _needs("Xvfb", "openbox")
    with VirtualDesktop(DesktopSize(1366, 768)) as desktop:
        yield desktop


@pytest.fixture(scope="session")
def virtual_microphone() -> Iterator[VirtualMicrophone]:
    """A microphone that speaks Mandarin, already flowing."""
    _needs("pulseaudio", "paplay", "parec")
    with VirtualMicrophone(MEDIA.voice) as microphone:
        _wait_for_sound(microphone)
        yield microphone


@pytest.fixture(scope="session")
def demo_camera() -> Iterator[DemonstrationCamera]:
    """The film over HTTP."""
    with DemonstrationCamera(MEDIA.film) as camera:
        yield camera


@pytest.fixture(scope="session")
def _camera_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    _needs("gcc")
    return compile_library(tmp_path_factory.mktemp("vcam"))


@pytest.fixture(scope="session")
def _held_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    _needs("gcc")
    return held_files.compile_library(tmp_path_factory.mktemp("held"))


@pytest.fixture
def held(_held_library: Path, tmp_path: Path) -> HeldFiles:
    """Another program that holds the files of an attempt, for child processes."""
    return HeldFiles(_held_library, tmp_path / "home", tmp_path, names="attempt")


@pytest.fixture(scope="session")
def one_rate_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """To preload with ONE_RATE_HZ: a sound card that knows no other rate."""
    _needs("gcc")
    library = tmp_path_factory.mktemp("rate") / "librate.so"
    source = Path(__file__).with_name("one_rate_preload.c")
    strict = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run(["gcc", *strict, "-o", str(library), str(source), "-ldl"], check=True)
    return library


@pytest.fixture
def v4l2_camera(_camera_library: Path, tmp_path: Path) -> V4l2Camera:
    """/dev/video0 for child processes, in order; `be(State.GONE)` unplugs it."""
    return V4l2Camera(_camera_library, MEDIA.film, tmp_path)


@pytest.fixture
def camera_of_modes(_camera_library: Path, tmp_path: Path) -> Callable[[str], V4l2Camera]:
    """Makes a camera that can do these (VCAM_MODES), seen in /dev while it is not gone."""

    def make(modes: str) -> V4l2Camera:
        return V4l2Camera(_camera_library, MEDIA.film, tmp_path, modes=modes, is_listed=True)

    return make


@pytest.fixture(scope="session")
def beacon_scene() -> Iterator[BeaconScene]:
    """Camera, microphone (100 millionths fast) and screen that tell the time."""
    from tests.rigs.beacon.scene import PROGRAMS, BeaconScene  # OpenCV, which Wine has not

    _needs(*PROGRAMS)
    with BeaconScene(ppm=100) as scene:
        yield scene


def _needs(*programs: str) -> None:
    """Skip where a stand-in cannot be: other systems, or packages that are not installed."""
    if sys.platform != "linux":
        pytest.skip("virtual devices are made on Linux")
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


def _wait_for_sound(microphone: VirtualMicrophone) -> None:
    """Read the first tenth of a second: the sink wakes up only with its first reader."""
    listening = subprocess.Popen(
        ["parec", "--latency-msec=30", "--raw", "--device=voice"],
        env={**os.environ, **microphone.environment},
        stdout=subprocess.PIPE,
    )
    with listening:
        assert listening.stdout is not None
        heard = listening.stdout.read(8820)
        listening.terminate()
    assert len(heard) == 8820, "the virtual microphone is silent"
