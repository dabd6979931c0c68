"""A pack is opened only when it is whole (R042, R043)."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from zhishiyun_client.face.engine import InsightFaceEngine
from zhishiyun_client.face.pack import open_pack
from zhishiyun_protocol.errors import Broken, Refused

RECIPE = """\
schema = 1
name = "small"
version = "2.1"
title = "two files"
licence = "none"
needs_acknowledgement = {acknowledge}
det_size_px = 640
embedding_length = 128
[provenance]
source = "this test"
"""
LINES = ("detection", "login", "doubtful", "presence_same", "presence_other")


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Path]:
    """Make a small pack: right digests, nets that are none."""

    def make(acknowledge: str = "false", files: dict[str, bytes] | None = None) -> Path:
        folder = tmp_path / "small"
        folder.mkdir()
        recipe = RECIPE.format(acknowledge=acknowledge)
        recipe += "".join(f'[threshold.{name}]\nvalue = 0.5\nsource = "test"\n' for name in LINES)
        for name, content in (files or {"manifest.json": b"{}", "net.onnx": b"net"}).items():
            (folder / name).write_bytes(content)
            digest = hashlib.sha256(content).hexdigest()
            recipe += f'[[file]]\npath="{name}"\nsize_bytes={len(content)}\nsha256="{digest}"\n'
        (folder / "pack.toml").write_text(recipe, encoding="utf-8")
        return folder

    return make


def test_a_whole_pack_says_what_it_is(small: Callable[..., Path]) -> None:
    folder = small()

    pack = open_pack(folder)

    digest = hashlib.sha256((folder / "pack.toml").read_bytes()).hexdigest()
    assert str(pack.facts) == f"small/2.1/{digest[:12]}"


def test_the_default_pack_is_whole(pack_folder: Path) -> None:
    recipe = open_pack(pack_folder).recipe

    assert (recipe.name, recipe.threshold.login.value) == ("opencv-zoo", 0.42)


@pytest.mark.parametrize("content", [b"nets", b"neT", b""], ids=["longer", "altered", "emptied"])
def test_an_altered_file_is_refused_by_name(small: Callable[..., Path], content: bytes) -> None:
    folder = small()
    (folder / "net.onnx").write_bytes(content)

    with pytest.raises(Broken) as refusal:
        open_pack(folder)

    assert refusal.value.code == "FACE_PACK_TAMPERED"
    assert "net.onnx" in refusal.value.message
    assert "net.onnx" in refusal.value.zh


def test_a_missing_file_is_refused(small: Callable[..., Path]) -> None:
    folder = small()
    (folder / "net.onnx").unlink()

    with pytest.raises(Broken, match="FACE_PACK_TAMPERED"):
        open_pack(folder)


def test_one_flipped_bit_of_the_real_recogniser_is_refused(
    pack_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "pack"
    shutil.copytree(pack_folder, folder)
    with (folder / "sface_2021dec.onnx").open("r+b") as file:
        file.seek(10_000_000)
        byte = file.read(1)[0]
        file.seek(10_000_000)
        file.write(bytes([byte ^ 1]))

    with pytest.raises(Broken, match="FACE_PACK_TAMPERED"):
        open_pack(folder)


def test_a_missing_pack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Broken) as refusal:
        open_pack(tmp_path / "buffalo_l")

    assert refusal.value.code == "FACE_PACK_MISSING"
    assert "buffalo_l" in refusal.value.zh
    assert list(tmp_path.glob("*.onnx")) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("schema = 1", "schema = 2"),
        ('title = "two files"', ""),
        ("value = 0.5", 'value = "high"'),
        ('path="net.onnx"', 'path="../net.onnx"'),
        ('path="net.onnx"', 'path="manifest.json"'),
        ('path="manifest.json"', 'path="other.json"'),
        ("[provenance]", "[provenance"),
    ],
    ids=["newer", "untitled", "wordy", "outside", "twice", "without manifest", "no TOML"],
)
def test_an_impossible_recipe_is_refused(small: Callable[..., Path], old: str, new: str) -> None:
    recipe = small() / "pack.toml"
    recipe.write_text(recipe.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    with pytest.raises(Broken, match="FACE_PACK_UNREADABLE"):
        open_pack(recipe.parent)


def test_a_research_licence_wants_to_be_acknowledged(small: Callable[..., Path]) -> None:
    folder = small(acknowledge="true")

    with pytest.raises(Refused, match="FACE_PACK_LICENCE"):
        open_pack(folder)

    assert open_pack(folder, licence_acknowledged=True).facts.name == "small"


@pytest.mark.parametrize(
    "manifest",
    [
        b"{}",
        (
            b'{"manifest_version": 2, "model_id": "x", "license": "MODEL.LICENSE", "tasks": {'
            b'"detection": {"file": "net.onnx"}, "recognition": {"file": "two.onnx"}}}'
        ),
    ],
    ids=["of no version", "over files that are no nets"],
)
def test_a_whole_pack_of_wrong_files_fails_to_load(
    small: Callable[..., Path], manifest: bytes
) -> None:
    files = {"manifest.json": manifest, "net.onnx": b"no net", "two.onnx": b"none"}
    pack = open_pack(small(files=files))

    with pytest.raises(Broken, match="FACE_ENGINE_FAILED"):
        InsightFaceEngine(pack)
