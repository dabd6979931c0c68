"""`zhishiyun verify`: every file gets its own answer, and bad ones never hide good ones (R253)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.helpers.whole_log import LogMaker
from zhishiyun_client.app.verify_command import main


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    log = LogMaker(tmp_path).packets(30, 200)
    log.end()
    log.close()
    return log.path


def test_a_whole_log_passes(whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(whole)]) == 0
    assert "完整 / whole" in capsys.readouterr().out


def test_what_cannot_be_read_hides_nothing_that_can(
    whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "absent.zlog"), str(tmp_path), str(whole)]) == 1

    said = capsys.readouterr()
    assert "没有这个文件" in said.err
    assert "这是文件夹" in said.err
    assert "完整 / whole" in said.out


def test_a_foreign_file_is_called_foreign_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    foreign = tmp_path / "foreign.zlog"
    foreign.write_bytes(b"something else" * 100)

    assert main([str(foreign)]) == 1

    said = capsys.readouterr().out
    assert "LOG_FOREIGN" in said
    assert "LOG_NOT_ENDED" not in said


def test_a_truncated_log_is_not_whole(whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole.write_bytes(whole.read_bytes()[:-20])

    assert main(["--json", str(whole)]) == 1

    report = json.loads(capsys.readouterr().out)
    assert report["whole"] is False
    assert "LOG_TORN" in report["faults"]
