"""What each rung of the quality ladder weighs and costs on the demonstration media.

The recorder's own tracks in this process (camera, microphone, a desktop of 1920x1080 on which
somebody types) write into a book that only counts. One rung after the other, in rounds; at the end
the best rung once more with a desktop on which nothing moves. Ours is the processor share of the
lowest rung, the anchor that of the best.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import psutil

from benchmarks.bench_recorder import MEDIA, SIZE, TYPING, v4l2_source
from benchmarks.outcome import report
from zhishiyun_client.capture.rungs import RUNGS, Rung
from zhishiyun_client.capture.studio import Studio
from zhishiyun_client.rehearsal.camera import DemonstrationCamera
from zhishiyun_client.rehearsal.desktop import VirtualDesktop
from zhishiyun_client.rehearsal.sound import VirtualMicrophone
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_protocol.evidence.contents import Cause, DeviceEvent, Stream
from zhishiyun_protocol.evidence.layout import OVERHEAD_BYTES, Track
from zhishiyun_protocol.evidence.sealing import TAG_BYTES
from zhishiyun_protocol.plan import Recording

ROUNDS = 2
RUN_S = 20.0  # two key frames of the camera, one of the screen
SETTLE_S = 2.0
TRACKS = (Track.CAMERA, Track.MICROPHONE, Track.SCREEN)


class CountingBook:
    """Counts what a log would hold, records' headers and seals included."""

    run = 1

    def __init__(self) -> None:
        self.bytes: Counter[Track] = Counter()
        self.packets: Counter[Track] = Counter()
        self._began_us = monotonic_us()

    def place_us(self, at_us: int) -> int:
        """Where an instant lies."""
        return at_us - self._began_us

    def stream(self, track: Track, stream: Stream) -> None:
        """A stream begins."""

    def packet(
        self, track: Track, data: bytes, *, at_us: int, duration_us: int, is_key: bool
    ) -> bool:
        """Count one."""
        self.bytes[track] += len(data) + OVERHEAD_BYTES + TAG_BYTES
        self.packets[track] += 1
        return True

    def blame(self, track: Track, cause: Cause) -> None:
        """Nothing is missing here."""

    def explain(self, track: Track, cause: Cause) -> None:
        """Nothing is missing here."""

    def device(self, track: Track, event: DeviceEvent) -> None:
        """Devices stay."""


def main() -> int:
    """Set the stage, and measure in a process that finds it there."""
    if len(sys.argv) == 3:
        return _measure_all(sys.argv[1], int(sys.argv[2]))
    with ExitStack() as stack:
        desktop = stack.enter_context(VirtualDesktop(SIZE))
        camera = stack.enter_context(DemonstrationCamera(MEDIA.film))
        voice = stack.enter_context(VirtualMicrophone(MEDIA.voice))
        os.environ.update(desktop.environment | camera.environment | voice.environment)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        typist = subprocess.Popen([sys.executable, "-c", TYPING], stdin=subprocess.DEVNULL)
        stack.callback(typist.wait)
        stack.callback(typist.kill)
        source = v4l2_source(folder)
        camera_id = source.camera_id if source else camera.address
        itself = [sys.executable, "-m", "benchmarks.bench_rungs", camera_id, str(typist.pid)]
        return subprocess.run(itself, check=False).returncode


def _measure_all(camera_id: str, typist_pid: int) -> int:
    cores: dict[str, list[float]] = {rung.name: [] for rung in RUNGS}
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(Path(folder), print)
        studio.start()
        studio.choose(camera_id, "")
        time.sleep(SETTLE_S)
        for _ in range(ROUNDS):
            for rung in RUNGS:
                cores[rung.name].append(_measure(studio, rung, rung.name))
        psutil.Process(typist_pid).kill()
        still = _measure(studio, RUNGS[0], "P, nothing moves on the screen")
        studio.close()
    for name, found in cores.items():
        print(f"  {name}: {statistics.median(found):.3f} cores")
    print(f"  P, nothing moves: {still:.3f} cores")
    report("rungs", cores[RUNGS[-1].name], cores[RUNGS[0].name], "cores")
    return 0


def _measure(studio: Studio, rung: Rung, name: str) -> float:
    """Record on a rung for a while; the processor share."""
    book = CountingBook()
    studio.use(rung)
    studio.record(book, Recording())
    before_s, began_s = time.process_time(), time.monotonic()
    time.sleep(RUN_S)
    used_s, passed_s = time.process_time() - before_s, time.monotonic() - began_s
    studio.finish()
    kbps = {track.name.lower(): book.bytes[track] * 8 / passed_s / 1000 for track in TRACKS}
    counts = ", ".join(f"{track.name.lower()} {book.packets[track]}" for track in TRACKS)
    weights = ", ".join(f"{track} {weight:.0f}" for track, weight in kbps.items())
    print(f"  {name}: {sum(kbps.values()):.0f} kbit/s ({weights}); packets {counts}")
    return used_s / passed_s


if __name__ == "__main__":
    sys.exit(main())
