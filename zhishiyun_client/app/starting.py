"""What a desk must know before its first page: the ticket's exam, the time, and an old session."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from zhishiyun_client import __version__
from zhishiyun_client.flow.room import SITTING_KEPT_AS
from zhishiyun_client.keep.enrolment import EnrolmentKeeper
from zhishiyun_client.net.clock_sync import ask_the_time
from zhishiyun_client.ports.api import ExamApi
from zhishiyun_client.ports.desk import Files
from zhishiyun_client.ports.keeping import SecretStore
from zhishiyun_client.runtime.clock import ExamClock
from zhishiyun_protocol.errors import Refused, Transient
from zhishiyun_protocol.messages.entering import Enrolled
from zhishiyun_protocol.messages.sitting import Sitting

SESSION = "session"


@dataclass(frozen=True, slots=True)
class Known:
    """The answer of `find_out`. `session` is empty where a login comes first."""

    enrolled: Enrolled
    sitting: Sitting | None
    session: str


def find_out(
    keeper: EnrolmentKeeper, api: ExamApi, clock: ExamClock, secrets: SecretStore, files: Files
) -> Known:
    """Ask the server; where it cannot be reached, take what was kept at the last start.

    Raises:
        Refused:   the server does not accept this ticket or device, with its reason.
        Transient: nothing is kept yet and the server cannot be reached.
    """
    try:
        clock.learn(ask_the_time(api))
        enrolled = api.enrol(keeper.enrolment(__version__))
        keeper.keep_answer(enrolled)
    except Transient:
        kept = keeper.kept_answer()
        if kept is None:
            raise
        enrolled = kept
    return _with_session(enrolled, api, secrets, files)


def _with_session(enrolled: Enrolled, api: ExamApi, secrets: SecretStore, files: Files) -> Known:
    kept = secrets.get(SESSION)
    if kept is None:
        return Known(enrolled, None, "")
    session = kept.decode()
    api.use_session(session)
    try:
        sitting = api.sitting()
    except Refused:  # it ran out, or another login took over: the login comes first
        api.use_session("")
        secrets.forget(SESSION)
        return Known(enrolled, None, "")
    except Transient:
        remembered = files.sealed(SITTING_KEPT_AS)
        if remembered is None:
            return Known(enrolled, None, "")
        return Known(enrolled, msgspec.json.decode(remembered, type=Sitting), session)
    return Known(enrolled, sitting, session)
