"""The staff's or the phone's page in a real browser, read and clicked by a test."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.helpers.waits import wait_until

LOADED_WITHIN_S = 60.0


class Browser:
    """`with Browser(url) as page:` … `page.run("document.title")`.

    `more` are the options of the rig: "--phone", "--keeps", a folder …
    """

    def __init__(self, url: str, *more: str) -> None:
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.rigs.browser", url, *more],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
        )

    def __enter__(self) -> Self:
        try:
            assert self._read() == "loaded", self.complaints()
        except AssertionError:
            self.close()
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the browser."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout, self._complaints):
            if pipe is not None:
                pipe.close()

    def run(self, expression: str) -> Any:
        """The value of an expression in the page."""
        return self._ask({"run": expression})

    def settled(self, promise: str, within_s: float = 15.0) -> Any:
        """What a promise in the page comes to."""
        self.run(
            f"(self.settled = null, (async () => {promise})().then("
            "(value) => { self.settled = { value }; },"
            "(error) => { self.settled = { error: String(error) }; }), 0)"
        )
        wait_until(lambda: self.run("self.settled !== null"), within_s, promise)
        told = self.run("self.settled")
        assert "error" not in told, told
        return told.get("value")

    def tell(self, **wish: object) -> None:
        """One of the rig's other lines: load, shown, tab."""
        assert self._ask(wish)

    def kill(self) -> None:
        """End the browser as a battery manager does: no last word."""
        self._process.kill()
        self._process.wait(10)

    def text(self, css: str) -> str:
        """What a part of the page says; "" while it is not there."""
        return str(self.run(f"document.querySelector({json.dumps(css)})?.innerText ?? ''"))

    def until(self, css: str, words: str, within_s: float = 15.0) -> None:
        """Wait until a part of the page says this."""
        wait_until(lambda: words in self.text(css), within_s, f"{css} says {words}")

    def type(self, css: str, words: str) -> None:
        """Fill a field."""
        self.run(f"document.querySelector({json.dumps(css)}).value = {json.dumps(words)}")

    def click(self, css: str, words: str = "") -> None:
        """Click the first match that says this."""
        found = f"[...document.querySelectorAll({json.dumps(css)})]"
        wanted = f"(each) => each.innerText.includes({json.dumps(words)})"
        assert self.run(f"({found}.find({wanted})?.click(), {found}.some({wanted}))"), css

    def shot(self, path: Path) -> None:
        """Photograph the page."""
        assert self._ask({"shot": str(path)})

    def complaints(self) -> str:
        """What the browser wrote to its console."""
        self._complaints.seek(0)
        return self._complaints.read().decode("utf-8", "replace")

    def _ask(self, wish: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(wish) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self.complaints()
        return json.loads(line)
