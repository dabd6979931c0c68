"""A small evidence log as a recorder would write it: real H.264 and Opus in MPEG-TS."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import msgspec
import numpy as np

from tests.server.rig import Candidate
from zhishiyun_protocol.evidence.chain import Head
from zhishiyun_protocol.evidence.contents import (
    Cause,
    Checkpoint,
    End,
    Gap,
    HeadStatement,
    Mark,
    Run,
    Stream,
)
from zhishiyun_protocol.evidence.layout import (
    OVERHEAD_BYTES,
    Flag,
    Kind,
    LogHeader,
    RecordHeader,
    Track,
    encode_header,
    encode_record,
)
from zhishiyun_protocol.evidence.sealing import TAG_BYTES, Sealer, key_check
from zhishiyun_protocol.evidence.verify import HEAD_PURPOSE
from zhishiyun_protocol.messages.evidence import Seal
from zhishiyun_protocol.messages.live import ChainHead
from zhishiyun_protocol.messages.sitting import EntryGranted
from zhishiyun_protocol.signing import SigningKey, canonical_json, from_text, to_text

FPS = 10


@dataclass
class Log:
    """A log that grows record by record; `boundaries` are where records end."""

    header: LogHeader
    device: SigningKey
    key: bytes
    data: bytearray = field(default_factory=bytearray)
    boundaries: list[int] = field(default_factory=list)
    records: int = 0
    digest: bytes = b""
    run: int = 0

    def __post_init__(self) -> None:
        head = encode_header(self.header)
        self.data += head
        self.digest = hashlib.sha256(head).digest()
        self.boundaries.append(len(head))

    def add(
        self,
        kind: Kind,
        payload: bytes,
        monotonic_us: int = 0,
        track: Track = Track.NONE,
        duration_us: int = 0,
        flags: Flag = Flag.NONE,
    ) -> None:
        header = RecordHeader(
            sequence=self.records,
            run=self.run,
            kind=kind,
            track=track,
            flags=flags,
            monotonic_us=monotonic_us,
            server_us=self.header.created_us + monotonic_us,
            error_us=500,
            duration_us=duration_us,
            payload_bytes=len(payload) + (TAG_BYTES if kind.is_sealed else 0),
            previous=self.digest,
        )
        if kind.is_sealed:
            payload = Sealer(self.key).seal(header, payload)
        encoded, self.digest = encode_record(header, payload)
        self.data += encoded
        self.records += 1
        self.boundaries.append(len(self.data))

    def add_json(self, kind: Kind, value: object, monotonic_us: int = 0, **more: Any) -> None:
        self.add(kind, canonical_json(value), monotonic_us, **more)

    def head(self) -> ChainHead:
        statement = HeadStatement(
            attempt=self.header.attempt_id,
            head=self.digest.hex(),
            length=len(self.data),
            records=self.records,
        )
        signature = self.device.sign(HEAD_PURPOSE, canonical_json(statement))
        return ChainHead(
            records=self.records,
            length=len(self.data),
            head=self.digest.hex(),
            signature=to_text(signature),
        )

    def checkpoint(self, monotonic_us: int = 0) -> None:
        head = self.head()
        checkpoint = Checkpoint(
            records=head.records, length=head.length, head=head.head, signature=head.signature
        )
        self.add_json(Kind.CHECKPOINT, checkpoint, monotonic_us)

    def end(self, monotonic_us: int = 0) -> None:
        self.add_json(Kind.END, End(why="candidate", counts=()), monotonic_us)
        self.checkpoint(monotonic_us)

    def seal(self) -> Seal:
        return Seal(
            length=len(self.data),
            records=self.records,
            head=self.digest.hex(),
            last_run=self.run,
        )

    def chunks(self, about: int = 8000) -> Iterator[tuple[int, bytes]]:
        """The log cut at record boundaries."""
        first = 0
        for boundary in self.boundaries:
            if boundary - first >= about or boundary == len(self.data):
                yield first, bytes(self.data[first:boundary])
                first = boundary


def new_log(candidate: Candidate, granted: EntryGranted, **changes: Any) -> Log:
    sitting = candidate.sitting()
    key = from_text(granted.evidence_key)
    header = LogHeader(
        attempt_id=granted.attempt_id,
        exam_id=sitting.exam_id,
        plan_sha256=sitting.plan.sha256(),
        device_key=to_text(candidate.device.public_bytes()),
        server_key=granted.server_key,
        key_check=key_check(key),
        created_us=granted.entered_us,
        formal=True,
    )
    return Log(msgspec.structs.replace(header, **changes), candidate.device, key)


def plain_log(
    candidate: Candidate, granted: EntryGranted, packets: int = 40, **changes: Any
) -> Log:
    """A whole log whose packets are noise: for everything but playing."""
    log = new_log(candidate, granted, **changes)
    log.run = 1
    log.add_json(Kind.RUN, _run(1, 0))
    noise = np.random.default_rng(7).bytes(1500)
    for n in range(packets):
        log.add(Kind.PACKET, noise, n * 100_000, Track.CAMERA, 100_000)
        if n % 10 == 9:
            log.checkpoint(n * 100_000)
    log.end(packets * 100_000)
    return log


def filmed_log(candidate: Candidate, granted: EntryGranted, **changes: Any) -> Log:
    """Two runs of two seconds with a gap of one second between; camera and microphone."""
    log = new_log(candidate, granted, **changes)
    _film(log, run=1, timeline_us=0)
    log.run = 2
    gap = Gap(tracks=(1, 2, 3), from_us=2_000_000, to_us=3_000_000, cause=Cause.RECORDER_KILLED)
    log.add_json(Kind.GAP, gap)
    _film(log, run=2, timeline_us=3_000_000)
    log.end(2_000_000)
    return log


def _film(log: Log, run: int, timeline_us: int) -> None:
    log.run = run
    log.add_json(Kind.RUN, _run(run, timeline_us))
    for codec in ("h264", "opus"):
        log.add_json(
            Kind.STREAM,
            Stream(container="mpegts", codec=codec, encoder="test"),
            track=Track.CAMERA if codec == "h264" else Track.MICROPHONE,
        )
    log.add_json(Kind.MARK, Mark(what="phase", subject="answering"), 10_000)
    packets = [*_pictures(timeline_us), *_sound(timeline_us)]
    for track, at_us, duration_us, payload in sorted(packets, key=lambda p: p[1]):
        log.add(Kind.PACKET, payload, at_us - timeline_us, track, duration_us)
    log.checkpoint(2_000_000)


def _run(run: int, timeline_us: int) -> Run:
    return Run(
        run=run,
        cause=Cause.START if run == 1 else Cause.RECORDER_KILLED,
        boot_id="test",
        monotonic_us=0,
        timeline_us=timeline_us,
        client_version="0.1.0",
    )


def _pictures(timeline_us: int) -> Iterator[tuple[Track, int, int, bytes]]:
    with _Muxer() as muxer:
        stream = muxer.out.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        stream.options = {"preset": "ultrafast", "tune": "zerolatency", "g": "10"}
        stream.codec_context.time_base = Fraction(1, 1_000_000)
        for n in range(2 * FPS):
            picture = np.full((120, 160, 3), n * 10 % 255, dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = timeline_us + n * 100_000, Fraction(1, 1_000_000)
            for packet in stream.encode(frame):
                yield Track.CAMERA, timeline_us + n * 100_000, 100_000, muxer.mux(packet)


def _sound(timeline_us: int) -> Iterator[tuple[Track, int, int, bytes]]:
    with _Muxer() as muxer:
        stream = muxer.out.add_stream("libopus", rate=48000)
        stream.codec_context.layout = "mono"
        offset = timeline_us * 48 // 1000
        for n in range(100):
            tone = np.sin(np.arange(960) / 20).astype(np.float32).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray((tone * 8000).astype(np.int16), "s16", "mono")
            frame.sample_rate, frame.pts = 48000, offset + n * 960
            frame.time_base = Fraction(1, 48000)
            for packet in stream.encode(frame):
                at_us = timeline_us + n * 20_000
                yield Track.MICROPHONE, at_us, 20_000, muxer.mux(packet)


class _Muxer:
    """MPEG-TS flushed per packet: what came out since the last packet is one record's payload."""

    def __enter__(self) -> _Muxer:
        self._file = io.BytesIO()
        self.out = av.open(
            self._file,
            "w",
            format="mpegts",
            options={"pes_payload_size": "0", "mpegts_copyts": "1", "flush_packets": "1"},
        )
        self._told = 0
        return self

    def mux(self, packet: Any) -> bytes:
        self.out.mux(packet)
        self._file.flush()
        fresh = self._file.getvalue()[self._told :]
        self._told += len(fresh)
        return fresh

    def __exit__(self, *_: object) -> None:
        self.out.close()


def send(candidate: Candidate, log: Log, about: int = 8000) -> None:
    """Upload a whole log."""
    for first, data in log.chunks(about):
        answer = candidate.put(first, data)
        assert answer.status_code == 201, answer.text


__all__ = ["OVERHEAD_BYTES", "Head", "Log", "filmed_log", "new_log", "plain_log", "send"]
