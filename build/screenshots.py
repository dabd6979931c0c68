"""Draws every page in both languages into docs/screenshots/ and larger ones into out/screenshots/.

Usage: python build/screenshots.py [--all] [NAME…]
  --all   also 1920×1080 and 200 % into out/screenshots/ (looked at, not committed)
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np  # noqa: E402
from PySide6.QtCore import QElapsedTimer, QEventLoop  # noqa: E402 - the platform is chosen first
from PySide6.QtGui import QImage  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from tests.client.ui.samples import Still, frame, more_states, overlays, pages  # noqa: E402
from zhishiyun_client.flow.views import FrameView  # noqa: E402
from zhishiyun_client.i18n.catalog import Speaker  # noqa: E402
from zhishiyun_client.i18n.language import Language  # noqa: E402
from zhishiyun_client.ui.parts.part import Tools  # noqa: E402
from zhishiyun_client.ui.pictures import Pictures  # noqa: E402
from zhishiyun_client.ui.window import Window, dress  # noqa: E402

_SETTLE_MS = 220
_PALETTE = 128
_DOUBLED = (
    "answering",
    "face_login",
    "uploading",
    "attachments",
    "over_help",
    "device_preparation",
)


def main() -> int:
    """Draw what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--size", default="1366x768")
    parser.add_argument("--into", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--languages", default="zh,en")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    languages = [Language(each) for each in options.languages.split(",")]
    width, height = (int(part) for part in options.size.split("x"))
    names = options.names or [*pages(), *overlays(), "binding_bound", "answering_self_start"]
    _draw(options.into, (width, height), languages, names)
    if options.all:
        out = ROOT / "out" / "screenshots"
        _again("1920x1080", out / "1920x1080", "1", options.names or [*pages(), *more_states()])
        _again("683x384", out / "1366x768@2", "2", options.names or [*_DOUBLED])
        _again("960x540", out / "1920x1080@2", "2", options.names or [*_DOUBLED])
    return 0


def _again(size: str, into: Path, scale: str, names: list[str]) -> None:
    """A process of its own, since Qt reads the scaling once."""
    command = [sys.executable, __file__, "--size", size, "--into", str(into), *names]
    subprocess.run(command, check=True, env={**os.environ, "QT_SCALE_FACTOR": scale})


def _draw(into: Path, size: tuple[int, int], languages: list[Language], names: list[str]) -> None:
    application = QApplication(sys.argv[:1])
    resources = ROOT / "resources"
    tools = Tools(Speaker(resources / "texts"), Pictures(resources / "pictures"), Still())
    dress(application, tools)
    into.mkdir(parents=True, exist_ok=True)
    for language in languages:
        window = Window(tools)
        window.resize(*size)
        window.show()
        for name, view in _frames(language).items():
            if name in names:
                window.render(view)
                _settle()
                _save(window.grab().toImage(), into / f"{name}.{language.value}.png")
        window.allow_close()
        window.close()


def _frames(language: Language) -> dict[str, FrameView]:
    made = {name: frame(name, page, language) for name, page in pages().items()}
    made |= {name: frame(name, page, language) for name, page in more_states().items()}
    for name, over in overlays().items():
        made[name] = frame("answering", over.page, language)
        made[name] = FrameView(
            over.page, made[name].header, over.panel, over.steps, over.notices, over.help,
            over.my_data, over.noun, over.end_question, over.message,
        )  # fmt: skip
    return made


def _settle() -> None:
    """Let layouts, timers of the preview and the PDF renderer come to rest."""
    timer = QElapsedTimer()
    timer.start()
    while timer.elapsed() < _SETTLE_MS:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)


def _save(image: QImage, path: Path) -> None:
    """A palette of the most frequent colours, without dithering, keeps the pictures small."""
    whole = image.convertToFormat(QImage.Format.Format_RGB888)
    pixels = np.frombuffer(whole.constBits(), np.uint8)
    pixels = pixels.reshape(whole.height(), whole.bytesPerLine())[:, : 3 * whole.width()]
    packed = pixels.reshape(-1, 3).astype(np.int32) & 0xFC
    codes = packed[:, 0] << 16 | packed[:, 1] << 8 | packed[:, 2]
    found, places, counts = np.unique(codes, return_inverse=True, return_counts=True)
    kept = np.argsort(counts)[::-1][:_PALETTE]
    parts = np.stack([found >> 16 & 255, found >> 8 & 255, found & 255], axis=1)
    nearest = np.array(
        [np.abs(parts[kept] - each).sum(axis=1).argmin() for each in parts], np.uint8
    )
    indexed = np.ascontiguousarray(nearest[places].reshape(whole.height(), whole.width()))
    small = QImage(
        indexed.data, whole.width(), whole.height(), whole.width(), QImage.Format.Format_Indexed8
    )
    table = [int(0xFF000000 | code | (code >> 6 & 0x030303)) for code in found[kept].tolist()]
    small.setColorTable(table)
    if not small.save(str(path), quality=0):
        raise OSError(f"cannot write {path.name}")
    print(f"{path.name} {path.stat().st_size // 1024} kB")


if __name__ == "__main__":
    sys.exit(main())
