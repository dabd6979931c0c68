"""One attempt as ordinary files: an MP4 a track and timeline.json (design §3)."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from zhishiyun_protocol.errors import Fixable
from zhishiyun_protocol.evidence.verify import Verifier
from zhishiyun_protocol.timing import SECOND_US
from zhishiyun_server.domain.facts import Facts
from zhishiyun_server.evidence.alignment import ClockPoints
from zhishiyun_server.evidence.opening import open_recording
from zhishiyun_server.evidence.phone_export import export_phone, nothing_filmed
from zhishiyun_server.evidence.remux import Written, remux_track
from zhishiyun_server.evidence.unsealing import Opened
from zhishiyun_server.evidence.verdict_facts import gap_facts, log_facts
from zhishiyun_server.keep.audit import note
from zhishiyun_server.keep.facts import facts_of
from zhishiyun_server.keep.receipts import receipt_of
from zhishiyun_server.keep.recordings import recordings_of
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
    phones: int = 0  # whose recordings have arrived, in whole or in part


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

    The computer's tracks, the parts of every phone, and one timeline for all of them.

    Raises:
        Fixable: ATTEMPT_UNKNOWN or NOTHING_RECORDED.
        Refused: LOG_WRONG_KEY or EVIDENCE_EXPIRED.
        Broken: EXPORT_STREAM_UNREADABLE.
    """
    database = premises.database
    facts = _facts(premises, attempt_id)
    computers, *phones = database.read(lambda c: recordings_of(c, attempt_id))
    folder = out / attempt_id
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    work = folder / ".work"
    try:
        opened = open_recording(premises, computers, work) or Opened(Verifier())
        files = [
            written
            for _, stretches in groupby(opened.stretches, key=lambda s: s.track)
            for written in remux_track(list(stretches), folder)
        ]
    finally:
        shutil.rmtree(work, ignore_errors=True)
    parts = [
        told
        for number, phone in enumerate(phones, 1)
        if (told := export_phone(premises, phone, number, folder, opened.clock)) is not None
    ]
    verdict = opened.verifier.verdict()
    if not verdict.length and not parts:
        shutil.rmtree(folder, ignore_errors=True)
        raise Fixable(
            "NOTHING_RECORDED",
            f"Nothing of the recording of {attempt_id} has arrived.",
            f"尚未收到 {attempt_id} 的录像。",
        )
    until_us = max((track.seconds for track in verdict.coverage), default=0) * SECOND_US
    timeline = {
        **_timeline(premises, facts, opened, files),
        "phones": parts,
        "phones_missing": nothing_filmed(parts, until_us) if parts else [],
    }
    (folder / "timeline.json").write_bytes(
        msgspec.json.format(msgspec.json.encode(timeline), indent=2)
    )
    now_us = premises.clock.now_us()
    database.write_now(lambda c: note(c, now_us, "evidence.exported", attempt_id))
    of_phones = [file["name"] for part in parts for file in part["files"]]
    return Exported(
        attempt_id=attempt_id,
        folder=str(folder),
        files=(*(file.name for file in files), *of_phones, "timeline.json"),
        runs=verdict.runs,
        gaps=len(verdict.gaps),
        complete=verdict.is_whole,
        faults=verdict.faults,
        phones=len(parts),
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
        "log": log_facts(verdict),
        "runs": opened.runs,
        "stages": _stages(facts, opened.clock),
        **opened.told,
        "gaps": [gap_facts(gap) for gap in verdict.gaps],
        "coverage": verdict.coverage,
        "files": [asdict(file) for file in files],
        "receipt": receipt,
    }


def _stages(facts: Facts, clock: ClockPoints) -> list[dict[str, Any]]:
    """When each stage ran, by the exam's clock and on the timeline (R137)."""
    return [
        {
            "index": times.index,
            "kind": times.stage.kind.value,
            "title": times.stage.title,
            "waits_from_us": times.waits_from_us,
            "begins_us": times.begins_us,
            "ends_us": times.ends_us,
            "timeline_begins_us": clock.place_us(times.begins_us),
            "timeline_ends_us": clock.place_us(times.ends_us),
        }
        for times in facts.schedule()
    ]
