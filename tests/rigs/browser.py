"""A real browser without a window (Chromium in QtWebEngine), moved from outside.

browser.py URL        reads JSON lines {"run": "an expression"} or {"shot": "file.png"} from stdin,
                      prints the JSON of the answer as one line each; the first line: "loaded"
  --phone             as large as a phone, with a camera and a microphone that Chromium draws
  --keeps FOLDER      what pages store outlives this process
  --speaks zh-CN      the language it asks for
  --first SCRIPT      JavaScript that every page runs before its own

More lines: {"load": "url"}; {"shown": false}, as if another app lay above; {"tab": "url"}, another
tab, which hears what follows, {"tab": ""}, the first one again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")  # root has none; the page is ours
os.environ.setdefault(
    "QTWEBENGINE_CHROMIUM_FLAGS",
    "--disable-gpu --disable-dev-shm-usage --no-proxy-server --use-fake-device-for-media-stream "
    '--host-resolver-rules="MAP exam.test 127.0.0.1"',
)

from PySide6.QtCore import QObject, QTimer, QUrl, Signal, Slot
from PySide6.QtWebEngineCore import (
    QWebEnginePage,
    QWebEnginePermission,
    QWebEngineProfile,
    QWebEngineScript,
)
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QApplication

SIZE = (1366, 768)
PHONE = (360, 780)
AGENT = (
    "Mozilla/5.0 (Linux; Android 12; TestPhone 7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Mobile Safari/537.36"
)
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

    def __init__(self, wanted: argparse.Namespace) -> None:
        super().__init__()
        self.view = QWebEngineView()
        self.profile = QWebEngineProfile("kept") if wanted.keeps else QWebEngineProfile()
        if wanted.keeps:
            self.profile.setPersistentStoragePath(wanted.keeps)
        self.profile.setPersistentPermissionsPolicy(
            QWebEngineProfile.PersistentPermissionsPolicy.AskEveryTime
        )
        self.profile.setHttpAcceptLanguage(wanted.speaks)
        if wanted.phone:
            self.profile.setHttpUserAgent(AGENT)
        if wanted.first:
            script = QWebEngineScript()
            script.setSourceCode(wanted.first)
            script.setInjectionPoint(QWebEngineScript.InjectionPoint.DocumentCreation)
            script.setWorldId(QWebEngineScript.ScriptWorldId.MainWorld)
            self.profile.scripts().insert(script)
        self.page = self.first = self.new_page()
        self.view.setPage(self.page)
        self.view.resize(*(PHONE if wanted.phone else SIZE))
        self.view.loadFinished.connect(self.on_loaded)
        self.told.connect(self.obey)
        self.view.show()
        self.view.load(QUrl(wanted.url))

    def new_page(self) -> Page:
        page = Page(self.profile, self.view)
        page.permissionRequested.connect(self.on_asked)
        return page

    @Slot(QWebEnginePermission)
    def on_asked(self, permission: QWebEnginePermission) -> None:
        permission.grant()

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
            self.page.runJavaScript(f"JSON.stringify({wish['run']})", self.answer)
        elif "shot" in wish:
            self.file = wish["shot"]
            QTimer.singleShot(PAINTS_WITHIN_MS, self.photograph)
        elif "load" in wish:
            self.page.load(QUrl(wish["load"]))
            say(True)
        elif "tab" in wish:
            self.page = self.new_page() if wish["tab"] else self.first
            if wish["tab"]:
                self.page.load(QUrl(wish["tab"]))
            say(True)
        elif "shown" in wish:
            self.page.setVisible(wish["shown"])
            say(True)
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
    options = argparse.ArgumentParser()
    options.add_argument("url")
    options.add_argument("--phone", action="store_true")
    options.add_argument("--keeps", default="")
    options.add_argument("--speaks", default="zh-CN")
    options.add_argument("--first", default="")
    application = QApplication(sys.argv[:1])
    mover = Mover(options.parse_args())
    done = application.exec()
    del mover
    return done


if __name__ == "__main__":
    sys.exit(main())
