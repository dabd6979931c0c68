"""The pack and the loaded nets, once for all face tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from zhishiyun_client.face.engine import InsightFaceEngine
from zhishiyun_client.face.eye import Eye
from zhishiyun_client.face.pack import DEFAULT_PACK, FacePack, open_pack
from zhishiyun_client.runtime.paths import resources

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def pack_folder() -> Path:
    """The folder of the default pack, made if need be."""
    made = subprocess.run(
        [sys.executable, str(ROOT / "build" / "face_pack.py")], capture_output=True, text=True
    )
    if made.returncode != 0:
        pytest.skip("the default face pack needs the network once: build/face_pack.py")
    return resources() / "face" / DEFAULT_PACK


@pytest.fixture(scope="session")
def pack(pack_folder: Path) -> FacePack:
    """The default pack, verified."""
    return open_pack(pack_folder)


@pytest.fixture(scope="session")
def engine(pack: FacePack) -> InsightFaceEngine:
    """The default pack, loaded."""
    return InsightFaceEngine(pack)


@pytest.fixture(scope="session")
def eye(engine: InsightFaceEngine, pack: FacePack) -> Eye:
    """The loaded pack with its thresholds."""
    return Eye(engine, pack.recipe.threshold)
