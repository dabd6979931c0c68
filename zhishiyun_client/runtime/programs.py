"""How one program of ours starts another, from source and when frozen."""

from __future__ import annotations

import sys
from pathlib import Path


def client_command(*arguments: str) -> list[str]:
    """The command line of this client with other arguments."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    return [sys.executable, "-m", "zhishiyun_client", *arguments]


def server_command(*arguments: str) -> list[str]:
    """The command line of the exam server that is shipped beside the client."""
    if getattr(sys, "frozen", False):
        name = "zhishiyun-server.exe" if sys.platform == "win32" else "zhishiyun-server"
        return [str(Path(sys.executable).with_name(name)), *arguments]
    return [sys.executable, "-m", "zhishiyun_server", *arguments]
