"""The table of cuts: what was cut once is always cut the same way."""

from __future__ import annotations

import signal

import pytest

from zhishiyun_client.upload.cuts import Cut, CutTable
from zhishiyun_protocol.errors import Broken

SHA = "ab" * 32


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.cuts"


def test_cuts_are_there_again_after_a_start(path):
    table = CutTable(path)
    table.add(0, 10, SHA)
    table.add(10, 5, SHA)
    table.write_down()
    table.close()

    again = CutTable(path)

    assert again.cuts == (Cut(0, 10, SHA), Cut(10, 5, SHA))
    assert again.covered.covers(0, 15)
    again.close()


@pytest.mark.parametrize("torn", [b"cut 15 3", b"cut 15 3 xyz\n", b"\0\0\0\0\0\0\n"])
def test_a_torn_last_line_is_cut_off(path, torn):
    table = CutTable(path)
    table.add(0, 10, SHA)
    table.write_down()
    table.close()
    whole = path.read_bytes()
    path.write_bytes(whole + torn)

    again = CutTable(path)
    again.add(10, 1, SHA)
    again.write_down()
    again.close()

    assert path.read_bytes() == whole + f"cut 10 1 {SHA}\n".encode()


def test_a_split_withdraws_a_cut_and_its_pieces_know_it(path):
    table = CutTable(path)
    table.split(table.add(0, 10, SHA))
    table.add(0, 4, SHA)
    table.write_down()
    table.close()

    again = CutTable(path)

    assert again.cuts == (Cut(0, 4, SHA, of_split=True),)
    assert not again.covered.touches(4, 10)
    again.close()


def test_cuts_that_touch_a_range_are_found(path):
    table = CutTable(path)
    for first in (0, 10, 20):
        table.add(first, 10, SHA)

    assert [cut.first_byte for cut in table.touching(9, 11)] == [0, 10]
    assert table.touching(30, 40) == ()
    table.close()


def test_a_folder_that_cannot_be_written_is_broken(tmp_path):
    with pytest.raises(Broken) as caught:
        CutTable(tmp_path / "missing" / "a.cuts")

    assert caught.value.code == "CUTS_NOT_WRITABLE"


def test_a_line_that_half_failed_is_written_over(path):
    resource = pytest.importorskip("resource", reason="limits of file size exist on POSIX only")
    table = CutTable(path)
    table.add(0, 10, SHA)
    table.write_down()
    table.add(10, 10, SHA)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 20, before[1]))
    try:
        with pytest.raises(Broken):
            table.write_down()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    table.add(20, 20, SHA)
    table.write_down()
    table.close()

    again = CutTable(path)

    assert again.cuts == (Cut(0, 10, SHA), Cut(10, 10, SHA), Cut(20, 20, SHA))
    again.close()
