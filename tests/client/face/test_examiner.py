"""The worker: loads apart, hints at every look, decides when asked (R042–R044, F01–F03)."""

from __future__ import annotations

import itertools
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import pytest

from tests.client.face.photographs import (
    ROOT,
    Picture,
    as_png,
    as_preview,
    astronaut,
    at_camera,
    group,
)
from tests.client.face.test_passive import make
from tests.client.face.turning import TURNING, before_camera
from zhishiyun_client.face.choice import PackChoice
from zhishiyun_client.face.examiner import Examiner
from zhishiyun_client.ports.faces import (
    Challenge,
    ExaminerReady,
    ExaminerUnavailable,
    FaceDecision,
    FaceHint,
    Hint,
    ReferenceFault,
    ReferenceRefused,
    ReferenceTaken,
    Verdict,
)
from zhishiyun_client.ports.preview import PreviewFrame

WITHIN_S = 20.0
Kind = TypeVar("Kind")


class Listener:
    """Takes reports and lets a test wait for the next one of a kind."""

    def __init__(self) -> None:
        self.heard: list[object] = []
        self._news = threading.Condition()

    def take(self, report: object) -> None:
        with self._news:
            self.heard.append(report)
            self._news.notify_all()

    def first(self, kind: type[Kind], which: Callable[[Kind], bool] = lambda _: True) -> Kind:
        def found() -> Kind | None:
            return next((one for one in self.heard if isinstance(one, kind) and which(one)), None)

        with self._news:
            self._news.wait_for(lambda: found() is not None, WITHIN_S)
        answer = found()
        assert answer is not None, f"no {kind.__name__} among {self.heard[-5:]}"
        return answer


class Camera:
    """Gives a new frame at every call: a picture with fresh noise."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self._sequence = itertools.count(1)
        self._noise = np.random.default_rng(7)

    def latest(self) -> PreviewFrame | None:
        noise = self._noise.normal(0, 6, self.picture.shape)
        noisy = np.clip(self.picture + noise, 0, 255).astype(np.uint8)
        return as_preview(noisy, next(self._sequence))


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def examine(pack_folder: Path, listener: Listener) -> Iterator[Callable[..., Examiner]]:
    """Start an examiner over a camera; stopped at the end."""
    started: list[Examiner] = []

    def start(
        latest: Callable[[], PreviewFrame | None],
        folder: Path = pack_folder,
        tick_s: Callable[[], float] | None = None,
    ) -> Examiner:
        clock = {"tick_s": tick_s} if tick_s else {}
        examiner = Examiner(PackChoice(folder), latest, listener.take, **clock)
        examiner.start()
        started.append(examiner)
        return examiner

    yield start
    assert all(examiner.stop(within_s=WITHIN_S) for examiner in started)


def stranger() -> Picture:
    """One face of the group, alone before the camera."""
    alone = cv2.resize(group()[90:260, 180:340], None, fx=1.6, fy=1.6)
    picture = np.full((360, 640, 3), 120, np.uint8)
    picture[40 : 40 + alone.shape[0], 190 : 190 + alone.shape[1]] = alone
    return picture


def test_the_candidate_of_the_photo_is_matched(
    examine: Callable[..., Examiner], listener: Listener
) -> None:
    examiner = examine(Camera(at_camera()).latest)
    examiner.enrol(as_png(astronaut()))
    examiner.begin_try()

    decision = listener.first(FaceDecision)

    ready = listener.first(ExaminerReady)
    assert listener.first(ReferenceTaken)
    assert decision.matched
    assert decision.score > 0.8
    assert decision.frames == 5
    assert decision.pack_version == str(ready.pack)
    shares = [hint.taken_share for hint in listener.heard if isinstance(hint, FaceHint)]
    assert shares[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])


def test_someone_else_is_not_matched(
    examine: Callable[..., Examiner], listener: Listener, eye: object
) -> None:
    examiner = examine(Camera(stranger()).latest)
    examiner.enrol(as_png(astronaut()))
    examiner.begin_try()

    decision = listener.first(FaceDecision)

    assert decision.verdict is Verdict.NOT_MATCHED
    assert decision.score < 0.25


def test_hints_come_without_a_reference_and_nothing_is_decided(
    examine: Callable[..., Examiner], listener: Listener
) -> None:
    examiner = examine(Camera(at_camera(50)).latest)
    examiner.begin_try()

    hint = listener.first(FaceHint, lambda one: one.sequence > 2)

    assert hint.hint is Hint.TOO_FAR
    assert hint.box is not None
    assert hint.box.width_px == pytest.approx(50, abs=5)
    assert hint.taken_share == 0.0
    assert not any(isinstance(one, FaceDecision) for one in listener.heard)


def test_a_try_in_the_dark_is_undecided_and_says_why(
    examine: Callable[..., Examiner], listener: Listener
) -> None:
    ticks = itertools.count(0.0, 0.5)
    examiner = examine(
        Camera(np.asarray(at_camera() * 0.15, np.uint8)).latest, tick_s=lambda: next(ticks)
    )
    examiner.enrol(as_png(astronaut()))
    examiner.begin_try()

    decision = listener.first(FaceDecision)

    assert (decision.verdict, decision.hint) == (Verdict.UNDECIDED, Hint.TOO_DARK)
    assert decision.frames == 0


def test_a_silent_camera_is_told(examine: Callable[..., Examiner], listener: Listener) -> None:
    ticks = itertools.count(0.0, 0.5)
    examine(lambda: None, tick_s=lambda: next(ticks))

    assert listener.first(FaceHint).hint is Hint.NO_PICTURE


def test_a_frozen_frame_is_compared_once(
    examine: Callable[..., Examiner], listener: Listener
) -> None:
    ticks = itertools.count(0.0, 0.5)
    frozen = as_preview(at_camera())
    examiner = examine(lambda: frozen, tick_s=lambda: next(ticks))
    examiner.enrol(as_png(astronaut()))
    examiner.begin_try()

    decision = listener.first(FaceDecision)

    assert decision.verdict is Verdict.UNDECIDED
    assert decision.frames <= 1
    assert decision.hint is Hint.NO_PICTURE


def test_a_bad_reference_is_reported(examine: Callable[..., Examiner], listener: Listener) -> None:
    examine(Camera(at_camera()).latest).enrol(b"no photo")

    assert listener.first(ReferenceRefused).fault is ReferenceFault.UNREADABLE


def test_a_missing_pack_ends_the_worker_with_a_reason(
    examine: Callable[..., Examiner], listener: Listener, tmp_path: Path
) -> None:
    examiner = examine(Camera(at_camera()).latest, folder=tmp_path / "none")

    unavailable = listener.first(ExaminerUnavailable)

    assert unavailable.code == "FACE_PACK_MISSING"
    assert "人脸模型" in unavailable.zh
    assert examiner.stop(within_s=WITHIN_S)


def test_forgetting_drops_the_reference_and_the_try(
    examine: Callable[..., Examiner], listener: Listener
) -> None:
    examiner = examine(Camera(at_camera()).latest)
    examiner.enrol(as_png(astronaut()))
    examiner.begin_try()
    examiner.forget()

    listener.first(FaceHint, lambda one: one.sequence > 8)

    assert not any(isinstance(one, FaceDecision) for one in listener.heard)
    assert examiner._reference is None


def test_nothing_of_the_face_is_logged_or_printed(
    examine: Callable[..., Examiner],
    listener: Listener,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    examiner = examine(Camera(at_camera()).latest)
    examiner.enrol(as_png(astronaut()))
    examiner.begin_try()

    listener.first(FaceDecision)

    assert [record for record in caplog.records if "zhishiyun" in record.name] == []
    assert capfd.readouterr().out == ""


def test_the_first_paint_does_not_wait_for_the_nets() -> None:
    heavy = {"numpy", "cv2", "onnxruntime", "onnx", "insightface", "scipy", "skimage"}
    code = "import sys, zhishiyun_client.face.examiner; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()

    assert heavy.isdisjoint(loaded)


def test_after_the_match_turns_are_asked_and_a_still_picture_makes_none(
    pack_folder: Path, listener: Listener
) -> None:
    ticks = itertools.count(0.0, 0.25)
    examiner = Examiner(
        PackChoice(pack_folder),
        Camera(at_camera()).latest,
        listener.take,
        asks_for_turns=True,
        tick_s=lambda: next(ticks),
    )
    examiner.start()
    examiner.enrol(as_png(astronaut()))
    examiner.begin_try()

    decision = listener.first(FaceDecision)

    assert examiner.stop(within_s=WITHIN_S)
    assert decision.verdict is Verdict.NOT_MATCHED
    assert decision.score > 0.8
    assert decision.liveness == "turns/1:late"
    asked = {one.asked for one in listener.heard if isinstance(one, FaceHint)}
    assert len(asked - {None}) == 1
    assert max(one.taken_share for one in listener.heard if isinstance(one, FaceHint)) < 0.5


def test_a_head_that_turns_as_asked_is_matched(pack_folder: Path, listener: Listener) -> None:
    roster, straight, left, right = (before_camera(26, number) for number in TURNING[26])
    shows = {None: straight, Challenge.TURN_LEFT: left, Challenge.TURN_RIGHT: right}
    camera = Camera(straight)

    def obey(report: object) -> None:
        if isinstance(report, FaceHint):
            camera.picture = shows[report.asked]
        listener.take(report)

    examiner = Examiner(PackChoice(pack_folder), camera.latest, obey, asks_for_turns=True)
    examiner.start()
    examiner.enrol(as_png(roster))
    examiner.begin_try()

    decision = listener.first(FaceDecision)

    assert examiner.stop(within_s=WITHIN_S)
    assert (decision.verdict, decision.liveness) == (Verdict.MATCHED, "turns/1:passed")
    assert decision.frames == 5


@pytest.mark.parametrize(("gate", "matched"), [("false", True), ("true", False)])
def test_a_passive_net_is_told_and_fails_a_match_only_as_a_gate(
    pack_folder: Path, tmp_path: Path, listener: Listener, gate: str, matched: bool
) -> None:
    choice = PackChoice(pack_folder, passive=make(tmp_path / "stub", gate=gate))
    dark = np.asarray(at_camera() * 0.45, np.uint8)
    examiner = Examiner(choice, Camera(dark).latest, listener.take)
    examiner.start()
    examiner.enrol(as_png(astronaut()))
    examiner.begin_try()

    decision = listener.first(FaceDecision)

    assert examiner.stop(within_s=WITHIN_S)
    assert decision.matched is matched
    assert [cue.split("=")[0] for cue in decision.cues] == ["stub/1", "blink/1"]
    assert float(decision.cues[0].split("=")[1]) < 0.5
    assert decision.cues[1] == "blink/1=unseen"


def test_a_passive_net_that_was_altered_is_told_at_once(
    pack_folder: Path, tmp_path: Path, listener: Listener
) -> None:
    folder = make(tmp_path / "stub")
    (folder / "net.onnx").write_bytes(b"else")
    examiner = Examiner(PackChoice(pack_folder, passive=folder), lambda: None, listener.take)
    examiner.start()

    assert listener.first(ExaminerUnavailable).code == "FACE_PACK_TAMPERED"
    assert examiner.stop(within_s=WITHIN_S)


@pytest.mark.parametrize("is_own", [True, False], ids=["own ID card", "somebody else's"])
def test_the_live_face_must_be_like_the_id_photo_as_well(  # 人证, R042
    examine: Callable[..., Examiner], listener: Listener, is_own: bool
) -> None:
    examiner = examine(Camera(at_camera()).latest)
    small = cv2.resize(astronaut()[:260, 90:350], (358, 358))
    own = np.asarray(cv2.addWeighted(small, 0.6, np.full_like(small, 120), 0.4, 0), np.uint8)
    examiner.enrol(as_png(astronaut()), as_png(own if is_own else stranger()))
    examiner.begin_try()

    decision = listener.first(FaceDecision)

    assert decision.matched is is_own
    assert decision.id_score is not None
    assert (decision.id_score > 0.42) is is_own
    assert decision.score <= decision.id_score


def test_an_id_photo_without_a_face_is_told_and_nothing_is_compared(  # F03
    examine: Callable[..., Examiner], listener: Listener
) -> None:
    examiner = examine(Camera(at_camera()).latest)
    examiner.enrol(as_png(astronaut()), as_png(np.full((200, 200, 3), 90, np.uint8)))
    examiner.begin_try()

    assert listener.first(ReferenceRefused).fault is ReferenceFault.NO_FACE
    assert not [one for one in listener.heard if isinstance(one, FaceDecision | ReferenceTaken)]
