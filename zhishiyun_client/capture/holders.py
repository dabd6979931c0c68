"""Which program has a camera or a microphone, where the system tells, in the name people know.

Linux tells by /proc whose files are whose (one's own programs only), Windows by its privacy page's
registry (`consent_store.py`). macOS tells nobody; there the usual ones are named.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil

from zhishiyun_client.capture import consent_store

KNOWN_AS = {
    "wechat": "微信 WeChat",
    "weixin": "微信 WeChat",
    "wechatappex": "微信 WeChat",
    "wemeetapp": "腾讯会议 Tencent Meeting",
    "wemeet": "腾讯会议 Tencent Meeting",
    "qq": "QQ",
    "dingtalk": "钉钉 DingTalk",
    "feishu": "飞书 Feishu",
    "lark": "飞书 Lark",
    "wxwork": "企业微信 WeCom",
    "zoom": "Zoom",
    "teams": "Teams",
    "ms-teams": "Teams",
    "skype": "Skype",
    "obs64": "OBS",
    "obs": "OBS",
    "windowscamera": "相机 Camera",
    "chrome": "Chrome",
    "msedge": "Edge",
    "firefox": "Firefox",
}
"""Programs by their file's name without ending, lower case."""
USUAL_ONES = "微信、腾讯会议、QQ、钉钉、Zoom、FaceTime"


def known_as(program: str) -> str:
    """A program's name for people; its file's name where it is not known."""
    return KNOWN_AS.get(program.casefold().removesuffix(".exe"), program)


def holder_on_linux(node: Path, processes: Path = Path("/proc")) -> str:
    """The program that has a device file open; "" when none of ours does."""
    for process in processes.glob("[0-9]*"):
        if int(process.name) != os.getpid() and _has_open(process, node):
            return known_as(_name(process))
    return ""


def holder_on_windows(store: consent_store.Store, running: frozenset[str]) -> str:
    """The program that uses a capability now, by the store; one that runs no more is passed over.

    Args:
        running: names of the files of running programs, lower case.
    """
    ours = Path(sys.executable).name.casefold()
    for use in consent_store.uses_now(store):
        name = use.program.casefold()
        if name != ours and (not use.is_file or name in running):
            return known_as(use.program)
    return ""


def running_programs() -> frozenset[str]:
    """File names of all programs, lower case."""
    return frozenset(
        str(process.info["name"]).casefold() for process in psutil.process_iter(["name"])
    )


def _has_open(process: Path, node: Path) -> bool:
    try:
        return any(entry.readlink() == node for entry in (process / "fd").iterdir())
    except OSError:  # it ended, or belongs to somebody else
        return False


def _name(process: Path) -> str:
    try:
        return (process / "comm").read_text("utf-8", "replace").strip()
    except OSError:
        return ""
