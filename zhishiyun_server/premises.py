"""Everything the routes need, built once by the composition root."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import HTTPConnection

from zhishiyun_server.bus import Bus, NobodyElse
from zhishiyun_server.clock import ExamClock
from zhishiyun_server.evidence.followers import Followers
from zhishiyun_server.evidence.shelf import Shelf
from zhishiyun_server.keep.blobs import Blobs
from zhishiyun_server.keep.database import Database
from zhishiyun_server.keep.home import Home
from zhishiyun_server.keep.keys import Keys
from zhishiyun_server.live import Switchboard
from zhishiyun_server.logbook import Logbook
from zhishiyun_server.rates import Bucket
from zhishiyun_server.rounds import Rounds
from zhishiyun_server.settings import Limits, Settings
from zhishiyun_server.viewing import Viewing


@dataclass(frozen=True, slots=True)
class Rates:
    """The buckets of this process."""

    login_per_ticket: Bucket
    login_per_address: Bucket
    enrolment_per_address: Bucket
    binding_per_attempt: Bucket
    phone_per_address: Bucket
    staff_per_address: Bucket
    wrong_codes_per_address: Bucket


def rates_of(limits: Limits) -> Rates:
    """Fresh buckets."""
    return Rates(
        login_per_ticket=Bucket(limits.login_per_ticket),
        login_per_address=Bucket(limits.login_per_address),
        enrolment_per_address=Bucket(limits.enrolment_per_address),
        binding_per_attempt=Bucket(limits.binding_per_attempt),
        phone_per_address=Bucket(limits.phone_per_address),
        staff_per_address=Bucket(limits.staff_per_address),
        wrong_codes_per_address=Bucket(limits.wrong_codes_per_address),
    )


@dataclass(frozen=True, slots=True)
class Premises:
    """One server at work. Thread: the event loop, where nothing else is said."""

    settings: Settings
    home: Home
    keys: Keys
    clock: ExamClock
    database: Database
    blobs: Blobs
    shelf: Shelf
    followers: Followers
    switchboard: Switchboard
    logbook: Logbook
    rounds: Rounds
    rates: Rates
    viewing: Viewing = field(default_factory=Viewing)
    bus: Bus = field(default_factory=NobodyElse)
    lasting: dict[str, object] = field(default_factory=dict)

    def close(self) -> None:
        """Finish what is being written, and let go of everything."""
        self.shelf.close()
        self.database.close()


def premises_of(request: HTTPConnection) -> Premises:
    """The premises of the server that received this request."""
    premises: Premises = request.app.state.premises
    return premises
