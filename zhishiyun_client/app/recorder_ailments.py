"""What a picture or a sound suffers from, written into the log with its times (R111).

A finding of evidence, never of conduct: whoever looks at a dark minute later sees that the
candidate was told.
"""

from __future__ import annotations

from collections.abc import Mapping

from zhishiyun_client.app.recorder_entries import LogEntries
from zhishiyun_client.capture.studio import Studio
from zhishiyun_client.ports.devices import Picture, Sound
from zhishiyun_client.ports.watching import Cause, Finding, Says, Severity
from zhishiyun_client.runtime.clock import monotonic_us

PICTURES: Mapping[Picture, tuple[Says, float]] = {
    Picture.BLACK: (Says.CAMERA_BLACK, 2.0),
    Picture.COVERED: (Says.CAMERA_COVERED, 4.0),
    Picture.DARK: (Says.CAMERA_DARK, 4.0),
    Picture.FROZEN: (Says.CAMERA_FROZEN, 5.0),
}
"""And for how many seconds it has lasted when it is told (capture/pictures.py)."""
SOUNDS: Mapping[str, tuple[Says, float]] = {
    "silent": (Says.MICROPHONE_SILENT, 5.0),
    "faint": (Says.MICROPHONE_FAINT, 15.0),
    "clipped": (Says.MICROPHONE_CLIPPED, 1.0),
}
"""The same, from capture/sound_level.py."""
US = 1_000_000
VERSION = "1"


class Ailments:
    """Remembers what stands. Thread: the core's."""

    def __init__(self) -> None:
        self._standing: dict[Says, Finding] = {}

    def look(self, picture: Picture, sound: Sound, at_us: int) -> tuple[Finding, ...]:
        """The findings that began or ended by this look, monotonic µs."""
        holds = dict([PICTURES[picture]]) if picture in PICTURES else {}
        holds |= dict(told for name, told in SOUNDS.items() if getattr(sound, name))
        begun = [
            _finding(says, at_us - round(lasted_s * US))
            for says, lasted_s in holds.items()
            if says not in self._standing
        ]
        over = [says for says in self._standing if says not in holds]
        ended = [self._standing.pop(says).ended(at_us) for says in over]
        self._standing |= {finding.explanation: finding for finding in begun}
        return (*begun, *ended)

    def end(self, at_us: int) -> tuple[Finding, ...]:
        """The recording is over, and so is all that stood."""
        return self.look(Picture.NONE, Sound(), at_us)


class RecorderAilments:
    """Looks at camera and microphone of a recording, and writes down what ails them."""

    def __init__(self, studio: Studio, entries: LogEntries) -> None:
        self._studio = studio
        self._entries = entries
        self._ailments = Ailments()

    def look(self) -> None:
        """One look. Thread: the core's."""
        eye, meter = self._studio.camera.eye, self._studio.microphone.meter
        for finding in self._ailments.look(eye.mood, meter.sound, monotonic_us()):
            self._entries.found(finding)

    def end(self) -> None:
        """The recording ends: what stands is written as over."""
        for finding in self._ailments.end(monotonic_us()):
            self._entries.found(finding)


def _finding(says: Says, started_us: int) -> Finding:
    device, _, what = says.value.removeprefix("device.").partition("_")
    return Finding(
        rule=f"{device}.{what}",
        subject=device,
        cause=Cause.DEVICE,
        severity=Severity.WARNING,
        explanation=says,
        rules_version=VERSION,
        started_us=started_us,
    )
