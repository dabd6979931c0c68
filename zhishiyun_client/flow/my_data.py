"""【我的信息】: what is kept, requests for a copy or deletion, withdrawing consent (R040)."""

from __future__ import annotations

import uuid

from zhishiyun_client.domain.phases import Phase
from zhishiyun_client.flow.clock_words import calendar_day
from zhishiyun_client.flow.consenting import Face, decide
from zhishiyun_client.flow.intents import (
    AskForCopy,
    AskForDeletion,
    CloseMyData,
    ConfirmWithdraw,
    Intent,
    KeepConsent,
    OpenMyData,
    WithdrawFace,
)
from zhishiyun_client.flow.kept_of_me import consequences_of, decision_words, kept_of
from zhishiyun_client.flow.processing import rights
from zhishiyun_client.flow.room import Room
from zhishiyun_client.flow.views import DataRequestView, MyDataView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_protocol.messages.personal_data import (
    DataAnswer,
    DataRequest,
    DataRequestKept,
    DataRequests,
    DataWish,
)

LOOK_EVERY_US = 5_000_000  # of monotonic time, while the drawer is open
SEND_AGAIN_US = 3_000_000
WISH_WORDS = {DataWish.COPY: T.MY_DATA_COPY, DataWish.DELETION: T.MY_DATA_DELETION}
ANSWER_WORDS = {
    DataAnswer.WAITING: T.MY_DATA_ANSWER_WAITING,
    DataAnswer.GRANTED: T.MY_DATA_ANSWER_GRANTED,
    DataAnswer.REFUSED: T.MY_DATA_ANSWER_REFUSED,
}


class MyData:
    """A request waits here until the server keeps it. Thread: ui."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._is_open = False
        self._asks_withdraw = False
        self._kept: tuple[DataRequestKept, ...] = ()
        self._queue: list[DataRequest] = []
        self._busy = False
        self._send_at_us = self._look_at_us = 0

    def take(self, intent: Intent) -> bool:
        """Whether this intent was about one's own data."""
        if isinstance(intent, OpenMyData):
            self._is_open, self._look_at_us = True, 0
        elif isinstance(intent, CloseMyData):
            self._is_open = self._asks_withdraw = False
        elif isinstance(intent, AskForCopy):
            self._ask(DataWish.COPY)
        elif isinstance(intent, AskForDeletion):
            self._ask(DataWish.DELETION)
        elif isinstance(intent, WithdrawFace):
            self._asks_withdraw = self._room.face_consent
        elif isinstance(intent, KeepConsent):
            self._asks_withdraw = False
        elif isinstance(intent, ConfirmWithdraw):
            self._withdraw()
        else:
            return False
        return True

    def beat(self, local_us: int) -> None:
        """Send what waits; fetch the answers while somebody looks."""
        if self._busy or self._room.sitting is None:
            return
        api = self._room.ports.api
        if self._queue and local_us >= self._send_at_us:
            self._busy, self._send_at_us = True, local_us + SEND_AGAIN_US
            request = self._queue[0]
            self._room.run("ask-data", lambda: api.ask_data(request), self._on_sent, self._on_fault)
        elif self._is_open and local_us >= self._look_at_us:
            self._busy, self._look_at_us = True, local_us + LOOK_EVERY_US

            def look() -> DataRequests:
                return api.data_requests()

            self._room.run("data", look, self._on_seen, self._on_fault)

    def view(self, phase: Phase) -> MyDataView:
        """The drawer now; empty while it is closed."""
        if not self._is_open:
            return MyDataView()
        room = self._room
        asks = self._asks_withdraw and room.face_consent
        return MyDataView(
            is_open=True,
            decision=decision_words(room),
            kept=kept_of(room, phase),
            requests=self._requests(),
            rights=rights(room.plan),
            copy_off=self._off(DataWish.COPY),
            deletion_off=self._off(DataWish.DELETION),
            has_withdraw=room.face_consent,
            consequences=consequences_of(room, phase) if asks else None,
        )

    def _requests(self) -> tuple[DataRequestView, ...]:
        kept = [_request_view(request) for request in self._kept]
        queued = [
            DataRequestView(text(WISH_WORDS[r.wish]), text(T.MY_DATA_ANSWER_QUEUED))
            for r in self._queue
        ]
        return (*kept, *queued)

    def _off(self, wish: DataWish) -> Words | None:
        if self._room.sitting is None:
            return text(T.MY_DATA_OFF_LOGIN)
        waiting = any(r.wish is wish and r.answer is DataAnswer.WAITING for r in self._kept)
        return text(T.MY_DATA_OFF_WAITING) if waiting or self._is_queued(wish) else None

    def _is_queued(self, wish: DataWish) -> bool:
        return any(request.wish is wish for request in self._queue)

    def _ask(self, wish: DataWish) -> None:
        if self._off(wish) is None:
            request = DataRequest(id=uuid.uuid4().hex, wish=wish, at_us=self._room.now_us)
            self._queue.append(request)
            self._send_at_us = 0

    def _withdraw(self) -> None:
        """Stop at once, and tell everybody who must know; what was decided before stays decided."""
        if self._asks_withdraw and self._room.face_consent:
            decide(self._room, Face.WITHDRAWN)
            self._room.ports.face.withdraw()
        self._asks_withdraw = False

    def _on_sent(self, kept: DataRequests) -> None:
        self._busy = False
        del self._queue[0]
        self._kept = kept.requests

    def _on_seen(self, kept: DataRequests) -> None:
        self._busy = False
        self._kept = kept.requests

    def _on_fault(self, error: ZhishiyunError) -> None:
        self._busy = False  # the next beat asks again


def _request_view(request: DataRequestKept) -> DataRequestView:
    at = calendar_day(request.received_us)
    return DataRequestView(
        text(T.MY_DATA_REQUEST, wish=text(WISH_WORDS[request.wish]), at=at),
        text(ANSWER_WORDS[request.answer], words=request.words),
        request.answer is not DataAnswer.WAITING,
    )
