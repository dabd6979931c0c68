"""The live channel: heartbeats up; news and the exam's clock down (design §4).

By WebSocket where it can be had, else the same messages by HTTP. Losing the channel loses nothing:
news has a cursor and comes again until it was handled.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

import msgspec

from zhishiyun_client.domain.transfer import LIVELY, PATIENT
from zhishiyun_client.net.live_socket import TAKEN_OVER, LiveSocket, NoWebSocket
from zhishiyun_client.ports.api import ExamApi, retry_after_s
from zhishiyun_client.ports.line import ClockKnown, Committed, LineDown, LineUp, NewsArrived
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_client.runtime.worker import Report, Worker
from zhishiyun_protocol.clock import Exchange, ServerClock, measured, narrowed
from zhishiyun_protocol.errors import Refused, Transient, ZhishiyunError
from zhishiyun_protocol.messages.live import Beat, Heartbeat

BEAT_EVERY_S = 5.0
ANSWER_WITHIN_S = 10.0
WEBSOCKET_AGAIN_S = 60.0  # how soon a way that forbade WebSockets is tried again
WEBSOCKET_SOON_S = 5.0  # the same after a handshake that was cut, doubled each time
_GLANCE_S = 0.25  # how often a wait looks at the stop event

Beating = Callable[[], Heartbeat]


class Channel(Worker):
    """Keeps the line to the server.

    Args:
        api:         for heartbeats by HTTP.
        open_socket: opens the WebSocket, e.g. `lambda: LiveSocket.open(url, session, context)`.
        beating:     gives what the next heartbeat says; `sent_us` and `after` are filled in here.
        report:      takes ClockKnown, NewsArrived, Committed, LineUp, LineDown.
        after:       cursor of the last news handled before this process began.
    """

    def __init__(
        self,
        api: ExamApi,
        open_socket: Callable[[], LiveSocket],
        beating: Beating,
        report: Report,
        *,
        after: int = 0,
        beat_every_s: float = BEAT_EVERY_S,
        answer_within_s: float = ANSWER_WITHIN_S,
    ) -> None:
        super().__init__("channel", report)
        self._api = api
        self._open_socket = open_socket
        self._beating = beating
        self._beat_every_s = beat_every_s
        self._answer_within_s = answer_within_s
        self._after = after
        self._committed = 0
        self._known: ServerClock | None = None
        self._socket: LiveSocket | None = None
        self._socket_again_s = 0.0
        self._up = ""
        self._failures = 0
        self._cuts = 0
        self._unanswered: dict[int, float] = {}
        self._hurry = threading.Event()
        self.is_over = False  # another login took this session's place: nothing is tried again

    @property
    def cursor(self) -> int:
        """The newest news that was reported. Thread: any."""
        return self._after

    @property
    def clock(self) -> ServerClock | None:
        """The exam's clock as known from this channel. Thread: any."""
        return self._known

    def beat_now(self) -> None:
        """Let the next heartbeat not wait for its time (a phase changed). Thread: any."""
        self._hurry.set()

    def turn(self, stop: threading.Event) -> None:
        """One heartbeat and what comes until the next is due."""
        if self.is_over:
            stop.wait(self._beat_every_s)
            return
        try:
            if self._socket is None and time.monotonic() >= self._socket_again_s:
                self._open()
            if self._socket is not None:
                self._beat_by_socket(self._socket, stop)
            else:
                self._beat_by_http(stop)
        except ZhishiyunError as error:
            self._lost(error, stop)

    def leave(self) -> None:
        """Close the socket."""
        self._drop_socket()

    # ── the two ways ────────────────────────────────────────────────

    def _open(self) -> None:
        try:
            self._socket = self._open_socket()
            self._cuts = 0
        except NoWebSocket as error:
            self._cuts += 1
            soon_s = WEBSOCKET_SOON_S * 2 ** (self._cuts - 1)
            wait_s = soon_s if error.facts.get("was_cut") else WEBSOCKET_AGAIN_S
            self._socket_again_s = time.monotonic() + min(wait_s, WEBSOCKET_AGAIN_S)
        self._unanswered.clear()

    def _beat_by_socket(self, socket: LiveSocket, stop: threading.Event) -> None:
        heartbeat = self._heartbeat()
        self._unanswered[heartbeat.sent_us] = time.monotonic()
        socket.send(heartbeat)
        due_s = time.monotonic() + self._beat_every_s
        while not stop.is_set() and not self._hurry.is_set():
            left_s = due_s - time.monotonic()
            if left_s <= 0:
                break
            beat = socket.receive(min(left_s, _GLANCE_S))
            if beat is not None:
                self._take(beat, monotonic_us(), "websocket")
            self._refuse_silence()
        self._hurry.clear()

    def _beat_by_http(self, stop: threading.Event) -> None:
        beat = self._api.heartbeat(self._heartbeat())
        self._take(beat, monotonic_us(), "http")
        due_s = time.monotonic() + self._beat_every_s
        while not stop.is_set() and not self._hurry.is_set() and time.monotonic() < due_s:
            stop.wait(min(_GLANCE_S, max(0.0, due_s - time.monotonic())))
        self._hurry.clear()

    def _heartbeat(self) -> Heartbeat:
        # sent_us also tells answers apart: it must never repeat.
        return msgspec.structs.replace(self._beating(), sent_us=monotonic_us(), after=self._after)

    # ── what comes down ─────────────────────────────────────────────

    def _take(self, beat: Beat, received_us: int, by: str) -> None:
        if beat.sent_us and by == "websocket":
            if self._unanswered.pop(beat.sent_us, None) is None:
                return  # an answer to nothing we asked on this socket
            self._unanswered = {us: s for us, s in self._unanswered.items() if us > beat.sent_us}
        if beat.sent_us:
            self._learn(beat, received_us)
        self._failures = 0
        if self._up != by:
            self._up = by
            self._report(LineUp(by))
        if beat.committed > self._committed:
            self._committed = beat.committed
            self._report(Committed(beat.committed))
        for news in sorted(beat.news, key=lambda item: item.cursor):
            if news.cursor > self._after:
                self._report(NewsArrived(news))
                self._after = news.cursor

    def _learn(self, beat: Beat, received_us: int) -> None:
        exchange = Exchange(
            sent_us=beat.sent_us,
            server_received_us=beat.server_received_us,
            server_sent_us=beat.server_sent_us,
            received_us=received_us,
            speed=beat.speed,
        )
        self._known = narrowed(self._known, measured(exchange))
        self._report(ClockKnown(self._known))

    # ── when it is gone ─────────────────────────────────────────────

    def _refuse_silence(self) -> None:
        oldest_s = min(self._unanswered.values(), default=None)
        if oldest_s is not None and time.monotonic() - oldest_s > self._answer_within_s:
            raise Transient(
                "SERVER_SILENT",
                "The live channel is silent.",
                "与考试服务器的实时连接没有应答。",
            )

    def _lost(self, error: ZhishiyunError, stop: threading.Event) -> None:
        self._drop_socket()
        self.is_over = error.code == TAKEN_OVER
        self._failures += 1
        if self._up or self._failures == 1:
            self._up = ""
            self._report(LineDown(error.code, error.message, error.zh))
        schedule = PATIENT if isinstance(error, Refused) else LIVELY
        stop.wait(schedule.wait_s(self._failures, random.random(), retry_after_s(error)))

    def _drop_socket(self) -> None:
        self._unanswered.clear()
        if self._socket is not None:
            self._socket.close()
            self._socket = None
