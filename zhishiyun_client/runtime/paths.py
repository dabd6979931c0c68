"""Where resources and data lie, from source and when frozen."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs

HOME_VARIABLE = "ZHISHIYUN_HOME"


def resources() -> Path:
    """The folder of shipped resources."""
    bundle = getattr(sys, "_MEIPASS", None)
    root = Path(bundle) if bundle else Path(__file__).resolve().parents[2]
    return root / "resources"


def home() -> Path:
    """The folder of this person's data; ZHISHIYUN_HOME overrides the system's place."""
    chosen = os.environ.get(HOME_VARIABLE)
    return (
        Path(chosen) if chosen else Path(platformdirs.user_data_dir("zhishiyun", appauthor=False))
    )


def attempt_folder(home_folder: Path, attempt_id: str) -> Path:
    """Everything of one attempt; `attempt_id` is checked to be one plain name."""
    if not attempt_id or not attempt_id.replace("-", "").isalnum():
        raise ValueError("an attempt id is letters, digits and dashes")
    return home_folder / "attempts" / attempt_id


def private_folder(path: Path) -> Path:
    """Make a folder that only this person can read."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
