"""Opening a microphone: as it is recorded where the device can, else as the device can."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from zhishiyun_client.capture import consent_store
from zhishiyun_client.capture.encoders import SOUND_HZ
from zhishiyun_client.capture.holders import holder_on_windows, running_programs
from zhishiyun_client.capture.sound_shape import SoundShape, block_of
from zhishiyun_protocol.errors import Fixable

LOG = logging.getLogger(__name__)
OTHER_RATES_HZ = (44_100, 16_000, 32_000, 96_000, 8_000)  # cards, headsets in a call, studio inputs
# PortAudio's error codes (portaudio.h).
_INVALID_CHANNELS, _INVALID_RATE, _FORMAT = -9998, -9997, -9994
_UNAVAILABLE = -9985
_NOT_THIS_WAY = frozenset({_INVALID_CHANNELS, _INVALID_RATE, _FORMAT})

Callback = Callable[[Any, int, Any, Any], None]


@dataclass(frozen=True, slots=True)
class Source:
    """A stream that runs, and what shapes its sound."""

    stream: Any
    shape: SoundShape

    @property
    def format(self) -> str:
        """One line for the log."""
        shape = self.shape
        made = "as recorded" if shape.is_plain else "made 48000 Hz mono: it refused that"
        return f"{shape.rate_hz} Hz {shape.channels} ch; {made}"

    def close(self) -> None:
        """Let the device go."""
        self.stream.abort(ignore_errors=True)
        self.stream.close(ignore_errors=True)


def ways(own_rate_hz: int, most_channels: int) -> tuple[tuple[int, int], ...]:
    """(rate, channels) in the order in which they are tried. Pure."""
    channels = dict.fromkeys((1, min(2, most_channels), most_channels))
    rates = dict.fromkeys((SOUND_HZ, own_rate_hz, *OTHER_RATES_HZ))
    return tuple((rate, count) for rate in rates for count in channels)


def open_source(sounddevice: Any, number: int, callback: Callback) -> Source:
    """Start a microphone.

    Raises:
        Fixable: DEVICE_BUSY (`held_by` in the facts where the system tells), DEVICE_FORBIDDEN,
            DEVICE_GONE.
    """
    try:
        told = sounddevice.query_devices(number)
        own_rate_hz, most = round(told["default_samplerate"]), int(told["max_input_channels"])
    except (sounddevice.PortAudioError, ValueError) as error:
        raise _unusable("DEVICE_GONE") from error
    refusal: Exception | None = None
    for rate_hz, channels in ways(own_rate_hz, most):
        try:
            return _start(sounddevice, number, rate_hz, channels, callback)
        except sounddevice.PortAudioError as error:
            refusal = error
            if _code(error) not in _NOT_THIS_WAY:
                break
    LOG.info("the microphone does not open: %s", refusal)
    raise _why(refusal) from refusal


def _start(
    sounddevice: Any, number: int, rate_hz: int, channels: int, callback: Callback
) -> Source:
    stream = sounddevice.RawInputStream(
        device=number,
        samplerate=rate_hz,
        channels=channels,
        dtype="int16",
        blocksize=block_of(rate_hz),
        latency="high",
        callback=callback,
    )
    try:
        stream.start()
    except sounddevice.PortAudioError:
        stream.close(ignore_errors=True)
        raise
    return Source(stream, SoundShape(rate_hz, channels))


def _code(error: Exception | None) -> int:
    """PortAudio's number of an error; 0 where there is none."""
    code = error.args[1] if error is not None and len(error.args) > 1 else 0
    return code if isinstance(code, int) else 0


def _why(refusal: Exception | None) -> Fixable:
    """The system's settings, another program, or not there."""
    store = consent_store.read("microphone")
    if consent_store.is_denied(store):
        return _unusable("DEVICE_FORBIDDEN")
    if _code(refusal) == _UNAVAILABLE or "busy" in str(refusal).lower():
        running = running_programs() if consent_store.uses_now(store) else frozenset()
        return _unusable("DEVICE_BUSY", holder_on_windows(store, running))
    return _unusable("DEVICE_GONE")


def _unusable(code: str, held_by: str = "") -> Fixable:
    return Fixable(
        code,
        "The microphone gives no sound. Check that it is plugged in and no other program uses it.",
        "麦克风打不开，请检查是否插好、是否被其他程序占用。",
        held_by=held_by,
    )
