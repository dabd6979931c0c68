"""How long the face check takes: loading, one look, the word after the last turn, watching on."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable

import numpy as np

from tests.client.face.photographs import (
    Picture,
    as_png,
    as_preview,
    astronaut,
    at_camera,
)
from tests.client.face.turning import TURNING, before_camera, photo_of
from zhishiyun_client.face.choice import PackChoice
from zhishiyun_client.face.examiner import Examiner
from zhishiyun_client.face.eye import Eye
from zhishiyun_client.face.login_eye import open_eye
from zhishiyun_client.face.pack import DEFAULT_PACK
from zhishiyun_client.face.presence_worker import PresenceWatch
from zhishiyun_client.ports.faces import Challenge, Enrolment, FaceDecision, FaceHint
from zhishiyun_client.ports.preview import PreviewFrame
from zhishiyun_client.runtime.paths import resources

CHOICE = PackChoice(resources() / "face" / DEFAULT_PACK)
LOADS, LOOKS = 5, 40
WATCH_S = 30.0
DECIDED_WITHIN_S = 60.0
TURNERS = (1, 10, 25)

Row = tuple[str, ...]


def rows_of(eye: Eye) -> list[Row]:
    """All rows of the table: name, CPU ms, wall ms, what is asked."""
    return [*_steps(eye), *_watching(eye), _last_word()]


def _steps(eye: Eye) -> list[Row]:
    frame, reference = as_preview(at_camera(110)), _reference(eye)
    glance = eye.glance(frame)
    cases: list[tuple[str, Callable[[], object], int, str]] = [
        ("check every digest and load both nets", lambda: open_eye(CHOICE), LOADS, "≤ 1000"),
        ("find and hint", lambda: eye.glance(frame), LOOKS, ""),
        ("align, embed, compare", lambda: eye.similarity(glance, reference), LOOKS, ""),
    ]
    return [(name, *_timed(work, times), asked) for name, work, times, asked in cases]


def _timed(work: Callable[[], object], times: int) -> tuple[str, str]:
    wall, cpu = [], []
    for _ in range(times):
        began, began_cpu = time.perf_counter(), time.process_time()
        work()
        wall.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (time.process_time() - began_cpu))
    return f"{statistics.median(cpu):.0f}", f"{statistics.median(wall):.0f}"


def _watching(eye: Eye) -> list[Row]:
    """The recorder's worker as it runs, for half a minute at each rate."""
    rows: list[Row] = []
    for per_s in (1.0, 2.0):
        frames = _Frames(at_camera(110))
        watch = PresenceWatch(
            CHOICE, frames.latest, frames.hear, reference=_reference(eye), per_s=per_s
        )
        watch.start()
        watch.look_from_now_on()
        frames.begun.wait(DECIDED_WITHIN_S)
        began_s, began_cpu_s = time.perf_counter(), time.process_time()
        frames.stop.wait(WATCH_S)
        share = (time.process_time() - began_cpu_s) / (time.perf_counter() - began_s)
        watch.stop(DECIDED_WITHIN_S)
        name = f"looking who sits there, {per_s:g} a second: share of one core"
        rows.append((name, f"{100 * share:.1f} %", "", "≤ 8 %"))
    return rows


def _last_word() -> Row:
    """From the first picture of the last turn to the decision, at the examiner's own pace."""
    waited = [_after_last_turn(person) for person in TURNERS]
    middle = statistics.median(waited)
    name = f"from the last turn to the decision, {len(waited)} heads"
    return (name, "", f"{1000 * middle:.0f} (most {1000 * max(waited):.0f})", "≤ 1500")


def _after_last_turn(person: int) -> float:
    sitter = _Sitter(person)
    examiner = Examiner(CHOICE, sitter.latest, sitter.hear, asks_for_turns=True)
    examiner.start()
    examiner.enrol(as_png(photo_of(person, TURNING[person][0])))
    examiner.begin_try()
    sitter.decided.wait(DECIDED_WITHIN_S)
    examiner.stop(DECIDED_WITHIN_S)
    if sitter.decision is None or not sitter.decision.matched:
        raise SystemExit(f"the head of person {person} was not accepted: {sitter.decision}")
    return sitter.decided_s - sitter.turned_s


def _reference(eye: Eye) -> Enrolment:
    made = eye.enrol(as_png(astronaut()))
    if not isinstance(made, Enrolment):
        raise SystemExit("the photo is no reference")
    return made


class _Frames:
    """A camera before which nothing moves."""

    def __init__(self, picture: Picture) -> None:
        self._picture, self._sequence = picture, 0
        self.begun, self.stop = threading.Event(), threading.Event()

    def latest(self) -> PreviewFrame:
        self._sequence += 1
        return as_preview(self._picture, self._sequence)

    def hear(self, _report: object) -> None:
        self.begun.set()


class _Sitter:
    """Turns the head as the newest hint asks, and remembers when."""

    def __init__(self, person: int) -> None:
        _, straight, left, right = TURNING[person]
        self._pictures = {
            None: before_camera(person, straight),
            Challenge.TURN_LEFT: before_camera(person, left),
            Challenge.TURN_RIGHT: before_camera(person, right),
        }
        self._asked: Challenge | None = None
        self._sequence = 0
        self._noise = np.random.default_rng(person)
        self.turned_s = self.decided_s = 0.0
        self.decision: FaceDecision | None = None
        self.decided = threading.Event()

    def latest(self) -> PreviewFrame:
        self._sequence += 1
        picture = self._pictures[self._asked]
        grain = self._noise.normal(0, 3, picture.shape)
        return as_preview(np.clip(picture + grain, 0, 255).astype(np.uint8), self._sequence)

    def hear(self, report: object) -> None:
        if isinstance(report, FaceHint) and report.asked is not self._asked:
            self._asked = report.asked
            if report.asked is not None:
                self.turned_s = time.perf_counter()
        elif isinstance(report, FaceDecision):
            self.decision, self.decided_s = report, time.perf_counter()
            self.decided.set()
