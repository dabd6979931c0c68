"""CPU of one compared look through our engine against insightface used directly.

Both do the same: find, align and embed the one face in a preview of 640 by 360 px, one thread.
Run: python -m benchmarks face. The last line is JSON.
"""

from __future__ import annotations

import sys
import time
import warnings
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from insightface.app import FaceAnalysis
from numpy.typing import NDArray

from benchmarks.outcome import report
from zhishiyun_client.face.engine import InsightFaceEngine
from zhishiyun_client.face.pack import DEFAULT_PACK, open_pack

RESOURCES = Path(__file__).parents[1] / "resources"
ROUNDS = 60
WARM_ROUNDS = 5


def preview() -> NDArray[np.uint8]:
    """The demonstration's face as a camera shows it: uint8 (360, 640, 3), BGR."""
    portrait = cv2.imread(str(RESOURCES / "rehearsal" / "portrait.jpg"))
    if portrait is None:
        sys.exit("resources/rehearsal/portrait.jpg is missing")
    picture = np.full((360, 640, 3), 96, np.uint8)
    picture[20:340, 200:440] = portrait
    return picture


def direct(folder: Path) -> FaceAnalysis:
    """Set insightface up as its own documentation does, with the same nets and one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    analysis = FaceAnalysis(
        name=str(folder), providers=["CPUExecutionProvider"], sess_options=options
    )
    analysis.prepare(ctx_id=-1, det_thresh=0.6, det_size=(640, 640))
    return analysis


def main() -> int:
    """Measure both, interleaved, and print."""
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"insightface\.")
    folder = RESOURCES / "face" / DEFAULT_PACK
    engine, anchor, picture = InsightFaceEngine(open_pack(folder)), direct(folder), preview()
    ours_ms: list[float] = []
    anchor_ms: list[float] = []
    for _ in range(WARM_ROUNDS + ROUNDS):
        began_s = time.process_time()
        embedding = engine.embed(picture, engine.look(picture)[0])
        between_s = time.process_time()
        (face,) = anchor.get(picture)
        anchor_ms.append((time.process_time() - between_s) * 1000)
        ours_ms.append((between_s - began_s) * 1000)
        if not np.array_equal(embedding, face.normed_embedding):
            sys.exit("both sides must find the same face")
    report("face", ours_ms[WARM_ROUNDS:], anchor_ms[WARM_ROUNDS:], "ms CPU a compared look")
    return 0


if __name__ == "__main__":
    sys.exit(main())
