"""Which row of a table is taken on this machine, and the reason in words for the log."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from zhishiyun_client.capture.encoders import PictureEncoder
from zhishiyun_client.ports.encoding import may_use_gpl
from zhishiyun_protocol.plan import Recording

DEVICES = Path("/dev")


@dataclass(frozen=True, slots=True)
class Tried:
    """What a trial on this machine showed. why: the reason, or what a picture cost."""

    works: bool
    why: str


@dataclass(frozen=True, slots=True)
class Choice:
    """An encoder and why it is this one."""

    encoder: PictureEncoder
    why: str


def can_exist(row: PictureEncoder) -> bool:
    """Whether this system could have it at all: a cheap look, before any trial."""
    if row.systems and sys.platform not in row.systems:
        return False
    if sys.platform == "win32" or not row.needs:  # device files are Linux' way of telling
        return True
    return any(DEVICES.glob(row.needs))


class EncoderShelf:
    """What is known of this machine's encoders. Thread: any."""

    def __init__(self, tried: Mapping[str, Tried] | None = None) -> None:
        self._lock = threading.Lock()
        self._tried = dict(tried or {})

    def know(self, name: str, tried: Tried) -> None:
        """Remember a trial, or that an encoder failed while it recorded."""
        with self._lock:
            self._tried[name] = tried

    def choose(self, rows: Sequence[PictureEncoder], wanted: Recording) -> Choice:
        """The first row that may be used and works; when none does, the last that may."""
        with self._lock:
            tried = dict(self._tried)
        gpl = may_use_gpl(wanted.gpl_encoders, os.environ)
        passed_over: list[str] = [] if gpl else ["no GPL encoders wanted"]
        allowed = [row for row in rows if (gpl or not row.is_gpl) and can_exist(row)]
        for row in allowed:
            known = tried.get(row.name)
            if known is None and row.is_hardware:
                passed_over.append(f"{row.name}: not tried yet")
            elif known is not None and not known.works:
                passed_over.append(f"{row.name}: {known.why}")
            else:
                said = [row.why, *([known.why] if known else []), *passed_over]
                return Choice(row, "; ".join(said))
        return Choice(allowed[-1], "; ".join([allowed[-1].why, "the last there is", *passed_over]))
