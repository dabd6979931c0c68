"""Log lines: whole, in order, written at the end, and never waited for."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from pathlib import Path

from zhishiyun_client.runtime.log import LineWriter


class StuckDisk(logging.Handler):
    """Writes nothing before it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.free = threading.Event()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.free.wait(30)
        self.said.append(record.getMessage())


def test_whoever_logs_does_not_wait_for_the_disk() -> None:
    disk = StuckDisk()
    writer = LineWriter(disk)
    began_s = time.monotonic()
    for number in range(100):
        writer.handle(logging.LogRecord("n", logging.INFO, "f", 1, "line %d", (number,), None))
    took_s = time.monotonic() - began_s
    assert disk.said == []

    disk.free.set()
    writer.finish()

    assert took_s < 15  # the disk was stuck for as long as it wished
    assert disk.said == [f"line {number}" for number in range(100)]


def test_the_last_line_of_a_process_is_in_its_file(tmp_path: Path) -> None:
    code = (
        "import logging, pathlib, sys\n"
        "from zhishiyun_client.runtime.log import start_logging\n"
        "start_logging(pathlib.Path(sys.argv[1]), 'desk')\n"
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n"
        "    logging.getLogger('test').exception('the last %s', 'line')\n"
    )

    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)

    said = (tmp_path / "logs" / "desk.log").read_text("utf-8")
    assert said.count("the last line") == 1
    assert said.count("ZeroDivisionError") == 1
    assert " ERROR MainThread test: " in said
