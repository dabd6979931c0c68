"""Who sits there: nobody, another, two, or unsure; flags with times, never a verdict (R047)."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from tests.client.face.masks import masked
from tests.client.face.photographs import Picture, as_preview, astronaut, at_camera
from tests.client.face.test_examiner import Listener, stranger
from zhishiyun_client.face.choice import PackChoice
from zhishiyun_client.face.eye import Eye
from zhishiyun_client.face.liveness import Lines
from zhishiyun_client.face.presence import PresenceRule, Sight
from zhishiyun_client.face.presence_worker import PresenceWatch
from zhishiyun_client.ports.faces import (
    Enrolment,
    PackFacts,
    Presence,
    PresenceChanged,
    PresenceOff,
)
from zhishiyun_client.ports.preview import PreviewFrame
from zhishiyun_client.ports.watching import Finding, Says

SECOND_US = 1_000_000
OWN, BETWEEN, OTHER = 0.7, 0.3, 0.1
WITHIN_S = 20.0


pytestmark = [pytest.mark.slow]


def rule(*, knows_face: bool = True) -> PresenceRule:
    return PresenceRule(Lines(0.36, 0.25), "pack/1/0", knows_face=knows_face)


def run(watch: PresenceRule, *sights: Sight, step_us: int = SECOND_US) -> list[Finding]:
    """One look a second, from 1 s on."""
    return [
        finding
        for number, sight in enumerate(sights, start=1)
        for finding in watch.take(sight, number * step_us)
    ]


def test_the_candidate_alone_gives_no_finding() -> None:
    watch = rule()

    assert run(watch, *[Sight(1, OWN), Sight(1)] * 60) == []
    assert watch.seen is Presence.CANDIDATE


def test_nobody_for_five_seconds_is_a_finding_from_the_first_empty_look() -> None:
    watch = rule()
    empty = Sight(0)

    assert run(watch, Sight(1, OWN), *[empty] * 5) == []
    (began,) = watch.take(empty, 7 * SECOND_US)
    assert watch.seen is Presence.NOBODY
    (over,) = watch.take(Sight(1), 9 * SECOND_US)

    assert (began.rule, began.started_us, began.ended_us) == (
        "presence.nobody",
        2 * SECOND_US,
        None,
    )
    assert began.explanation is Says.PRESENCE_NOBODY
    assert (over.started_us, over.ended_us) == (2 * SECOND_US, 9 * SECOND_US)


def test_someone_else_needs_three_good_looks_in_a_row() -> None:
    watch = rule()

    assert run(watch, *[Sight(1, OTHER), Sight(1, OTHER), Sight(1, BETWEEN)] * 4) == []
    found = run(watch, Sight(1, OTHER), Sight(1), Sight(1, OTHER), Sight(1), Sight(1, OTHER))

    assert [(one.rule, one.started_us) for one in found] == [("presence.someone_else", SECOND_US)]
    assert [one.ended_us for one in watch.take(Sight(1, OWN), 9 * SECOND_US)] == [9 * SECOND_US]
    assert watch.seen is Presence.CANDIDATE


def test_two_faces_count_in_two_of_three_looks() -> None:
    watch = rule()
    one, two = Sight(1, OWN), Sight(2, OWN)

    assert run(watch, two, one, one, two, one, one) == []
    (began,) = run(watch, two, one, two)
    assert (began.rule, began.fact("faces")) == ("presence.several", "2")
    assert [f.ended_us for f in run(watch, one, one, one)] == [3 * SECOND_US]


def test_uncertain_is_said_as_uncertain_and_nothing_worse() -> None:
    watch = rule()

    found = run(watch, Sight(1, OWN), *[Sight(1, BETWEEN)] * 45)

    assert [(one.rule, one.severity.name) for one in found] == [("presence.unsure", "NOTICE")]
    assert watch.seen is Presence.UNSURE
    assert found[0].started_us == 2 * SECOND_US


def test_where_no_face_is_known_faces_are_still_counted() -> None:
    watch = rule(knows_face=False)

    assert run(watch, *[Sight(1)] * 60) == []
    assert watch.seen is Presence.UNSURE
    assert [one.rule for one in run(watch, *[Sight(2)] * 3)] == ["presence.several"]
    assert [one.rule for one in run(watch, *[Sight(0)] * 8)][-1] == "presence.nobody"


def test_without_a_picture_everything_ends_and_nothing_is_known() -> None:
    watch = rule()
    run(watch, *[Sight(0)] * 8)

    assert [one.ended_us for one in watch.blind(20 * SECOND_US)] == [20 * SECOND_US]
    assert watch.seen is Presence.UNSURE
    assert watch.take(Sight(0), 21 * SECOND_US) == []


# ---- the worker, with the real nets


class Scene:
    """A camera whose picture the test changes."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self._sequence = itertools.count(1)

    def latest(self) -> PreviewFrame | None:
        return as_preview(self.picture, next(self._sequence))


def reference(eye: Eye) -> Enrolment:
    import cv2

    done, png = cv2.imencode(".png", astronaut())
    assert done
    made = eye.enrol(png.tobytes())
    assert isinstance(made, Enrolment)
    return made


@pytest.fixture
def listener() -> Listener:
    return Listener()


def test_the_worker_tells_candidate_stranger_two_mask_edge_and_an_empty_chair(
    pack_folder: Path, eye: Eye, listener: Listener
) -> None:
    scene = Scene(at_camera())
    ticks = itertools.count(0, SECOND_US)
    watch = PresenceWatch(
        PackChoice(pack_folder), scene.latest, listener.take,
        reference=reference(eye), per_s=25.0, now_us=lambda: next(ticks),
    )  # fmt: skip
    watch.start()
    watch.look_from_now_on()

    def wait_for(presence: Presence) -> None:
        listener.first(PresenceChanged, lambda one: one.presence is presence)

    wait_for(Presence.CANDIDATE)
    assert [one for one in listener.heard if isinstance(one, Finding)] == []
    scene.picture = stranger()
    wait_for(Presence.SOMEONE_ELSE)
    both = np.concatenate((at_camera()[:, 160:480], stranger()[:, 160:480]), axis=1)
    scene.picture = np.ascontiguousarray(both)
    listener.first(Finding, lambda one: one.rule == "presence.several")
    face = eye.glance(as_preview(at_camera(120))).faces[0]
    scene.picture = masked(at_camera(120), face, "mask_blue")
    wait_for(Presence.COVERED)
    scene.picture = at_camera(120, (592.0, 190.0))
    wait_for(Presence.OUT_OF_FRAME)
    scene.picture = np.full((360, 640, 3), 120, np.uint8)
    wait_for(Presence.NOBODY)

    assert watch.stop(within_s=WITHIN_S)
    findings = [one for one in listener.heard if isinstance(one, Finding)]
    began = {one.rule for one in findings if one.ended_us is None}
    # between the scenes no look is surely the candidate's, which may be said as unsure
    assert began - {"presence.unsure"} == {
        "presence.someone_else", "presence.several", "presence.nobody", "presence.covered",
        "presence.out_of_frame",
    }  # fmt: skip
    assert findings[-1].ended_us is not None
    assert watch._reference is None
    assert watch._rule is None


def test_a_missing_pack_is_told_and_costs_nothing_more(tmp_path: Path, listener: Listener) -> None:
    watch = PresenceWatch(
        PackChoice(tmp_path / "none"), lambda: None, listener.take, reference=None, per_s=1.0
    )
    watch.start()

    assert listener.first(PresenceOff).code == "FACE_PACK_MISSING"
    assert watch.stop(within_s=WITHIN_S)


def test_numbers_of_another_pack_are_not_compared(
    pack_folder: Path, eye: Eye, listener: Listener
) -> None:
    foreign = Enrolment(reference(eye).embedding, PackFacts("other", "1", "0" * 64))
    scene = Scene(stranger())
    ticks = itertools.count(0, SECOND_US)
    watch = PresenceWatch(
        PackChoice(pack_folder), scene.latest, listener.take,
        reference=foreign, per_s=25.0, now_us=lambda: next(ticks),
    )  # fmt: skip
    watch.start()
    watch.look_from_now_on()

    assert listener.first(PresenceChanged).presence is Presence.UNSURE
    scene.picture = np.full((360, 640, 3), 120, np.uint8)
    listener.first(PresenceChanged, lambda one: one.presence is Presence.NOBODY)
    assert watch.stop(within_s=WITHIN_S)
    rules = {one.rule for one in listener.heard if isinstance(one, Finding)}
    assert rules == {"presence.nobody"}


def test_a_covered_mouth_is_a_finding_from_the_first_of_three_looks() -> None:
    watch = rule()
    hidden, bare = Sight(1, OWN, covered=True), Sight(1, OWN, covered=False)

    assert run(watch, hidden, hidden, bare, hidden, Sight(1), hidden) == []
    (began,) = watch.take(hidden, 7 * SECOND_US)
    (over,) = watch.take(bare, 9 * SECOND_US)

    assert (began.rule, began.started_us) == ("presence.covered", 4 * SECOND_US)
    assert began.explanation is Says.PRESENCE_COVERED
    assert (over.rule, over.ended_us) == ("presence.covered", 9 * SECOND_US)


def test_a_face_at_the_edge_for_five_seconds_is_out_of_the_picture() -> None:
    watch = rule()
    cut_off = Sight(1, OWN, cut_off=True)

    assert run(watch, *[cut_off] * 5, Sight(1, OWN), *[cut_off] * 5) == []
    (began,) = watch.take(cut_off, 12 * SECOND_US)

    assert (began.rule, began.started_us) == ("presence.out_of_frame", 7 * SECOND_US)
    assert watch.seen is Presence.OUT_OF_FRAME
    assert [one.rule for one in watch.blind(13 * SECOND_US)] == ["presence.out_of_frame"]
