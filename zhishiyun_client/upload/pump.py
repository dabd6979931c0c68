"""The uploader: tails the evidence log and brings it to the server, for ever if need be.

    durable log → Backlog (cuts) → grants → Senders → outcomes → … → seal → receipt

Nothing about the server is remembered only in memory: on every start it is asked what it holds.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from zhishiyun_client.ports.api import EvidenceApi, problem_of
from zhishiyun_client.ports.evidence import DurableLog
from zhishiyun_client.ports.uploading import Progress, ReceiptArrived, UploadBroken
from zhishiyun_client.runtime.trays import Line
from zhishiyun_client.runtime.worker import Report, Worker
from zhishiyun_client.upload import cuts, receipts
from zhishiyun_client.upload.backlog import Backlog
from zhishiyun_client.upload.cuts import Cut, CutTable
from zhishiyun_client.upload.gauge import MOST_AT_ONCE, MOST_SPARE, SMALLEST_BYTES, LineGauge
from zhishiyun_client.upload.pace import Pace
from zhishiyun_client.upload.patience import Patience
from zhishiyun_client.upload.reading import Data, Reader
from zhishiyun_client.upload.senders import Answer, Asker, Errand, Outcome, Question, Sender
from zhishiyun_client.upload.telling import Teller
from zhishiyun_protocol.errors import Broken, Refused, Transient, ZhishiyunError
from zhishiyun_protocol.messages.evidence import Seal

LOG = logging.getLogger(__name__)
TAIL_WAIT_S = 2.0  # a growing tail waits so long for a fuller chunk
ASK_AGAIN_S = 120.0  # how often the server is asked what it holds, and wants again
SPLIT_AFTER = 2  # failures of one chunk before it is cut smaller
_GLANCE_S = 0.1
_IDLE_S = 0.25
_LINE_CODES = frozenset({"NETWORK_DOWN", "SERVER_SILENT"})
_STOP_WITHIN_S = 2.0


class Uploader(Worker):
    """Brings one attempt's log to the server; owns its senders.

    Args:
        log:        the log while it grows; the attempt's id is its file's stem.
        api:        called by this worker and by the senders, several at once.
        report:     takes Progress, ReceiptArrived, UploadBroken.
        server_key: Ed25519 public key that signs receipts (from the ticket or the entry).
    """

    def __init__(
        self,
        log: DurableLog,
        api: EvidenceApi,
        report: Report,
        *,
        server_key: bytes,
        clock: Callable[[], float] = time.monotonic,
        patience: Patience | None = None,
    ) -> None:
        super().__init__("pump", report)
        self._log = log
        self._api = api
        self._server_key = server_key
        self._clock = clock
        self._patience = patience or Patience(clock)
        self._attempt_id = log.path.stem
        self._table = CutTable(log.path.with_name(log.path.stem + cuts.SUFFIX))
        self._reader = Reader(log.path, report)
        self._backlog = Backlog(log, self._table, self._reader)
        self._gauge = LineGauge()
        self._pace = Pace()
        self._teller = Teller(report, clock)
        self._errands: Line[Errand] = Line(MOST_AT_ONCE + MOST_SPARE)
        self._questions: Line[Question] = Line(1)
        self._outcomes: Line[Outcome | Answer] = Line(MOST_AT_ONCE + MOST_SPARE + 1)
        self._workers: list[Worker] = [
            Sender(number, api, self._errands, self._outcomes, report, self._pace)
            for number in range(1, MOST_AT_ONCE + 1)
        ]
        self._workers.append(Asker(api, self._questions, self._outcomes, report))
        self._asked: tuple[Cut, ...] = ()  # what the asker asks for just now
        self._prepared: list[Cut] = []  # cut meanwhile, asked for next
        self._ready: list[Errand] = []
        self._to_split: dict[int, Cut] = {}
        self._busy_since_s = clock()
        self._ask_at_s = float("-inf")
        self._tail_since_s: float | None = None
        self._seal: Seal | None = None
        self._checking = False
        self._has_receipt = False
        self._receipt_sought = False

    # ── what others ask of it (thread: any) ─────────────────────────

    def retry_now(self) -> None:
        """Do not wait for the next try (【立即重试】)."""
        self._patience.hurry()

    def look_again(self) -> None:
        """Ask the server what it holds and wants (【重新上传】, news REUPLOAD)."""
        self._ask_at_s = float("-inf")
        self._patience.hurry()

    def finish(self, seal: Seal) -> None:
        """The log is complete: bring the rest, lay the seal, get the receipt."""
        self._seal = seal

    # ── the worker ──────────────────────────────────────────────────

    def start(self) -> None:
        """Begin, with the senders."""
        for worker in self._workers:
            worker.start()
        super().start()

    def turn(self, stop: threading.Event) -> None:
        """Hand out what can go, lay the seal when all is there, collect what comes back."""
        self._find_kept_receipt()
        if not all(worker.is_running for worker in self._workers):
            raise RuntimeError("a worker has died; its own report says why")
        try:
            if self._patience.may_try():
                if self._clock() - self._ask_at_s > ASK_AGAIN_S:
                    self._reconcile()
                self._hand_out()
                self._settle()
        except Broken as error:
            self._break(error)
            self._patience.failed(error)
        except ZhishiyunError as error:
            self._patience.failed(error)
        self._tell()
        self._collect()

    def leave(self) -> None:
        """The senders finish the chunk in hand, or are left to their deadlines."""
        self._errands.close()
        self._questions.close()
        self._reader.close()
        for worker in self._workers:
            worker.ask_to_stop()
        ends_s = time.monotonic() + _STOP_WITHIN_S
        for worker in self._workers:
            worker.stop(max(0.0, ends_s - time.monotonic()))
        self._table.close()

    # ── sending ─────────────────────────────────────────────────────

    def _reconcile(self) -> None:
        began_s = self._clock()
        held = self._api.held()
        self._gauge.round_trip(self._clock() - began_s)
        self._ask_at_s = self._clock()
        self._drop_grants()
        self._backlog.reconcile(held, self._log.durable_bytes())
        for cut in self._to_split.values():
            self._backlog.split(cut)
        self._to_split.clear()
        self._patience.worked()

    def _drop_grants(self) -> None:
        """Grants grow old while nothing can be sent; asking again costs one small call."""
        for cut in (*(errand.cut for errand in self._ready), *self._prepared):
            self._backlog.put_back(cut)
        self._ready.clear()
        self._prepared.clear()

    def _hand_out(self) -> None:
        """Let the granted go, and get others granted while those travel."""
        self._let_go()
        while not self._asked and len(self._ready) < self._gauge.at_once:
            if not self._ask(self._gauge.ahead):
                break

    def _let_go(self) -> None:
        waiting = len(self._ready) + len(self._asked) + len(self._prepared)
        travelling = self._backlog.in_flight - waiting
        if self._ready and not travelling:
            self._busy_since_s = self._clock()
        while self._ready and travelling < self._gauge.at_once + self._gauge.spare:
            self._errands.put(self._ready.pop(0))
            travelling += 1

    def _ask(self, how_many: int) -> bool:
        """Keep the next chunks granted while others travel, so that no sender waits for a grant.

        Returns whether there was anything to ask for; it may be answered already.
        """
        chosen, self._prepared = self._prepared, []
        self._asked = tuple(chosen)
        try:
            while len(chosen) < how_many and (cut := self._next()) is not None:
                chosen.append(cut)
                self._asked = tuple(chosen)
                self._meanwhile()
            self._backlog.write_down()
            read = [(cut, self._read(cut)) for cut in chosen]
        except ZhishiyunError:
            self._asked = ()
            for cut in chosen:
                self._backlog.put_back(cut)
            raise
        whole = tuple((cut, data) for cut, data in read if data is not None)
        self._asked = tuple(cut for cut, _ in whole)
        if whole:
            self._questions.put(Question(whole))
            self._prepare(how_many)
        return bool(whole)

    def _prepare(self, how_many: int) -> None:
        """Cut on while the question is out: on a fast line it is cutting that takes longest."""
        if self._gauge.at_once < MOST_AT_ONCE:
            return
        while self._asked and len(self._prepared) < how_many and (cut := self._next()) is not None:
            self._prepared.append(cut)
            self._meanwhile()

    def _meanwhile(self) -> None:
        """Cutting takes its time: whoever is done gets what is ready between two cuts."""
        self._hear(0.0)
        if self._patience.left_s() is None:
            self._let_go()

    def _granted(self, answer: Answer) -> None:
        """What may go is ready; what has no grant is held already."""
        self._asked = ()
        if answer.error is not None:
            for cut, _ in answer.question.chosen:
                self._backlog.put_back(cut)
            if isinstance(answer.error, Broken):
                self._break(answer.error)
            self._patience.failed(answer.error)
            return
        self._gauge.round_trip(answer.seconds)
        grants = {grant.first_byte: grant for grant in answer.grants}
        for cut, data in answer.question.chosen:
            grant = grants.get(cut.first_byte)
            if grant is None:
                self._backlog.kept(cut)
                continue
            within_s = self._gauge.within_s(cut.length, self._backlog.failures(cut))
            self._ready.append(Errand(cut, grant, data, within_s))

    def _read(self, cut: Cut) -> Data | None:
        try:
            return self._backlog.read(cut)
        except Broken as error:
            self._backlog.give_up(cut)
            self._break(error, cut.first_byte)
            return None

    def _next(self) -> Cut | None:
        upto = self._upto()
        size = self._gauge.chunk_bytes
        if self._seal is not None:
            return self._backlog.next(upto, size, whole_only=False)
        cut = self._backlog.next(upto, size, whole_only=not self._tail_is_old())
        if cut is not None:
            self._tail_since_s = None
        return cut

    def _tail_is_old(self) -> bool:
        if self._tail_since_s is None:
            self._tail_since_s = self._clock()
        return self._clock() - self._tail_since_s >= TAIL_WAIT_S

    def _upto(self) -> int:
        durable = self._log.durable_bytes()
        return durable if self._seal is None else min(durable, self._seal.length)

    # ── what came back ──────────────────────────────────────────────

    def _collect(self) -> None:
        self._hear(_GLANCE_S if self._backlog.in_flight else _IDLE_S)

    def _hear(self, within_s: float) -> None:
        outcome = self._outcomes.take(within_s)
        while outcome is not None:
            if isinstance(outcome, Answer):
                self._granted(outcome)
            else:
                self._judge(outcome)
            outcome = self._outcomes.take(0)

    def _judge(self, outcome: Outcome) -> None:
        errand, error = outcome.errand, outcome.error
        if error is None:
            self._backlog.kept(errand.cut)
            self._learn(outcome)
            self._patience.worked()
        elif error.code == "EVIDENCE_CONFLICT":
            self._conflict(errand.cut, error)
        else:
            self._failed(outcome, error)

    def _failed(self, outcome: Outcome, error: ZhishiyunError) -> None:
        cut = outcome.errand.cut
        is_new = self._patience.failed(error)
        if not isinstance(error, Transient) or error.code not in _LINE_CODES:
            self._backlog.failed(cut)
            self._drop_grants()
            return
        if is_new:
            self._gauge.failed(outcome.seconds)
        if self._patience.attempt > 1:
            self._backlog.failed(cut)
            self._drop_grants()
        elif outcome.has_left:  # it may have arrived: whoever asks for its grant learns that
            self._backlog.failed(cut)
        else:  # a line that was cut is soon there again: same errand
            self._backlog.failed(cut, goes_again=True)
            self._ready.insert(0, outcome.errand)
        self._consider_splitting(cut)

    def _learn(self, outcome: Outcome) -> None:
        length = outcome.errand.cut.length
        busy_s = outcome.at_s - self._busy_since_s
        self._busy_since_s = outcome.at_s
        self._gauge.carried(length, outcome.seconds, busy_s)
        self._gauge.left(length, outcome.leaving_s, outcome.waited_s)
        self._pace.use(self._gauge.pace_bytes_s)

    def _conflict(self, cut: Cut, error: ZhishiyunError) -> None:
        """Other bytes lie there: an alarm, unless the larger chunk of before arrived after all."""
        if cut.of_split:
            self._backlog.failed(cut)
            self._ask_at_s = float("-inf")
            if self._backlog.failures(cut) <= SPLIT_AFTER:
                return
        self._backlog.give_up(cut)
        self._break(error, cut.first_byte)

    def _consider_splitting(self, cut: Cut) -> None:
        """A chunk that the line keeps cutting gets smaller, once the server denies holding it."""
        smaller = self._gauge.chunk_bytes < cut.length and cut.length > SMALLEST_BYTES
        if smaller and self._backlog.failures(cut) >= SPLIT_AFTER:
            self._to_split[cut.first_byte] = cut
            self._ask_at_s = float("-inf")

    # ── the end ─────────────────────────────────────────────────────

    def _settle(self) -> None:
        seal = self._seal
        if seal is None or self._has_receipt or self._backlog.in_flight:
            return
        if not self._backlog.is_held(0, seal.length):
            return
        self._checking = True
        self._tell(at_once=True)
        try:
            receipt = receipts.obtain(self._api, seal, self._attempt_id, self._server_key)
        except Refused as error:
            self._checking = False
            self._refused_seal(error)
            return
        receipts.keep(receipt, receipts.receipt_path(self._log.path))
        self._has_receipt = True
        self._checking = False
        self._patience.worked()
        self._tell(at_once=True)
        self._report(ReceiptArrived(receipt))

    def _find_kept_receipt(self) -> None:
        """What was proven in an earlier life needs no network to be said again."""
        seal, was_sought = self._seal, self._receipt_sought
        if seal is None or was_sought:
            return
        self._receipt_sought = True
        receipt = receipts.kept(receipts.receipt_path(self._log.path))
        if receipt is None:
            return
        try:
            receipts.check(receipt, seal, self._attempt_id, self._server_key)
        except Broken as error:
            LOG.warning("the kept receipt is not used: %s", error)
            return
        self._has_receipt = True
        self._report(ReceiptArrived(receipt))

    def _refused_seal(self, error: Refused) -> None:
        problem = problem_of(error)
        if problem is not None and problem.missing:
            self._backlog.lost(problem.missing)
            return
        self._break(error)
        raise error

    # ── saying so ───────────────────────────────────────────────────

    def _break(self, error: ZhishiyunError, first_byte: int | None = None) -> None:
        self._teller.broken(UploadBroken(error.code, error.message, error.zh, first_byte))

    def _tell(self, *, at_once: bool = False) -> None:
        total = self._upto()
        held = self._backlog.held_bytes(total)
        eta = self._gauge.eta(total - held)
        progress = Progress(
            held_bytes=held,
            total_bytes=total,
            missing_parts=self._backlog.missing_parts(total),
            rate_bytes_s=self._gauge.rate_bytes_s,
            line_bytes_s=self._gauge.line_bytes_s,
            eta_low_s=eta.low_s,
            eta_high_s=eta.high_s,
            cause=self._patience.cause,
            next_try_s=self._patience.left_s(),
            attempt_number=self._patience.attempt,
            checking=self._checking,
        )
        self._teller.progress(progress, at_once=at_once)
