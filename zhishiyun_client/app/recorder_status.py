"""How a recorder stands, gathered into one message."""

from __future__ import annotations

import os

import msgspec

from zhishiyun_client.app.attempt import Attempt
from zhishiyun_client.capture.studio import Studio
from zhishiyun_client.capture.track_worker import TrackWorker
from zhishiyun_client.evidence.book import EvidenceBook
from zhishiyun_client.ports.devices import TrackState
from zhishiyun_client.ports.line import LineDown, LineUp
from zhishiyun_client.ports.recorder import (
    ClockStatus,
    RecorderState,
    Status,
    TrackStatus,
    UploadStatus,
)
from zhishiyun_client.ports.uploading import Progress
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_protocol.clock import ServerClock


def status_of(
    *,
    state: RecorderState,
    studio: Studio,
    attempt: Attempt | None,
    progress: Progress,
    line: LineUp | LineDown | None,
    clock: ServerClock | None,
    committed: int,
    rung: str,
    presence: str,
) -> Status:
    """Everything a desk wants to know twice a second. Thread: the core's."""
    book = attempt.book if attempt else None
    writer = book.writer if book else None
    head = writer.head if writer else None
    closed_bytes = attempt.seal.length if attempt and attempt.seal else 0
    has_picture = studio.camera.status().state is TrackState.OK
    return Status(
        state=state,
        recorder_pid=os.getpid(),
        attempt_id=attempt.begin.attempt_id if attempt else "",
        run=attempt.run if attempt else 0,
        camera=_track(studio.camera, book),
        microphone=_track(studio.microphone, book),
        screen=_track(studio.screen, book),
        sound=studio.microphone.meter.sound,
        picture=studio.camera.eye.mood,
        brightness_share=studio.camera.eye.brightness_share,
        timeline_s=book.place_us(monotonic_us()) / 1_000_000 if book else 0.0,
        log_bytes=head.length if head else closed_bytes,
        durable_bytes=writer.durable_bytes() if writer else closed_bytes,
        records=head.records if head else 0,
        head=head.digest.hex() if head else "",
        committed=committed,
        upload=_upload(progress),
        line_up=None if line is None else isinstance(line, LineUp),
        line_cause=line.code if isinstance(line, LineDown) else "",
        clock=_clock(clock),
        disk_free_bytes=book.disk_free_bytes if book else 0,
        rung=rung if book else "",
        presence=presence,
        preview=studio.preview.name if has_picture else "",
    )


def _track(worker: TrackWorker, book: EvidenceBook | None) -> TrackStatus:
    status = worker.status()
    if book is None:
        return status
    return msgspec.structs.replace(status, recorded_s=round(book.media_s(worker.track), 3))


def _upload(progress: Progress) -> UploadStatus:
    return UploadStatus(
        held_bytes=progress.held_bytes,
        total_bytes=progress.total_bytes,
        missing_parts=progress.missing_parts,
        rate_bytes_s=progress.rate_bytes_s,
        eta_low_s=progress.eta_low_s,
        eta_high_s=progress.eta_high_s,
        cause=progress.cause,
        next_try_s=progress.next_try_s,
        attempt_number=progress.attempt_number,
        checking=progress.checking,
    )


def _clock(clock: ServerClock | None) -> ClockStatus | None:
    if clock is None:
        return None
    return ClockStatus(
        at_us=clock.at_us,
        server_us=clock.server_us,
        error_us=clock.error_us,
        speed=clock.speed,
    )
