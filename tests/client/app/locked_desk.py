"""A window that is really locked: `HOME [freeze|crash|leave]` when told by a line on stdin."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from zhishiyun_client.app.lock_desk import LockDesk, undo_left_over


class Stand(QWidget):
    """Obeys words on stdin and answers on stdout."""

    told = Signal(str)

    def __init__(self, home: Path) -> None:
        super().__init__()
        self.edit = QPlainTextEdit()
        lines = QVBoxLayout(self)
        lines.addWidget(self.edit)
        self.line = QLineEdit()
        lines.addWidget(self.line)
        self.lock = LockDesk(home, self, lambda report: say(f"report {report}"))
        self.told.connect(self.obey)
        threading.Thread(target=self.listen, name="listen", daemon=True).start()

    def listen(self) -> None:
        for line in sys.stdin:
            self.told.emit(line.strip())

    def obey(self, word: str) -> None:
        if word == "lock":
            self.edit.setFocus()
            self.lock.set_locked(True)
        elif word == "unlock":
            self.lock.set_locked(False)
        elif word == "hang":
            say("hanging")
            time.sleep(600)
        elif word == "abort":
            os.abort()
        elif word == "text":
            say(f"text {self.edit.toPlainText()!r}")
        elif word == "clipboard":
            say(f"clipboard {QGuiApplication.clipboard().text()!r}")
        elif word == "hide":
            self.lock.hide_from_capture(True)
        elif word == "line":
            self.line.setFocus()
            say(f"line {self.line.text()!r}")
        elif word == "clear":
            self.edit.clear()
        else:
            self.lock.descend()
            QApplication.exit(0)
        say(f"did {word}")


def say(words: str) -> None:
    print(words, flush=True)


def main() -> int:
    home = Path(sys.argv[1])
    undo_left_over(home)
    application = QApplication(sys.argv[:1])
    stand = Stand(home)
    stand.showFullScreen()
    QTimer.singleShot(300, lambda: say("shown"))
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
