"""Small logs for the tests of evidence/: keys, headers, and what a verifier says of a file."""

from __future__ import annotations

from pathlib import Path

from zhishiyun_client.evidence.book import EvidenceBook
from zhishiyun_client.evidence.recovery import Closed, Opened, open_log
from zhishiyun_client.evidence.writer import LogKeys, ServerTime, no_server_time
from zhishiyun_protocol.evidence.chain import ChainFollower
from zhishiyun_protocol.evidence.layout import Kind, LogHeader, Record
from zhishiyun_protocol.evidence.sealing import Sealer, key_check
from zhishiyun_protocol.evidence.verify import Verdict, Verifier
from zhishiyun_protocol.signing import SigningKey, to_text

KEY = bytes(range(32))
SIGNER = SigningKey.from_bytes(bytes(range(1, 33)))
KEYS = LogKeys(Sealer(KEY), SIGNER)


def header(attempt_id: str = "attempt-1") -> LogHeader:
    return LogHeader(
        attempt_id=attempt_id,
        exam_id="exam-1",
        plan_sha256="0" * 64,
        device_key=to_text(SIGNER.public_bytes()),
        server_key="",
        key_check=key_check(KEY),
        created_us=1_700_000_000_000_000,
        formal=False,
    )


def reopen(path: Path, time: ServerTime = no_server_time) -> Opened:
    opened = open_log(path, header(), KEYS, time, "test")
    assert not isinstance(opened, Closed)
    return opened


def book(path: Path) -> EvidenceBook:
    return EvidenceBook(reopen(path))


def verdict(path: Path) -> Verdict:
    verifier = Verifier()
    verifier.feed(path.read_bytes())
    return verifier.verdict()


def records(path: Path) -> list[Record]:
    return list(ChainFollower().feed(path.read_bytes()))


def of_kind(path: Path, kind: Kind) -> list[Record]:
    return [record for record in records(path) if record.header.kind == kind]
