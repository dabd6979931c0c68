"""Asking PortAudio in another process: a list, or nothing when it does not survive."""

from __future__ import annotations

import pytest

from zhishiyun_client.capture import portaudio
from zhishiyun_client.rehearsal.sound import MICROPHONE_NAME, VirtualMicrophone


@pytest.mark.slow
def test_another_process_tells_which_microphones_there_are(
    virtual_microphone: VirtualMicrophone, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in virtual_microphone.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONIOENCODING", "gbk")  # as on a Chinese Windows

    told = portaudio.ask()

    assert told is not None
    assert MICROPHONE_NAME in [microphone.name for microphone in told if microphone.demonstration]
    assert portaudio.probe()


def test_a_process_that_does_not_survive_tells_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(
        "zhishiyun_client.capture.portaudio.client_command", lambda word: ["sh", "-c", "kill -6 $$"]
    )

    assert portaudio.ask() is None
    assert "ends whoever asks" in caplog.text
