"""Nothing heavier than PySide6 and psutil is imported before the desk's first paint."""

from __future__ import annotations

import subprocess
import sys

HEAVY = (
    "av", "cv2", "insightface", "numpy", "onnx", "onnxruntime", "openpyxl", "scipy", "skimage",
    "sounddevice", "sqlalchemy", "starlette", "uvicorn",
)  # fmt: skip


def test_the_desk_is_imported_without_a_heavy_library() -> None:
    code = (
        "import sys, zhishiyun_client.app.desk\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )

    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert child.returncode == 0, child.stderr
    assert child.stdout.split() == []


def test_version_and_verify_need_no_qt() -> None:
    code = (
        "import sys, zhishiyun_client.app.cli, zhishiyun_client.app.verify_command\n"
        "print(*[name for name in ('PySide6', 'cv2', 'av') if name in sys.modules])"
    )

    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert child.returncode == 0, child.stderr
    assert child.stdout.split() == []
