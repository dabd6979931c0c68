"""What differs from notice to notice, at the server: numbers, phones, cut-offs, coming back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.phone_rig import bound_phone
from tests.server.rig import (
    PLAN,
    SECOND_US,
    T0_US,
    Room,
    code_of,
    id_number,
    make_exam,
    room,
    told,
)
from zhishiyun_protocol.messages.entering import LoginOpened, LoginState, LoginStatus
from zhishiyun_protocol.messages.sitting import ActKind
from zhishiyun_server.domain.idnumber import is_id_number

ROOT = Path(__file__).resolve().parents[2]


def numbers_of(here: Room, index: int) -> dict[str, str]:
    row = here.premises.database.read(
        lambda c: c.exec_driver_sql(
            "SELECT id_number, ticket_number FROM candidates WHERE ticket_id = ?",
            (here.candidate(index).ticket_id,),
        ).one()
    )
    return {"id_number": row[0], "ticket_number": row[1]}


def test_numbers_are_asked_where_the_plan_asks_for_them(tmp_path: Path) -> None:  # R042
    plan = f'{PLAN}\n[login]\nfactors = ["numbers", "face"]\n'
    with room(make_exam(tmp_path, plan=plan, count=2)) as here:
        candidate = here.candidate()
        candidate.enrol()
        right = numbers_of(here, 0)

        none = candidate.open_login()
        others = candidate.open_login(**numbers_of(here, 1))
        given = candidate.open_login(
            id_number=right["id_number"].lower(), ticket_number=right["ticket_number"]
        )

    assert code_of(none) == code_of(others) == (403, "NUMBERS_WRONG")
    assert told(given, LoginOpened, 201).state is LoginState.FACE_WANTED


def test_numbers_alone_admit_and_give_no_photo(tmp_path: Path) -> None:
    plan = f'{PLAN}\n[login]\nfactors = ["numbers"]\n'
    with room(make_exam(tmp_path, plan=plan, count=1)) as here:
        candidate = here.candidate()
        candidate.enrol()
        opened = told(candidate.open_login(**numbers_of(here, 0)), LoginOpened, 201)

        status = told(candidate.see_login(opened), LoginStatus)
        candidate.session = status.session

        assert (opened.state, opened.reference_photo) == (LoginState.ADMITTED, "")
        assert candidate.sitting().verified_by == "numbers"


def test_a_phone_is_needed_only_where_the_plan_says_so(tmp_path: Path) -> None:
    plan = PLAN.replace("[binding]\nrequired = false", "[binding]\nrequired = true")
    with room(make_exam(tmp_path, plan=plan, count=1), at_s=-320) as here:
        candidate = here.candidate().log_in().get_ready()
        without = candidate.try_entry()
        bound_phone(here, candidate)

        bound = candidate.try_entry()

    assert code_of(without) == (403, "PHONE_UNBOUND")
    assert bound.status_code == 200


@pytest.mark.parametrize(("late_us", "status"), [(0, 200), (1, 403)])
def test_notice_a_closes_the_entry_at_t0(tmp_path: Path, late_us: int, status: int) -> None:
    plan = f"{PLAN}\n[entry]\nlate_cutoff_s = 0\n"
    with room(make_exam(tmp_path, plan=plan, count=1), at_s=-320) as here:
        candidate = here.candidate().log_in().get_ready()
        here.clock.us = T0_US + late_us

        assert candidate.try_entry().status_code == status


def test_coming_back_may_be_forbidden(tmp_path: Path) -> None:
    plan = f"{PLAN}\n[entry]\nreentry_allowed = false\n"
    with room(make_exam(tmp_path, plan=plan, count=1), at_s=-320) as here:
        candidate = here.candidate().log_in().get_ready()
        candidate.enter()
        here.clock.to(301)

        assert code_of(candidate.try_entry(reentry=True)) == (403, "CLOSED")


def test_a_stage_begun_late_by_the_candidate_moves_the_end_only_within_its_grace(
    tmp_path: Path,
) -> None:  # R132, R133
    plan = PLAN.replace(
        '[[stages]]\nkind = "answering"',
        '[[stages]]\nkind = "preparation"\ntitle = "备课"\nduration_s = 100\n'
        '[[stages]]\nstart = "self"\nself_start_grace_s = 60\nkind = "answering"',
    ).replace('"answering", "ending"', '"preparation", "answering", "ending"')
    with room(make_exam(tmp_path, plan=plan, count=2), at_s=-320) as here:
        early, late = here.candidate(0).log_in(), here.candidate(1).log_in()
        here.clock.to(5000)
        early.act(ActKind.STAGE_BEGUN, index=1, at_us=T0_US + 110 * SECOND_US)
        late.act(ActKind.STAGE_BEGUN, index=1, at_us=T0_US + 900 * SECOND_US)

        ends = [person.sitting().ended_us for person in (early, late)]

    assert ends == [T0_US + 710 * SECOND_US, T0_US + 760 * SECOND_US]


@pytest.mark.parametrize("notice", ["a", "b", "c"])
def test_the_three_notices_can_be_imported(tmp_path: Path, notice: str) -> None:
    exam = make_exam(tmp_path, count=1)
    plan = ROOT / "resources/plans" / f"{notice}.toml"
    folder = ROOT / "resources/attachments"

    code = exam.run(
        "exam", "import", str(plan), "--starts-at", "+5000", "--id", f"notice-{notice}",
        "--attachments", str(folder), "--no-formal", "--json",
    )  # fmt: skip

    assert code == 0


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("11010519491231002X", True),  # the example in GB 11643-1999
        ("440524188001010014", True),
        ("110105194912310021", False),
        ("110105194913310022", False),
        ("11010519491231002x", False),
        ("1101051949123100", False),
        ("", False),
    ],
)
def test_an_id_number_is_checked_to_its_last_digit(text: str, possible: bool) -> None:
    assert is_id_number(text) is possible


def test_the_rigs_own_numbers_are_possible() -> None:
    assert all(is_id_number(id_number(n)) for n in range(50))
