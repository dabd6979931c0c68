"""A candidate who follows grants to wherever they lead, and knows of no difference."""

from __future__ import annotations

import enum
import hashlib
from dataclasses import dataclass, field

import httpx

from tests.server.rig import Candidate, Room, told
from zhishiyun_protocol.messages.evidence import ChunkOffer, Grant, GrantRequest, Grants, Held
from zhishiyun_protocol.messages.sitting import EntryGranted


class Verdict(enum.Enum):
    """What the answer to a PUT means, whoever gave it."""

    KEPT = "kept"
    ALREADY = "already"
    REFUSED = "refused"


@dataclass
class Desk:
    """One candidate at one server."""

    here: Room
    candidate: Candidate
    entered: EntryGranted = field(init=False)

    def __post_init__(self) -> None:
        self.entered = self.candidate.enter()

    def offer(self, first: int, data: bytes) -> ChunkOffer:
        return ChunkOffer(
            first_byte=first, length=len(data), sha256=hashlib.sha256(data).hexdigest()
        )

    def grants(self, *offers: ChunkOffer) -> tuple[Grant, ...]:
        asked = self.candidate.post("/v1/me/evidence/grants", GrantRequest(chunks=offers))
        return told(asked, Grants).grants

    def grant(self, first: int, data: bytes) -> Grant:
        (granted,) = self.grants(self.offer(first, data))
        return granted

    def put(
        self, grant: Grant, data: bytes, *, url: str = "", without: str = "", **headers: str
    ) -> Verdict:
        """PUT exactly as the grant says, or but for what is named."""
        return verdict_of(self.answer(grant, data, url=url, without=without, **headers))

    def answer(
        self, grant: Grant, data: bytes, *, url: str = "", without: str = "", **headers: str
    ) -> httpx.Response:
        told_headers = {name: text for name, text in grant.headers.items() if name != without}
        target = url or grant.url
        if target.startswith("/"):
            return self.candidate.http.put(target, content=data, headers=told_headers | headers)
        return httpx.put(target, content=data, headers=told_headers | headers, timeout=30)

    def send(self, first: int, data: bytes) -> Verdict:
        return self.put(self.grant(first, data), data)

    def held(self) -> Held:
        return told(self.candidate.get("/v1/me/evidence"), Held)

    def alarms(self) -> list[str]:
        lines = self.here.staff("supervisor").call(
            "GET", f"/v1/staff/exams/{self.here.exam.exam_id}/candidates"
        )
        return [code for line in lines.json() for code in line["alarms"]]


def verdict_of(answer: httpx.Response) -> Verdict:
    """200 and 201 keep; "already" is 200 with that word here, and 412 in a store."""
    assert answer.status_code < 500, f"{answer.status_code} {answer.text}"
    if answer.status_code == 412:
        return Verdict.ALREADY
    if not answer.is_success:
        return Verdict.REFUSED
    is_json = answer.headers.get("content-type", "").startswith("application/json")
    already = bool(is_json and answer.json()["already"])
    return Verdict.ALREADY if already else Verdict.KEPT
