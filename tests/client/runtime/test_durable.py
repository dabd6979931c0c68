"""Small files that another program holds for a moment: tried again, whole or not at all (F29)."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from zhishiyun_client.runtime.durable import read_patiently, replace_durably
from zhishiyun_client.runtime.refusals import Refusal, patiently, refusal_of


class HeldFor:
    """Refuses so many times, then does what it should."""

    def __init__(self, times: int, number: int = errno.EACCES) -> None:
        self.left = times
        self.number = number

    def __call__(self) -> str:
        if self.left:
            self.left -= 1
            raise OSError(self.number, "refused")
        return "done"


@pytest.mark.parametrize("times", [0, 1, 3])
def test_what_is_held_for_a_moment_is_tried_again(times: int) -> None:
    assert patiently(HeldFor(times), (0.0, 0.0, 0.0)) == "done"


def test_what_is_held_for_long_or_refused_otherwise_is_said() -> None:
    with pytest.raises(PermissionError):
        patiently(HeldFor(4), (0.0, 0.0, 0.0))
    full = HeldFor(1, errno.ENOSPC)
    with pytest.raises(OSError, match="refused"):
        patiently(full, (0.0, 0.0, 0.0))
    assert full() == "done"  # asked once only


@pytest.mark.parametrize(
    ("number", "winerror", "refusal"),
    [
        (errno.ENOSPC, None, Refusal.FULL),
        (errno.EDQUOT, None, Refusal.FULL),
        (errno.EACCES, None, Refusal.HELD),
        (errno.EBUSY, None, Refusal.HELD),
        (errno.EIO, None, Refusal.FAULT),
        (errno.EACCES, 5, Refusal.HELD),
        (errno.EACCES, 32, Refusal.HELD),  # ERROR_SHARING_VIOLATION
        (errno.EACCES, 33, Refusal.HELD),  # ERROR_LOCK_VIOLATION
        (errno.ENOSPC, 112, Refusal.FULL),
        (errno.EINVAL, 1117, Refusal.FAULT),  # ERROR_IO_DEVICE
    ],
)
def test_errors_of_both_kinds_of_system_are_told_apart(
    number: int, winerror: int | None, refusal: Refusal
) -> None:
    error = OSError(number, "refused")
    if winerror is not None:
        error.winerror = winerror  # type: ignore[attr-defined] # Windows sets it itself

    assert refusal_of(error) is refusal


def test_a_file_that_is_not_there_is_not_waited_for(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_patiently(tmp_path / "none", (60.0,))


def test_a_replacement_that_is_refused_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    replace_durably(target, b"old")
    assert target.read_bytes() == b"old"

    (tmp_path / "folder.new").mkdir()
    with pytest.raises(OSError, match=r"folder\.new"):
        replace_durably(target, b"new")
    assert target.read_bytes() == b"old"
