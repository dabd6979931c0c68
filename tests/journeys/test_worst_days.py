"""Killed desk, killed recorder, dead line, closed window: nothing is lost (F19, F22–F24, F40)."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import httpx
import pytest

from tests.helpers.searching import in_memory, on_disk, paper_secrets
from tests.helpers.traces import Traces, sitter_of
from tests.helpers.waits import wait_until
from tests.journeys.stage import Stage
from tests.server.phone_rig import Phone
from zhishiyun_client.keep.secret_store import open_secrets
from zhishiyun_client.runtime.paths import attempt_folder

pytestmark = [pytest.mark.journey, pytest.mark.desktop, pytest.mark.timeout(300)]

Make = Callable[..., Stage]
FIVE_MINUTES_US = 300_000_000


def test_killed_desk_and_recorder_come_back_and_the_gap_is_named(stage: Make) -> None:
    sitting = stage(notice="a", speed=20)
    sitting.begin()
    sitting.reaches("waiting")
    first_desk, first_recorder = sitting.desk_pid(), sitting.recorder_pid()

    sitting.kill(first_desk)
    sitting.returns_to("waiting", before=1)
    assert sitting.desk_pid() != first_desk
    assert sitting.recorder_pid() == first_recorder
    sitting.reaches("answering")
    sitting.kill(sitting.recorder_pid())
    wait_until(lambda: sitting.recorder_pid() not in (0, first_recorder), 15)
    sitting.leaves()
    outcome = sitting.outcome()

    traces = Traces(sitter_of(sitting.sitter.ticket_number))
    assert traces.in_folders([sitting.home], but=["part.json"]) == []
    assert outcome["upload"]["verified"]
    assert outcome["tracks"]["microphone"]["gaps"] >= 1
    times = [phase["at_us"] for phase in outcome["phases"] if phase["phase"] == "ending"]
    answering = next(p["at_us"] for p in outcome["phases"] if p["phase"] == "answering")
    assert times[-1] - answering == pytest.approx(2 * FIVE_MINUTES_US, abs=FIVE_MINUTES_US / 10)


@pytest.mark.alone  # reads the memory of two processes: a core of its own for half a minute
def test_a_dead_line_and_a_closed_window_lose_nothing(stage: Make) -> None:
    sitting = stage(notice="a", speed=30, through_proxy=True)
    sitting.begin()
    sitting.reaches("waiting")

    sitting.proxy.weather.is_refusing = True
    sitting.proxy.reset_all()
    _has_no_paper_key(sitting)
    sitting.reaches("uploading")
    attempt_id = next(iter((sitting.home / "attempts").iterdir())).name
    receipt = attempt_folder(sitting.home, attempt_id) / f"{attempt_id}.receipt.json"
    assert not receipt.exists()
    sitting.stop_all()
    sitting.proxy.weather.is_refusing = False
    sitting.begin()
    sitting.leaves()

    assert receipt.exists()
    assert sitting.outcome()["upload"]["verified"]
    sitting.comes_again()
    sitting.leaves(30)  # with the receipt, which the recorder told before the first page was there


def _has_no_paper_key(sitting: Stage) -> None:
    """R122: what came before T0 holds the question's key in no form, in no memory and on no disk.

    The line was cut before T0: what is here now is what was here then, however long a search takes.
    """
    keys = paper_secrets(sitting.server.home)
    processes = [sitting.desk_pid(), sitting.recorder_pid()]
    session = open_secrets(sitting.home).get("session")
    assert session
    assert in_memory(processes, (session,)) == processes, "the search finds what is there"
    assert in_memory(processes, keys) == []
    assert on_disk(sitting.home, keys) == []


def test_who_declines_the_face_check_is_admitted_by_a_technician(stage: Make) -> None:
    sitting = stage(notice="a", speed=1.0)  # the pace of a real exam: the wait is measured
    sitting.begin(decline_face=True)
    sitting.reaches("face_login")
    with contextlib.closing(sitting.technician()) as office:
        wait_until(lambda: office.get("/v1/staff/logins").json(), 90, "a login that waits")
        login_id = office.get("/v1/staff/logins").json()[0]["login_id"]
        photos = office.get(f"/v1/staff/logins/{login_id}/photos").json()
        began_s = time.monotonic()
        decided = office.post(
            f"/v1/staff/logins/{login_id}/decision", json={"admit": True, "reason": "本人"}
        )
        sitting.reaches("home", within_s=5)
        print(f"from the decision to the candidate's page: {time.monotonic() - began_s:.2f} s")

    assert photos["live"].startswith("data:image/jpeg;base64,")
    assert photos["reference"].startswith("data:image/")
    assert decided.status_code == httpx.codes.OK


def test_the_desk_shows_a_phone_within_a_second(stage: Make) -> None:
    sitting = stage(notice="a", speed=10)
    sitting.begin(wait_for_phone=True)
    sitting.reaches("binding", within_s=180)
    with sitting.candidates_api() as candidate:
        code = candidate.post("/v1/me/binding").json()["code"]
    with httpx.Client(base_url=sitting.server.url, trust_env=False) as line:
        bound = Phone(line, "示例手机").try_bind(code)

    assert bound.status_code == httpx.codes.CREATED
    sitting.reaches("lottery", within_s=2)
