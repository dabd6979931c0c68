"""A log after a crash: cut at the last whole record, continued, the gap explicit (design §3)."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.client.evidence.logs import KEYS, book, header, of_kind, records, reopen, verdict
from zhishiyun_client.evidence import recovery, tail
from zhishiyun_client.evidence.lives import read_life, run_file, write_life
from zhishiyun_client.evidence.recovery import Closed, open_log
from zhishiyun_client.evidence.writer import no_server_time
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.evidence.contents import Cause, End, Gap, Run
from zhishiyun_protocol.evidence.layout import Kind, Track

SMALL = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def crashed_log(path: Path, packets: int = 6) -> bytes:
    """A log whose recorder was killed: no END, the descriptor simply gone."""
    writing = book(path)
    for number in range(packets):
        writing.packet(
            Track.CAMERA,
            bytes([number]) * 50,
            at_us=monotonic_us(),
            duration_us=66_000,
            is_key=False,
        )
    writing.close(stopped=False)
    return path.read_bytes()


def test_a_torn_tail_of_every_length_is_cut_at_the_last_whole_record(tmp_path: Path) -> None:
    path = tmp_path / "attempt-1.zlog"
    whole = crashed_log(path, packets=2)
    ends = {record.end for record in records(path)}
    start = records(path)[0].offset

    for length in range(start, len(whole) + 1):
        path.write_bytes(whole[:length])
        opened = reopen(path)
        opened.writer.close()

        kept = max((end for end in ends if end <= length), default=start)
        assert opened.torn_bytes == length - kept
        assert path.read_bytes()[:kept] == whole[:kept]
        assert verdict(path).faults == ("LOG_NOT_ENDED",)


@SMALL
@given(cut=st.integers(0, 400), rubbish=st.binary(max_size=600))
def test_zeros_and_rubbish_after_a_power_cut_are_cut_too(
    tmp_path: Path, cut: int, rubbish: bytes
) -> None:
    path = tmp_path / "attempt-1.zlog"
    for old in tmp_path.glob("attempt-1.*"):
        old.unlink()
    whole = crashed_log(path)
    path.write_bytes(whole[: len(whole) - cut] + rubbish)

    reopen(path).writer.close()

    assert verdict(path).faults == ("LOG_NOT_ENDED",)
    assert verdict(path).runs == 2


def test_a_hole_of_zeros_before_valid_records_ends_the_log_there(tmp_path: Path) -> None:
    path = tmp_path / "attempt-1.zlog"
    whole = bytearray(crashed_log(path))
    victim = records(path)[4]
    whole[victim.offset : victim.end] = bytes(victim.end - victim.offset)
    path.write_bytes(bytes(whole))

    opened = reopen(path)
    opened.writer.close()

    assert opened.torn_bytes == len(whole) - victim.offset
    assert verdict(path).faults == ("LOG_NOT_ENDED",)


def test_the_gap_after_a_kill_is_explicit_for_every_track(tmp_path: Path) -> None:
    path = tmp_path / "attempt-1.zlog"
    crashed_log(path)

    opened = reopen(path)
    opened.writer.close()

    gaps = [msgspec.json.decode(r.payload, type=Gap) for r in of_kind(path, Kind.GAP)]
    run = msgspec.json.decode(of_kind(path, Kind.RUN)[-1].payload, type=Run)
    assert {track for gap in gaps for track in gap.tracks} == {1, 2, 3}
    assert {gap.cause for gap in gaps} == {Cause.RECORDER_KILLED}
    assert {gap.to_us for gap in gaps} == {run.timeline_us}
    assert all(0 <= gap.from_us <= gap.to_us for gap in gaps)
    assert run.run == 2


def test_a_recorder_that_stopped_by_itself_is_not_called_killed(tmp_path: Path) -> None:
    path = tmp_path / "attempt-1.zlog"
    book(path).stop()

    opened = reopen(path)
    opened.writer.close()

    assert opened.run.cause is Cause.STOPPED


def test_another_boot_is_a_power_cut_and_the_exams_clock_places_it(tmp_path: Path) -> None:
    path = tmp_path / "attempt-1.zlog"
    began_us = 1_700_000_000_000_000
    opened = reopen(path, lambda _at_us: (began_us, 1000))
    opened.writer.close()
    life = read_life(path)
    assert life is not None
    write_life(path, msgspec.structs.replace(life, boot_id="another"))

    again = reopen(path, lambda _at_us: (began_us + 90_000_000, 1000))
    again.writer.close()

    assert again.run.cause is Cause.POWER_LOST
    assert 90_000_000 <= again.run.timeline_us < 91_000_000


def test_a_run_number_is_never_used_twice_even_if_its_first_record_was_lost(
    tmp_path: Path,
) -> None:
    path = tmp_path / "attempt-1.zlog"
    whole = crashed_log(path)
    reopen(path).writer.close()
    path.write_bytes(whole)  # the power cut took everything of run 2 but its run file

    opened = reopen(path)
    opened.writer.close()

    assert opened.run.run == 3


def test_the_run_number_is_durable_before_the_first_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "attempt-1.zlog"

    class PowerCut(Exception):
        pass

    def cut(*_args: object) -> None:
        raise PowerCut

    monkeypatch.setattr(recovery, "LogWriter", cut)
    with pytest.raises(PowerCut):
        open_log(path, header(), KEYS, no_server_time, "test")

    life = read_life(path)
    assert life is not None
    assert life.run == 1


def test_an_ended_log_is_only_uploaded(tmp_path: Path) -> None:
    path = tmp_path / "attempt-1.zlog"
    writing = book(path)
    writing.end(End(why="time_up", counts=()))
    writing.close(stopped=True)

    opened = open_log(path, header(), KEYS, no_server_time, "test")

    assert isinstance(opened, Closed)
    assert opened.head.length == path.stat().st_size
    assert verdict(path).is_whole


def test_another_attempts_log_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "attempt-1.zlog"
    before = crashed_log(path)

    with pytest.raises(Refused) as refusal:
        open_log(path, header("attempt-2"), KEYS, no_server_time, "test")

    assert refusal.value.code == "LOG_FOREIGN"
    assert path.read_bytes() == before


def test_a_log_without_its_run_file_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "attempt-1.zlog"
    crashed_log(path)
    run_file(path).unlink()

    opened = reopen(path)
    opened.writer.close()

    assert opened.run.run == 2
    assert opened.run.cause is Cause.UNKNOWN
    assert verdict(path).faults == ("LOG_NOT_ENDED",)


def test_a_long_log_is_recovered_from_its_tail_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "attempt-1.zlog"
    crashed_log(path, packets=200)
    monkeypatch.setattr(tail, "TAIL_BYTES", 2000)

    opened = reopen(path)
    opened.writer.close()

    assert opened.torn_bytes == 0
    assert opened.run.run == 2
    assert verdict(path).faults == ("LOG_NOT_ENDED",)
    assert [gap.from_us > 0 for gap in verdict(path).gaps if gap.tracks == (1,)] == [True]
