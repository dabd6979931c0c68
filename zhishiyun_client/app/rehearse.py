"""`zhishiyun rehearse`: a whole interview on this machine, with a server of its own."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from zhishiyun_client.app.desk_state import DeskState
from zhishiyun_client.app.rehearsal_outcome import gather, without_places
from zhishiyun_client.app.rehearsal_server import ART, RehearsalServer, Sitter, pick_sitter
from zhishiyun_client.rehearsal.desktop import DesktopSize
from zhishiyun_client.rehearsal.devices import (
    DemonstrationDevices,
    DevicePlan,
    Media,
    Origin,
    Wish,
    plan,
)
from zhishiyun_client.rehearsal.inventory import look
from zhishiyun_client.runtime.paths import private_folder, resources
from zhishiyun_client.runtime.programs import client_command

LEAD_MIN_S = 8 * 60  # of the exam's clock: time for a person to walk through the pages before T0
LEAD_REAL_S = 60  # of real time, the same at any speed
LOOK_EVERY_S = 0.2
DESK_AWAY_S = 30.0  # a desk that nobody starts again within this time is given up
SUBJECTS = {"art": ART}


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for."""

    notice: str
    subject: str
    speed: float
    auto: bool
    end_early: bool
    keep: Path | None
    as_json: bool
    phone: bool
    size: DesktopSize | None
    wish: Wish
    lead_s: int


def main(arguments: Sequence[str]) -> int:
    """Rehearse; exit code 0 only when the server verified everything."""
    options = _parse(arguments)
    with _folder(options.keep) as folder:
        outcome = _rehearse(options, folder)
    if options.keep is None:
        outcome = without_places(outcome)
    print(json.dumps({**outcome, "kept": options.keep is not None}, ensure_ascii=False))
    return 0 if outcome["upload"]["verified"] else 1


def _rehearse(options: Options, folder: Path) -> dict[str, Any]:
    devices = plan(look(), options.wish)
    _say(options, _devices_words(devices))
    sitter = pick_sitter(options.subject)
    lead_s = options.lead_s or round(max(LEAD_MIN_S, LEAD_REAL_S * options.speed))
    home = private_folder(folder / "home")
    with contextlib.ExitStack() as stack:
        stand_ins = stack.enter_context(
            DemonstrationDevices(devices, Media.of(resources()), options.size)
        )
        server = stack.enter_context(
            RehearsalServer(
                folder,
                options.notice,
                sitter,
                lead_s,
                options.speed,
                sees_film=devices.camera.origin is not Origin.REAL,
            )
        )
        _say(options, f"演练服务器 / rehearsal server {server.url}")
        if options.auto:
            write_part(home, sitter, end_early=options.end_early, play_phone=options.phone)
        else:
            name, password = server.add_technician()
            _say(options, f"工作台 / staff page {server.url}/desk/  账号 / name {name}")
            _say(options, f"密码 / password {password}")
        started = time.monotonic()
        _run_desk(options, home, server, stand_ins)
        return gather(options.notice, home, server, folder / "export", time.monotonic() - started)


def _run_desk(
    options: Options, home: Path, server: RehearsalServer, stand_ins: DemonstrationDevices
) -> None:
    """Start the desk and wait until it left; the recorder may start it again meanwhile."""
    desk = start_desk(home, server, stand_ins, auto=options.auto)
    try:
        _wait_until_left(home, desk)
    except KeyboardInterrupt:
        desk.terminate()
    desk.wait()


def start_desk(
    home: Path, server: RehearsalServer, stand_ins: DemonstrationDevices, *, auto: bool
) -> subprocess.Popen[bytes]:
    """Start a desk for the rehearsal's candidate, with the stand-ins as its devices."""
    words = ["desk", "--home", str(home), "--ticket", str(server.ticket_file)]
    words += ["--trust", str(server.trust_file)]
    if stand_ins.camera_address:
        words += ["--camera", stand_ins.camera_address]
    if stand_ins.microphone_name:
        words += ["--microphone", stand_ins.microphone_name]
    for kind in stand_ins.plan.demonstrations:
        words += ["--demonstration", kind.value]
    if auto:
        words.append("--auto")
    environment = {**os.environ, **stand_ins.environment, "PYTHONUTF8": "1"}
    return subprocess.Popen(client_command(*words), env=environment, stdin=subprocess.DEVNULL)


def _wait_until_left(home: Path, desk: subprocess.Popen[bytes]) -> None:
    state = DeskState(home)
    seen_s = time.monotonic()
    while not state.has_left():
        pid = state.running_pid()
        if desk.poll() is None or (pid is not None and psutil.pid_exists(pid)):
            seen_s = time.monotonic()
        elif time.monotonic() - seen_s > DESK_AWAY_S:
            return
        time.sleep(LOOK_EVERY_S)


def write_part(home: Path, sitter: Sitter, **wishes: bool) -> None:
    """What the rehearsing candidate types and wishes, in a file only this person can read."""
    path = home / "part.json"
    path.touch(mode=0o600)
    part = {
        "id_number": sitter.id_number,
        "ticket_number": sitter.ticket_number,
        **wishes,
    }
    path.write_text(json.dumps(part), encoding="utf-8")


def _devices_words(devices: DevicePlan) -> str:
    words = [
        f"{device.kind.value}: {device.origin.value} ({device.reason.zh} / {device.reason.en})"
        for device in devices.all
    ]
    return "设备 / devices  " + ", ".join(words)


def _say(options: Options, words: str) -> None:
    print(words, file=sys.stderr if options.as_json else sys.stdout, flush=True)


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        yield private_folder(keep.resolve())
        return
    with tempfile.TemporaryDirectory(prefix="zhishiyun-rehearsal-") as made:
        yield Path(made)


def _parse(arguments: Sequence[str]) -> Options:
    parser = argparse.ArgumentParser(prog="zhishiyun rehearse", description=__doc__)
    parser.add_argument("--notice", choices=("a", "b", "c"), default="a", help="三份须知之一")
    parser.add_argument("--subject", choices=tuple(SUBJECTS), help="art: 美术 (notice b)")
    parser.add_argument("--speed", type=_speed, default=1.0, help="考试时钟的倍速")
    parser.add_argument("--auto", action="store_true", help="由程序操作真实窗口")
    parser.add_argument("--end-early", action="store_true", help="作答中主动结束")
    parser.add_argument("--no-phone", action="store_true", help="不演示手机佐证")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="保留全部文件")
    parser.add_argument("--json", action="store_true", help="最后一行输出 JSON")
    parser.add_argument("--size", type=_size, metavar="1366x768", help="虚拟屏幕尺寸")
    parser.add_argument("--devices", choices=[w.value for w in Wish], default=Wish.AUTO.value)
    parser.add_argument("--starts-in", type=int, default=0, metavar="S", help="距开考的秒数")
    found = parser.parse_args(arguments)
    if found.subject and found.notice != "b":
        parser.error("--subject art 只用于 --notice b / goes with --notice b only")
    return Options(
        notice=found.notice,
        subject=SUBJECTS.get(found.subject or "", ""),
        speed=found.speed,
        auto=found.auto,
        end_early=found.end_early,
        phone=not found.no_phone,
        keep=found.keep,
        as_json=found.json,
        size=found.size,
        wish=Wish(found.devices),
        lead_s=found.starts_in,
    )


def _speed(words: str) -> float:
    wrong = argparse.ArgumentTypeError("倍速须为 1 到 240 的数 / a number from 1 to 240")
    try:
        speed = float(words)
    except ValueError:
        raise wrong from None
    if not 1 <= speed <= 240:
        raise wrong
    return speed


def _size(words: str) -> DesktopSize:
    found = re.fullmatch(r"(\d{3,4})x(\d{3,4})", words)
    if found is None:
        raise argparse.ArgumentTypeError("写作 1366x768 / write it like 1366x768")
    return DesktopSize(int(found[1]), int(found[2]))
