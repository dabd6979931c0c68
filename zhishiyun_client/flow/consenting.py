"""The candidate's decision about the face: asked once, kept, told to the log and to the server."""

from __future__ import annotations

import enum
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhishiyun_client.flow.processing import notice_digest, notice_text
from zhishiyun_client.ports.keeping import Journal
from zhishiyun_client.ports.recorder import MarkNow
from zhishiyun_protocol.messages.sitting import ActKind

if TYPE_CHECKING:
    from zhishiyun_client.flow.room import Room

KEPT_AS = "consent"
TICKET_DIGITS = 16


class Face(enum.StrEnum):
    """What was decided about the face."""

    GIVEN = "given"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Decision:
    """Args: version: digest of the notice as it was shown; language: in which; at_us: exam's."""

    face: Face
    version: str
    language: str
    at_us: int


def recall(journal: Journal, ticket_id: str) -> Decision | None:
    """The newest decision of this ticket's candidate on this machine; None: not asked yet."""
    own = _ticket(ticket_id)
    for entry in reversed(journal.entries(KEPT_AS)):
        facts = entry.facts
        if facts.get("ticket") == own:
            language = facts.get("language", "")
            return Decision(Face(facts["face"]), facts["version"], language, entry.at_us)
    return None


def decide(room: Room, face: Face) -> None:
    """Keep a decision: in the journal, as an act for the server, and in a running log."""
    notice = notice_text(room.plan, room.say)
    version = notice_digest(notice)
    room.consent = Decision(face, version, room.language.value, room.now_us)
    room.note(
        KEPT_AS,
        {
            "face": face.value,
            "version": version,
            "language": room.language.value,
            "ticket": _ticket(room.identity.ticket_id),
        },
    )
    room.do(ActKind.CONSENT, subject=f"face:{face.value}", version=version)
    tell_log(room)


def tell_log(room: Room) -> None:
    """Put the decision into the evidence log; before there is one it says nothing.

    The notice itself is in the mark where the words are still the same: its SHA-256 is `version`.
    """
    consent = room.consent
    if consent is None:
        return
    detail = {"version": consent.version, "language": consent.language, "at_us": str(consent.at_us)}
    notice = notice_text(room.plan, room.say)
    if notice_digest(notice) == consent.version:
        detail["notice"] = notice
    room.ports.recorder.say(
        MarkNow(what="consent", subject=f"face:{consent.face.value}", detail=detail)
    )


def is_still_asked(room: Room) -> bool:
    """Whether the consent page has a question: there is no decision, or the notice is another.

    A change of language is no other notice.
    """
    if room.consent is None:
        return True
    if room.consent.language != room.language.value:
        return False
    return room.consent.version != notice_digest(notice_text(room.plan, room.say))


def _ticket(ticket_id: str) -> str:
    """Tells two candidates of one machine apart; says nothing of them."""
    return hashlib.sha256(ticket_id.encode()).hexdigest()[:TICKET_DIGITS]
