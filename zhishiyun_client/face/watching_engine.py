"""The nets of a pack through ONNX Runtime alone: for watching in the recorder, never for a login.

The same nets with the same arithmetic as `face.engine`, without the libraries around insightface:
70 MB less (docs/measured/memory.md). `tests/client/face/test_watching_engine.py` compares both,
picture by picture. Sources: the contract in docs/face-packs.md; SCRFD 2021 §3 for the detector's
outputs; ArcFace 2019 §4 for the five places in 112 px.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import msgspec
import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from zhishiyun_client.face.covering import ALIGNED_PX, PLACES
from zhishiyun_client.face.pack import MANIFEST, FacePack
from zhishiyun_client.ports.faces import Box, FaceSeen, PackFacts
from zhishiyun_protocol.errors import Broken

STRIDES_PX = (8, 16, 32)
OVERLAP = 0.4
"""Two boxes that share more of their union are one face. Source: insightface's own line."""

MOST_FACES = 8
ROUNDING = 1e-6  # 640 / 363 * 363 is a hair less than 640
LOADING_FAILED = (
    OSError, RuntimeError, ValueError, TypeError, IndexError, msgspec.DecodeError,
    ort_errors.Fail, ort_errors.InvalidArgument, ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf, ort_errors.NotImplemented, ort_errors.RuntimeException,
)  # fmt: skip

Pixels = NDArray[np.uint8]
Numbers = NDArray[np.float32]


class _Scale(msgspec.Struct, frozen=True):
    mean: float
    std: float


class _Task(msgspec.Struct, frozen=True):
    file: str
    preprocessing: _Scale


class _Tasks(msgspec.Struct, frozen=True):
    detection: _Task
    recognition: _Task


class _Manifest(msgspec.Struct, frozen=True):
    tasks: _Tasks


class WatchingEngine:
    """A `FaceEngine` over one opened pack. Thread: one at a time."""

    def __init__(self, pack: FacePack) -> None:
        """Load both nets.

        Raises: Broken: FACE_ENGINE_FAILED: the files are those of the pack, but do not work.
        """
        self._facts = pack.facts
        onnxruntime.disable_telemetry_events()
        onnxruntime.set_default_logger_severity(3)
        cv2.setNumThreads(1)
        try:
            tasks = msgspec.json.decode((pack.folder / MANIFEST).read_bytes(), type=_Manifest).tasks
            side_px = pack.recipe.det_size_px
            finds = pack.folder / (pack.recipe.watching_detector or tasks.detection.file)
            line = pack.recipe.threshold.detection.value
            self._detector = _Detector(finds, tasks.detection.preprocessing, side_px, line)
            describes = pack.folder / tasks.recognition.file
            self._recogniser = _Net(describes, tasks.recognition.preprocessing)
        except LOADING_FAILED as error:
            raise Broken(
                code="FACE_ENGINE_FAILED",
                message=f"face pack {pack.facts.name} cannot be loaded: {type(error).__name__}",
                zh=f"人脸模型 {pack.facts.name} 无法加载。",
                pack=pack.facts.name,
            ) from error

    @property
    def facts(self) -> PackFacts:
        """The pack behind this engine."""
        return self._facts

    def look(self, picture: Pixels) -> tuple[FaceSeen, ...]:
        """Find the faces, largest first. Args: picture: uint8 (height, width, 3), BGR."""
        faces = sorted(self._detector.find(picture), key=_area, reverse=True)
        return tuple(faces[:MOST_FACES])

    def embed(self, picture: Pixels, face: FaceSeen) -> Numbers:
        """Describe one face found in this picture. Returns: float32 (length,), of length 1."""
        upright = cv2.warpAffine(picture, onto_places(face.points_px), (ALIGNED_PX, ALIGNED_PX))
        numbers = self._recogniser.run(np.asarray(upright, np.uint8))[0].reshape(-1)
        return np.asarray(numbers / np.linalg.norm(numbers), np.float32)


class _Net:
    """One net that takes a picture."""

    def __init__(self, path: Path, scale: _Scale) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        self._session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        (self._input,) = self._session.get_inputs()
        self._scale = scale

    @property
    def size_px(self) -> tuple[int, int] | None:
        """Width and height that it takes; None: any."""
        height, width = self._input.shape[2:]
        return (width, height) if isinstance(width, int) and isinstance(height, int) else None

    def run(self, picture: Pixels) -> list[Numbers]:
        """What it says to a picture of its size, uint8 (height, width, 3), BGR."""
        size, mean = picture.shape[1::-1], (self._scale.mean,) * 3
        given = cv2.dnn.blobFromImage(picture, 1.0 / self._scale.std, size, mean, swapRB=True)
        said: list[Numbers] = self._session.run(None, {self._input.name: given})
        return said


class _Detector:
    """A net of SCRFD's contract: scores, distances and points for each stride, in this order."""

    def __init__(self, path: Path, scale: _Scale, side_px: int, line: float) -> None:
        self._net = _Net(path, scale)
        self._width_px, self._height_px = self._net.size_px or (side_px, side_px)
        self._line = line

    def find(self, picture: Pixels) -> list[FaceSeen]:
        """The faces, surest first."""
        canvas, scale = self._fitted(picture)
        said = [one.reshape(-1, one.shape[-1]) for one in self._net.run(canvas)]
        found = [
            self._sure_cells(stride_px, *parts)
            for stride_px, *parts in zip(STRIDES_PX, said[:3], said[3:6], said[6:9], strict=True)
        ]
        scores, boxes, points = (np.concatenate(parts) for parts in zip(*found, strict=True))
        order = np.argsort(-scores, kind="stable")
        kept = _apart(np.asarray(boxes[order] / scale, np.float32), order)
        return [_seen(boxes[at] / scale, points[at] / scale, scores[at]) for at in kept]

    def _sure_cells(
        self, stride_px: int, scores: Numbers, boxes: Numbers, points: Numbers
    ) -> tuple[Numbers, Numbers, Numbers]:
        """Scores, boxes (n, 4) and points (n, 5, 2) of the cells of one stride that see a face."""
        across, down = self._width_px // stride_px, self._height_px // stride_px
        sure = np.flatnonzero(scores[:, 0] >= self._line)
        cell = sure // (len(scores) // (across * down))
        corner = np.stack((cell % across, cell // across), axis=1).astype(np.float32) * stride_px
        away = boxes[sure] * stride_px
        box = np.concatenate((corner - away[:, :2], corner + away[:, 2:]), axis=1)
        five = corner[:, None] + points[sure].reshape(-1, 5, 2) * stride_px
        return scores[sure, 0], box, five

    def _fitted(self, picture: Pixels) -> tuple[Pixels, float]:
        """The picture in the upper left of the net's own, and how much smaller it became."""
        height_px, width_px = picture.shape[:2]
        share = min(self._width_px / width_px, self._height_px / height_px)
        size = int(width_px * share + ROUNDING), int(height_px * share + ROUNDING)
        canvas = np.zeros((self._height_px, self._width_px, 3), np.uint8)
        canvas[: size[1], : size[0]] = cv2.resize(picture, size)
        return canvas, size[1] / height_px


def _apart(boxes: Numbers, order: NDArray[np.intp]) -> list[int]:
    """Of boxes that overlap only the surest; both arguments surest first. Edges count as pixels."""
    kept: list[int] = []
    for at in range(len(order)):
        if all(_overlap(boxes[at], boxes[other]) <= OVERLAP for other in kept):
            kept.append(at)
    return [int(order[at]) for at in kept]


def _overlap(one: Numbers, other: Numbers) -> float:
    """Shared area over the area of both together."""
    near, far = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    shared = float(np.prod(np.maximum(far - near + 1, 0)))
    areas = sum(float(np.prod(box[2:] - box[:2] + 1)) for box in (one, other))
    return shared / (areas - shared)


def _seen(box: Numbers, points: Numbers, score: float) -> FaceSeen:
    left, top, right, bottom = (float(edge) for edge in box)
    five = tuple((float(x), float(y)) for x, y in points)
    return FaceSeen(Box(left, top, right, bottom), five, float(score))


def _area(face: FaceSeen) -> float:
    return face.width_px * face.box.height_px


def onto_places(points_px: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    """The turn, scale and shift that bring five points nearest to `PLACES`: float64 (2, 3).

    Least squares over complex numbers: q = a·p + b, so that a = ⟨p, q⟩ ÷ ⟨p, p⟩ about the means.
    """
    from_, to = (np.asarray(five, np.float64) @ [1, 1j] for five in (points_px, PLACES))
    centred = from_ - from_.mean()
    turn = np.vdot(centred, to - to.mean()) / np.vdot(centred, centred).real
    shift = to.mean() - turn * from_.mean()
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])
