"""The command line. Secrets come from files, a prompt or stdin, never from here."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

ROLES = ("supervisor", "technician", "officer", "auditor", "operator")


def parser() -> argparse.ArgumentParser:
    """All commands of zhishiyun-server."""
    top = argparse.ArgumentParser(
        prog="zhishiyun-server", description="智试云考试服务器 · the exam server"
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    init = _command(commands, "init", "建立服务器目录、密钥和数据库 · make a server's folder")
    init.add_argument(
        "--database-file",
        type=Path,
        metavar="F",
        help="含 PostgreSQL 地址的文件，- 表示标准输入；默认为目录中的 SQLite · "
        "a file with PostgreSQL's address; SQLite in the folder without it",
    )
    init.add_argument(
        "--bus-file",
        type=Path,
        metavar="F",
        help="含 NATS 地址的文件，多个服务器进程由此互通 · "
        "a file with NATS' address, by which several processes reach one another",
    )
    _exam(commands)
    _roster(commands)
    _paper(commands)
    _tickets(commands)
    _rules(commands)
    _staff(commands)
    _store(commands)
    _serve(commands)
    _export(commands)
    _expire(commands)
    _load(commands)
    bundle = _command(commands, "import-bundle", "导入U盘证据包 · take in a recording from a stick")
    bundle.add_argument("file", type=Path, metavar="FILE")
    commands.add_parser("openapi", help="输出接口描述 · print the OpenAPI description")
    return top


def _command(commands: Any, name: str, text: str, *, json: bool = True) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    made.add_argument("--home", type=Path, required=True, metavar="DIR", help="服务器目录")
    if json:
        made.add_argument("--json", action="store_true", help="answer in JSON")
    return made


def _group(commands: Any, name: str, text: str) -> Any:
    group = commands.add_parser(name, help=text, description=text)
    return group.add_subparsers(dest="action", required=True, metavar="ACTION")


def _exam(commands: Any) -> None:
    made = _command(_group(commands, "exam", "考试 · exams"), "import", "导入考试方案 · a plan")
    made.add_argument("plan", type=Path, metavar="PLAN.toml")
    made.add_argument(
        "--starts-at", required=True, metavar="ISO|+SECONDS", help="开考时间 T0（须带时区）"
    )
    made.add_argument("--id", default="", help="考试编号；默认用方案的 id")
    made.add_argument("--formal", action=argparse.BooleanOptionalAction, default=True)
    made.add_argument(
        "--attachments", type=Path, metavar="DIR", help="考试附件目录；默认为方案所在目录"
    )


def _roster(commands: Any) -> None:
    made = _command(
        _group(commands, "roster", "名册 · rosters"), "import", "导入考生名册 · a roster"
    )
    made.add_argument("file", type=Path, metavar="FILE.csv|.xlsx")
    made.add_argument("--exam", required=True, metavar="ID")
    made.add_argument("--photos", type=Path, metavar="DIR", help="照片目录；默认为名册所在目录")


def _paper(commands: Any) -> None:
    made = _command(
        _group(commands, "paper", "试题 · papers"), "import", "导入并加封试题 · a paper"
    )
    made.add_argument("file", type=Path, metavar="FILE")
    made.add_argument("--exam", required=True, metavar="ID")
    made.add_argument("--subject", default="", help="科目；默认所有科目共用")
    made.add_argument("--language", default="zh")


def _tickets(commands: Any) -> None:
    made = _command(
        _group(commands, "tickets", "准考凭证 · tickets"), "export", "导出准考凭证 · write tickets"
    )
    made.add_argument("folder", type=Path, metavar="DIR")
    made.add_argument("--exam", required=True, metavar="ID")
    made.add_argument("--server-url", required=True, metavar="URL", help="考生端访问的地址")


def _rules(commands: Any) -> None:
    made = _command(
        _group(commands, "rules", "检测名单 · the guard's rules"),
        "sign",
        "签发检测名单 · sign them",
    )
    made.add_argument("programs", type=Path, metavar="LIST", help="list.toml")
    made.add_argument("surroundings", type=Path, metavar="SURROUNDINGS", help="surroundings.toml")


def _staff(commands: Any) -> None:
    made = _command(_group(commands, "staff", "工作账号 · staff"), "add", "添加账号 · an account")
    made.add_argument("name")
    made.add_argument("--role", required=True, choices=ROLES)
    made.add_argument(
        "--password-file", type=Path, metavar="F", help="首行为密码；- 表示标准输入；默认提示输入"
    )


def _store(commands: Any) -> None:
    group = _group(commands, "store", "录像存储 · where evidence goes")
    made = _command(group, "set", "使用 S3 兼容存储 · an S3-compatible store")
    made.add_argument("url", metavar="s3://BUCKET/PREFIX")
    made.add_argument("--endpoint", required=True, metavar="URL", help="服务器访问的地址")
    made.add_argument("--public-endpoint", default="", metavar="URL", help="考生端访问的地址")
    made.add_argument("--region", default="", help="默认 us-east-1")
    made.add_argument(
        "--secrets-file",
        type=Path,
        required=True,
        metavar="F",
        help="两行：访问密钥、私有密钥；- 为标准输入",
    )
    _command(group, "show", "显示存储位置 · say where")


def _serve(commands: Any) -> None:
    made = _command(commands, "serve", "运行服务器 · serve", json=False)
    made.add_argument("--host", default="127.0.0.1")
    made.add_argument("--port", type=int, default=0, help="0：自动选择")
    made.add_argument("--speed", type=float, help="考试时钟的倍速（演练用）")
    made.add_argument("--ready-file", type=Path, metavar="F", help="就绪后写入 {url}")
    made.add_argument("--public-url", default="", metavar="URL", help="手机访问的地址")
    made.add_argument("--tls-cert", type=Path, metavar="PEM")
    made.add_argument("--tls-key", type=Path, metavar="PEM")
    made.add_argument("--reserve-mib", type=int, default=64, help="始终留给数据库的磁盘空间")


def _load(commands: Any) -> None:
    text = "压力演练：N 名考生走完全程 · N candidates play the whole exam"
    made: argparse.ArgumentParser = commands.add_parser("load", help=text, description=text)
    made.add_argument(
        "candidates", type=int, nargs="*", default=[50, 500], metavar="N", help="人数，可给多个"
    )
    made.add_argument("--url", default="", help="已在运行的服务器；默认自行启动一个")
    made.add_argument("--tickets", type=Path, metavar="DIR", help="准考凭证目录（配合 --url）")
    made.add_argument("--roster", type=Path, metavar="FILE.csv", help="名册（配合 --url）")
    made.add_argument("--like", type=Path, metavar="DIR", help="使用该服务器目录设定的录像存储")
    made.add_argument("--processes", type=int, default=1, help="服务器进程数（须有 PostgreSQL）")
    made.add_argument("--database-file", type=Path, metavar="F", help="空 PostgreSQL 数据库的地址")
    made.add_argument("--bus-file", type=Path, metavar="F", help="NATS 的地址")
    made.add_argument("--arrive-per-s", type=float, default=20.0, help="每秒进场人数")
    made.add_argument("--wait-s", type=float, default=10.0, help="只有心跳的秒数")
    made.add_argument("--settle-s", type=float, default=15.0, help="进场后到开考的余量")
    made.add_argument("--upload-s", type=float, default=20.0, help="开考后上传的秒数")
    made.add_argument("--chunk-kib", type=int, default=64)
    made.add_argument("--every-s", type=float, default=2.0, help="每名考生每隔几秒一块")
    made.add_argument("--no-phones", dest="phones", action="store_false", help="不演示手机佐证")
    made.add_argument("--json", action="store_true", help="answer in JSON")


def _expire(commands: Any) -> None:
    group = _group(commands, "expire", "到期删除 · what may not be kept any longer")
    _command(group, "list", "各场考试的到期时间 · when each exam's data expire")
    _command(group, "run", "立即删除已到期的数据 · delete what has expired")
    for name, text in (
        ("hold", "暂缓删除某考生的数据 · keep a candidate's data"),
        ("release", "取消暂缓 · the plan's time counts again"),
    ):
        made = _command(group, name, text)
        made.add_argument("--exam", required=True, metavar="ID")
        made.add_argument("--ticket-number", required=True, metavar="NUMBER", help="准考证号")
        made.add_argument("--by", required=True, metavar="ACCOUNT", help="经办人的工作账号")
        if name == "hold":
            made.add_argument("--reason", required=True, help="理由，写入审计记录")


def _export(commands: Any) -> None:
    made = _command(commands, "export", "导出录像为 MP4 · recordings as MP4")
    which = made.add_mutually_exclusive_group(required=True)
    which.add_argument("--exam", default="", metavar="ID")
    which.add_argument("--attempt", default="", metavar="ID")
    made.add_argument("--out", type=Path, required=True, metavar="DIR")
