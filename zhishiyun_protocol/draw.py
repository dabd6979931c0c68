"""Drawing lots that anybody can recompute (R080–R084).

Before the draw opens the server publishes SHA-256 of a secret seed. A candidate's number follows
from seed, group and the order of the group's ticket ids; afterwards the seed is published.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence


def commitment(seed: bytes) -> str:
    """What is published before the draw: SHA-256 of the 32-byte seed, hex."""
    return hashlib.sha256(b"zhishiyun draw v1\0" + seed).hexdigest()


def numbers(seed: bytes, group: str, ticket_ids: Sequence[str]) -> dict[str, int]:
    """The whole draw of a group: ticket id → number 1…n, each once.

    Tickets are ordered by HMAC-SHA-256(seed, group ‖ ticket id): nobody can steer his number
    without the seed, and nobody can change the seed after its commitment.
    """

    def weight(ticket_id: str) -> bytes:
        return hmac.digest(seed, f"{group}\0{ticket_id}".encode(), "sha256")

    ranked = sorted(set(ticket_ids), key=weight)
    return {ticket_id: index for index, ticket_id in enumerate(ranked, start=1)}


def is_honest(seed: bytes, committed: str) -> bool:
    """Whether a revealed seed is the one that was committed to."""
    return hmac.compare_digest(commitment(seed), committed)
