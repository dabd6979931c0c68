"""`zhishiyun relay`: hands on release codes in a room whose way out may be dead (docs/papers.md).

For the room's staff, on a machine of their own with a line of its own (a phone's hotspot): it
fetches the codes at T0 and answers every client that asks in the room's network. Without any line,
`--code` takes what the hotline reads out.
"""

from __future__ import annotations

import argparse
import getpass
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import msgspec

from zhishiyun_client.net.client import bearing, json_headers
from zhishiyun_client.net.relay import PORT, RelayDesk
from zhishiyun_client.net.retry import until_answered
from zhishiyun_client.net.wire import Wire, decoded, judged
from zhishiyun_client.ports.api import problem_of, retry_after_s
from zhishiyun_protocol import release
from zhishiyun_protocol.errors import Refused, ZhishiyunError
from zhishiyun_protocol.messages.releasing import ReleaseCodes

AGAIN_S = 0.5
LONGEST_WAIT_S = 30.0


class _Token(msgspec.Struct, frozen=True):
    """What a staff login answers."""

    token: str


def main(arguments: Sequence[str]) -> int:
    """Fetch or take the codes, then answer until Ctrl-C."""
    options = _options(arguments)
    codes: dict[str, str] = {}
    desk = RelayDesk(codes, _say, options.interface, options.port)
    desk.start()
    stop = threading.Event()
    try:
        if options.server:
            codes.update(_fetched(options, stop))
        else:
            codes[options.paper] = _typed()
        print(f"正在转发 {len(codes)} 份试题的放行码，按 Ctrl-C 结束", flush=True)
        print(f"Handing on the release codes of {len(codes)} paper(s); Ctrl-C ends", flush=True)
        stop.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        desk.stop(2)
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="zhishiyun relay", description=__doc__)
    parser.add_argument("--server", default="", help="考试服务器地址 / the exam server")
    parser.add_argument("--exam", default="", help="考试编号 / the exam's id")
    parser.add_argument("--name", default="", help="工作账号 / staff account")
    parser.add_argument("--password-file", type=Path, metavar="F", help="默认提示输入")
    parser.add_argument("--trusted-ca", type=Path, metavar="F")
    parser.add_argument("--paper", default="", help="试题编号（没有网络时）/ the paper's id")
    parser.add_argument("--interface", default="", help="网卡地址 / address of the network card")
    parser.add_argument("--port", type=int, default=PORT, help=argparse.SUPPRESS)
    options = parser.parse_args(list(arguments))
    if bool(options.server) == bool(options.paper):
        parser.error("--server … --exam … --name …, or --paper …")
    return options


def _fetched(options: argparse.Namespace, stop: threading.Event) -> dict[str, str]:
    """The codes, as soon as the server gives them out."""
    file = options.password_file
    password = file.read_text("utf-8").splitlines()[0] if file else getpass.getpass("密码: ")
    wire = Wire(options.server, options.trusted_ca)

    def log_in() -> str:
        body = msgspec.json.encode({"name": options.name, "password": password})
        reply = wire.send("POST", "/v1/staff/sessions", headers=json_headers(""), body=body)
        return decoded(judged(reply), _Token).token

    token = until_answered(log_in, stop)
    target = f"/v1/staff/exams/{quote(options.exam, safe='')}/release-codes"

    def ask() -> ReleaseCodes:
        return decoded(judged(wire.send("GET", target, headers=bearing(token))), ReleaseCodes)

    while not stop.is_set():
        try:
            codes = until_answered(ask, stop)
        except Refused as error:
            problem = problem_of(error)
            if problem is None or problem.code != "NOT_YET":
                raise
            wait_s = problem.retry_after_s or retry_after_s(error) or AGAIN_S
            stop.wait(min(wait_s, LONGEST_WAIT_S))
            continue
        wire.close()
        return {code.paper_id: code.code for code in codes.codes}
    return {}


def _typed() -> str:
    code = release.plain(input("放行码 / release code: "))
    if len(code) != release.LENGTH:
        raise Refused("RELEASE_MISTYPED", "Not a whole release code.", "放行码位数不对。")
    return code


def _say(report: object) -> None:
    if isinstance(report, ZhishiyunError):
        print(report.bilingual(), file=sys.stderr)
