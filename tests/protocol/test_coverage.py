"""Coverage in runs says what counting every second would say, and costs nothing in the void."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from zhishiyun_protocol.evidence.contents import Cause, Run
from zhishiyun_protocol.evidence.coverage import ENOUGH_US, SECOND_US, Coverage
from zhishiyun_protocol.evidence.layout import Flag, Kind, RecordHeader, Track

PACKETS = st.lists(
    st.tuples(st.integers(-500_000, 9_000_000), st.integers(0, 3_500_000)), max_size=30
)


def packet(at_us: int, duration_us: int, track: Track = Track.CAMERA) -> RecordHeader:
    return RecordHeader(
        sequence=0,
        run=1,
        kind=Kind.PACKET,
        track=track,
        flags=Flag.NONE,
        monotonic_us=at_us,
        server_us=0,
        error_us=0,
        duration_us=duration_us,
        payload_bytes=0,
        previous=b"",
    )


def run() -> Run:
    return Run(
        run=1,
        cause=Cause.START,
        boot_id="",
        monotonic_us=0,
        timeline_us=0,
        client_version="",
    )


def counted(packets: list[tuple[int, int]]) -> tuple[int, tuple[tuple[int, int], ...]]:
    """(seconds, missing) by counting every microsecond of every second."""
    reach = end = 0
    covered: dict[int, int] = {}
    for at, duration in packets:
        start = max(at, 0)
        end = max(end, start)
        for second in range(start // SECOND_US, (start + duration) // SECOND_US + 1):
            first = max(start, reach, second * SECOND_US)
            upto = min(start + duration, (second + 1) * SECOND_US)
            covered[second] = covered.get(second, 0) + max(0, upto - first)
        reach = max(reach, start + duration)
    total = -(-end // SECOND_US)
    missing: list[tuple[int, int]] = []
    for second in range(total):
        here = end - second * SECOND_US if second == total - 1 else SECOND_US
        if covered.get(second, 0) >= min(ENOUGH_US, here // 2):
            continue
        if missing and missing[-1][1] == second:
            missing[-1] = (missing[-1][0], second + 1)
        else:
            missing.append((second, second + 1))
    return total, tuple(missing)


@given(PACKETS)
def test_runs_say_what_counting_says(packets: list[tuple[int, int]]) -> None:
    coverage = Coverage()
    coverage.begin_run(run())
    for at, duration in packets:
        coverage.add(packet(at, duration))

    camera = coverage.tracks()[0]

    assert (camera.seconds, camera.missing) == counted(packets)
    assert camera.covered == camera.seconds - sum(b - a for a, b in camera.missing)


def test_a_log_that_claims_absurd_times_costs_no_memory() -> None:
    coverage = Coverage()
    coverage.begin_run(run())
    tracemalloc.start()
    for at in (0, 2**40, 2**62):
        coverage.add(packet(at, 2**32 - 1))
    tracks = coverage.tracks()
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most_bytes < 100_000
    assert tracks[0].packets == 3
    assert len(tracks[0].missing) == 2
