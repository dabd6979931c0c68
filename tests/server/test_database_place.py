"""Where state lies, said once at `init`; what is wrong with it is said in words."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.rigs.postgresql import PostgreSQLServer
from tests.server.rig import make_exam
from zhishiyun_server.__main__ import main

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="PostgreSQL is tested on Linux")


def init(home: Path, address: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """`init` there; returns its exit code and what it complains of."""
    file = home.parent / "address"
    file.write_text(address)
    code = main(["init", "--home", str(home), "--database-file", str(file)])
    return code, capsys.readouterr().err


@pytest.mark.parametrize(
    "address",
    ["mysql://a/b", "sqlite:///x", "nonsense", "postgresql:/x", "postgresql://u:geheim@h:port/x"],
)
def test_an_address_that_is_none_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    code, complaint = init(tmp_path / "home", address, capsys)

    assert code == 1
    assert "postgresql://" in complaint
    assert "gehe" not in complaint


def test_a_bus_whose_address_is_none_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bus"
    file.write_text("nats://u:gehe/im@127.0.0.1:4222")

    code = main(["init", "--home", str(tmp_path / "home"), "--bus-file", str(file)])

    complaint = capsys.readouterr().err
    assert code == 1
    assert "nats://USER" in complaint
    assert "gehe" not in complaint


@pytest.mark.parametrize(
    "address",
    ["postgresql://u:geheim@127.0.0.1:9/x", "postgresql://u@127.0.0.1:9/x?password=geheim"],
)
def test_a_database_that_does_not_answer_is_named_without_its_password(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    code, complaint = init(tmp_path / "home", address, capsys)

    assert code == 1
    assert "127.0.0.1:9" in complaint
    assert "geheim" not in complaint


def test_a_database_that_forgets_is_refused(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    postgresql_of_its_own: PostgreSQLServer,
) -> None:
    postgresql_of_its_own.stop()
    postgresql_of_its_own.start("fsync=off", "synchronous_commit=off")

    code, complaint = init(tmp_path / "home", postgresql_of_its_own.create("weak"), capsys)

    assert code == 1
    assert "fsync" in complaint
    assert "synchronous_commit" in complaint
    assert not (tmp_path / "home" / "keys" / "database").exists()


def test_a_database_that_cannot_keep_every_name_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], postgresql: PostgreSQLServer
) -> None:
    address = postgresql.create("narrow", more="ENCODING 'SQL_ASCII' LOCALE 'C'")

    code, complaint = init(tmp_path / "home", address, capsys)

    assert code == 1
    assert "SQL_ASCII" in complaint


def test_the_place_is_not_changed_under_what_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], postgresql: PostgreSQLServer
) -> None:
    exam = make_exam(tmp_path, count=1)

    code, complaint = init(exam.home, postgresql.create("too-late"), capsys)

    assert code == 1
    assert "已有数据库" in complaint


def test_the_address_is_read_by_its_owner_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], postgresql: PostgreSQLServer
) -> None:
    home = tmp_path / "home"
    code, _ = init(home, postgresql.create("owner"), capsys)

    assert code == 0
    assert (home / "keys" / "database").stat().st_mode & 0o077 == 0
    assert not (home / "server.sqlite").exists()
