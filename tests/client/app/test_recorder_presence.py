"""The face that logged in reaches the recorder in memory only, and is forgotten (R043, R047)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.client.capture.recordings import wait_until
from zhishiyun_client.app.face_desk import ExaminerDesk
from zhishiyun_client.app.recorder_link import PreviewFinder, RecorderLink
from zhishiyun_client.app.recorder_presence import RecorderPresence, reference_of
from zhishiyun_client.capture.preview_memory import PreviewMemory, PreviewReader
from zhishiyun_client.face.pack import DEFAULT_PACK
from zhishiyun_client.ports.examining import KnownFace
from zhishiyun_client.ports.faces import PackFacts, Presence, PresenceChanged
from zhishiyun_client.ports.recorder import (
    Finish,
    Hello,
    ToRecorder,
    WatchFace,
    decode_to_recorder,
    encode,
)
from zhishiyun_client.ports.watching import Finding
from zhishiyun_client.runtime.paths import resources

FACTS = PackFacts("opencv-zoo", "1.0.0", "ab" * 32)
NUMBERS = np.linspace(-0.2, 0.2, 128, dtype=np.float32)


class Said:
    """Stands where the link to the recorder stands."""

    def __init__(self) -> None:
        self.messages: list[ToRecorder] = []

    def say(self, message: ToRecorder) -> None:
        self.messages.append(message)


class Matched:
    """An examiner that has matched a face."""

    known: KnownFace | None = KnownFace(NUMBERS.astype("<f4").tobytes(), FACTS)


def told(known: Matched | None, per_s: float = 1.0) -> WatchFace:
    said = Said()
    desk = ExaminerDesk(PreviewFinder(), lambda _: None, said, presence_per_s=per_s)
    desk._examiner = known  # type: ignore[assignment]
    desk.watch_on()
    (message,) = said.messages
    assert isinstance(message, WatchFace)
    return message


def test_a_withdrawn_consent_leaves_the_recorder_without_a_face() -> None:  # R040
    said = Said()
    desk = ExaminerDesk(PreviewFinder(), lambda _: None, said, presence_per_s=1.0)
    desk.withdraw()
    assert said.messages == [], "nobody watched yet"
    desk._examiner = Matched()  # type: ignore[assignment]
    desk.watch_on()
    desk._examiner = None

    desk.withdraw()

    first, second = said.messages
    assert isinstance(first, WatchFace)
    assert first.embedding
    assert second == WatchFace(per_s=1.0)


def test_the_matched_face_arrives_whole_and_says_nothing_when_printed() -> None:
    message = told(Matched())
    heard = decode_to_recorder(encode(message))
    assert isinstance(heard, WatchFace)

    made = reference_of(heard)

    assert made is not None
    assert made.pack == FACTS
    np.testing.assert_array_equal(made.embedding, NUMBERS)
    assert message.embedding not in repr(message) + str(heard)
    assert repr(message) == "WatchFace(per_s=1.0)"
    assert "embedding" not in repr(made)


def test_whom_a_person_admitted_has_no_face_that_is_known() -> None:
    assert told(None) == WatchFace(per_s=1.0)
    assert reference_of(told(None)) is None


def test_the_desk_forgets_the_face_when_the_exam_is_over(tmp_path: Path) -> None:
    link = RecorderLink(tmp_path, Hello(desk_pid=os.getpid()), lambda _: None)
    link.say(told(Matched()))
    assert WatchFace in link._said

    link.say(Finish(why="candidate"))

    assert WatchFace not in link._said


@pytest.mark.parametrize("per_s", [0.0, -1.0])
def test_a_plan_without_looks_loads_nothing(per_s: float) -> None:
    presence = RecorderPresence(PreviewReader(), lambda _: None)

    presence.take(told(Matched(), per_s), is_recording=True)

    assert not presence.is_wanted
    assert presence.end() == ()


def test_an_empty_chair_is_found_by_the_preview_and_the_finding_ends_with_the_watch() -> None:
    if not (resources() / "face" / DEFAULT_PACK).is_dir():
        pytest.skip("the default face pack needs the network once: build/face_pack.py")
    memory = PreviewMemory()
    heard: list[object] = []
    presence = RecorderPresence(memory.reader(), heard.append)
    presence.take(WatchFace(per_s=5.0), is_recording=False)
    grey = memoryview(bytes([120]) * (640 * 360 * 3))

    def any_of(kind: type) -> Callable[[], bool]:
        def look() -> bool:
            memory.put(grey, 640, 360)
            return any(isinstance(one, kind) for one in heard)

        return look

    presence.begin()
    wait_until("a finding", any_of(Finding), 30.0)
    ended = presence.end()
    memory.close()

    assert [(one.rule, one.ended_us is None) for one in ended] == [("presence.nobody", False)]
    (began,) = [one for one in heard if isinstance(one, Finding)]
    assert (began.rule, began.ended_us) == ("presence.nobody", None)
    assert PresenceChanged(Presence.NOBODY) in heard
    assert not presence.is_wanted
