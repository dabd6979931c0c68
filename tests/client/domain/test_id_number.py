"""ID numbers by form and check digit (R042)."""

from __future__ import annotations

import pytest

from zhishiyun_client.domain.id_number import IdFault, fault_of, is_id_number


@pytest.mark.parametrize("text", ["11010519491231002X", "440524188001010014"])
def test_a_right_number_is_taken(text: str) -> None:
    assert is_id_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "110105194912310021",
        "11010519491231002x",
        "1101051949123100",
        "11010519491231002X1",
        "1101051949123100２X",
        "X1010519491231002X",
    ],
)
def test_anything_else_is_not(text: str) -> None:
    assert not is_id_number(text)


@pytest.mark.parametrize("place", range(17))
def test_one_wrong_digit_is_noticed(place: int) -> None:
    right = "440524188001010014"
    wrong = right[:place] + str((int(right[place]) + 1) % 10) + right[place + 1 :]

    assert not is_id_number(wrong)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("11010119900101000", IdFault.LENGTH),
        ("1101011990010100077", IdFault.LENGTH),
        ("11010119900101O007", IdFault.CHARACTERS),
        ("11010119900101000A", IdFault.CHARACTERS),
        ("110101199013010007", IdFault.DATE),
        ("110101199001010006", IdFault.CHECK),
        ("110101199001010007", None),
    ],
)
def test_each_mistake_has_a_name(text: str, fault: IdFault | None) -> None:
    assert fault_of(text) is fault
