"""Opening a log: a new one, or one that a crash left behind, cut and continued as a new run."""

from __future__ import annotations

import hashlib
import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path

from zhishiyun_client.evidence.boot import boot_id
from zhishiyun_client.evidence.lives import Life, read_life, write_life
from zhishiyun_client.evidence.tail import Tail, read_tail
from zhishiyun_client.evidence.writer import LogKeys, LogWriter, ServerTime
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_client.runtime.durable import sync_folder
from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.evidence.chain import Head
from zhishiyun_protocol.evidence.contents import Cause, Gap, Run
from zhishiyun_protocol.evidence.coverage import TRACKS
from zhishiyun_protocol.evidence.layout import (
    UNKNOWN_ERROR_US,
    Kind,
    LogHeader,
    encode_header,
)
from zhishiyun_protocol.signing import canonical_json

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """A log that can be appended to, and what was found.

    gap_us:    how long nothing was recorded; 0 in the first run
    placed_us: per track, how far on the timeline it is accounted for
    """

    writer: LogWriter
    run: Run
    gap_us: int
    torn_bytes: int
    placed_us: dict[int, int]


@dataclass(frozen=True, slots=True)
class Closed:
    """A log that is complete: nothing is recorded any more, only uploaded."""

    head: Head


def open_log(
    log: Path, header: LogHeader, keys: LogKeys, server_time: ServerTime, version: str
) -> Opened | Closed:
    """Make the log, or cut its torn tail and begin the next run in it.

    Raises:
        Refused: LOG_FOREIGN: another attempt's log lies there; nothing was changed.
        OSError: the disk refuses, or another program holds a file; tried again, it goes on.
    """
    life = read_life(log)
    tail = read_tail(log, _as_run(life, version)) if log.exists() else None
    if tail is None:
        _create(log, header)
        tail = read_tail(log, None)
    if tail is None or not _same(tail.header, header):
        raise Refused(
            "LOG_FOREIGN",
            f"{log.name} belongs to another attempt.",
            f"{log.name} 属于另一次考试，不能继续写入。",
        )
    if tail.torn_bytes:
        LOG.warning("cutting %d torn bytes from %s", tail.torn_bytes, log.name)
        _cut(log, tail.length)
    if tail.ended:
        return Closed(Head(tail.records, tail.length, tail.digest, tail.last_run))
    run = _next_run(log, tail, life, server_time, version)
    head = Head(tail.records, tail.length, tail.digest, run.run)
    writer = LogWriter(log, header.attempt_id, head, run.run, keys, server_time)
    return _begin_run(writer, run, tail)


def _begin_run(writer: LogWriter, run: Run, tail: Tail) -> Opened:
    """Write the RUN record, and one GAP a track over what the crash cost."""
    writer.append(Kind.RUN, canonical_json(run), at_us=run.monotonic_us)
    placed_us = dict.fromkeys((int(track) for track in TRACKS), 0)
    gap_us = 0
    if tail.records:
        last_us = max(tail.placed_us.values(), default=run.timeline_us)
        gap_us = max(run.timeline_us - last_us, 0)
        torn_bytes = tail.torn_bytes
        for track in TRACKS:
            from_us = min(tail.placed_us.get(track, last_us), run.timeline_us)
            gap = Gap(
                tracks=(int(track),),
                from_us=from_us,
                to_us=run.timeline_us,
                cause=run.cause,
                torn_bytes=torn_bytes,
            )
            writer.append(Kind.GAP, canonical_json(gap))
            torn_bytes = 0
            placed_us[int(track)] = run.timeline_us
    writer.sign_head()
    writer.sync()
    return Opened(writer, run, gap_us, tail.torn_bytes, placed_us)


def _next_run(
    log: Path, tail: Tail, life: Life | None, server_time: ServerTime, version: str
) -> Run:
    """Decide number, cause and place of the new run, and make its number durable."""
    now_us = monotonic_us()
    boot = boot_id()
    cause, timeline_us = Cause.START, 0
    if tail.records:
        cause = _cause(life, boot)
        timeline_us = _timeline_us(log, tail, life, boot, now_us, server_time)
    number = max(life.run if life else 0, tail.last_run) + 1
    write_life(log, Life(run=number, boot_id=boot, monotonic_us=now_us, timeline_us=timeline_us))
    return Run(
        run=number,
        cause=cause,
        boot_id=boot,
        monotonic_us=now_us,
        timeline_us=timeline_us,
        client_version=version,
    )


def _cause(life: Life | None, boot: str) -> Cause:
    if life is None:
        return Cause.UNKNOWN
    if life.stopped:
        return Cause.STOPPED
    return Cause.RECORDER_KILLED if life.boot_id == boot else Cause.POWER_LOST


def _timeline_us(
    log: Path, tail: Tail, life: Life | None, boot: str, now_us: int, server_time: ServerTime
) -> int:
    """Where on the timeline the new run begins.

    Within one boot the monotonic clock tells. After a reboot the exam's clock tells; where it is
    not known yet, the age of the file, so that the gap is never claimed to be nothing.
    """
    if life is not None and life.boot_id == boot:
        return max(life.timeline_us + now_us - life.monotonic_us, _reached_us(tail))
    server_us, _error_us = server_time(now_us)
    if server_us and tail.error_us != UNKNOWN_ERROR_US:
        gone_us = round((server_us - tail.server_us) / tail.header.speed)
    else:
        gone_us = round((time.time() - log.stat().st_mtime) * 1_000_000)
    return _reached_us(tail) + max(gone_us, 0)


def _reached_us(tail: Tail) -> int:
    """The last instant of the timeline that the log knows."""
    last_us = 0
    if tail.run is not None:
        last_us = tail.run.timeline_us + tail.monotonic_us - tail.run.monotonic_us
    return max(last_us, *tail.placed_us.values(), 0)


def _as_run(life: Life | None, version: str) -> Run | None:
    if life is None:
        return None
    return Run(
        run=life.run,
        cause=Cause.UNKNOWN,
        boot_id=life.boot_id,
        monotonic_us=life.monotonic_us,
        timeline_us=life.timeline_us,
        client_version=version,
    )


def _same(found: LogHeader, wanted: LogHeader) -> bool:
    return (found.attempt_id, found.key_check, found.device_key) == (
        wanted.attempt_id,
        wanted.key_check,
        wanted.device_key,
    )


def _create(log: Path, header: LogHeader) -> None:
    """Write a log that holds nothing but its header; durable, name included."""
    data = encode_header(header)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    descriptor = os.open(log, flags, 0o600)
    try:
        os.write(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(log.parent)
    LOG.info("log %s begins, header %s", log.name, hashlib.sha256(data).hexdigest()[:16])


def _cut(log: Path, length: int) -> None:
    with log.open("r+b") as file:
        file.truncate(length)
        file.flush()
        os.fsync(file.fileno())
