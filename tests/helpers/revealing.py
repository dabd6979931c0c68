"""A candidate's line and paper without a window, as a program: when does the question show?

revealing.py URL SESSION STARTS_US      prints CLOCK_MONOTONIC µs of the reveal, as one line
"""

from __future__ import annotations

import os
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any

from tests.helpers.paper_room import InstantErrands, MemorySecrets, PaperFiles, PaperRelay
from zhishiyun_client.flow.conductor import NEAR_BEAT_MS
from zhishiyun_client.flow.papers import Papers
from zhishiyun_client.net.channel import Channel
from zhishiyun_client.net.client import ExamClient
from zhishiyun_client.net.live_socket import LiveSocket
from zhishiyun_client.net.relay import RoomRelay
from zhishiyun_client.net.wire import Wire
from zhishiyun_client.ports.line import ClockKnown, NewsArrived
from zhishiyun_client.runtime.clock import ExamClock, monotonic_us
from zhishiyun_protocol.messages.live import Heartbeat, NewsKind
from zhishiyun_protocol.messages.sitting import PaperKey

BEAT_S = NEAR_BEAT_MS / 1000
GIVES_UP_S = 90.0
RELAY_PORT = "REVEALING_RELAY_PORT"
UNKNOWN_US = -(2**60)


@dataclass
class RevealPorts:
    """What the paper needs of the machines."""

    api: Any
    clock: Any
    files: Any
    secrets: Any
    errands: Any
    disk: Any
    relay: Any


def ports_for(api: Any, clock: Any) -> Any:
    errands = InstantErrands()
    return RevealPorts(api, clock, PaperFiles(), MemorySecrets(), errands, errands, PaperRelay())


def main() -> int:
    url, session, starts_us = sys.argv[1], sys.argv[2], int(sys.argv[3])
    wire, clock = Wire(url), ExamClock()
    api = ExamClient(wire, session)
    ports = ports_for(api, clock)
    papers = Papers(ports, lambda: clock.now_us() or UNKNOWN_US, lambda: starts_us)
    told: list[PaperKey] = []
    if port := os.environ.get(RELAY_PORT):
        ports.relay = RoomRelay("127.0.0.1", int(port))

    def hear(report: object) -> None:
        if isinstance(report, ClockKnown):
            clock.learn(report.clock)
        elif isinstance(report, NewsArrived) and report.news.kind is NewsKind.PAPER_KEY:
            told.append(PaperKey(**report.news.data))

    channel = Channel(
        api,
        lambda: LiveSocket.open(wire.server_url, session, wire.context),
        lambda: Heartbeat(sent_us=0),
        hear,
        beat_every_s=1.0,
    )
    channel.start()
    ends_s = time.monotonic() + GIVES_UP_S
    pause = threading.Event()
    while (clock.known is None or not papers.is_ready) and time.monotonic() < ends_s:
        papers.beat(monotonic_us())
        pause.wait(BEAT_S)
    print("knows", flush=True)
    while time.monotonic() < ends_s:
        papers.beat(monotonic_us())
        if told:
            papers.take_key(told.pop())
        if papers.views:
            print(f"revealed {monotonic_us()} {clock.error_us()}", flush=True)
            break
        pause.wait(BEAT_S)
    channel.stop(5)
    wire.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
