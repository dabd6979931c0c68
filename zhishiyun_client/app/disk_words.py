"""What is told of a disk that takes nothing, not for long, or slowly."""

from __future__ import annotations

from zhishiyun_client.ports.recorder import Trouble

_WORDS = {
    "DISK_FULL": (
        "The disk has no room. Free some space; sound goes on first.",
        "磁盘空间不足，请清理磁盘。已录制内容完好，优先保留声音。",
    ),
    "DISK_LOW": (
        "The disk has little room left. Quality is lower; free some space.",
        "磁盘空间即将不足，已自动降低清晰度，请清理磁盘。录制正常进行。",
    ),
    "DISK_HELD": (
        "Another program holds the recording's file. Recording goes on and is written later.",
        "录像文件正被其他程序（如杀毒扫描）占用。录制继续，稍后自动写入，无需操作。",
    ),
    "WRITES_SLOW": (
        "The disk writes slowly. Quality is lower for a while; nothing is lost.",
        "磁盘写入较慢，已自动降低清晰度以保证录制完整。",
    ),
}


def disk_trouble(code: str) -> Trouble:
    """DISK_FULL, DISK_LOW, DISK_HELD or WRITES_SLOW in words."""
    message, zh = _WORDS[code]
    return Trouble(code=code, message=message, zh=zh)
