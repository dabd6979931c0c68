"""One attempt as ordinary files: an MP4 a track and timeline.json (design §3)."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from zhishiyun_protocol.errors import Fixable, Refused
from zhishiyun_server.domain.facts import Facts
from zhishiyun_server.evidence.remux import Written, remux_track
from zhishiyun_server.evidence.unsealing import Opened, Unsealer
from zhishiyun_server.keep import chunks
from zhishiyun_server.keep.audit import note
from zhishiyun_server.keep.facts import facts_of
from zhishiyun_server.keep.receipts import receipt_of
from zhishiyun_server.keep.recordings import recording_by
from zhishiyun_server.keep.tables import attempts
from zhishiyun_server.premises import Premises


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What was written for one attempt."""

    attempt_id: str
    folder: str
    files: tuple[str, ...]
    runs: int
    gaps: int
    complete: bool
    faults: tuple[str, ...]


def attempts_of(connection: Connection, exam_id: str) -> list[str]:
    """The attempts of an exam that entered."""
    return list(
        connection.execute(
            select(attempts.c.id)
            .where(attempts.c.exam_id == exam_id, attempts.c.entered_us.is_not(None))
            .order_by(attempts.c.id)
        ).scalars()
    )


def export_attempt(premises: Premises, attempt_id: str, out: Path) -> Exported:
    """Write an attempt's files into `out`/<attempt>; what is there already is replaced.

    Raises:
        Fixable: ATTEMPT_UNKNOWN or NOTHING_RECORDED.
        Refused: LOG_WRONG_KEY or EVIDENCE_EXPIRED.
        Broken: EXPORT_STREAM_UNREADABLE.
    """
    database = premises.database
    facts = _facts(premises, attempt_id)
    key = database.read(lambda c: recording_by(c, attempt_id)).evidence_key
    if not key:
        raise Refused(
            "EVIDENCE_EXPIRED",
            f"The recording of {attempt_id} was deleted when its time was over.",
            f"{attempt_id} 的录像保存期限已到，已按规定删除。",
        )
    premises.shelf.discover_all(attempt_id, premises.clock.now_us())
    held = database.read(lambda c: chunks.of_recording(c, attempt_id))
    contiguous = _contiguous(held)
    if not contiguous:
        raise Fixable(
            "NOTHING_RECORDED",
            f"Nothing of the recording of {attempt_id} has arrived.",
            f"尚未收到 {attempt_id} 的录像。",
        )
    folder = out / attempt_id
    work = folder / ".work"
    shutil.rmtree(folder, ignore_errors=True)
    work.mkdir(parents=True, mode=0o700)
    try:
        opened = Unsealer(key, work).read(premises.shelf.open(chunk) for chunk in contiguous)
        files = [
            written
            for _, stretches in groupby(opened.stretches, key=lambda s: s.track)
            for written in remux_track(list(stretches), folder)
        ]
    finally:
        shutil.rmtree(work, ignore_errors=True)
    now_us = premises.clock.now_us()
    timeline = _timeline(premises, facts, opened, files)
    (folder / "timeline.json").write_bytes(
        msgspec.json.format(msgspec.json.encode(timeline), indent=2)
    )
    database.write_now(lambda c: note(c, now_us, "evidence.exported", attempt_id))
    verdict = opened.verifier.verdict()
    return Exported(
        attempt_id=attempt_id,
        folder=str(folder),
        files=(*(file.name for file in files), "timeline.json"),
        runs=verdict.runs,
        gaps=len(verdict.gaps),
        complete=verdict.is_whole,
        faults=verdict.faults,
    )


def _facts(premises: Premises, attempt_id: str) -> Facts:
    known = premises.database.read(
        lambda c: c.execute(select(attempts.c.id).where(attempts.c.id == attempt_id)).first()
    )
    if known is None:
        raise Fixable(
            "ATTEMPT_UNKNOWN",
            f"There is no attempt {attempt_id} here.",
            f"本服务器上没有编号为 {attempt_id} 的应试记录。",
        )
    return premises.database.read(lambda c: facts_of(c, attempt_id))


def _contiguous(held: list[chunks.Chunk]) -> list[chunks.Chunk]:
    """The chunks from the first byte up to the first hole."""
    found: list[chunks.Chunk] = []
    at = 0
    for chunk in held:
        if chunk.first_byte != at:
            break
        found.append(chunk)
        at = chunk.end_byte
    return found


def _timeline(
    premises: Premises, facts: Facts, opened: Opened, files: list[Written]
) -> dict[str, Any]:
    verdict = opened.verifier.verdict()
    receipt = premises.database.read(lambda c: receipt_of(c, facts.attempt_id))
    return {
        "attempt_id": facts.attempt_id,
        "exam_id": facts.exam_id,
        "draw_number": facts.draw_number,
        "formal": receipt.body.formal if receipt else facts.formal and verdict.formal,
        "log": {
            "length": verdict.length,
            "records": verdict.records,
            "head": verdict.head,
            "sha256": verdict.sha256,
            "complete": verdict.is_whole,
            "faults": verdict.faults,
        },
        "runs": opened.runs,
        "stages": _stages(facts, opened.exam_times),
        **opened.told,
        "gaps": verdict.gaps,
        "coverage": verdict.coverage,
        "files": [asdict(file) for file in files],
        "receipt": receipt,
    }


def _stages(facts: Facts, exam_times: list[tuple[int, int]]) -> list[dict[str, Any]]:
    """When each stage ran, by the exam's clock and on the timeline (R137)."""
    return [
        {
            "index": times.index,
            "kind": times.stage.kind.value,
            "title": times.stage.title,
            "waits_from_us": times.waits_from_us,
            "begins_us": times.begins_us,
            "ends_us": times.ends_us,
            "timeline_begins_us": place_on_timeline(exam_times, times.begins_us),
            "timeline_ends_us": place_on_timeline(exam_times, times.ends_us),
        }
        for times in facts.schedule()
    ]


def place_on_timeline(exam_times: list[tuple[int, int]], exam_us: int) -> int | None:
    """Where on the timeline the exam's clock showed `exam_us`, between what records say.

    The slope between two records tells the clock's speed; outside them it is carried on.
    """
    points = sorted(set(exam_times))
    if not points:
        return None
    if len(points) == 1:
        return points[0][1] + exam_us - points[0][0]
    after = next((i for i, point in enumerate(points) if point[0] >= exam_us), len(points) - 1)
    (from_exam, from_place), (to_exam, to_place) = points[max(after, 1) - 1], points[max(after, 1)]
    if to_exam == from_exam:
        return from_place
    share = (exam_us - from_exam) / (to_exam - from_exam)
    return from_place + round(share * (to_place - from_place))
