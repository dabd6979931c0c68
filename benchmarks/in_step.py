"""Sound, camera and screen against one another in the exported files: flash and beep (issue 3).

`python -m benchmarks.in_step [--seconds 600] [--ppm 100] [--out FILE]`: a camera, a sound card
whose crystal is off and a screen that all show the time of one clock; the recorder's process
records and uploads, the server exports, and the exported files are decoded. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.rigs.beacon.in_step import in_step
from tests.rigs.beacon.scene import BeaconScene
from tests.rigs.beacon.sitting import ServedDesk, Surroundings, admit, exam_in, export
from zhishiyun_client.rehearsal.desktop import DesktopSize


def main() -> int:
    """Record for so long and measure."""
    parser = argparse.ArgumentParser(prog="in-step", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--ppm", type=float, default=0.0, help="the sound card's crystal")
    parser.add_argument("--size", type=DesktopSize.parse, default=DesktopSize(1920, 1080))
    parser.add_argument("--out", type=Path, help="the result as JSON")
    wishes = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="in-step-") as place:
        result = _measure(wishes, Path(place))
    words = json.dumps(result)
    if wishes.out:
        wishes.out.write_text(words + "\n", "utf-8")
    print(words)
    return 0


def _measure(wishes: argparse.Namespace, folder: Path) -> dict[str, object]:
    loads: list[float] = []
    with (
        BeaconScene(wishes.ppm, wishes.size) as scene,
        Surroundings(scene.environment),
        exam_in(folder) as (exam, server),
    ):
        admission = admit(exam, server.url)
        with ServedDesk(folder / "candidate", admission) as desk:
            desk.record()
            until_s = time.monotonic() + wishes.seconds
            while time.monotonic() < until_s:
                desk.record_for(min(10.0, max(1.0, until_s - time.monotonic())))
                loads.append(os.getloadavg()[0])
            status = desk.status
            verdict = desk.hand_in()
        recording = export(exam, admission.begin.attempt_id, folder / "export")
    assert status is not None
    return {
        "ppm": wishes.ppm,
        "whole": verdict.is_whole,
        "load": [min(loads), round(sum(loads) / len(loads), 2), max(loads)],
        "dropped": [status.camera.dropped, status.microphone.dropped, status.screen.dropped],
        "voice": scene.voice_said,
        **in_step(recording).told(),
    }


if __name__ == "__main__":
    sys.exit(main())
