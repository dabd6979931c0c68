"""Real X servers for tests: Xvfb, or Xorg with dummy outputs that can be plugged and unplugged."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

OUTPUTS_CONFIG = """
Section "ServerFlags"
  Option "AutoAddDevices" "false"
  Option "AutoEnableDevices" "false"
  Option "DontVTSwitch" "true"
  Option "AllowMouseOpenFail" "true"
EndSection
Section "Device"
  Identifier "dummy"
  Driver "dummy"
  VideoRam 64000
EndSection
Section "Monitor"
  Identifier "m"
  HorizSync 5-1000
  VertRefresh 5-200
  Modeline "1366x768" 85.5 1366 1436 1579 1792 768 771 774 798
EndSection
Section "Screen"
  Identifier "s"
  Device "dummy"
  Monitor "m"
  DefaultDepth 24
  SubSection "Display"
    Depth 24
    Modes "1366x768"
    Virtual 4096 2048
  EndSubSection
EndSection
"""
DUMMY_DRIVER = Path("/usr/lib/xorg/modules/drivers/dummy_drv.so")


@contextlib.contextmanager
def serving(command: list[str]) -> Iterator[str]:
    """Run an X server on a free display; it tells the number itself."""
    reader, writer = os.pipe()
    server = subprocess.Popen(
        [*command, "-displayfd", str(writer)],
        pass_fds=[writer],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as said:
            number = said.readline().strip()
        if not number:
            pytest.skip(f"{command[0]} does not start here")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


@contextlib.contextmanager
def xvfb(*options: str) -> Iterator[str]:
    """One virtual display of 1366x768."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    with serving(
        ["Xvfb", "-screen", "0", "1366x768x24", "-nolisten", "tcp", "-noreset", *options]
    ) as name:
        yield name


@contextlib.contextmanager
def xorg(folder: Path) -> Iterator[str]:
    """A server with sixteen outputs, of which the first shows a picture."""
    if shutil.which("Xorg") is None or not DUMMY_DRIVER.exists() or os.geteuid() != 0:
        pytest.skip("needs root, xserver-xorg-core and xserver-xorg-video-dummy")
    config = folder / "xorg.conf"
    config.write_text(OUTPUTS_CONFIG, encoding="utf-8")
    options = ["-noreset", "-nolisten", "tcp", "-novtswitch", "-sharevts"]
    log = ["-logfile", str(folder / "xorg.log")]
    with serving(["Xorg", "-config", str(config), *options, *log]) as name:
        yield name


def xrandr(display: str, *arguments: str) -> None:
    """Change the displays, as a person at the settings or a cable would."""
    if shutil.which("xrandr") is None:
        pytest.skip("needs xrandr (x11-xserver-utils)")
    subprocess.run(["xrandr", "-d", display, *arguments], check=True, capture_output=True)
