"""Draw every page in Chinese into a folder: `FOLDER`; says each page's name and its colours."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QEventLoop
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from tests.client.ui.samples import Still, frame, pages
from zhishiyun_client.i18n.catalog import Speaker
from zhishiyun_client.i18n.language import Language
from zhishiyun_client.ui.parts.part import Tools
from zhishiyun_client.ui.pictures import Pictures
from zhishiyun_client.ui.window import Window, dress

ROOT = Path(__file__).parents[2]
SETTLE_MS = 150
SAMPLED = 7  # one pixel of so many: enough to tell a page from an empty one


def main() -> int:
    into = Path(sys.argv[1])
    into.mkdir(parents=True, exist_ok=True)
    application = QApplication(sys.argv[:1])
    assert application.platformName() == "windows"
    resources = ROOT / "resources"
    tools = Tools(Speaker(resources / "texts"), Pictures(resources / "pictures"), Still())
    dress(application, tools)
    window = Window(tools)
    window.resize(1366, 720)
    window.show()
    for name, page in pages().items():
        window.render(frame(name, page, Language.ZH))
        settle()
        image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        image.save(str(into / f"{name}.zh.png"))
        print(name, len(colours_of(image)))
    window.allow_close()
    window.close()
    return 0


def settle() -> None:
    timer = QElapsedTimer()
    timer.start()
    while timer.elapsed() < SETTLE_MS:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)


def colours_of(image: QImage) -> set[bytes]:
    bits = bytes(image.constBits())
    return {bits[at : at + 4] for at in range(0, len(bits), 4 * SAMPLED)}


if __name__ == "__main__":
    sys.exit(main())
