"""`make campaign-line`: the uploader on bad lines in real time, measured (docs/measured/line.md).

    python -m tests.campaigns.line [--cuts 30,300,1800] [--quick]

Each cut falls in every phase: before the first byte, among the chunks, before the seal. Told are
how long after the line's return the next byte arrived, what was sent beyond the log, the receipt.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.chunk_server import ChunkServer
from tests.helpers.flaky_proxy import FlakyProxy, Weather
from tests.helpers.seat import Seat
from tests.helpers.uploading import Desk
from tests.helpers.waits import wait_until
from tests.helpers.whole_log import LogMaker
from tests.server.rig import make_exam, serving

PHASES = {"before the first byte": 0.0, "among the chunks": 0.4, "before the seal": 1.0}
RATE_BYTES_S = 500_000
ROUTER_BYTES = 64 * 1024
_QUIET = threading.Lock()  # stdout is turned aside for one at a time
SIDE_BY_SIDE = 6  # the cuts of one length


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one cut went."""

    phase: str
    seconds: float
    is_hole: bool
    back_after_s: float
    beyond: float  # bytes sent, by the log's length

    def __str__(self) -> str:
        kind = "black hole" if self.is_hole else "reset, refused"
        return (
            f"| {self.seconds:.0f} s | {kind} | {self.phase} | {self.back_after_s:.1f} s "
            f"| {self.beyond:.3f} | yes |"
        )


def main() -> int:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(prog="make campaign-line")
    parser.add_argument("--cuts", default="30,300,1800", help="seconds, with commas between")
    parser.add_argument("--only-cuts", action="store_true")
    parser.add_argument("--quick", action="store_true", help="cuts of three seconds only")
    options = parser.parse_args()
    lengths = [3.0] if options.quick else [float(part) for part in options.cuts.split(",")]
    if not options.only_cuts:
        print("| line | cut | of its time used | sent by held |\n|---|---|---|---|")
        for rate, delay, every in ((100_000, 0.015, 5.0), (100_000, 0.1, 5.0), (37_500, 0.03, 0.0)):
            print(_share(rate, delay, every), flush=True)
    print("\n| cut | how | phase | next byte after its end | sent by held | receipt |")
    print("|---|---|---|---|---|---|")
    cases = [(s, phase, hole) for s in lengths for phase in PHASES for hole in (False, True)]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:  # they mostly wait
        for outcome in pool.map(lambda case: _cut(*case), cases):
            print(outcome, file=sys.__stdout__, flush=True)
    return 0


def _share(rate: float, delay_s: float, every_s: float) -> str:
    """What of a line's time was used for bytes that stay."""
    with tempfile.TemporaryDirectory() as place:
        log = LogMaker(Path(place))
        seal = log.packets(int(rate * 30 / 8_000), 8_000).end()
        weather = Weather(rate, ROUTER_BYTES, delay_s, all_cut_every_s=every_s)
        with (
            ChunkServer(Path(place) / "server") as server,
            FlakyProxy(server.port, weather) as proxy,
        ):
            desk = Desk(log, server)
            desk.uploads(proxy.url).finish(seal)
            wait_until(lambda: proxy.up_bytes)
            began_s = time.monotonic()
            wait_until(lambda: server.ledger.ranges() == [(0, seal.length)], 300)
            took_s = time.monotonic() - began_s
            beyond = proxy.up_bytes / seal.length
            desk.gets_receipt(30)
            desk.stops()
        log.close()
    line = f"{rate / 1000:.1f} kB/s, {2000 * delay_s:.0f} ms there and back"
    cut = f"every {every_s:.0f} s" if every_s else "none"
    return f"| {line} | {cut} | {seal.length / took_s / rate:.1%} | {beyond:.3f} |"


def _cut(seconds: float, phase: str, is_hole: bool) -> Outcome:
    """One upload to a real server that is cut once."""
    share = PHASES[phase]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with _QUIET, redirect_stdout(sys.stderr):
            exam = make_exam(folder, starts_at="+600", count=1)
        with serving(exam) as server:
            with _QUIET, redirect_stdout(sys.stderr):
                seat = Seat(exam, server.url, folder)
            weather = Weather(RATE_BYTES_S, ROUTER_BYTES, delay_s=0.02)
            port = int(server.url.rsplit(":", 1)[1])
            with FlakyProxy(port, weather) as proxy:
                if share == 0.0:
                    _goes(proxy, is_hole)
                with seat.uploading(proxy.url) as uploader:
                    wait_until(lambda: seat.held_bytes() >= share * len(seat.log.data), 120)
                    _goes(proxy, is_hole)
                    uploader.finish(seat.log.seal())
                    time.sleep(seconds)
                    back_after_s = _comes_back(proxy)
                    wait_until(seat.receipt, 180)
                seat.is_proven()
                return Outcome(
                    phase, seconds, is_hole, back_after_s, proxy.up_bytes / len(seat.log.data)
                )


def _goes(proxy: FlakyProxy, is_hole: bool) -> None:
    if is_hole:
        proxy.weather.is_hole = True
    else:
        proxy.weather.is_refusing = True
        proxy.reset_all()


def _comes_back(proxy: FlakyProxy) -> float:
    before, began_s = proxy.up_bytes, time.monotonic()
    proxy.weather.is_hole = proxy.weather.is_refusing = False
    wait_until(lambda: proxy.up_bytes > before, 120, "the uploader tries again")
    return time.monotonic() - began_s


if __name__ == "__main__":
    sys.exit(main())
