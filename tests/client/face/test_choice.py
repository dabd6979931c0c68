"""An operator's own pack: chosen by a file, refused until its licence is acknowledged (R043)."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.client.face.photographs import SCRFD, as_preview, group, unpacked
from zhishiyun_client.app.check_desk import face_pack
from zhishiyun_client.face.choice import FILE, chosen_pack
from zhishiyun_client.face.login_eye import open_eye
from zhishiyun_protocol.errors import Broken, Refused

LENGTH = 512
LINES = ("detection", "login", "doubtful", "presence_same", "presence_other")


def choose(shelf: Path, words: str) -> None:
    (shelf / FILE).write_text(words, encoding="utf-8")


def arcface_like(path: Path) -> None:
    """A net of the contract of w600k_r50: 112 px in, 512 numbers out; its weights are drawn."""
    draw = np.random.default_rng(0)
    kernel = draw.normal(0, 0.1, (LENGTH, 3, 8, 8)).astype(np.float32)
    nodes = [
        helper.make_node("Conv", ["input.1", "k"], ["c"], strides=[8, 8]),
        helper.make_node("GlobalAveragePool", ["c"], ["p"]),
        helper.make_node("Flatten", ["p"], ["683"]),
    ]
    graph = helper.make_graph(
        nodes,
        "arcface-like",
        [helper.make_tensor_value_info("input.1", TensorProto.FLOAT, ["n", 3, 112, 112])],
        [helper.make_tensor_value_info("683", TensorProto.FLOAT, ["n", LENGTH])],
        [numpy_helper.from_array(kernel, "k")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    onnx.save(model, str(path))


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A shelf with `buffalo_l` as an operator lays it there: SCRFD's own contract and ArcFace's."""
    folder = tmp_path / "face" / "buffalo_l"
    folder.mkdir(parents=True)
    shutil.copy(unpacked(SCRFD) / "models" / "scrfd.onnx", folder / "det_10g.onnx")
    arcface_like(folder / "w600k_r50.onnx")
    (folder / "MODEL.LICENSE").write_text("non-commercial research only")
    digests = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}
    nets = {
        "detection": ("det_10g.onnx", {"mean": 127.5, "std": 128.0}, {}),
        "recognition": (
            "w600k_r50.onnx",
            {"mean": 127.5, "std": 127.5},
            {"input_size": [112, 112], "embedding_dimension": LENGTH},
        ),
    }
    tasks = {
        task: {"file": name, "sha256": digests[name], "preprocessing": scale, **more}
        for task, (name, scale, more) in nets.items()
    }
    manifest = {
        "manifest_version": 2, "model_id": "buffalo_l", "license": "MODEL.LICENSE", "tasks": tasks,
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest))
    recipe = (
        'schema = 1\nname = "buffalo_l"\nversion = "1"\ntitle = "SCRFD + ArcFace"\n'
        'licence = "non-commercial research"\nneeds_acknowledgement = true\n'
        f'det_size_px = 640\nembedding_length = {LENGTH}\n[provenance]\nsource = "an operator"\n'
    )
    recipe += "".join(f'[threshold.{name}]\nvalue = 0.45\nsource = "test"\n' for name in LINES)
    for path in sorted(folder.iterdir()):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        size = path.stat().st_size
        recipe += f'[[file]]\npath="{path.name}"\nsize_bytes={size}\nsha256="{digest}"\n'
    (folder / "pack.toml").write_text(recipe)
    return folder.parent


def test_without_a_word_of_the_operator_the_shipped_pack_is_used(tmp_path: Path) -> None:
    choice = chosen_pack(tmp_path)

    assert (choice.folder, choice.licence_acknowledged) == (tmp_path / "opencv-zoo", False)


def test_the_chosen_pack_is_refused_until_somebody_answers_for_its_licence(shelf: Path) -> None:
    choose(shelf, 'pack = "buffalo_l"\nacknowledged_by = " "\n')

    with pytest.raises(Refused, match="FACE_PACK_LICENCE"):
        open_eye(chosen_pack(shelf))


def test_the_chosen_pack_loads_and_looks_once_its_licence_is_acknowledged(shelf: Path) -> None:
    choose(shelf, 'pack = "buffalo_l"\nacknowledged_by = "某考试院，商业许可 2026-1"\n')

    eye = open_eye(chosen_pack(shelf))
    glance = eye.glance(as_preview(group()))

    assert eye.facts.name == "buffalo_l"
    assert len(glance.faces) == 6
    embedding = eye.embed(glance)
    assert embedding.shape == (LENGTH,)
    assert float(np.linalg.norm(embedding)) == pytest.approx(1.0, abs=1e-5)


def test_one_altered_byte_of_it_is_refused_all_the_same(shelf: Path) -> None:
    choose(shelf, 'pack = "buffalo_l"\nacknowledged_by = "某考试院"\n')
    net = shelf / "buffalo_l" / "w600k_r50.onnx"
    content = bytearray(net.read_bytes())
    content[-1] ^= 1
    net.write_bytes(content)

    with pytest.raises(Broken, match="FACE_PACK_TAMPERED"):
        open_eye(chosen_pack(shelf))


@pytest.mark.parametrize(
    "words",
    ['pack = "../elsewhere"', "pack = 3", 'pack = "x"\nmore = 1', "[pack", 'pack = ""'],
    ids=["outside", "number", "unknown word", "no TOML", "empty"],
)
def test_a_word_that_cannot_be_understood_is_refused_and_never_guessed(
    tmp_path: Path, words: str
) -> None:
    choose(tmp_path, words)

    with pytest.raises(Broken, match="FACE_CHOICE_UNREADABLE"):
        chosen_pack(tmp_path).open()


def test_a_chosen_pack_that_is_not_there_is_missed_at_once(tmp_path: Path) -> None:
    choose(tmp_path, 'pack = "buffalo_l"\nacknowledged_by = "x"\n')

    with pytest.raises(Broken, match="FACE_PACK_MISSING"):
        chosen_pack(tmp_path).open()


def test_the_self_test_names_the_pack_that_is_used(pack_folder: Path) -> None:
    seen = face_pack()

    assert seen.pack.startswith("opencv-zoo/1.1.0/")
    assert (seen.licence, seen.fault) == ("MIT AND Apache-2.0", "")
