"""The three notices as plans, and plans that cannot work (R220, requirements §12)."""

from __future__ import annotations

import pytest

from zhishiyun_client.runtime.paths import resources
from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.plan import Factor, read_plan


def plan_text(name: str) -> str:
    return (resources() / "plans" / f"{name}.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_each_notice_is_a_sound_plan(name: str) -> None:
    plan = read_plan(plan_text(name).encode(), name)

    assert plan.flow[-3:] == ("ending", "uploading", "receipt")
    assert read_plan(plan_text(name).encode(), name).sha256() == plan.sha256()


def test_notice_a_shuts_the_door_at_the_start_and_draws_lots() -> None:
    plan = read_plan(plan_text("a").encode())

    assert plan.entry.late_cutoff_s == 0
    assert "lottery" in plan.flow
    assert plan.latest_end_s("") == 600


def test_notice_b_gives_art_candidates_two_more_stages() -> None:
    plan = read_plan(plan_text("b").encode())

    assert [s.kind.value for s in plan.stages_for("语文")] == ["preparation", "answering"]
    assert len(plan.stages_for("美术")) == 4


def test_notice_c_asks_for_numbers_id_photo_and_face() -> None:
    plan = read_plan(plan_text("c").encode())

    assert plan.login.factors == (Factor.NUMBERS, Factor.ID_PHOTO, Factor.FACE)
    assert plan.login.opens_before_s == 50 * 60


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("opens_before_s = 900", "opens_before_s = 3600", "login.opens_before_s"),
        ("late_cutoff_s = 300", "late_cutoff_s = 99999", "late_cutoff_s"),
        ("duration_s = 1200", "duration_s = 0", "备课"),
        ('"waiting", "preparation"', '"preparation", "waiting"', "flow"),
        ('id = "instructions"', 'id = "pledge"', "id"),
    ],
)
def test_an_impossible_plan_is_refused_by_name(old: str, new: str, word: str) -> None:
    text = plan_text("b")
    assert old in text

    with pytest.raises(Refused) as refusal:
        read_plan(text.replace(old, new, 1).encode(), "b.toml")

    assert refusal.value.code == "PLAN_IMPOSSIBLE"
    assert word in refusal.value.message
    assert word in refusal.value.zh


def test_an_unknown_field_is_a_mistake_and_is_named() -> None:
    with pytest.raises(Refused) as refusal:
        read_plan((plan_text("a") + "\n[lateness]\nminutes = 3\n").encode(), "a.toml")

    assert refusal.value.code == "PLAN_UNREADABLE"
    assert "lateness" in refusal.value.message


def test_the_older_order_of_the_first_two_phases_is_still_read() -> None:
    older = plan_text("a").replace(
        '"consent", "device_preparation"', '"device_preparation", "consent"'
    )

    assert read_plan(older.encode()).flow[:2] == ("device_preparation", "consent")
    assert read_plan(plan_text("a").encode()).flow[:2] == ("consent", "device_preparation")
