"""What the processes of one server tell one another: that there is news, who looks, a picture.

Nothing that counts goes this way: whatever is lost here is found in the database by the next
heartbeat. Pictures of a face go nowhere else, so that they never lie on a disk.
"""

from __future__ import annotations

import enum
import importlib.util
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

from zhishiyun_protocol.errors import Fixable


class Topic(enum.Enum):
    """What is told."""

    NEWS = "news"  # an attempt's id: its connections look soon
    LOOKED = "looked"  # a login's id: somebody looks at its picture
    SHOWN = "shown"  # a login's id, a zero byte, a JPEG
    DECIDED = "decided"  # a login's id: nobody looks any more


class Bus(Protocol):
    """The way to the other processes. Thread: the event loop."""

    def tell(self, topic: Topic, told: bytes) -> None:
        """Say it to all others, soon."""

    def on(self, topic: Topic, hear: Callable[[bytes], None]) -> None:
        """Whoever is to hear what others tell; before `run`."""

    async def run(self) -> None:
        """Carry words to and fro until cancelled."""


class NobodyElse:
    """One process alone."""

    def tell(self, topic: Topic, told: bytes) -> None:
        """Nobody hears."""

    def on(self, topic: Topic, hear: Callable[[bytes], None]) -> None:
        """Nobody speaks."""

    async def run(self) -> None:
        """Nothing is to be done."""


def require_bus(address: str) -> str:
    """The address, if it can be one.

    Raises:
        Fixable: BUS_ADDRESS, BUS_DRIVER.
    """
    if not _is_address(address):
        raise Fixable(
            "BUS_ADDRESS",
            "The bus is named as nats://USER:PASSWORD@HOST:PORT (tls:// where it crosses a net).",
            "总线地址应为 nats://用户:密码@主机:端口（跨网络时用 tls://）。",
        )
    if importlib.util.find_spec("nats") is None:
        raise Fixable(
            "BUS_DRIVER",
            "Several processes need more packages: pip install 'zhishiyun[scale]'.",
            "多个服务器进程需安装扩展：pip install 'zhishiyun[scale]'。",
        )
    return address


def _is_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in {"nats", "tls"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a password with a slash ends the host's name early
        return False
