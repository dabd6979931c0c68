"""A passive net that tells a living face from a picture of one: optional, an operator's own pack.

Contract (that of MiniFASNet): float32 [1, 3, side, side], BGR, 0 to 255, the face with its
surroundings; out come the logits of the classes, one of them a living face.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import msgspec
import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from zhishiyun_client.face.pack import PackedFile, Threshold, check_file, read_toml, unreadable
from zhishiyun_client.ports.faces import FaceSeen
from zhishiyun_protocol.errors import Broken, Refused

RECIPE = "passive.toml"
SCHEMA = 1

LOADING_FAILED = (
    OSError, RuntimeError, ValueError, ort_errors.Fail, ort_errors.InvalidArgument,
    ort_errors.InvalidGraph, ort_errors.InvalidProtobuf, ort_errors.NotImplemented,
)  # fmt: skip


class PassiveRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What passive.toml says.

    crop_scale: side of the crop over that of the face's box
    gate: below the line a try fails; without it the score is told and decides nothing
    """

    schema: int
    name: str
    version: str
    licence: str
    needs_acknowledgement: bool
    side_px: int
    crop_scale: float
    live_class: int
    gate: bool
    line: Threshold
    file: PackedFile


class PassiveNet:
    """An opened pack. Thread: one at a time."""

    def __init__(self, recipe: PassiveRecipe, session: onnxruntime.InferenceSession) -> None:
        self._recipe = recipe
        self._session = session
        self._input = session.get_inputs()[0].name

    @property
    def name(self) -> str:
        """Name and version."""
        return f"{self._recipe.name}/{self._recipe.version}"

    def refuses(self, score: float) -> bool:
        """Whether a score fails a try; only where the operator made the net a gate."""
        return self._recipe.gate and score < self._recipe.line.value

    def score(self, picture: NDArray[np.uint8], face: FaceSeen) -> float:
        """How surely the face lives, 0 to 1. Args: picture: uint8 (height, width, 3), BGR."""
        left, top, right, bottom = crop_box(
            face, picture.shape[1], picture.shape[0], self._recipe.crop_scale
        )
        side = (self._recipe.side_px, self._recipe.side_px)
        crop = cv2.resize(picture[top:bottom, left:right], side)
        given = np.ascontiguousarray(crop.transpose(2, 0, 1)[None].astype(np.float32))
        logits = np.asarray(self._session.run(None, {self._input: given})[0], np.float64)[0]
        shares = np.exp(logits - logits.max())
        return float(shares[self._recipe.live_class] / shares.sum())


def crop_box(
    face: FaceSeen, width_px: int, height_px: int, scale: float
) -> tuple[int, int, int, int]:
    """Left, top, right, bottom around a face, moved into the picture.

    Source: Silent-Face-Anti-Spoofing, generate_patches.py.
    """
    box = face.box
    scale = min((height_px - 1) / box.height_px, (width_px - 1) / box.width_px, scale)
    half_x, half_y = box.width_px * scale / 2, box.height_px * scale / 2
    middle_x, middle_y = (box.left_px + box.right_px) / 2, (box.top_px + box.bottom_px) / 2
    middle_x = min(max(middle_x, half_x), width_px - 1 - half_x)
    middle_y = min(max(middle_y, half_y), height_px - 1 - half_y)
    return (
        int(middle_x - half_x), int(middle_y - half_y),
        int(middle_x + half_x) + 1, int(middle_y + half_y) + 1,
    )  # fmt: skip


def open_passive(folder: Path, *, licence_acknowledged: bool) -> PassiveNet:
    """Check a pack and load its net.

    Raises: Broken: FACE_PACK_MISSING, FACE_PACK_UNREADABLE, FACE_PACK_TAMPERED,
            FACE_ENGINE_FAILED. Refused: FACE_PACK_LICENCE.
    """
    raw, _ = read_toml(folder, RECIPE)
    try:
        recipe = msgspec.convert(raw, PassiveRecipe)
    except msgspec.ValidationError as error:
        raise unreadable(folder.name, RECIPE, str(error)) from error
    if recipe.schema != SCHEMA or Path(recipe.file.path).name != recipe.file.path:
        raise unreadable(folder.name, RECIPE, "another schema, or a file outside the folder")
    if recipe.needs_acknowledgement and not licence_acknowledged:
        raise Refused(
            "FACE_PACK_LICENCE",
            f"passive pack {recipe.name} may be used only by whoever holds a licence "
            f"({recipe.licence}); acknowledge it or take it out of the choice",
            f"活体检测模型 {recipe.name} 须取得许可后方可使用，请确认许可或取消选用。",
            pack=recipe.name,
        )
    check_file(folder, recipe.name, recipe.file)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(
            str(folder / recipe.file.path), options, providers=["CPUExecutionProvider"]
        )
    except LOADING_FAILED as error:
        raise Broken(
            "FACE_ENGINE_FAILED",
            f"passive pack {recipe.name} cannot be loaded: {type(error).__name__}",
            f"活体检测模型 {recipe.name} 无法加载。",
            pack=recipe.name,
        ) from error
    return PassiveNet(recipe, session)
