"""An optional passive net: its contract, its refusals, and that it is advice unless made a gate."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.client.face.photographs import as_preview, at_camera
from zhishiyun_client.face.eye import Eye
from zhishiyun_client.face.passive import PassiveNet, crop_box, open_passive
from zhishiyun_client.ports.faces import Box, FaceSeen
from zhishiyun_protocol.errors import Broken, Refused

POINTS = ((0.0, 0.0),) * 5


def bright_is_alive(path: Path) -> None:
    """A net of the contract [1, 3, 80, 80] to [1, 3]: class 1 grows with the picture's light."""
    weight = np.zeros((3, 3, 1, 1), np.float32)
    weight[1, :, 0, 0] = 1 / 3 / 20
    bias = np.array([0.0, -5.0, -9.0], np.float32)
    nodes = [
        helper.make_node("GlobalAveragePool", ["x"], ["p"]),
        helper.make_node("Conv", ["p", "w", "b"], ["c"]),
        helper.make_node("Flatten", ["c"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "stub",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 80, 80])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3])],
        [numpy_helper.from_array(weight, "w"), numpy_helper.from_array(bias, "b")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    onnx.save(model, str(path))


def make(
    folder: Path, *, gate: str = "false", acknowledge: str = "false", net: bytes = b""
) -> Path:
    folder.mkdir()
    path = folder / "net.onnx"
    if net:
        path.write_bytes(net)
    else:
        bright_is_alive(path)
    content = path.read_bytes()
    (folder / "passive.toml").write_text(
        'schema = 1\nname = "stub"\nversion = "1"\nlicence = "Apache-2.0"\n'
        f"needs_acknowledgement = {acknowledge}\nside_px = 80\ncrop_scale = 2.7\nlive_class = 1\n"
        f'gate = {gate}\n[line]\nvalue = 0.5\nsource = "test"\n[file]\npath = "net.onnx"\n'
        f'size_bytes = {len(content)}\nsha256 = "{hashlib.sha256(content).hexdigest()}"\n'
    )
    return folder


def opened(folder: Path) -> PassiveNet:
    return open_passive(folder, licence_acknowledged=False)


def test_the_score_follows_the_net(tmp_path: Path, eye: Eye) -> None:
    net = opened(make(tmp_path / "stub"))
    picture = at_camera(120)
    face = eye.glance(as_preview(picture)).faces[0]

    dark = net.score(np.asarray(picture * 0.2, np.uint8), face)
    bright = net.score(np.clip(picture * 1.6, 0, 255).astype(np.uint8), face)

    assert dark < 0.3
    assert bright > 0.6
    assert net.name == "stub/1"


def test_it_decides_nothing_unless_the_operator_made_it_a_gate(tmp_path: Path) -> None:
    assert not opened(make(tmp_path / "advice")).refuses(0.0)
    gate = opened(make(tmp_path / "gate", gate="true"))
    assert (gate.refuses(0.49), gate.refuses(0.5)) == (True, False)


def test_a_crop_is_moved_into_the_picture_and_never_beyond() -> None:
    corner = FaceSeen(Box(0, 0, 100, 120), POINTS, 0.9)
    middle = FaceSeen(Box(270, 120, 370, 240), POINTS, 0.9)

    assert crop_box(middle, 640, 360, 2.7) == (185, 18, 456, 343)
    left, top, right, bottom = crop_box(corner, 640, 360, 2.7)
    assert (left, top) == (0, 0)
    assert (right, bottom) == (271, 325)


def test_missing_tampered_unlicensed_and_useless_nets_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Broken, match="FACE_PACK_MISSING"):
        opened(tmp_path / "none")
    tampered = make(tmp_path / "tampered")
    (tampered / "net.onnx").write_bytes(b"else")
    with pytest.raises(Broken, match="FACE_PACK_TAMPERED"):
        opened(tampered)
    with pytest.raises(Refused, match="FACE_PACK_LICENCE"):
        opened(make(tmp_path / "research", acknowledge="true"))
    with pytest.raises(Broken, match="FACE_ENGINE_FAILED"):
        opened(make(tmp_path / "no net", net=b"no net"))
    words = make(tmp_path / "words") / "passive.toml"
    words.write_text(words.read_text().replace("side_px = 80", 'side_px = "big"'))
    with pytest.raises(Broken, match="FACE_PACK_UNREADABLE"):
        opened(words.parent)
