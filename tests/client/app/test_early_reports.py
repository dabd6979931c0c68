"""A recorder that tells the receipt before the desk has a page loses nothing (R189, F24)."""

from __future__ import annotations

from zhishiyun_client.app.early_reports import EarlyReports
from zhishiyun_client.ports.recorder import Devices, RecorderState, Status, Trouble

DISK = Trouble(code="DISK_FULL", message="full", zh="磁盘已满。")
DISK_OVER = Trouble(code="DISK_FULL", message="full", zh="磁盘已满。", over=True)
NONE_HERE = Devices(cameras=(), microphones=())


def _status(records: int) -> Status:
    return Status(state=RecorderState.DONE, recorder_pid=7, records=records)


def test_what_was_said_early_comes_first_and_in_order() -> None:
    early, heard = EarlyReports(), list[object]()
    for report in (DISK, NONE_HERE, DISK_OVER):
        early.hear(report)
    assert heard == []

    early.hand_over(heard.append)
    early.hear(DISK)

    assert heard == [DISK, NONE_HERE, DISK_OVER, DISK]


def test_of_what_repeats_only_the_newest_waits() -> None:
    early, heard = EarlyReports(), list[object]()
    for records in range(1000):
        early.hear(_status(records))
    early.hear(DISK)

    early.hand_over(heard.append)

    assert heard == [_status(999), DISK]


def test_what_waited_is_handed_over_once() -> None:
    early, heard = EarlyReports(), list[object]()
    early.hear(DISK)
    early.hand_over(heard.append)
    early.hand_over(heard.append)
    assert heard == [DISK]
