"""docs/evidence-log.md against the code: a second verifier, written from the page alone."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.client.evidence.example import PLAIN, example
from tests.client.evidence.logs import KEY, book, verdict
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_protocol.evidence.contents import Cause, End, Gap, Run
from zhishiyun_protocol.evidence.layout import Kind, LogHeader, Source, Track
from zhishiyun_protocol.evidence.scribe import Scribe
from zhishiyun_protocol.evidence.sealing import key_check
from zhishiyun_protocol.signing import SigningKey, to_text

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "evidence-log.md"
RUN, GAP, CHECKPOINT, ACK, END, PACKET = 1, 3, 4, 5, 7, 16


@dataclass
class Stranger:
    """§1–§5 of the page, nothing of our packages."""

    data: bytes
    faults: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    covered_us: dict[int, dict[int, int]] = field(
        default_factory=lambda: {1: {}, 2: {}, 3: {}, 4: {}}
    )
    reach_us: dict[int, int] = field(default_factory=lambda: {1: 0, 2: 0, 3: 0, 4: 0})
    end_us: int = 0
    plain: list[bytes] = field(default_factory=list)

    def verify(self) -> Stranger:
        (length,) = struct.unpack_from(">I", self.data, 8)
        at = 12 + length
        assert self.data[:8] == b"ZSYLOG1\n"
        self.header = json.loads(self.data[12:at])
        previous, count, signed, kind, run = hashlib.sha256(self.data[:at]).digest(), 0, 0, 0, {}
        while at < len(self.data):
            head = self.data[at : at + 80]
            if len(head) < 80 or head[:4] != b"ZREC":
                self.faults.append("torn or damaged")
                break
            size, number = struct.unpack_from(">IQ", head, 4)
            payload = self.data[at + 80 : at + 80 + size]
            digest = hashlib.sha256(head + payload).digest()
            if self.data[at + 80 + size : at + 88 + size] != digest[:8]:
                self.faults.append("torn or damaged")
                break
            if head[48:80] != previous or number != count:
                self.faults.append("chain")
                break
            kind, track = head[20], head[21]
            if kind == RUN:
                run = json.loads(payload)
            elif kind == CHECKPOINT:
                signed = number if self._is_signed(payload, number, at, previous) else signed
            elif kind == PACKET:
                self._cover(head, track, run)
                nonce, key = head[16:20] + head[8:16], AESGCM(KEY)
                self.plain.append(key.decrypt(nonce, payload, head))
            self.digests.append(digest.hex())
            previous, count, at = digest, count + 1, at + 88 + size
        if kind != CHECKPOINT or signed != count - 1:
            self.faults.append("not signed to the end")
        return self

    def _is_signed(self, payload: bytes, number: int, at: int, previous: bytes) -> bool:
        said = json.loads(payload)
        statement = {
            "attempt": self.header["attempt_id"],
            "head": previous.hex(),
            "length": at,
            "records": number,
        }
        words = json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()
        key = Ed25519PublicKey.from_public_bytes(_raw(self.header["device_key"]))
        try:
            key.verify(_raw(said["signature"]), b"zhishiyun head v1\0" + words)
        except InvalidSignature:
            self.faults.append("signature")
            return False
        return bool(said["records"] == number and said["length"] == at)

    def _cover(self, head: bytes, track: int, run: dict[str, int]) -> None:
        (at_us,) = struct.unpack_from(">q", head, 24)
        (lasts_us,) = struct.unpack_from(">I", head, 44)
        begin = max(0, run["timeline_us"] + at_us - run["monotonic_us"])
        self.end_us = max(self.end_us, begin)
        end, begin = begin + lasts_us, max(begin, self.reach_us[track])
        self.reach_us[track] = max(self.reach_us[track], end)
        while begin < end:
            second = begin // 1_000_000
            upto = min(end, (second + 1) * 1_000_000)
            place = self.covered_us[track]
            place[second] = place.get(second, 0) + upto - begin
            begin = upto

    def coverage(self, track: int) -> tuple[int, int]:
        total = -(-self.end_us // 1_000_000)
        last = self.end_us - (total - 1) * 1_000_000
        wanted = [500_000] * (total - 1) + [min(500_000, last // 2)]
        there = [self.covered_us[track].get(n, 0) >= want for n, want in enumerate(wanted)]
        return total, sum(there)


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_the_example_on_the_page_is_what_the_code_writes() -> None:
    page = DOCUMENT.read_text("utf-8")
    log = example()
    stranger = Stranger(log).verify()

    assert hashlib.sha256(log).hexdigest() in page
    assert stranger.faults == []
    assert stranger.plain == [PLAIN]
    assert [digest in page for digest in stranger.digests] == [True] * 4
    record = " ".join(f"{byte:02x}" for byte in log[495:606])
    block = page.split("```\n5a 52 45 43")[1].split("```")[0]
    assert "5a 52 45 43 " + " ".join(block.split()) == record


def test_a_stranger_reads_a_real_log_as_our_verifier_does(tmp_path: Path) -> None:
    path = tmp_path / "attempt-1.zlog"
    writing = book(path)
    start_us = monotonic_us()
    for number in range(60):
        at_us = start_us + number * 66_667 + (2_500_000 if number > 30 else 0)
        writing.packet(Track.CAMERA, b"x", at_us=at_us, duration_us=200_000, is_key=False)
        writing.packet(Track.MICROPHONE, b"y", at_us=at_us, duration_us=30_000, is_key=True)
    writing.end(End(why="time_up", counts=()))
    writing.close(stopped=True)
    stranger, ours = Stranger(path.read_bytes()).verify(), verdict(path)

    assert stranger.faults == []
    assert stranger.digests[-1] == ours.head
    theirs = {track: stranger.coverage(track) for track in (1, 2, 3)}
    assert theirs == {Track[c.track.upper()]: (c.seconds, c.covered) for c in ours.coverage}
    assert 0 < theirs[1][1] < theirs[1][0]
    assert theirs[2][1] < theirs[1][1]


def test_a_stranger_reads_a_phones_log_as_our_verifier_does(tmp_path: Path) -> None:
    path = tmp_path / "attempt-1-p1.zlog"
    path.write_bytes(_phones_log())
    stranger, ours = Stranger(path.read_bytes()).verify(), verdict(path)
    (covered,) = ours.coverage

    assert (stranger.faults, stranger.header["source"]) == ([], "phone")
    assert (stranger.digests[-1], ours.faults) == (ours.head, ())
    assert stranger.coverage(4) == (covered.seconds, covered.covered) == (12, 8)
    assert [gap.cause for gap in ours.gaps] == [Cause.CALL]


def _phones_log() -> bytes:
    device = SigningKey.from_bytes(bytes(range(1, 33)))
    header = LogHeader(
        attempt_id="attempt-1-p1",
        exam_id="exam-1",
        plan_sha256="0" * 64,
        device_key=to_text(device.public_bytes()),
        server_key="",
        key_check=key_check(KEY),
        created_us=1_700_000_000_000_000,
        formal=True,
        source=Source.PHONE,
    )
    scribe = Scribe(header, device, KEY)
    scribe.begin_run(_run(1, Cause.START, 0), 7_000_000)
    for second in range(5):
        at_us = 7_000_000 + second * 1_000_000
        scribe.add(Kind.PACKET, b"blob", at_us, Track.PHONE, 1_000_000)
    gap = Gap(tracks=(4,), from_us=5_000_000, to_us=9_000_000, cause=Cause.CALL)
    scribe.add_json(Kind.GAP, gap, 16_000_000)
    scribe.begin_run(_run(2, Cause.PAGE_CLOSED, 9_000_000), 7_000_000)
    for second in range(4):
        at_us = 7_000_000 + second * 1_000_000
        scribe.add(Kind.PACKET, b"blob", at_us, Track.PHONE, 1_000_000)
    scribe.end("candidate", 11_000_000)
    return scribe.take()[1]


def _run(run: int, cause: Cause, timeline_us: int) -> Run:
    return Run(
        run=run,
        cause=cause,
        boot_id=f"page-{run}",
        monotonic_us=7_000_000,
        timeline_us=timeline_us,
        client_version="test",
    )


@pytest.mark.parametrize("at", [310, 500, 520, 590, 700, 900])
def test_both_see_an_altered_byte(at: int, tmp_path: Path) -> None:
    log = bytearray(example())
    log[at] ^= 1
    path = tmp_path / "attempt-1.zlog"
    path.write_bytes(bytes(log))

    assert Stranger(bytes(log)).verify().faults != []
    assert verdict(path).faults != ()


def test_the_page_names_every_kind() -> None:
    page = DOCUMENT.read_text("utf-8")

    missing = [kind.name for kind in Kind if f"| {kind.value} | {kind.name} |" not in page]
    assert missing == []
