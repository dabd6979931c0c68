"""A face pack: a folder of nets with its recipe, opened only when every digest is right.

The format is told in docs/face-packs.md. Nothing here loads a net, and nothing ever fetches one.
"""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path, PurePosixPath

import msgspec

from zhishiyun_client.ports.faces import PackFacts
from zhishiyun_protocol.errors import Broken, Refused, ZhishiyunError

RECIPE = "pack.toml"
MANIFEST = "manifest.json"
SCHEMA = 1
DEFAULT_PACK = "opencv-zoo"
"""The pack that ships: YuNet and SFace. Source: docs/face-packs.md."""


class Threshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One number of a pack, and where it comes from."""

    value: float
    source: str


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a pack draws its lines; similarities are cosines, detection is a score 0 to 1."""

    detection: Threshold
    login: Threshold
    doubtful: Threshold
    presence_same: Threshold
    presence_other: Threshold


class PackedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a pack."""

    path: str
    size_bytes: int
    sha256: str


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What pack.toml says.

    watching_detector: a file with a detector of a smaller picture, for the watch while recording;
                       empty: it uses the login's
    """

    schema: int
    name: str
    version: str
    title: str
    licence: str
    needs_acknowledgement: bool
    det_size_px: int
    embedding_length: int
    provenance: dict[str, str]
    threshold: Thresholds
    file: tuple[PackedFile, ...]
    watching_detector: str = ""


class FacePack(msgspec.Struct, frozen=True):
    """A folder whose files are all there and unaltered at the time of looking."""

    folder: Path
    recipe: Recipe
    facts: PackFacts


def open_pack(folder: Path, *, licence_acknowledged: bool = False) -> FacePack:
    """Read the recipe and check every file against it.

    Raises:
        Broken: FACE_PACK_MISSING, FACE_PACK_UNREADABLE, FACE_PACK_TAMPERED; no net was loaded.
        Refused: FACE_PACK_LICENCE: its licence must be acknowledged by whoever runs the exam.
    """
    recipe, digest = _read_recipe(folder)
    if recipe.needs_acknowledgement and not licence_acknowledged:
        raise Refused(
            code="FACE_PACK_LICENCE",
            message=(
                f"face pack {recipe.name} may be used only by whoever holds a licence "
                f"({recipe.licence}); acknowledge it in the settings or use {DEFAULT_PACK}"
            ),
            zh=f"人脸模型 {recipe.name} 须取得许可后方可使用，请确认许可或改用 {DEFAULT_PACK}。",
            pack=recipe.name,
        )
    for entry in recipe.file:
        check_file(folder, recipe.name, entry)
    return FacePack(
        folder=folder,
        recipe=recipe,
        facts=PackFacts(name=recipe.name, version=recipe.version, digest=digest),
    )


def read_toml(folder: Path, name: str) -> tuple[dict[str, object], str]:
    """A pack's own words and their SHA-256.

    Raises: Broken: FACE_PACK_MISSING, FACE_PACK_UNREADABLE.
    """
    try:
        content = (folder / name).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise Broken(
            code="FACE_PACK_MISSING",
            message=f"face pack {folder.name} is not installed; install the program again",
            zh=f"未安装人脸模型 {folder.name}，请重新安装本程序。",
            pack=folder.name,
        ) from None
    except OSError as error:
        raise unreadable(folder.name, name, error.strerror or "cannot be read") from error
    try:
        return tomllib.loads(content.decode()), hashlib.sha256(content).hexdigest()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise unreadable(folder.name, name, str(error)) from error


def _read_recipe(folder: Path) -> tuple[Recipe, str]:
    raw, digest = read_toml(folder, RECIPE)
    try:
        recipe = msgspec.convert(raw, Recipe)
    except msgspec.ValidationError as error:
        raise unreadable(folder.name, RECIPE, str(error)) from error
    if recipe.schema != SCHEMA:
        raise unreadable(folder.name, RECIPE, f"schema {recipe.schema} is not {SCHEMA}")
    listed = [entry.path for entry in recipe.file]
    if MANIFEST not in listed or len(set(listed)) != len(listed):
        raise unreadable(folder.name, RECIPE, f"{MANIFEST} must be listed, and every file once")
    if recipe.watching_detector and recipe.watching_detector not in listed:
        raise unreadable(folder.name, RECIPE, "watching_detector is not listed")
    if any(PurePosixPath(path).name != path or "\\" in path for path in listed):
        raise unreadable(folder.name, RECIPE, "a file lies outside the folder")
    return recipe, digest


def check_file(folder: Path, pack: str, entry: PackedFile) -> None:
    """Whether one file is there and unaltered.

    Raises: Broken: FACE_PACK_TAMPERED.
    """
    path = folder / entry.path
    try:
        right_size = path.stat().st_size == entry.size_bytes
        with path.open("rb") as file:
            right = right_size and hashlib.file_digest(file, "sha256").hexdigest() == entry.sha256
    except OSError:
        right = False
    if not right:
        raise Broken(
            code="FACE_PACK_TAMPERED",
            message=(
                f"{entry.path} of face pack {pack} is missing or is not the file that was "
                "installed; install the program again"
            ),
            zh=f"人脸模型 {pack} 的文件 {entry.path} 缺失或被改动，请重新安装本程序。",
            pack=pack,
            file=entry.path,
        )


def unreadable(name: str, file: str, why: str) -> ZhishiyunError:
    """The error for words of a pack that cannot be used."""
    return Broken(
        code="FACE_PACK_UNREADABLE",
        message=f"{file} of face pack {name} cannot be used: {why}",
        zh=f"人脸模型 {name} 的说明文件 {file} 无法使用：{why}",
        pack=name,
    )
