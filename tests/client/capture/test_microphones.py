"""Microphones by name: told apart, without ALSA's numbers and converters (R110, F16)."""

from __future__ import annotations

import pytest

from zhishiyun_client.capture.microphones import find_microphone, list_microphones, told_apart


class Sounds:
    """PortAudio's answers on Linux, as recorded; the real one is asked in tests/faults."""

    class PortAudioError(Exception):
        pass

    def __init__(self, *names: str, default: str = "") -> None:
        self._names = names
        self._default = default

    def query_devices(self, number: int | None = None, kind: str = "") -> object:
        if kind:
            if not self._default:
                raise self.PortAudioError("no default")
            return {"name": self._default}
        return [
            {"index": index, "name": name, "max_input_channels": 2, "hostapi": 0}
            for index, name in enumerate(self._names)
        ]

    def query_hostapis(self) -> list[dict[str, object]]:
        return [{"name": "ALSA"}]


def test_equal_names_are_told_apart_and_numbers_of_cards_are_left_out() -> None:
    shown = told_apart(
        [(0, "USB Audio (hw:1,0)"), (1, "USB Audio (hw:2,0)"), (2, "upmix"), (3, "default")]
    )

    assert [(each.number, each.shown) for each in shown] == [
        (0, "USB Audio"),
        (1, "USB Audio (2)"),
        (3, "系统默认 · System default"),
    ]


def test_a_microphone_is_found_after_its_card_was_renumbered() -> None:
    wanted = list_microphones(Sounds("USB Audio (hw:2,0)"))[0].id

    found = find_microphone(Sounds("HDA Intel (hw:0,0)", "USB Audio (hw:1,0)"), wanted)

    assert found is not None
    assert (found[0], found[1].name) == (1, "USB Audio")


def test_the_systems_choice_comes_first_and_loopbacks_last() -> None:
    sounds = Sounds("Stereo Mix", "HDA", "USB Audio", default="USB Audio")

    assert [each.name for each in list_microphones(sounds)] == ["USB Audio", "HDA", "Stereo Mix"]


@pytest.mark.parametrize("default", ["", "Monitor of HDA"])
def test_nobody_is_given_the_computers_own_sound_by_default(
    default: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ZHISHIYUN_DEMO_MICROPHONE", raising=False)
    found = find_microphone(Sounds("Monitor of HDA", "HDA", default=default), "")

    assert found is not None
    assert found[1].name == "HDA"
    assert find_microphone(Sounds(), "") is None
