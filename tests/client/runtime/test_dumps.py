"""A crash leaves no memory on the disk (R043)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import os, signal, sys
from zhishiyun_client.runtime.dumps import forbid_core_dumps
forbid_core_dumps()
face = b"numbers of a face" * 1000
if sys.platform == "linux":
    print(next(l for l in open("/proc/self/limits") if l.startswith("Max core file size")))
sys.stdout.flush()
os.kill(os.getpid(), signal.SIGABRT)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows writes no core files")
def test_an_aborted_process_leaves_no_core_file(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])},
    )

    assert done.returncode == -signal.SIGABRT
    assert [path.name for path in tmp_path.iterdir() if "core" in path.name] == []
    if sys.platform == "linux":
        assert done.stdout.split()[4:6] == ["0", "0"]
