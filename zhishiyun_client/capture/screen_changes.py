"""What changed on the screen since the picture that was taken over last, without a copy of it.

Sixteen bytes a band are kept: an authentication tag of AES-GCM under a key that nobody knows, which
processors compute as fast as they read memory. It is read once, where comparing with a copy reads
twice and keeps eight megabytes (docs/measured/memory.md). A change that gives the same tag has a
chance of one in 2^100. A processor without instructions for AES keeps a copy and compares.
"""

from __future__ import annotations

import os
import time

import numpy as np
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from numpy.typing import NDArray

from zhishiyun_client.capture.changes import bands_of, changed_rows

SLOW_S_PER_BYTE = 1e-9
"""From here on a copy is faster: comparing takes 0.1 to 0.4 ns a byte, a tag 0.04 to 0.3 with the
instructions and 5 without."""

TRIES = 3
_NONCE = bytes(12)  # the tags never leave this object, so nothing can be forged by them

Pixels = NDArray[np.uint8]
Rows = tuple[int, int]


class ScreenChanges:
    """Remembers one picture, uint8 (height, width, channels). Thread: the screen's.

    Args:
        copies: whether to keep a copy; None: as the processor is faster.
    """

    def __init__(self, *, copies: bool | None = None) -> None:
        self._cipher = AESGCM(os.urandom(32))
        self._copies = copies
        self._shape: tuple[int, ...] = ()
        self._tags: list[bytes] = []
        self._seen: list[bytes] = []
        self._copy: Pixels | None = None

    @property
    def copies(self) -> bool | None:
        """Whether it keeps a copy; None before the first picture."""
        return self._copies

    def look(self, picture: Pixels, within: Rows | None = None) -> Rows | None:
        """The rows [from, to) that are other ones than in the picture taken over; None: none.

        Args:
            within: nothing has changed elsewhere; None: nobody knows.
        """
        if self._copies is None:
            self._copies = self._is_slow(picture)
        bands = bands_of(picture.shape[0])
        if picture.shape != self._shape:
            self._seen = [] if self._copies else [self._tag(picture, band) for band in bands]
            return 0, picture.shape[0]
        self._seen = list(self._tags)
        top, bottom = within or (0, picture.shape[0])
        near = [n for n, band in enumerate(bands) if band[0] < bottom and top < band[1]]
        if not near:
            return None
        if self._copy is not None:
            rows = slice(bands[near[0]][0], bands[near[-1]][1])
            found = changed_rows(self._copy[rows], picture[rows])
            return found and (rows.start + found[0], rows.start + found[1])
        for number in near:
            self._seen[number] = self._tag(picture, bands[number])
        others = [bands[number] for number in near if self._seen[number] != self._tags[number]]
        return (others[0][0], others[-1][1]) if others else None

    def take(self, picture: Pixels, rows: Rows) -> None:
        """Take over these rows of the picture that was looked at just now."""
        if not self._copies:
            self._tags = self._seen
        elif self._copy is None or picture.shape != self._shape:
            self._copy = picture.copy()
        else:
            self._copy[rows[0] : rows[1]] = picture[rows[0] : rows[1]]
        self._shape = picture.shape

    def forget(self) -> None:
        """The next picture is the first."""
        self._shape, self._copy, self._tags = (), None, []

    def _tag(self, picture: Pixels, band: Rows) -> bytes:
        return self._cipher.encrypt(_NONCE, b"", picture[slice(*band)].reshape(-1).data)

    def _is_slow(self, picture: Pixels) -> bool:
        """By the fastest of some tries: a busy machine makes each of them slower, not faster."""
        taken_s = []
        for _ in range(TRIES):
            began_s = time.perf_counter()
            for band in bands_of(picture.shape[0]):
                self._tag(picture, band)
            taken_s.append(time.perf_counter() - began_s)
        return min(taken_s) > SLOW_S_PER_BYTE * picture.nbytes
