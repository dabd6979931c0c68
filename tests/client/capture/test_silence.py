"""A device is gone when nothing comes although we were there to take it."""

from __future__ import annotations

import pytest

from zhishiyun_client.capture.silence import GONE_AFTER_S, LISTEN_S, Silence, was_ours
from zhishiyun_client.runtime.clock import monotonic_us

WAITS = round(GONE_AFTER_S / LISTEN_S)


def test_waits_in_vain_add_up_until_the_device_must_be_gone() -> None:
    silence = Silence()
    for _ in range(WAITS - 1):
        silence.note(monotonic_us())

    assert not silence.means_gone
    silence.note(monotonic_us())
    assert silence.means_gone


def test_a_wait_that_the_machine_drew_out_is_no_evidence() -> None:
    silence = Silence()

    for _ in range(3 * WAITS):
        silence.note(monotonic_us() - 900_000)

    assert not silence.means_gone


def test_sound_ends_the_count() -> None:
    silence = Silence()
    for _ in range(WAITS - 1):
        silence.note(monotonic_us())
    silence.end()

    silence.note(monotonic_us())

    assert not silence.means_gone


@pytest.mark.parametrize(
    ("jump_us", "held_up_us", "ours"),
    [(2_000_000, 1_900_000, True), (2_000_000, 40_000, False), (66_667, 10_000, False)],
    ids=["we came late", "none were there", "as ever"],
)
def test_pictures_are_missing_by_us_where_we_were_held_up(
    jump_us: int, held_up_us: int, ours: bool
) -> None:
    assert was_ours(jump_us, held_up_us) is ours
