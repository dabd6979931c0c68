"""zhishiyun-server: one command a file under commands/."""

from __future__ import annotations

import argparse
import errno
import importlib
import sys
from collections.abc import Sequence

from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_server.arguments import parser

COMMANDS = {
    "init": "init",
    "exam": "office",
    "roster": "office",
    "paper": "office",
    "tickets": "office",
    "rules": "office",
    "staff": "office",
    "store": "store",
    "serve": "serve",
    "export": "export",
    "expire": "expire",
    "load": "load",
    "import-bundle": "bundle",
    "openapi": "openapi",
}
EXIT_FAULT = 1
EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it did what it says."""
    options = parser().parse_args(arguments)
    try:
        return run(options)
    except ZhishiyunError as error:
        print(error.bilingual(), file=sys.stderr)
    except OSError as error:
        print(system_fault(error), file=sys.stderr)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    return EXIT_FAULT


def run(options: argparse.Namespace) -> int:
    """Import what one command needs, and no more: `init` needs no media library."""
    command = importlib.import_module(f"zhishiyun_server.commands.{COMMANDS[options.command]}")
    code: int = command.run(options)
    return code


def system_fault(error: OSError) -> str:
    """A fault of the system in both languages, naming the file."""
    where = error.filename or ""
    if error.errno == errno.ENOSPC:
        zh = f"磁盘空间不足：{where}。请清理后重试。"
        return f"{zh}\nThe disk is full: {where}. Make room. [DISK_FULL]"
    if isinstance(error, FileNotFoundError):
        return f"找不到文件：{where}\nNo such file: {where} [FILE_MISSING]"
    return f"系统错误：{error.strerror} {where}\nSystem error: {error.strerror} {where} [SYSTEM]"


if __name__ == "__main__":
    sys.exit(main())
