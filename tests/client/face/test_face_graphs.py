"""The two changes to published nets are exact (build/face_graphs.py)."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

BUILD = Path(__file__).resolve().parents[3] / "build"
RANDOM = np.random.default_rng(11)


@pytest.fixture(scope="module")
def graphs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("face_graphs", BUILD / "face_graphs.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["face_graphs"] = module
    spec.loader.exec_module(module)
    return module


def run(model: onnx.ModelProto, picture: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return [np.asarray(out) for out in session.run(None, {session.get_inputs()[0].name: picture})]


def quantised(block: int) -> tuple[onnx.ModelProto, NDArray[np.float32]]:
    """A product with int8 weights (6, 4): by blocks of rows, or one scale a row; and the truth."""
    values = RANDOM.integers(-128, 127, (6, 4), dtype=np.int8)
    rows = 6 // block if block else 6
    scales = RANDOM.uniform(0.01, 0.1, (rows, 4) if block else (6,)).astype(np.float32)
    zeros = RANDOM.integers(-5, 5, scales.shape, dtype=np.int8)
    spread = (
        (lambda a: np.repeat(a, block, axis=0)) if block else (lambda a: a.reshape(6, 1))
    )  # the plain meaning of the operator, written once more
    truth = (values.astype(np.float32) - spread(zeros)) * spread(scales)
    options = {"axis": 0, "block_size": block} if block else {"axis": 0}
    graph = helper.make_graph(
        [
            helper.make_node("DequantizeLinear", ["q", "s", "z"], ["flat"], **options),
            helper.make_node("Reshape", ["flat", "shape"], ["weight"]),
            helper.make_node("MatMul", ["x", "weight"], ["y"]),
        ],
        "small",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3]),
            helper.make_tensor_value_info("q", TensorProto.INT8, [6, 4]),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 8])],
        [
            numpy_helper.from_array(values, "q"),
            numpy_helper.from_array(scales, "s"),
            numpy_helper.from_array(zeros, "z"),
            numpy_helper.from_array(np.array([3, 8], np.int64), "shape"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])
    return model, truth.reshape(3, 8)


@pytest.mark.parametrize("block", [2, 3, 0], ids=["blocks of two", "blocks of three", "per row"])
def test_folded_weights_are_what_the_operator_means(graphs: ModuleType, block: int) -> None:
    model, truth = quantised(block)

    folded = graphs.fold(model)

    (weight,) = [numpy_helper.to_array(one) for one in folded.graph.initializer]
    assert [node.op_type for node in folded.graph.node] == ["MatMul"]
    assert [one.name for one in folded.graph.input] == ["x"]
    assert np.allclose(weight, truth, atol=1e-6)


def yunet_outputs(size_px: int) -> tuple[onnx.ModelProto, dict[str, NDArray[np.float32]]]:
    """A net with YuNet's contract whose outputs are known; cls_8 also depends on the input."""
    outputs: dict[str, NDArray[np.float32]] = {}
    nodes, infos, constants = [], [], []
    for name, width, low, high in (
        ("cls", 1, 0.1, 1.0),
        ("obj", 1, 0.1, 1.0),
        ("bbox", 4, -1.0, 1.0),
        ("kps", 10, -1.0, 1.0),
    ):
        for stride in (8, 16, 32):
            key, cells = f"{name}_{stride}", (size_px // stride) ** 2
            outputs[key] = RANDOM.uniform(low, high, (1, cells, width)).astype(np.float32)
            constants.append(numpy_helper.from_array(outputs[key], f"c_{key}"))
            nodes.append(helper.make_node("Add", [f"c_{key}", "nought"], [key]))
            infos.append(helper.make_tensor_value_info(key, TensorProto.FLOAT, [1, cells, width]))
    # The blue channel of the first pixel, as YuNet would read it, added to everything as 0 * x.
    constants += [
        numpy_helper.from_array(np.array([0, 0, 0, 0], np.int64), "from"),
        numpy_helper.from_array(np.array([1, 1, 1, 1], np.int64), "to"),
        numpy_helper.from_array(np.array([1], np.int64), "one"),
        numpy_helper.from_array(np.float32(1 / 1024), "little"),
    ]
    first = [
        helper.make_node("Slice", ["input", "from", "to"], ["blue"]),
        helper.make_node("Reshape", ["blue", "one"], ["blue_flat"]),
        helper.make_node("Mul", ["blue_flat", "little"], ["nought"]),
    ]
    size = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, size_px, size_px])
    graph = helper.make_graph([*first, *nodes], "yunet", [size], infos, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)]), outputs


def test_yunet_speaks_scrfd(graphs: ModuleType) -> None:
    model, known = yunet_outputs(64)
    black = np.full((1, 3, 64, 64), -127.5 / 128, np.float32)

    scores, boxes, points = _at_stride_8(run(graphs.yunet_as_scrfd(model, (64, 64)), black))

    cls, obj, bbox, kps = (known[f"{name}_8"][0] for name in ("cls", "obj", "bbox", "kps"))
    size = np.exp(bbox[:, 2:4])
    assert np.allclose(scores[0, 0::2, 0], np.sqrt(cls * obj)[:, 0], atol=1e-5)
    assert (scores[0, 1::2, 0] == 0).all()
    assert np.allclose(boxes[0, 0::2, 0:2], size / 2 - bbox[:, 0:2], atol=1e-4)
    assert np.allclose(boxes[0, 0::2, 2:4], size / 2 + bbox[:, 0:2], atol=1e-4)
    assert np.allclose(points[0, 0::2], kps, atol=1e-4)


def _at_stride_8(outputs: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    return [outputs[0], outputs[3], outputs[6]]


def test_the_wrapped_net_is_fed_blue_first_from_0_to_255(graphs: ModuleType) -> None:
    model, known = yunet_outputs(64)
    blue = np.full((1, 3, 64, 64), -127.5 / 128, np.float32)
    blue[:, 2] = 127.5 / 128  # the third channel of RGB at 255

    points = _at_stride_8(run(graphs.yunet_as_scrfd(model, (64, 64)), blue))[2]

    assert np.allclose(points[0, 0::2] - known["kps_8"][0], 255 / 1024, atol=1e-4)


def test_a_layer_in_parts_says_what_the_whole_one_says(graphs: ModuleType) -> None:
    draw = np.random.default_rng(3)
    whole = draw.integers(-127, 127, (8, 64), np.int8)
    constants = [
        numpy_helper.from_array(whole, "w_whole"),
        numpy_helper.from_array(draw.uniform(0.01, 0.1, (8, 2)).astype(np.float32), "w_scale"),
        numpy_helper.from_array(draw.integers(-9, 9, (8, 2), np.int8), "w_zero"),
        numpy_helper.from_array(draw.integers(-9, 9, 8, np.int8), "b_whole"),
        numpy_helper.from_array(np.float32(0.5), "b_scale"),
    ]
    nodes = [
        helper.make_node(
            "DequantizeLinear", ["w_whole", "w_scale", "w_zero"], ["w"], axis=1, block_size=32
        ),
        helper.make_node("DequantizeLinear", ["b_whole", "b_scale"], ["b"]),
        helper.make_node("Gemm", ["x", "w", "b"], ["y"], transB=1),
    ]
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 64])
    told = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 8])
    graph = helper.make_graph(nodes, "layer", [given], [told], constants)
    source = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])
    folded = graphs.fold(source)

    parted = graphs.in_parts(folded, source, 4)

    x = draw.normal(0, 1, (1, 64)).astype(np.float32)
    assert np.allclose(run(parted, x)[0], run(folded, x)[0], atol=1e-4)
    assert sum(node.op_type == "Gemm" for node in parted.graph.node) == 4
    largest = max(numpy_helper.to_array(t).nbytes for t in parted.graph.initializer)
    assert largest < whole.nbytes
