"""The live channel: heartbeats up, news down; the same by WebSocket and by HTTP (design §4).

WebSocket `/v1/live`, text frames, authorised by the session's bearer header. The client sends
`Heartbeat`; the server answers each with `Beat` and may push `Beat`s of its own accord.
"""

from __future__ import annotations

import enum

import msgspec


class ChainHead(msgspec.Struct, frozen=True, kw_only=True):
    """A commitment to everything filmed so far: device key signs it, purpose "head".

    Signed bytes: canonical JSON of {attempt, head, length, records}.
    """

    records: int
    length: int
    head: str  # hex
    signature: str  # base64url


class OpenFinding(msgspec.Struct, frozen=True, kw_only=True):
    """What the guard sees now and the candidate is told of: for people to judge (R173, R178).

    rule:     as in the finding: "display.extra", "process.chat"
    subject:  product of the list, connector, …; "" where it would name a program nobody listed
    name:     what the list calls the product
    since_us: by the exam's clock, to the second; 0 while that is unknown
    blocks:   it keeps the candidate from entering
    """

    rule: str
    subject: str = ""
    name: str = ""
    since_us: int = 0
    blocks: bool = False


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True):
    """Every few seconds from whoever holds the session. No faces, persons' names or texts."""

    sent_us: int  # monotonic, comes back in the answer
    after: int = 0  # news cursor: newest item already handled
    phase: str = ""
    recording: bool = False
    head: ChainHead | None = None
    held_bytes: int = 0
    lag_bytes: int = 0
    dropped: int = 0
    notes: tuple[str, ...] = ()  # stable codes: CAMERA_LOST, DISK_LOW, NETWORK_BACK, …
    findings: tuple[OpenFinding, ...] = ()  # all that stand; the server forgets the others
    thumbnail: str = ""  # base64 JPEG, one in ten seconds


class NewsKind(enum.StrEnum):
    """What the server has to tell."""

    PHONE = "phone"  # the binding changed: fetch /v1/me
    STATE = "state"  # something of /v1/me changed
    HELP = "help"  # a message in the help thread
    REMIND = "remind"  # 监督员提醒
    PAPER_KEY = "paper_key"
    REUPLOAD = "reupload"
    TAKEN_OVER = "taken_over"  # this session was replaced by another login


class News(msgspec.Struct, frozen=True, kw_only=True):
    """One item; `cursor` grows, items are sent again until acknowledged by `after`."""

    cursor: int
    kind: NewsKind
    at_us: int
    text: str = ""
    data: dict[str, str] = {}


class Beat(msgspec.Struct, frozen=True, kw_only=True):
    """The server's answer or push."""

    sent_us: int  # of the heartbeat answered; 0 for a push
    server_received_us: int
    server_sent_us: int
    speed: float = 1.0
    committed: int = 0  # records up to this number are committed
    news: tuple[News, ...] = ()


class LiveLook(msgspec.Struct, frozen=True, kw_only=True):
    """The newest live picture as a data: address, "" while none has come; and how old it is."""

    picture: str = ""
    age_s: float = 0.0
