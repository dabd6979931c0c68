"""How often somebody may knock."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.server.phone_rig import Phone, shown_code
from tests.server.rig import LENIENT, ExamHome, code_of, room
from zhishiyun_server.problems import Refusal
from zhishiyun_server.rates import Bucket
from zhishiyun_server.settings import Limits, Rate

TWICE = Rate(burst=2, per_minute=2)


def test_a_bucket_refills_with_time_and_knows_its_keys() -> None:
    now_s = [0.0]
    bucket = Bucket(TWICE, lambda: now_s[0])
    bucket.take("a")
    bucket.take("a")
    with pytest.raises(Refusal) as refused:
        bucket.take("a")
    bucket.take("b")
    now_s[0] = 30.1

    bucket.take("a")

    assert refused.value.problem.retry_after_s == 30.0
    with pytest.raises(Refusal):
        bucket.take("a")


def test_a_ticket_cannot_log_in_without_end(exam: ExamHome) -> None:
    with room(exam, replace(LENIENT, login_per_ticket=TWICE)) as here:
        candidate, other = here.candidate(0), here.candidate(1)
        for person in (candidate, other):
            person.enrol()

        answers = [candidate.open_login() for _ in range(3)]

        assert [answer.status_code for answer in answers] == [201, 201, 429]
        assert int(answers[2].headers["retry-after"]) > 0
        assert other.open_login().status_code == 201


@pytest.mark.parametrize(
    ("limit", "path", "body"),
    [
        ("login_per_address", "/v1/logins", {}),
        ("enrolment_per_address", "/v1/enrolments", {}),
        ("phone_per_address", "/v1/phone/bind", {"code": "0000000000"}),
        ("staff_per_address", "/v1/staff/sessions", {"name": "a", "password": "b"}),
    ],
)
def test_an_address_cannot_guess_without_end(
    exam: ExamHome, limit: str, path: str, body: dict[str, str]
) -> None:
    limits: Limits = replace(LENIENT, **{limit: TWICE})
    with room(exam, limits) as here:
        answers = [here.client.post(path, json=body) for _ in range(3)]

    assert code_of(answers[1])[1] != "TOO_MANY"
    assert code_of(answers[2]) == (429, "TOO_MANY")


def test_only_wrong_codes_slow_an_address_down(exam: ExamHome) -> None:  # R062
    with room(exam, replace(LENIENT, wrong_codes_per_address=TWICE)) as here:
        candidate = here.candidate().log_in()
        bound = [Phone(here.client).bind(candidate) for _ in range(4)]
        wrong = [Phone(here.client).try_bind("0000000000") for _ in range(2)]
        slowed = Phone(here.client).try_bind(shown_code(candidate).code)

    assert len({phone.bound.recording_id for phone in bound}) == 4
    assert [code_of(each)[1] for each in wrong] == ["BINDING_WRONG"] * 2
    assert code_of(slowed) == (429, "TOO_MANY")


def test_binding_codes_are_not_made_without_end(exam: ExamHome) -> None:
    with room(exam, replace(LENIENT, binding_per_attempt=TWICE)) as here:
        candidate = here.candidate().log_in()

        answers = [candidate.post("/v1/me/binding", {}).status_code for _ in range(3)]

    assert answers == [200, 200, 429]
