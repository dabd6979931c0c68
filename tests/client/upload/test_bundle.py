"""【导出到U盘】: one file, read back, that says when it is not the recording (R189)."""

from __future__ import annotations

import hashlib
import struct

import msgspec
import pytest

from tests.helpers.whole_log import LogMaker
from zhishiyun_client.upload import bundle
from zhishiyun_protocol.bundle import SUFFIX, decode_head
from zhishiyun_protocol.errors import Fixable, Refused
from zhishiyun_protocol.messages.evidence import Seal


@pytest.fixture
def log(tmp_path):
    maker = LogMaker(tmp_path)
    yield maker
    maker.close()


def test_the_bundle_is_as_docs_upload_describes_it(log, tmp_path):
    seal = log.packets(30, 50_000).end()
    target = tmp_path / ("a" + SUFFIX)

    digest = bundle.write(log.path, seal, target)

    content = target.read_bytes()
    assert content.startswith(b"ZSYBNDL1\n")
    (length,) = struct.unpack(">I", content[9:13])
    label = msgspec.json.decode(content[13 : 13 + length])
    assert label["attempt_id"] == "attempt-1"
    assert msgspec.convert(label["seal"], Seal) == seal
    assert content[13 + length : -32] == log.path.read_bytes()
    assert content[-32:] == hashlib.sha256(content[:-32]).digest()
    assert digest == content[-32:].hex()
    assert decode_head(content)[0].seal == seal


def test_progress_reaches_its_end_and_never_turns_back(log, tmp_path):
    seen: list[tuple[int, int]] = []
    seal = log.packets(40, 100_000).end()

    bundle.write(log.path, seal, tmp_path / "b", lambda done, total: seen.append((done, total)))

    done = [first for first, _ in seen]
    assert done == sorted(done)
    assert done[-1] > 0.98 * seen[-1][1]


def test_a_log_shorter_than_its_seal_is_no_bundle(log, tmp_path):
    seal = log.packets(3, 1000).end()
    longer = msgspec.structs.replace(seal, length=seal.length + 1)

    with pytest.raises(Refused) as caught:
        bundle.write(log.path, longer, tmp_path / "b")

    assert caught.value.code == "LOG_SHORT"
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {"attempt-1.zlog"}


def test_a_full_medium_leaves_nothing_behind(log, tmp_path, monkeypatch):
    seal = log.packets(3, 1000).end()
    resource = pytest.importorskip("resource", reason="limits of file size exist on POSIX only")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal = pytest.importorskip("signal")
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, before[1]))
    try:
        with pytest.raises(Fixable) as caught:
            bundle.write(log.path, seal, tmp_path / "b")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)

    assert caught.value.code in ("EXPORT_NO_SPACE", "EXPORT_FAILED")
    assert caught.value.zh
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {"attempt-1.zlog"}


def test_a_medium_that_is_gone_is_said(log, tmp_path):
    seal = log.packets(3, 1000).end()

    with pytest.raises(Fixable) as caught:
        bundle.write(log.path, seal, tmp_path / "gone" / "b")

    assert caught.value.code == "EXPORT_FAILED"


def test_a_medium_that_gives_back_other_bytes_is_said(log, tmp_path, monkeypatch):
    seal = log.packets(3, 1000).end()

    def spoil(path):
        with path.open("r+b") as file:
            file.seek(500)
            file.write(b"other")

    monkeypatch.setattr(bundle, "_drop_from_memory", spoil)

    with pytest.raises(Fixable) as caught:
        bundle.write(log.path, seal, tmp_path / "b")

    assert caught.value.code == "EXPORT_NOT_THE_SAME"
    assert not (tmp_path / "b").exists()
