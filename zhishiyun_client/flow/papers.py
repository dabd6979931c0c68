"""The question: its envelope is fetched early, its key at T0; it stays in memory (R121–R123)."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from zhishiyun_client.flow.machines import Ports
from zhishiyun_client.flow.views import PaperView
from zhishiyun_client.runtime.errands import Errand
from zhishiyun_protocol import paper
from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_protocol.messages.sitting import PaperKey
from zhishiyun_protocol.signing import from_text

KEPT_AS = "paper"
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
        self._opened: tuple[PaperView, ...] = ()
        self._fetching = False
        self._next_try_us = 0
        self.problem: ZhishiyunError | None = None

    @property
    def is_ready(self) -> bool:
        """Whether the envelope lies here, so that only a key is missing at T0."""
        return self._envelope is not None

    @property
    def views(self) -> tuple[PaperView, ...]:
        """The opened paper; empty before T0 and while it has not come."""
        return self._opened

    def beat(self, local_us: int) -> None:
        """Do the next thing that is missing: envelope, then from T0 on the key."""
        if self._opened or self._fetching or local_us < self._next_try_us:
            return
        if self._envelope is None:
            self._fetch(local_us)
        elif self._now_us() >= self._starts_us():
            self._ask_key(local_us)

    def take_key(self, key: PaperKey) -> None:
        """The key came by the live channel, before it was asked for."""
        if self._now_us() >= self._starts_us():
            self._on_key(key)

    def reload(self) -> None:
        """【刷新题目】: begin from the start, at once (R140)."""
        self._envelope, self._opened, self._again = None, (), True
        self._next_try_us, self.problem = 0, None

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
            if kept is not None and not self._again:
                return msgspec.json.decode(kept, type=PaperKey)
            key = ports.api.paper_key()
            ports.secrets.put(KEPT_AS, msgspec.json.encode(key))
            return key

        ports.errands.run(Errand("paper-key", ask, self._on_key, self._on_failure))

    def _on_envelope(self, envelope: bytes) -> None:
        self._fetching, self._next_try_us = False, 0
        self._envelope = envelope

    def _on_key(self, key: PaperKey) -> None:
        self._fetching = False
        if self._envelope is None:
            return
        try:
            label, content = paper.unseal(self._envelope, from_text(key.key))
        except ZhishiyunError as error:
            self._envelope, self._again, self.problem = None, True, error
            return
        self.problem = None
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
