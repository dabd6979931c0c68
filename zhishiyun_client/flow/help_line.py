"""【求助】: a conversation with the supervisor that survives a dead line (R160–R166, F44)."""

from __future__ import annotations

import uuid
from dataclasses import replace

from zhishiyun_client.flow.clock_words import clock_time
from zhishiyun_client.flow.intents import AskForCall, CloseHelp, Explain, Intent, OpenHelp, SendHelp
from zhishiyun_client.flow.room import Room
from zhishiyun_client.flow.views import ChatLineView, Delivery, From, HelpView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import text
from zhishiyun_client.ports.recorder import Chat
from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_protocol.messages.sitting import HelpKind, HelpMessage, HelpQuestion, HelpThread
from zhishiyun_protocol.timing import SECOND_US

LOOK_EVERY_US = 3_000_000  # of monotonic time, while the drawer is open or an answer is awaited
SEND_AGAIN_US = 3_000_000


class HelpLine:
    """Questions wait here until the server keeps them; answers are fetched by cursor."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._is_open = False
        self._queue: list[HelpQuestion] = []
        self._sent: dict[str, HelpQuestion] = {}
        self._messages: dict[int, HelpMessage] = {}
        self._waiting_since_us: int | None = None
        self._cursor = 0
        self._seen = 0
        self._busy_sending = self._busy_looking = False
        self._send_at_us = self._look_at_us = 0
        self._offline = False

    def take(self, intent: Intent) -> bool:
        """Whether this intent was about help."""
        if isinstance(intent, OpenHelp):
            self._is_open, self._look_at_us = True, 0
            self._seen = self._cursor
        elif isinstance(intent, CloseHelp):
            self._is_open = False
        elif isinstance(intent, SendHelp):
            self._ask(HelpKind.TEXT, intent.words)
        elif isinstance(intent, AskForCall | Explain):
            self._is_open = True
            key = T.HELP_CALL_BACK_REQUEST if isinstance(intent, AskForCall) else T.RECEIPT_EXPLAIN
            self._ask(HelpKind.TECHNICIAN, self._room.say(text(key)))
        else:
            return False
        return True

    def look_soon(self) -> None:
        """News say that somebody wrote."""
        self._look_at_us = 0

    def beat(self, local_us: int) -> None:
        """Send what waits; fetch what came."""
        if self._room.sitting is None:
            return
        if self._queue and not self._busy_sending and local_us >= self._send_at_us:
            self._send(local_us)
        awaiting = self._is_open or self._waiting_since_us is not None or self._look_at_us == 0
        if awaiting and not self._busy_looking and local_us >= self._look_at_us:
            self._busy_looking, self._look_at_us = True, local_us + LOOK_EVERY_US
            after, api = self._cursor, self._room.ports.api
            self._room.run(
                "help", lambda: api.help_thread(after), self._on_thread, self._on_look_failed
            )

    def view(self) -> HelpView:
        """The drawer now."""
        support = self._room.plan.support
        waiting = self._waiting_since_us
        return HelpView(
            is_open=self._is_open,
            lines=self._lines(),
            waiting_s=None
            if waiting is None
            else max(0, (self._room.now_us - waiting) // SECOND_US),
            is_offline=self._offline or self._room.sitting is None,
            unread=0 if self._is_open else self._unread(),
            phone=support.phone,
            hours=support.hours,
            callback_numbers=support.callback_numbers,
        )

    def _unread(self) -> int:
        return sum(m.from_staff and cursor > self._seen for cursor, m in self._messages.items())

    def _lines(self) -> tuple[ChatLineView, ...]:
        kept = [_line(self._messages[cursor]) for cursor in sorted(self._messages)]
        known = {message.id for message in self._messages.values()}
        underway = [_own_line(q, Delivery.SENT) for q in self._sent.values() if q.id not in known]
        queued = [_own_line(question, Delivery.QUEUED) for question in self._queue]
        return (*kept, *underway, *queued)

    def _ask(self, kind: HelpKind, words: str) -> None:
        if not words.strip():
            return
        question = HelpQuestion(
            id=uuid.uuid4().hex, kind=kind, text=words.strip(), at_us=self._room.now_us
        )
        self._queue.append(question)
        self._send_at_us = 0
        self._room.ports.recorder.say(
            Chat(id=question.id, from_staff=False, text=question.text, at_us=question.at_us)
        )

    def _send(self, local_us: int) -> None:
        self._busy_sending, self._send_at_us = True, local_us + SEND_AGAIN_US
        question, api = self._queue[0], self._room.ports.api

        def sent(_none: None) -> None:
            self._busy_sending, self._offline = False, False
            self._queue.remove(question)
            self._sent[question.id] = question
            self._send_at_us = self._look_at_us = 0

        self._room.run("ask-help", lambda: api.ask_help(question), sent, self._on_send_failed)

    def _on_send_failed(self, error: ZhishiyunError) -> None:
        self._busy_sending, self._offline = False, True

    def _on_look_failed(self, error: ZhishiyunError) -> None:
        self._busy_looking, self._offline = False, True

    def _on_thread(self, thread: HelpThread) -> None:
        self._busy_looking, self._offline = False, False
        self._waiting_since_us = thread.waiting_since_us
        for message in thread.messages:
            if message.from_staff and message.cursor not in self._messages:
                self._room.ports.recorder.say(
                    Chat(id=message.id, from_staff=True, text=message.text, at_us=message.at_us)
                )
            self._messages[message.cursor] = message
            self._cursor = max(self._cursor, message.cursor)
        if self._is_open:
            self._seen = self._cursor


def _line(message: HelpMessage) -> ChatLineView:
    if message.from_staff:
        return ChatLineView(From.SUPERVISOR, message.text, clock_time(message.at_us))
    delivery = Delivery.READ if message.read_us is not None else Delivery.SENT
    return ChatLineView(From.CANDIDATE, message.text, clock_time(message.at_us), delivery)


def _own_line(question: HelpQuestion, delivery: Delivery) -> ChatLineView:
    line = ChatLineView(From.CANDIDATE, question.text, clock_time(question.at_us))
    return replace(line, delivery=delivery)
