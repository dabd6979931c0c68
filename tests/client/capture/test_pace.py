"""An encoder may not put itself before everybody else on the machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

OPENS = """
import io, json, os, sys
import av
from zhishiyun_client.capture import encoders
row, wanted = getattr(encoders, sys.argv[1]), encoders.PictureFormat(320, 180, 15)
container, stream = encoders.open_pictures(io.BytesIO(), row, wanted)
frame = av.VideoFrame(320, 180, "yuv420p")
frame.pts = 0
stream.encode(frame)
print(json.dumps([os.sched_getscheduler(int(each)) for each in os.listdir("/proc/self/task")]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the library does not do so")
@pytest.mark.parametrize("row", ["AV1_CAMERA", "AV1_SCREEN", "X264_CAMERA"])
def test_no_thread_of_an_encoder_runs_in_real_time(row: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", OPENS, row], capture_output=True, text=True, check=True
    ).stdout

    assert set(json.loads(told.splitlines()[-1])) == {os.SCHED_OTHER}
