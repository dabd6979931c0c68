"""make campaign-phone: kills the phone's page while it films, and says what each kill cost.

A real browser with its drawn camera, a real server. Lost: from the last moment that is in the log
to the kill. Away: from the kill to the first picture of the page that was opened again.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
from pathlib import Path

from tests.helpers.browsing import Browser
from tests.helpers.waits import wait_until
from tests.server.phone_page import (
    SLOW_S,
    bind,
    exam_for_phones,
    filmed_s,
    logged_in,
    on,
    place,
    read_bytes,
)
from tests.server.rig import serving, wall_us
from zhishiyun_protocol.evidence.layout import Kind, Record
from zhishiyun_protocol.evidence.verify import Verifier

SECOND_US = 1_000_000
LONGEST_FILM_S = 6.0


def main() -> None:
    """Kill so often, print a line each and what is usual."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=20)
    kills = options.parse_args().kills
    with tempfile.TemporaryDirectory() as folder:
        lost_s, away_s = campaign(Path(folder), kills)
    for name, values in (("lost", lost_s), ("away", away_s)):
        print(
            f"{name}: median {statistics.median(values):.2f} s,"
            f" longest {max(values):.2f} s, {len(values)} kills"
        )


def campaign(folder: Path, kills: int) -> tuple[list[float], list[float]]:
    """Seconds lost and seconds away of every kill."""
    exam = exam_for_phones(folder)
    options = ("--phone", "--keeps", str(folder / "browser"))
    lost_s, away_s = [], []
    with serving(exam) as server, logged_in(exam, server.url) as candidate:
        with Browser(f"{server.url}/p/", *options) as page:
            bind(page, candidate)
            place(page)
            killed_us = _film_and_kill(page)
        for number in range(1, kills + 1):
            with Browser(f"{server.url}/p/", *options) as page:
                on(page, "film")
                before_s = filmed_s(page)
                wait_until(lambda: filmed_s(page) > before_s, SLOW_S, "film")  # noqa: B023
                last_us, next_us = _around_last_run(read_bytes(page))
                lost_s.append(max(0.0, (killed_us - last_us) / SECOND_US))
                away_s.append((next_us - killed_us) / SECOND_US)
                print(f"{number}: lost {lost_s[-1]:.2f} s, away {away_s[-1]:.2f} s", flush=True)
                killed_us = _film_and_kill(page)
    return lost_s, away_s


def _film_and_kill(page: Browser) -> int:
    """Kill at any moment of the next seconds; returns when, by the exam's clock."""
    ends_s = filmed_s(page) + random.uniform(1.0, LONGEST_FILM_S)
    wait_until(lambda: filmed_s(page) >= ends_s, SLOW_S, "film")
    killed_us = wall_us()
    page.kill()
    return killed_us


def _around_last_run(whole: bytes) -> tuple[int, int]:
    """When the film before the newest run ended, and when the film after it began."""
    verifier = Verifier()
    records = list(verifier.records(whole))
    faults = verifier.faults()
    assert faults == ("LOG_NOT_ENDED",), faults
    newest = max(record.header.run for record in records)
    films = [record for record in records if record.header.kind == Kind.PACKET]
    before = [record for record in films if record.header.run < newest]
    after = [record for record in films if record.header.run == newest]
    return max(map(_end_us, before)), min(record.header.server_us for record in after)


def _end_us(record: Record) -> int:
    return record.header.server_us + record.header.duration_us


if __name__ == "__main__":
    main()
