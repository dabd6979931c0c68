"""The command line of the candidate's client: which program to run."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from zhishiyun_client import __version__
from zhishiyun_client.rehearsal.parts import MODULES as PARTS
from zhishiyun_protocol.errors import ZhishiyunError

# Each program is imported only when it is asked for: a desk must paint before it loads a recorder.
PROGRAMS = {
    "exam": ("zhishiyun_client.app.desk", "参加考试 / sit the exam (the default)"),
    "rehearse": ("zhishiyun_client.app.rehearse", "演练一场面试 / rehearse a whole interview"),
    "selftest": ("zhishiyun_client.app.selftest_command", "设备检测 / test this machine"),
    "verify": ("zhishiyun_client.app.verify_command", "核验录像 / verify evidence logs offline"),
    "unlock": ("zhishiyun_client.app.unlock_command", "恢复电脑设置 / undo what an exam locked"),
    "demonstration-phone": ("zhishiyun_client.app.phone_command", argparse.SUPPRESS),
    "relay": ("zhishiyun_client.app.relay_command", "教室内转发放行码 / a room's relay (staff)"),
    "release": ("zhishiyun_client.app.release_command", argparse.SUPPRESS),
    "desk": ("zhishiyun_client.app.desk", argparse.SUPPRESS),
    "recorder": ("zhishiyun_client.app.recorder_process", argparse.SUPPRESS),
    "face-check": ("zhishiyun_client.app.face_process", argparse.SUPPRESS),
    "encode-cost": ("zhishiyun_client.selftest.encode_cost", argparse.SUPPRESS),
    "encoder-trial": ("zhishiyun_client.capture.encoder_trial", argparse.SUPPRESS),
    "sound-play": ("zhishiyun_client.capture.sound_play", argparse.SUPPRESS),
    "sound-probe": ("zhishiyun_client.capture.sound_probe", argparse.SUPPRESS),
    **{part: (module, argparse.SUPPRESS) for part, module in PARTS.items()},
}
EXIT_FAULT = 1
EXIT_USAGE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one program; returns its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] in (["-h"], ["--help"]):
        print(_usage())
        return 0
    if words[:1] == ["--version"]:
        print(f"zhishiyun {__version__}")
        return 0
    name = words.pop(0) if words and not words[0].startswith("-") else "exam"
    if name not in PROGRAMS:
        print(f"没有这个命令 / no such command: {name}\n\n{_usage()}", file=sys.stderr)
        return EXIT_USAGE
    program = importlib.import_module(PROGRAMS[name][0])
    try:
        return int(program.main(words))
    except ZhishiyunError as error:
        print(error.bilingual(), file=sys.stderr)
        return EXIT_FAULT


def _usage() -> str:
    lines = ["zhishiyun [命令 / command] [选项 / options]", ""]
    for name, (_module, about) in PROGRAMS.items():
        if about is not argparse.SUPPRESS:
            lines.append(f"  {name:10} {about}")
    return "\n".join([*lines, "", "zhishiyun 命令 --help"])
