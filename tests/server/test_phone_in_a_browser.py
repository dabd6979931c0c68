"""The phone's page in a real browser, with a drawn camera, before a real server."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.helpers.browsing import Browser
from tests.helpers.flaky_proxy import FlakyProxy
from tests.helpers.waits import wait_until
from tests.server.phone_page import (
    SLOW_S,
    bind,
    exam_for_phones,
    filmed_s,
    lengths,
    logged_in,
    on,
    place,
    read_log,
    stop,
)
from tests.server.phone_rig import shown_code
from tests.server.rig import PASSWORD, Candidate, ExamHome, Process, Staff, serving

if sys.platform == "linux":
    import resource

# What browsers do that the drawn camera cannot: these switches are thrown by the tests below.
SWITCHES = """
const ask = MediaDevices.prototype.getUserMedia;
MediaDevices.prototype.getUserMedia = function (wish) {
  const why = self.isDenied ? "NotAllowedError" : self.isTaken ? "NotReadableError" : "";
  return why ? Promise.reject(new DOMException("", why)) : ask.call(this, wish);
};
const now = performance.now.bind(performance);
performance.now = () => (self.frozenMs || now()) - (self.sleptMs || 0);
const date = Date.now.bind(Date); // asleep nothing looks at a clock: the jump is there at once
Date.now = () => self.frozenDate || date();
self.sleep = () => { self.frozenMs = now(); self.frozenDate = date(); };
self.wake = () => { self.sleptMs = now() - self.frozenMs; self.frozenMs = self.frozenDate = 0; };
const put = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = function (...all) {
  if (self.isFull && this.name === "log") throw new DOMException("", "QuotaExceededError");
  return put.apply(this, all);
};
"""
SPEED = "80"  # T0 after seven seconds, the end after fifteen


def test_a_killed_page_goes_on_and_the_whole_film_arrives(tmp_path: Path) -> None:  # R066–R074
    exam = exam_for_phones(tmp_path)
    keeps = ("--phone", "--first", SWITCHES, "--keeps", str(tmp_path / "browser"))
    with (
        serving(exam, "--speed", SPEED) as server,
        logged_in(exam, server.url) as candidate,
        FlakyProxy(urlsplit(server.url).port or 0) as line,
    ):
        with Browser(f"{line.url}/p/", *keeps) as page:
            page.run("self.isDenied = true")
            bind(page, candidate)
            page.until("#check-camera", "没有摄像头权限", SLOW_S)
            assert page.run("document.querySelector('#check-go').hidden")
            page.run("self.isDenied = false")
            page.click("#check-again")
            place(page)
            wait_until(lambda: filmed_s(page) >= 3, SLOW_S, "film")
            before_s = filmed_s(page)
            page.kill()
        line.weather.is_refusing = True  # the page itself comes from the phone
        with Browser(f"{line.url}/p/", *keeps) as page:
            on(page, "film")
            assert filmed_s(page) >= before_s
            page.until("#film-warning", "浏览器被系统关闭", SLOW_S)
            wait_until(lambda: filmed_s(page) >= before_s + 2, SLOW_S, "more film")
            line.weather.is_refusing = False
            stop(page)
            on(page, "done")
            log = read_log(page, exam.home)
            receipt_id = page.text("#done-receipt")
        state = candidate.sitting().phone
    out = tmp_path / "out"
    exam.run("export", "--attempt", candidate.attempt_id, "--out", str(out))
    films = sorted(out.rglob("phone-*"))

    assert log.verdict.is_whole
    assert log.verdict.runs == 2
    assert "recorder_killed" in {gap.cause for gap in log.verdict.gaps if gap.tracks == (4,)}
    assert log.marks == ("consent_given", "paper_shown", "placed", "stopped_by_hand")
    assert len(films) == log.streams >= 2
    for film in films:
        pictures, sound_s = lengths(film)
        assert pictures > 0, film
        assert sound_s > 0.5, film
    assert receipt_id
    assert state.complete


TRACK = "document.querySelector('#video').srcObject.get{}Tracks()[0]"


@dataclass
class Filming:
    """A phone that films for a candidate."""

    exam: ExamHome
    server: Process
    line: FlakyProxy
    candidate: Candidate
    page: Browser

    def goes_on(self, by_s: float = 2) -> None:
        before_s = filmed_s(self.page)
        wait_until(lambda: filmed_s(self.page) >= before_s + by_s, SLOW_S, "more film")

    def takes_more(self) -> None:
        """Wait until the server holds more; the browser is told that the network is back."""
        held = self.candidate.sitting().phone.held_bytes
        self.page.run("dispatchEvent(new Event('online'))")
        wait_until(lambda: self.candidate.sitting().phone.held_bytes > held, SLOW_S, "held")

    def trouble(self, code: str) -> bool:
        return code in self.candidate.sitting().phone.troubles

    def last_cause(self) -> str:
        return self.candidate.sitting().phone.last_cause


@pytest.fixture(scope="module")
def filming(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filming]:
    folder = tmp_path_factory.mktemp("exam")
    exam = exam_for_phones(folder)
    secret = folder / "password"
    secret.write_text(PASSWORD)
    exam.run("staff", "add", "supervisor", "--role", "supervisor", "--password-file", str(secret))
    with (
        serving(exam) as server,
        logged_in(exam, server.url) as candidate,
        FlakyProxy(urlsplit(server.url).port or 0) as line,
        Browser(f"{line.url}/p/", "--phone", "--first", SWITCHES) as page,
    ):
        bind(page, candidate)
        place(page)
        yield Filming(exam, server, line, candidate, page)


def test_a_line_that_is_cut_costs_nothing(filming: Filming) -> None:  # R065, Q11
    filming.line.weather.is_refusing = True
    filming.line.reset_all()
    filming.page.until("#film-warning", "网络已断开", SLOW_S)
    filming.goes_on()
    filming.line.weather.is_refusing = False

    filming.takes_more()
    wait_until(lambda: "网络已断开" not in filming.page.text("#film-warning"), SLOW_S, "online")


@pytest.mark.skipif(sys.platform != "linux", reason="another process's limits are Linux's")
def test_what_the_server_refuses_is_sent_again(filming: Filming) -> None:  # R067, R069
    pid = filming.server.popen.pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1024, before[1]))
    tries = "Number(document.querySelector('#film-waiting').dataset.tries)"
    wait_until(lambda: filming.page.run(tries) >= 1, SLOW_S, "refused")
    resource.prlimit(pid, resource.RLIMIT_FSIZE, before)

    filming.takes_more()


def test_the_phone_yields_while_the_computers_recording_waits(filming: Filming) -> None:
    waiting = "parseFloat(document.querySelector('#film-waiting').innerText)"
    filming.candidate.beat(lag_bytes=50_000_000)
    wait_until(lambda: filming.page.run(waiting) >= 0.2, SLOW_S, "what waits grows")
    filming.candidate.beat(lag_bytes=0)

    wait_until(lambda: filming.page.run(waiting) < 0.2, SLOW_S, "it is sent")


def test_a_second_tab_leaves_the_camera_alone_and_hands_its_code_on(filming: Filming) -> None:
    page = filming.page
    secret = shown_code(filming.candidate).url.partition("#")[2]
    page.tell(tab=f"{filming.line.url}/p/#{secret}")
    page.until("#unfit-what", "另一个标签页", SLOW_S)
    assert not page.run("Boolean(document.querySelector('#video').srcObject)")
    page.tell(tab="")

    filming.goes_on()
    page.run("dispatchEvent(new Event('online'))")
    filming.takes_more()
    assert filming.candidate.sitting().phone.parts == 1


def test_leaving_the_page_is_a_gap_with_its_cause(filming: Filming) -> None:  # R072
    filming.page.tell(shown=False)
    wait_until(lambda: filming.trouble("background"), SLOW_S, "told")
    filming.page.tell(shown=True)

    filming.page.until("#film-warning", "离开了本页面", SLOW_S)
    filming.goes_on()
    assert filming.last_cause() == "background"


def test_a_phone_that_slept_is_placed_by_the_exams_clock(filming: Filming) -> None:  # R075
    page = filming.page
    page.run("sleep()")
    time.sleep(4)
    page.run("wake()")

    wait_until(lambda: filming.last_cause() == "slept", SLOW_S, "told")
    filming.goes_on()

    path = f"/v1/staff/candidates/{filming.candidate.attempt_id}/phone"
    with httpx.Client(base_url=filming.server.url, trust_env=False) as http:
        staff = Staff(http, "supervisor")

        def slept_us() -> int:
            """As staff see it, of what has arrived."""
            time.sleep(0.5)
            page.run("dispatchEvent(new Event('online'))")
            parts = staff.call("GET", path).json()["parts"]
            gaps = [gap for part in parts for gap in part["gaps"] if gap["cause"] == "slept"]
            return sum(gap["to_us"] - gap["from_us"] for gap in gaps)

        wait_until(lambda: 2_500_000 < slept_us() < 60_000_000, SLOW_S, "the gap")


def test_the_supervisor_asks_to_point_it_anew(filming: Filming) -> None:  # R065, R202
    page, attempt_id = filming.page, filming.candidate.attempt_id
    with httpx.Client(base_url=filming.server.url, trust_env=False) as http:
        asked = {"wish": "aim"}
        answer = Staff(http, "supervisor").call(
            "POST", f"/v1/staff/candidates/{attempt_id}/phone/wish", json=asked
        )
    assert answer.status_code == 204
    wait_until(
        lambda: not page.run("document.querySelector('#film-asked').hidden"), SLOW_S, "asked"
    )
    page.click("#film-asked-go")
    on(page, "place")
    page.click("#place-done")
    on(page, "film")

    filming.goes_on()


def test_a_camera_that_is_taken_is_said_big_and_comes_back(filming: Filming) -> None:  # R072
    page, video = filming.page, TRACK.format("Video")
    page.run(f"(self.isTaken = true, {video}.stop(), {video}.dispatchEvent(new Event('ended')))")
    page.until("#cut-what", "摄像头正被其他程序占用", SLOW_S)
    assert not page.run("document.querySelector('#cut').hidden")
    wait_until(lambda: filming.trouble("camera_taken"), SLOW_S, "told")
    page.run("self.isTaken = false")

    wait_until(lambda: page.run("document.querySelector('#cut').hidden"), SLOW_S, "it is back")
    filming.goes_on()


def test_a_call_costs_the_sound_and_not_the_picture(filming: Filming) -> None:  # R071, F32
    page, audio = filming.page, TRACK.format("Audio")
    page.run(f"{audio}.dispatchEvent(new Event('mute'))")
    page.until("#film-warning", "声音暂时录不到", SLOW_S)
    filming.goes_on()
    assert filming.trouble("no_sound")
    page.run(f"{audio}.dispatchEvent(new Event('unmute'))")

    wait_until(lambda: not filming.trouble("no_sound"), SLOW_S, "sound again")
    assert filming.last_cause() == "call"


def test_a_full_phone_keeps_what_it_has_and_goes_on_later(filming: Filming) -> None:  # F34
    filming.page.run("self.isFull = true")
    filming.page.until("#film-warning", "手机存不下新的录像", SLOW_S)
    wait_until(lambda: filming.trouble("disk_full"), SLOW_S, "told")
    filming.page.run("self.isFull = false")

    wait_until(lambda: not filming.trouble("disk_full"), SLOW_S, "room again")
    filming.goes_on()


def test_it_cannot_be_stopped_before_the_exam_is_over(filming: Filming) -> None:  # R066
    filming.page.click("#film-stop")

    assert filming.page.run("document.querySelector('#confirm').hidden")
    assert "面试结束后才能停止" in filming.page.text("#film-stop-why")


LACKS = """
const lacks = new URLSearchParams(location.search).get("lacks");
if (lacks === "camera") delete Navigator.prototype.mediaDevices;
if (lacks === "recorder") self.MediaRecorder = undefined;
if (lacks === "storage") Object.defineProperty(self, "indexedDB", { value: undefined });
if (lacks === "browser") {
  Object.defineProperty(navigator, "userAgent", { value: "Android MicroMessenger/8.0" });
}
"""


def test_what_stands_in_the_way_is_said_before_the_code_is_used(filming: Filming) -> None:  # F08
    port = urlsplit(filming.server.url).port
    page_at = f"{filming.server.url}/p/?lacks="
    with Browser("about:blank", "--phone", "--first", LACKS) as page:
        for address, words in (
            (f"http://exam.test:{port}/p/", "没有通过加密连接打开"),
            (page_at + "browser", "微信"),
            (page_at + "camera", "不能使用摄像头"),
            (page_at + "recorder", "不能录像"),
            (page_at + "storage", "不能保存数据"),
        ):
            page.tell(load=f"{address}#secret")
            page.until("#unfit-what", words, SLOW_S)
            assert len(page.text("#unfit-do")) > 20
            assert "绑定码尚未使用" in page.text("#unfit-safe")


LEFT_OVER = """{
const { openSpool } = await import(location.origin + "/p/spool.js");
const [list, spool] = [await openSpool("zhishiyun-phone"), await openSpool("zhishiyun-phone-1")];
return [await list.fact("names"), await spool.fact("head"), await spool.cuts()];
}"""


def test_what_an_earlier_exam_left_on_the_phone_is_sent_first_to_last(tmp_path: Path) -> None:
    exam = exam_for_phones(tmp_path, count=2)
    with (
        serving(exam) as server,
        logged_in(exam, server.url) as earlier,
        logged_in(exam, server.url, 1) as later,
        Browser(f"{server.url}/p/", "--phone") as page,
    ):
        bind(page, earlier)
        place(page)
        secret = shown_code(later).url.partition("#")[2]
        page.tell(load="about:blank")
        page.tell(load=f"{server.url}/p/#{secret}")
        on(page, "consent")

        wait_until(lambda: later.sitting().phone.bound, SLOW_S, "bound anew")
        try:
            wait_until(lambda: earlier.sitting().phone.complete, SLOW_S, "the earlier one")
        except AssertionError as late:
            held = (earlier.sitting().phone, page.settled(LEFT_OVER), page.complaints()[-1500:])
            raise AssertionError(f"{late}: {held}") from late


def test_every_page_can_be_read_and_fits_a_narrow_phone(filming: Filming) -> None:  # WCAG 2.2
    contrasts = """
    const light = (color) => {
      const [r, g, b] = color.match(/[\\\\d.]+/g).slice(0, 3).map((each) => {
        const part = each / 255;
        return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (part) => {
      for (let at = part; at; at = at.parentElement) {
        const color = getComputedStyle(at).backgroundColor;
        if (!/, 0\\\\)$/.test(color)) return color;
      }
      return "rgb(255, 255, 255)";
    };
    const found = [];
    for (const page of document.querySelectorAll("main > section")) {
      document.body.dataset.page = page.id.replace("page-", "");
      for (const part of page.querySelectorAll("h1, h2, p, dt, dd, li, label, button")) {
        const [one, other] = [light(getComputedStyle(part).color), light(ground(part))];
        const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
        if (ratio < 4.5) found.push([page.id, part.id || part.dataset.t, ratio.toFixed(1)]);
      }
    }
    document.body.dataset.page = "film";
    return found;
    """.replace("\\\\", "\\")
    assert filming.page.settled("{" + contrasts + "}") == []
    assert filming.page.run("document.documentElement.scrollWidth <= 360")
    named = "[...document.querySelectorAll('button, input, svg, meter, progress')]"
    nameless = (
        f"{named}.filter((each) => !(each.textContent.trim() || each.getAttribute('aria-label')"
        " || each.labels?.length || each.closest('label'))).map((each) => each.id)"
    )
    assert filming.page.run(nameless) == []
