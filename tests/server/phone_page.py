"""The phone's page as a candidate goes through it, and what comes of it, taken apart."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import httpx
import msgspec

from tests.helpers.browsing import Browser
from tests.helpers.waits import wait_until
from tests.server.phone_rig import shown_code
from tests.server.rig import PLAN, Candidate, ExamHome, make_exam, wall_us
from zhishiyun_protocol.evidence.layout import Kind
from zhishiyun_protocol.evidence.sealing import Sealer
from zhishiyun_protocol.evidence.verify import Verdict, Verifier
from zhishiyun_server.keep.home import Home

SLOW_S = 45.0  # a machine that does much else
READ = """{
const { openSpool } = await import(location.origin + "/p/spool.js");
const { base64, concatenated } = await import(location.origin + "/p/bytes.js");
const spool = await openSpool("zhishiyun-phone-1");
const head = await spool.fact("head");
const records = await spool.records(0, head.length);
return base64(concatenated(records.map((each) => each.bytes)));
}"""


def exam_for_phones(folder: Path, count: int = 1, sweep: str = "") -> ExamHome:
    """An exam whose notice lets paper and pen be shown to the phone; without a sweep by default."""
    binding = f'[binding]\nplacement = "rear_side_45"\nsweep = "{sweep}"\n'
    plan = PLAN.replace("[binding]\n", binding)
    plan += '[materials]\nshow_to = "phone"\nshow_prompt = "请向移动端镜头展示一支笔。"\n'
    return make_exam(folder, plan=plan, starts_at="+600", count=count)


@contextmanager
def logged_in(exam: ExamHome, url: str, which: int = 0) -> Iterator[Candidate]:
    with httpx.Client(base_url=url, trust_env=False) as http:
        yield Candidate(http, exam.tickets(url)[which], wall_us).log_in()


def on(page: Browser, name: str) -> None:
    """Wait until one of the pages is shown."""
    shown = "document.body?.dataset.page"
    try:
        wait_until(lambda: page.run(shown) == name, SLOW_S, f"the page {name}")
    except AssertionError as late:
        seen = page.run(f"[location.pathname, {shown}, document.body?.innerText]")
        raise AssertionError(f"{late}; {seen}; {page.complaints()[-2000:]}") from late


def bind(page: Browser, candidate: Candidate) -> None:
    """Type the code and agree."""
    on(page, "bind")
    page.type("#code", shown_code(candidate).code)
    page.click("#bind-go")
    on(page, "consent")
    page.click("#consent-tick")
    page.click("#consent-agree")
    on(page, "check")


def place(page: Browser) -> None:
    """From the check to the recording."""
    page.until("#check-camera", "画面正常", SLOW_S)
    wait_until(lambda: not page.run("document.querySelector('#check-go').hidden"), SLOW_S)
    page.click("#check-go")
    on(page, "place")
    wait_until(lambda: filmed_s(page) >= 1, SLOW_S, "film")
    page.click("#place-shown")
    page.until("#place-shown-done", "已记录", SLOW_S)
    page.click("#place-done")
    on(page, "film")


def filmed_s(page: Browser) -> float:
    """Seconds of film that are stored in the browser."""
    return float(page.run("document.body.dataset.filmedS || 0"))


def stop(page: Browser) -> None:
    """Stop by hand, as soon as the exam lets one."""
    ready = "!document.querySelector('#film-stop').classList.contains('off')"
    wait_until(lambda: page.run(ready), SLOW_S, "the exam is over")
    page.click("#film-stop")
    page.click("#confirm-yes")


def lengths(film: Path) -> tuple[int, float]:
    """Pictures that decode, and seconds of sound that do."""
    pictures, samples, rate = 0, 0, 1
    with av.open(str(film)) as opened:
        for frame in opened.decode():
            if isinstance(frame, av.VideoFrame):
                pictures += 1
            elif isinstance(frame, av.AudioFrame):
                samples, rate = samples + frame.samples, frame.sample_rate
    return pictures, samples / rate


@dataclass(frozen=True, slots=True)
class Log:
    """A log of the page, verified and opened."""

    verdict: Verdict
    marks: tuple[str, ...]
    streams: int  # those with film in them


def read_bytes(page: Browser) -> bytes:
    """The log as the browser holds it."""
    return base64.b64decode(page.settled(READ, SLOW_S))


def read_log(page: Browser, home: Path) -> Log:
    """The same, opened with the key that only the server has."""
    whole = read_bytes(page)
    with closing(sqlite3.connect(Home(home).database)) as database:
        ((key,),) = database.execute("select evidence_key from recordings where source = 'phone'")
    verifier, sealer = Verifier(), Sealer(key)
    records = list(verifier.records(whole))
    kinds = [record.header.kind for record in records]
    marks = [sealer.open(record) for record in records if record.header.kind == Kind.MARK]
    streams = "".join("S" if kind == Kind.STREAM else "P" * (kind == Kind.PACKET) for kind in kinds)
    return Log(
        verifier.verdict(),
        tuple(str(msgspec.json.decode(mark)["what"]) for mark in marks),
        streams.count("SP"),
    )
