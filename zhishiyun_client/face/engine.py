"""insightface behind the port: the only file that knows it.

Importing this module costs about a second (SciPy, scikit-image, ONNX Runtime), so it is imported
by the worker that needs it, never on the way to the first paint.
"""

from __future__ import annotations

import json
import warnings

import cv2
import numpy as np
import onnxruntime
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from insightface.app import FaceAnalysis
from insightface.app.common import Face
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from zhishiyun_client.face.pack import MANIFEST, FacePack
from zhishiyun_client.ports.faces import Box, FaceSeen, PackFacts
from zhishiyun_protocol.errors import Broken

TASKS = ["detection", "recognition"]
MOST_FACES = 8
"""More boxes than this tell nothing new."""

LOADING_FAILED = (
    OSError,
    RuntimeError,
    ValueError,
    TypeError,
    KeyError,
    AssertionError,
    DecodeError,
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)
"""What insightface and ONNX Runtime raise for files they cannot use. Source: tests, their code."""


class InsightFaceEngine:
    """A `FaceEngine` over one opened pack. Thread: one at a time."""

    def __init__(self, pack: FacePack) -> None:
        """Load both nets, about half a second.

        Raises: Broken: FACE_ENGINE_FAILED: the files are those of the pack, but do not work.
        """
        self._facts = pack.facts
        self._length = pack.recipe.embedding_length
        onnxruntime.disable_telemetry_events()
        # One thread: two were slower beside the recorder. Source: docs/face-packs.md, Measured.
        cv2.setNumThreads(1)
        # WORKAROUND insightface 2.1 calls a scikit-image function that 2.2 will drop: a warning a
        # start, of no use to anybody at the desk.
        warnings.filterwarnings("ignore", category=FutureWarning, module=r"insightface\.")
        try:
            self._analysis = _analysis(pack)
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

    def look(self, picture: NDArray[np.uint8]) -> tuple[FaceSeen, ...]:
        """Find the faces, largest first. Args: picture: uint8 (height, width, 3), BGR."""
        boxes, points = self._analysis.det_model.detect(picture, max_num=MOST_FACES, metric="max")
        faces = [
            FaceSeen(
                box=Box(*(float(edge) for edge in box[:4])),
                points_px=tuple((float(x), float(y)) for x, y in five),
                score=float(box[4]),
            )
            for box, five in zip(boxes, points, strict=True)
        ]
        return tuple(sorted(faces, key=lambda face: -face.width_px * face.box.height_px))

    def embed(self, picture: NDArray[np.uint8], face: FaceSeen) -> NDArray[np.float32]:
        """Describe one face found in this picture. Returns: float32 (length,), of length 1."""
        box = face.box
        found = Face(
            bbox=np.array([box.left_px, box.top_px, box.right_px, box.bottom_px], np.float32),
            kps=np.array(face.points_px, np.float32),
            det_score=face.score,
        )
        self._analysis.models["recognition"].get(picture, found)
        embedding: NDArray[np.float32] = np.asarray(found.normed_embedding, np.float32)
        return embedding


def _analysis(pack: FacePack) -> FaceAnalysis:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # The folder exists and holds a manifest: insightface has nothing to look for, and so never
    # downloads. It checks the digests of the manifest once more before it makes a session.
    manifest = json.loads((pack.folder / MANIFEST).read_text(encoding="utf-8"))
    if manifest.get("manifest_version") != 2 or not set(TASKS) <= set(manifest.get("tasks", ())):
        raise ValueError("manifest.json must be of version 2 and name detection and recognition")
    analysis = FaceAnalysis(
        name=str(pack.folder.resolve()),
        allowed_modules=TASKS,
        providers=["CPUExecutionProvider"],
        sess_options=options,
    )
    size_px = pack.recipe.det_size_px
    # Without a size insightface detects twice, at 128 and at 640 px.
    analysis.prepare(
        ctx_id=-1,
        det_thresh=pack.recipe.threshold.detection.value,
        det_size=(size_px, size_px),
    )
    return analysis
