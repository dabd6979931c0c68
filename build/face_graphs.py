"""Two changes to ONNX graphs: plain weights that ONNX Runtime takes, and YuNet spoken as SCRFD.

The OpenCV Zoo publishes YuNet and SFace as blockwise-int8 files. ONNX Runtime refuses them as
they are, and insightface decodes detectors of SCRFD's contract only. Both changes are exact
arithmetic on the published numbers: nothing is trained, nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

IR_VERSION = 10
"""The ONNX file version that belongs to operator set 21. Source: ONNX docs, Versioning.md."""

STRIDES_PX = (8, 16, 32)
"""Cell sizes of both detectors. Source: YuNet 2023 §3; SCRFD 2021 §3."""

Weights = dict[str, NDArray[np.generic]]


def fold(model: onnx.ModelProto) -> onnx.ModelProto:
    """Replace dequantised and reshaped weights by float32 initialisers.

    Args:    model: a graph whose weights pass through DequantizeLinear (blockwise or per axis).
    Returns: a new model without those nodes, whose only inputs are the real ones.
    """
    weights: Weights = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    kept = [node for node in model.graph.node if not _fold_node(node, weights)]
    used = {name for node in kept for name in node.input}
    graph = helper.make_graph(
        kept,
        model.graph.name,
        [v for v in model.graph.input if v.name in used and v.name not in weights],
        list(model.graph.output),
        [
            numpy_helper.from_array(np.ascontiguousarray(array), name)
            for name, array in weights.items()
            if name in used
        ],
    )
    return _finished(graph, model)


def in_parts(folded: onnx.ModelProto, source: onnx.ModelProto, parts: int) -> onnx.ModelProto:
    """Keep the largest matrix as published, int8, and spread it a part at a time when it is used.

    Of SFace's 39 MB in float32 the last layer is 26; as int8 it is 6.4, and a part of it in use
    1.6. The products are the same ones; only sums are rounded in another order.

    Args:
        folded: made of `source` by `fold`; the layer is its only Gemm, without alpha and beta.
        parts:  divides the number of the layer's outputs.
    """
    weights = {t.name: t for t in folded.graph.initializer}
    (layer,) = (node for node in folded.graph.node if node.op_type == "Gemm")
    given, matrix, bias = layer.input
    (spread,) = (node for node in source.graph.node if matrix in node.output)
    published = {t.name: numpy_helper.to_array(t) for t in source.graph.initializer}
    shares = [np.split(published[name], parts) for name in spread.input]
    shares.append(np.split(numpy_helper.to_array(weights[bias]), parts))
    writer = _Writer()
    outputs = [
        _write_part(writer, number, (given, spread, layer), share)
        for number, share in enumerate(zip(*shares, strict=True))
    ]
    writer.node("Concat", outputs, layer.output[0], axis=1)
    nodes = list(folded.graph.node)
    at = nodes.index(layer)
    graph = helper.make_graph(
        [*nodes[:at], *writer.nodes, *nodes[at + 1 :]],
        folded.graph.name,
        list(folded.graph.input),
        list(folded.graph.output),
        [*(t for name, t in weights.items() if name not in (matrix, bias)), *writer.constants],
    )
    return _finished(graph, folded)


def _write_part(
    writer: _Writer,
    number: int,
    layer: tuple[str, onnx.NodeProto, onnx.NodeProto],
    share: Sequence[NDArray[np.generic]],
) -> str:
    """Some rows of a layer: spread them, multiply. Returns: the name of its outputs."""
    given, spread, product = layer
    *quantised, offset = (
        writer.constant(f"{name}_{number}", np.ascontiguousarray(rows), rows.dtype.type)
        for name, rows in zip((*spread.input, product.input[2]), share, strict=True)
    )
    matrix = writer.node("DequantizeLinear", quantised, f"{product.input[1]}_{number}")
    writer.nodes[-1].attribute.extend(spread.attribute)
    output = writer.node("Gemm", [given, matrix, offset], f"{product.output[0]}_{number}")
    writer.nodes[-1].attribute.extend(product.attribute)
    return output


def _fold_node(node: onnx.NodeProto, weights: Weights) -> bool:
    """Compute a node whose inputs are all known; say whether it can go."""
    if not all(name in weights for name in node.input if name):
        return False
    if node.op_type == "DequantizeLinear":
        weights[node.output[0]] = _dequantised(node, [weights[name] for name in node.input])
        return True
    if node.op_type == "Reshape":
        shape = [int(size) for size in weights[node.input[1]]]
        weights[node.output[0]] = weights[node.input[0]].reshape(shape)
        return True
    return False


def _dequantised(
    node: onnx.NodeProto, inputs: Sequence[NDArray[np.generic]]
) -> NDArray[np.float32]:
    """(quantised - zero point) * scale, with the scale spread over its blocks.

    Source: ONNX operator DequantizeLinear, version 21.
    """
    options = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    axis, block = options.get("axis", 1), options.get("block_size", 0)
    values = inputs[0].astype(np.float32)

    def spread(array: NDArray[np.generic]) -> NDArray[np.float32]:
        real = array.astype(np.float32)
        if block:
            return np.repeat(real, block, axis=axis).take(range(values.shape[axis]), axis=axis)
        if real.size > 1:
            shape = [1] * values.ndim
            shape[axis] = -1
            return real.reshape(shape)
        return real

    zero = spread(inputs[2]) if len(inputs) > 2 else np.float32(0)
    return ((values - zero) * spread(inputs[1])).astype(np.float32)


class _Writer:
    """Collects nodes and constants of a graph that is being extended."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[TensorProto] = []

    def constant(self, name: str, value: object, kind: type[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(value, dtype=kind), name))
        return name

    def node(self, kind: str, inputs: Sequence[str], output: str, axis: int | None = None) -> str:
        node = helper.make_node(kind, inputs, [output], name=output)
        if axis is not None:
            node.attribute.append(helper.make_attribute("axis", axis))
        self.nodes.append(node)
        return output

    def part(self, source: str, first: int, end: int, output: str) -> str:
        """Slice the last axis of a (1, cells, width) tensor."""
        limits = [
            self.constant(f"{output}_{what}", [value], np.int64)
            for what, value in (("from", first), ("to", end), ("axis", 2))
        ]
        return self.node("Slice", [source, *limits], output)

    def doubled(self, source: str, width: int, output: str) -> str:
        """Say every cell twice: SCRFD has two anchors a cell, YuNet one."""
        twice = self.node("Concat", [source, source], f"{output}_twice", axis=2)
        shape = self.constant(f"{output}_shape", [1, -1, width], np.int64)
        return self.node("Reshape", [twice, shape], output)


def yunet_as_scrfd(model: onnx.ModelProto, size_px: tuple[int, int]) -> onnx.ModelProto:
    """Wrap a folded YuNet in the nine-output contract that insightface's SCRFD decodes.

    SCRFD: input (RGB - 127.5) / 128; per stride two anchors a cell; score (1, 2n, 1), distances
    left, top, right, bottom (1, 2n, 4) and points (1, 2n, 10) in strides.
    YuNet: input BGR 0..255; per stride one anchor a cell; score = sqrt(cls * obj), centre offset
    and logarithm of the size in strides. The second anchor gets score 0 and so never counts.
    The net is of convolutions only: it takes a picture of any size in multiples of 32.
    Source: opencv/modules/objdetect/src/face_detect.cpp; insightface/model_zoo/scrfd.py.

    Args: size_px: width and height of the pictures that it takes.
    """
    width_px, height_px = size_px
    writer = _Writer()
    _write_input(writer, model.graph.input[0].name)
    writer.nodes.extend(model.graph.node)
    for stride_px in STRIDES_PX:
        _write_outputs(writer, stride_px)
    outputs = [
        helper.make_tensor_value_info(
            f"scrfd_{kind}_{stride}",
            TensorProto.FLOAT,
            [1, 2 * (width_px // stride) * (height_px // stride), width],
        )
        for kind, width in (("score", 1), ("box", 4), ("points", 10))
        for stride in STRIDES_PX
    ]
    graph = helper.make_graph(
        writer.nodes,
        "yunet_as_scrfd",
        [helper.make_tensor_value_info("scrfd", TensorProto.FLOAT, [1, 3, height_px, width_px])],
        outputs,
        [*model.graph.initializer, *writer.constants],
    )
    return _finished(graph, model)


def _write_input(writer: _Writer, yunet_input: str) -> None:
    spread = writer.node(
        "Mul", ["scrfd", writer.constant("input_std", 128.0, np.float32)], "input_spread"
    )
    rgb = writer.node(
        "Add", [spread, writer.constant("input_mean", 127.5, np.float32)], "input_rgb"
    )
    order = writer.constant("input_bgr_order", [2, 1, 0], np.int64)
    writer.node("Gather", [rgb, order], yunet_input, axis=1)


def _write_outputs(writer: _Writer, stride_px: int) -> None:
    s = stride_px
    product = writer.node("Mul", [f"cls_{s}", f"obj_{s}"], f"product_{s}")
    score = writer.node("Sqrt", [product], f"root_{s}")
    nothing = writer.node(
        "Mul", [score, writer.constant(f"zero_{s}", 0.0, np.float32)], f"nothing_{s}"
    )
    pair = writer.node("Concat", [score, nothing], f"pair_{s}", axis=2)
    shape = writer.constant(f"score_shape_{s}", [1, -1, 1], np.int64)
    writer.node("Reshape", [pair, shape], f"scrfd_score_{s}")

    centre = writer.part(f"bbox_{s}", 0, 2, f"centre_{s}")
    size = writer.node("Exp", [writer.part(f"bbox_{s}", 2, 4, f"log_size_{s}")], f"size_{s}")
    half = writer.node(
        "Mul", [size, writer.constant(f"half_{s}", 0.5, np.float32)], f"half_size_{s}"
    )
    near = writer.node("Sub", [half, centre], f"left_top_{s}")
    far = writer.node("Add", [half, centre], f"right_bottom_{s}")
    box = writer.node("Concat", [near, far], f"box_{s}", axis=2)
    writer.doubled(box, 4, f"scrfd_box_{s}")
    writer.doubled(f"kps_{s}", 10, f"scrfd_points_{s}")


def _finished(graph: onnx.GraphProto, source: onnx.ModelProto) -> onnx.ModelProto:
    """A checked model around a graph; the same bytes for the same source and onnx version."""
    model = helper.make_model(graph, opset_imports=list(source.opset_import))
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model)
    return model
