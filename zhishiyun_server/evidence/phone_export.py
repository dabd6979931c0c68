"""The phones' parts as files beside the computer's, each in its place on the timeline (R075)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import av

from zhishiyun_protocol.evidence.layout import UNKNOWN_ERROR_US
from zhishiyun_protocol.timing import SECOND_US
from zhishiyun_server.evidence.alignment import ClockPoints
from zhishiyun_server.evidence.opening import open_recording
from zhishiyun_server.evidence.unsealing import Opened, Stretch
from zhishiyun_server.evidence.verdict_facts import gap_facts, log_facts
from zhishiyun_server.keep.receipts import receipt_of
from zhishiyun_server.keep.recordings import Recording
from zhishiyun_server.premises import Premises

SUFFIXES = {"webm": ".webm", "mp4": ".mp4"}
UNREADABLE = ".bin"  # what claims to be something else is kept as it came


def export_phone(
    premises: Premises, recording: Recording, number: int, folder: Path, clock: ClockPoints
) -> dict[str, Any] | None:
    """Write one phone's parts as `phone-<number>-<part>.webm` or `.mp4`; None: nothing arrived.

    clock: what the computer's recording knew of the exam's time: places are on its timeline.

    Raises:
        Refused: LOG_WRONG_KEY or EVIDENCE_EXPIRED.
    """
    work = folder / f".work-{number}"
    try:
        opened = open_recording(premises, recording, work)
        if opened is None:
            return None
        files = [
            {**_place(stretch, clock), **_write(stretch, folder / f"phone-{number}-{part}")}
            for part, stretch in enumerate(opened.stretches, 1)
        ]
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return _told(premises, recording, opened, files, clock)


def nothing_filmed(parts: list[dict[str, Any]], until_us: int) -> list[tuple[int, int]]:
    """Where on the computer's timeline no phone filmed, whichever of them it should have been.

    Shorter than a second is the space between two blobs.
    """
    placed = sorted(
        (file["timeline_starts_us"], file["timeline_ends_us"])
        for part in parts
        for file in part["files"]
        if file["timeline_starts_us"] is not None and file["remuxed"]
    )
    found, at_us = [], 0
    for starts_us, ends_us in placed:
        if starts_us - at_us >= SECOND_US:
            found.append((at_us, min(starts_us, until_us)))
        at_us = max(at_us, ends_us)
    if until_us - at_us >= SECOND_US:
        found.append((at_us, until_us))
    return [(from_us, to_us) for from_us, to_us in found if to_us > from_us]


def _told(
    premises: Premises,
    recording: Recording,
    opened: Opened,
    files: list[dict[str, Any]],
    clock: ClockPoints,
) -> dict[str, Any]:
    verdict = opened.verifier.verdict()
    receipt = premises.database.read(lambda c: receipt_of(c, recording.id))
    return {
        "recording_id": recording.id,
        "formal": receipt.body.formal if receipt else False,
        "log": log_facts(verdict),
        "runs": opened.runs,
        "marks": [_on_computers(mark, clock) for mark in opened.told["marks"]],
        "gaps": [
            {
                **gap_facts(gap),
                "timeline_from_us": _shifted(opened.clock, gap.from_us, clock),
                "timeline_to_us": _shifted(opened.clock, gap.to_us, clock),
            }
            for gap in verdict.gaps
        ],
        "coverage": verdict.coverage,
        "files": files,
        "receipt": receipt,
    }


def _place(stretch: Stretch, clock: ClockPoints) -> dict[str, Any]:
    """Where a part lies on the computer's timeline, and how sure that is."""
    own_us, theirs_us = stretch.error_us, clock.error_us(stretch.server_us)
    known = own_us != UNKNOWN_ERROR_US and stretch.server_us > 0 and theirs_us is not None
    starts_us = clock.place_us(stretch.server_us) if known else None
    lasts_us = stretch.ends_us - stretch.starts_us
    return {
        "phone_starts_us": stretch.starts_us,
        "timeline_starts_us": starts_us,
        "timeline_ends_us": None if starts_us is None else starts_us + lasts_us,
        "uncertain_us": own_us + theirs_us if known and theirs_us is not None else None,
        "run": stretch.run,
    }


def _on_computers(mark: dict[str, Any], clock: ClockPoints) -> dict[str, Any]:
    known = mark["server_us"] > 0 and mark["error_us"] != UNKNOWN_ERROR_US
    place_us = clock.place_us(mark["server_us"]) if known else None
    return {**mark, "phone_us": mark["timeline_us"], "timeline_us": place_us}


def _shifted(own: ClockPoints, at_us: int, clock: ClockPoints) -> int | None:
    """An instant of the phone's timeline on the computer's."""
    exam_us = own.exam_us(at_us)
    return None if exam_us is None else clock.place_us(exam_us)


def _write(stretch: Stretch, path: Path) -> dict[str, Any]:
    """Lay a part in a fresh file of its own kind without encoding anew; else keep it as it came."""
    suffix = SUFFIXES.get(stretch.container, UNREADABLE)
    target = path.with_suffix(suffix)
    try:
        told = _remuxed(stretch, target)
    except (av.FFmpegError, IndexError, ValueError):
        shutil.copyfile(stretch.path, target)
        told = {"remuxed": False, "streams": []}
    return {"name": target.name, "track": "phone", **told}


def _remuxed(stretch: Stretch, target: Path) -> dict[str, Any]:
    """The same packets with the length and the index that a browser's recorder leaves out."""
    with av.open(str(stretch.path), "r") as source, av.open(str(target), "w") as out:
        pairs = {
            stream.index: out.add_stream_from_template(stream, opaque=True)
            for stream in source.streams
            if stream.type in ("video", "audio")
        }
        if not pairs:
            raise ValueError("no stream")
        packets = 0
        for packet in source.demux(*(source.streams[index] for index in pairs)):
            if packet.dts is None or not packet.size:
                continue
            packet.stream = pairs[packet.stream.index]
            out.mux(packet)
            packets += 1
        streams = [
            {
                "codec": stream.codec_context.codec.canonical_name,
                "width_px": getattr(stream.codec_context, "width", 0),
                "height_px": getattr(stream.codec_context, "height", 0),
            }
            for stream in source.streams
            if stream.index in pairs
        ]
    return {"remuxed": True, "packets": packets, "streams": streams}
