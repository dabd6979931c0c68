"""`zhishiyun selftest`: what 设备准备 measures, for IT staff and without an exam (R030–R037)."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from zhishiyun_client import __version__
from zhishiyun_client.app.check_desk import RecorderCamera, RecorderMicrophone, face_pack
from zhishiyun_client.app.guard_desk import entry_look
from zhishiyun_client.app.recorder_link import RecorderLink
from zhishiyun_client.app.screen_probe import ScreenSample
from zhishiyun_client.keep.secret_store import open_secrets
from zhishiyun_client.net.client import ExamClient
from zhishiyun_client.net.wire import Wire
from zhishiyun_client.ports.checks import (
    CheckContext,
    ChecksDone,
    CheckStarted,
    Needs,
    Probes,
)
from zhishiyun_client.ports.recorder import Choose, Hello, Quit, Status
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_client.runtime.crew import Crew
from zhishiyun_client.runtime.paths import home, private_folder, resources
from zhishiyun_client.runtime.trays import Line
from zhishiyun_client.selftest.order import all_checks
from zhishiyun_client.selftest.report import as_json, as_text
from zhishiyun_client.selftest.runner import CheckRun
from zhishiyun_client.selftest.words import CheckWords
from zhishiyun_protocol.plan import Guarding

ANSWER_WITHIN_S = 180.0


def main(arguments: Sequence[str]) -> int:
    """Run every check; exit code 1 when something required failed."""
    parser = argparse.ArgumentParser(prog="zhishiyun selftest", description=__doc__)
    parser.add_argument("--json", action="store_true", help="结果为 JSON / print JSON")
    parser.add_argument("--server", default="", metavar="URL", help="考试服务器 / the exam server")
    parser.add_argument("--camera", default="", help="摄像头编号或地址 / camera id")
    parser.add_argument("--microphone", default="", help="麦克风编号 / microphone id")
    parser.add_argument("--home", type=Path, default=None, help=argparse.SUPPRESS)
    options = parser.parse_args(list(arguments))
    folder = private_folder(options.home or home())
    answers: Line[object] = Line(256)
    newest: list[Status] = []

    def hear(report: object) -> None:
        if isinstance(report, Status):
            newest[:] = [report]

    def take(report: object) -> None:
        answers.put(report)

    with Crew() as crew:
        link = RecorderLink(folder, Hello(desk_pid=os.getpid()), hear)
        crew.add(link)
        link.say(Choose(camera_id=options.camera, microphone_id=options.microphone))
        context = _context(options.server, folder, lambda: newest[0] if newest else None)
        crew.add(CheckRun(all_checks(), context, take))
        done = _follow(answers, quiet=options.json)
        link.say(Quit())
    if options.json:
        print(json.dumps(as_json(done.results), ensure_ascii=False))
    else:
        print(as_text(done.results, CheckWords((resources() / "texts",)), __version__))
    return 0 if done.may_go_on else 1


def _context(server: str, folder: Path, status: Callable[[], Status | None]) -> CheckContext:
    probes = Probes(
        findings=entry_look(Guarding()),
        camera=RecorderCamera(status),
        microphone=RecorderMicrophone(status),
        screen=ScreenSample(),
        api=ExamClient(Wire(server)) if server else None,
        secrets=open_secrets(folder),
        face_pack=face_pack,
    )
    return CheckContext(
        needs=Needs(),
        folder=folder,
        probes=probes,
        local_us=monotonic_us,
        wall_us=_wall_us,
        wait=_wait,
    )


def _follow(answers: Line[object], *, quiet: bool) -> ChecksDone:
    deadline_s = time.monotonic() + ANSWER_WITHIN_S
    while time.monotonic() < deadline_s:
        answer = answers.take(within_s=1.0)
        if isinstance(answer, CheckStarted) and not quiet:
            print(f"… {answer.id.value}", file=sys.stderr, flush=True)
        elif isinstance(answer, ChecksDone):
            return answer
    return ChecksDone(())


def _wall_us() -> int:
    return time.time_ns() // 1000


def _wait(seconds: float) -> bool:
    time.sleep(seconds)
    return False
