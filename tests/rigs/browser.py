"""A real browser without a window (Chromium in QtWebEngine), moved from outside.

browser.py URL        reads JSON lines {"run": "an expression"} or {"shot": "file.png"} from stdin,
                      prints the JSON of the answer as one line each; the first line: "loaded"
"""

from __future__ import annotations

import json
import os
import sys
import threading

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")  # root has none; the page is ours
os.environ.setdefault(
    "QTWEBENGINE_CHROMIUM_FLAGS", "--disable-gpu --disable-dev-shm-usage --no-proxy-server"
)

from PySide6.QtCore import QObject, QTimer, QUrl, Signal, Slot
from PySide6.QtWebEngineCore import QWebEnginePage
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QApplication

SIZE = (1366, 768)
PAINTS_WITHIN_MS = 400


class Page(QWebEnginePage):
    """Tells what the page complains of on stderr."""

    def javaScriptConsoleMessage(
        self, _level: object, message: str, line: int, source: str
    ) -> None:
        print(f"{source}:{line}: {message}", file=sys.stderr, flush=True)


class Mover(QObject):
    """Obeys the lines one by one."""

    told = Signal(str)

    def __init__(self, url: str) -> None:
        super().__init__()
        self.view = QWebEngineView()
        self.view.setPage(Page(self.view))
        self.view.resize(*SIZE)
        self.view.loadFinished.connect(self.on_loaded)
        self.told.connect(self.obey)
        self.view.show()
        self.view.load(QUrl(url))

    @Slot(bool)
    def on_loaded(self, is_ok: bool) -> None:
        self.view.loadFinished.disconnect(self.on_loaded)
        say("loaded" if is_ok else "failed")
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self) -> None:
        for line in sys.stdin:
            self.told.emit(line)
        self.told.emit("{}")

    @Slot(str)
    def obey(self, line: str) -> None:
        wish = json.loads(line)
        if "run" in wish:
            self.view.page().runJavaScript(f"JSON.stringify({wish['run']})", self.answer)
        elif "shot" in wish:
            self.file = wish["shot"]
            QTimer.singleShot(PAINTS_WITHIN_MS, self.photograph)
        else:
            QApplication.exit(0)

    @Slot()
    def photograph(self) -> None:
        say(self.view.grab().save(self.file))

    def answer(self, said: object) -> None:
        say(json.loads(said) if isinstance(said, str) and said else None)


def say(answer: object) -> None:
    print(json.dumps(answer), flush=True)


def main() -> int:
    application = QApplication(sys.argv[:1])
    mover = Mover(sys.argv[1])
    done = application.exec()
    del mover
    return done


if __name__ == "__main__":
    sys.exit(main())
