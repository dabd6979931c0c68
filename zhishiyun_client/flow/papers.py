"""The question: its envelope is fetched early, its key at T0; it stays in memory (R121–R123)."""

from __future__ import annotations

import logging
from collections.abc import Callable

import msgspec

from zhishiyun_client.flow.machines import Ports
from zhishiyun_client.flow.views import PaperView
from zhishiyun_client.runtime.errands import Errand
from zhishiyun_protocol import paper
from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_protocol.messages.sitting import PaperKey
from zhishiyun_protocol.signing import from_text, to_text

LOG = logging.getLogger(__name__)
KEPT_AS = "paper"
HOLD_US = 400_000  # real time after T0 that near lines wait for far ones: all see it together
RETRY_US = 2_000_000  # of monotonic time: a missing key is asked for every two seconds


class Papers:
    """Fetches, opens and keeps the paper of one sitting.

    The sealed envelope is kept beside the journal and its key in the secret store, so that a
    restart without a network still shows the paper. The opened paper is in memory only.
    """

    def __init__(
        self, ports: Ports, now_us: Callable[[], int], starts_us: Callable[[], int]
    ) -> None:
        self._ports = ports
        self._now_us = now_us
        self._starts_us = starts_us
        self._envelope: bytes | None = None
        self._again = False
        self._distrusts_key = False
        self._opened: tuple[PaperView, ...] = ()
        self._fetching = False
        self._next_try_us = 0
        self._relay_asked = False
        self._relay_again_us = 0
        self.problem: ZhishiyunError | None = None
        self.code_problem: ZhishiyunError | None = None
        self.is_trying_code = False

    @property
    def is_ready(self) -> bool:
        """Whether the envelope lies here, so that only a key is missing at T0."""
        return self._envelope is not None

    @property
    def views(self) -> tuple[PaperView, ...]:
        """The opened paper; empty until `HOLD_US` after T0 and while it has not come.

        That it is not early does not hang on a clock of ours: nobody has a key before T0 (R122).
        """
        held_us = round(HOLD_US * self._ports.clock.speed)
        return self._opened if self._now_us() >= self._starts_us() + held_us else ()

    def beat(self, local_us: int) -> None:
        """Do the next thing that is missing: envelope, then from T0 on the key, by any way."""
        if self._opened and not self._again:
            return
        self._beat_relay(local_us)
        if self._fetching or local_us < self._next_try_us:
            return
        if self._envelope is None or self._again:
            self._fetch(local_us)
        elif self._has_begun():
            self._ask_key(local_us)

    def _has_begun(self) -> bool:
        return self._now_us() >= self._starts_us()

    def take_key(self, key: PaperKey) -> None:
        """The key came by the live channel, before it was asked for.

        The server sends it from T0 on: that it is here proves T0, whatever the clock here says.
        """
        secrets = self._ports.secrets
        self._ports.disk.run(
            Errand(
                "paper-key-kept",
                lambda: secrets.put(KEPT_AS, msgspec.json.encode(key)),
                _ignore,
                _log_fault,
            )
        )
        self._on_key(key)

    def reload(self) -> None:
        """【刷新题目】: fetch it anew, at once (R140).

        What is here stays until the new one has come: a dead line must not take the question away.
        """
        self._again = self._distrusts_key = True
        self._next_try_us, self.problem = 0, None

    @property
    def awaits_code(self) -> bool:
        """Whether a release code would help: sealed here, begun, and no key yet."""
        return self._envelope is not None and not self._opened and self._has_begun()

    def take_code(self, code: str) -> None:
        """The code that the hotline read out, typed by the candidate."""
        if self.awaits_code and not self.is_trying_code:
            self.is_trying_code, self.code_problem = True, None
            self._open_by_code(code, self._on_code_refused)

    def _open_by_code(self, code: str, refused: Callable[[ZhishiyunError], None]) -> None:
        envelope, ports = self._envelope, self._ports
        if envelope is None:
            return

        def open_it() -> PaperKey:
            key = PaperKey(
                paper_id=paper.read_label(envelope).paper_id,
                key=to_text(paper.key_by_code(envelope, code)),
            )
            ports.secrets.put(KEPT_AS, msgspec.json.encode(key))
            return key

        ports.errands.run(Errand("paper-code", open_it, self._on_key, refused))

    def _on_code_refused(self, error: ZhishiyunError) -> None:
        self.is_trying_code, self.code_problem = False, error

    def _beat_relay(self, local_us: int) -> None:
        """Ask whether somebody in this room's network has the code (docs/papers.md)."""
        envelope, ports = self._envelope, self._ports
        if not self.awaits_code or self._relay_asked or local_us < self._relay_again_us:
            return
        if envelope is None:
            return
        self._relay_asked, self._relay_again_us = True, local_us + RETRY_US
        paper_id = paper.read_label(envelope).paper_id
        ports.errands.run(
            Errand(
                "paper-relay",
                lambda: ports.relay.ask(paper_id),
                self._on_relayed,
                self._on_relay_refused,
            )
        )

    def _on_relayed(self, code: str) -> None:
        if code and self.awaits_code:
            self._open_by_code(code, self._on_relay_refused)
        else:
            self._relay_asked = False

    def _on_relay_refused(self, error: ZhishiyunError) -> None:
        """Nobody there, or somebody told nonsense; the next question comes by itself."""
        LOG.info("the relay did not help: %s", error.code)
        self._relay_asked = False

    def _fetch(self, local_us: int) -> None:
        self._fetching, self._next_try_us = True, local_us + RETRY_US
        ports = self._ports

        def fetch() -> bytes:
            kept = ports.files.sealed(KEPT_AS)
            if kept is not None and not self._again:
                return kept
            envelope = ports.api.paper()
            paper.read_label(envelope)
            ports.files.keep_sealed(KEPT_AS, envelope)
            return envelope

        ports.errands.run(Errand("paper", fetch, self._on_envelope, self._on_failure))

    def _ask_key(self, local_us: int) -> None:
        self._fetching, self._next_try_us = True, local_us + RETRY_US
        ports = self._ports

        def ask() -> PaperKey:
            kept = ports.secrets.get(KEPT_AS)
            if kept is not None and not self._distrusts_key:
                return msgspec.json.decode(kept, type=PaperKey)
            key = ports.api.paper_key()
            ports.secrets.put(KEPT_AS, msgspec.json.encode(key))
            return key

        ports.errands.run(Errand("paper-key", ask, self._on_key, self._on_failure))

    def _on_envelope(self, envelope: bytes) -> None:
        self._fetching, self._next_try_us = False, 0
        self._again = False
        if envelope != self._envelope:
            self._opened = ()
        self._envelope = envelope

    def _on_key(self, key: PaperKey) -> None:
        self._fetching = self._relay_asked = self.is_trying_code = False
        if self._envelope is None:
            return
        try:
            label, content = paper.unseal(self._envelope, from_text(key.key))
        except ZhishiyunError as error:
            self._envelope, self._again, self.problem = None, True, error
            self._distrusts_key = True
            return
        self.problem = self.code_problem = None
        self._distrusts_key = False
        self._opened = (
            PaperView(
                paper_id=label.paper_id,
                title=label.title,
                media_type=label.media_type,
                content=content,
            ),
        )

    def _on_failure(self, error: ZhishiyunError) -> None:
        self._fetching, self.problem = False, error
        self._again = self._again and self._envelope is None  # a dead line: go on with what is here


def _ignore(_result: object) -> None:
    """Nothing follows from a finished write."""


def _log_fault(error: ZhishiyunError) -> None:
    LOG.error("the paper's key was not kept: %s", error.code)
