"""make screenshots-phone: photographs every page of the phone in both languages, 360 × 780.

A real browser before a real server; the camera is drawn, and the phone is turned by events.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.helpers.browsing import Browser
from tests.helpers.waits import wait_until
from tests.server.phone_page import (
    SLOW_S,
    exam_for_phones,
    filmed_s,
    logged_in,
    on,
    stop,
)
from tests.server.phone_rig import shown_code
from tests.server.rig import Candidate, serving

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
SPEED = "10"  # T0 after a minute, the end after two
SWITCH = """
const ask = MediaDevices.prototype.getUserMedia;
MediaDevices.prototype.getUserMedia = function (wish) {
  const taken = new DOMException("", "NotReadableError");
  return self.isTaken ? Promise.reject(taken) : ask.call(this, wish);
};
self.turnAround = () => {
  let alpha = 0;
  setInterval(() => {
    alpha = (alpha + 2) % 360;
    dispatchEvent(new DeviceOrientationEvent("deviceorientation", { alpha, beta: 80, gamma: 0 }));
  }, 100);
};
"""


def main() -> None:
    """Go through the pages once in each language."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=ROOT / "docs/screenshots")
    out = options.parse_args().out
    for short, language in LANGUAGES.items():
        with tempfile.TemporaryDirectory() as folder:
            exam = exam_for_phones(Path(folder), sweep="front_360")
            with (
                serving(exam, "--speed", SPEED) as server,
                logged_in(exam, server.url) as candidate,
                Browser(
                    f"{server.url}/p/", "--phone", "--first", SWITCH, "--speaks", language
                ) as page,
            ):
                Tour(page, candidate, out, short).go()


class Tour:
    """From the code to the receipt."""

    def __init__(self, page: Browser, candidate: Candidate, out: Path, language: str) -> None:
        self._page = page
        self._candidate = candidate
        self._out = out
        self._language = language

    def go(self) -> None:
        """Every page in its order."""
        page = self._page
        on(page, "bind")
        self._shoot("bind")
        page.type("#code", shown_code(self._candidate).code)
        page.click("#bind-go")
        on(page, "consent")
        self._shoot("consent")
        page.click("#consent-tick")
        page.click("#consent-agree")
        self._until_shown("#check-go")
        self._shoot("check")
        page.click("#check-go")
        on(page, "sweep")
        page.run("turnAround()")
        page.click("#sweep-begin")
        wait_until(lambda: filmed_s(page) >= 8, SLOW_S, "film")
        self._shoot("sweep")
        self._until_shown("#sweep-next")
        page.click("#sweep-next")
        on(page, "place")
        self._shoot("place")
        page.click("#place-shown")
        self._until_shown("#place-shown-done")
        page.click("#place-done")
        on(page, "film")
        self._shoot("film")
        video = "document.querySelector('#video').srcObject.getVideoTracks()[0]"
        page.run(
            f"(self.isTaken = true, {video}.stop(), {video}.dispatchEvent(new Event('ended')))"
        )
        self._until_shown("#cut")
        self._shoot("cut")
        page.run("self.isTaken = false")
        wait_until(lambda: page.run("document.querySelector('#cut').hidden"), SLOW_S, "it is back")
        self._stop()

    def _stop(self) -> None:
        page = self._page
        ready = "!document.querySelector('#film-stop').classList.contains('off')"
        wait_until(lambda: page.run(ready), 180, "the exam is over")
        page.click("#film-stop")
        self._shoot("confirm")
        page.click("#confirm-no")
        stop(page)
        on(page, "done")
        self._shoot("done")

    def _until_shown(self, css: str) -> None:
        hidden = f"document.querySelector('{css}').hidden"
        wait_until(lambda: not self._page.run(hidden), SLOW_S, css)

    def _shoot(self, name: str) -> None:
        self._page.shot(self._out / f"phone_{name}.{self._language}.png")
        wide = self._page.run("document.documentElement.scrollWidth")
        print(f"phone_{name}.{self._language}.png, {wide} px wide", flush=True)


if __name__ == "__main__":
    main()
