"""What the phone's page is made of, in a real browser; its log is judged by our verifier."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.browsing import Browser
from tests.server.rig import make_exam, serving
from zhishiyun_protocol.evidence.layout import Kind, Record
from zhishiyun_protocol.evidence.sealing import Sealer, key_check
from zhishiyun_protocol.evidence.verify import Verifier
from zhishiyun_protocol.signing import to_text

ROOT = Path(__file__).resolve().parents[2]
KEY = bytes(range(32))
RECORDING = {
    "recording_id": "attempt-1-p1", "exam_id": "exam-1", "plan_sha256": "0" * 64,
    "server_key": "", "formal": False, "speed": 1, "evidence_key": to_text(KEY), "token": "t",
}  # fmt: skip

WRITES = """
const { Shelf, logOf } = await import(location.origin + "/p/shelf.js");
const { ExamClock, monotonicUs } = await import(location.origin + "/p/clock.js");
const { newKey } = await import(location.origin + "/p/signing.js");
const shelf = await Shelf.open();
await shelf.take(RECORDING, await newKey(KEYS));
const clock = new ExamClock();
const now = monotonicUs();
clock.learn({ sent_us: now, server_received_us: 1.8e15, server_sent_us: 1.8e15 }, now);
self.clock = clock;
self.shelf = shelf;
self.log = await (await logOf(shelf.spool, clock)).open();
await log.beginRun("start");
await log.mark("consent_given", { language: "zh", words: "同意“录像”" });
await log.packet(new Blob(["first"]), monotonicUs(), 1000000);
await log.packet(new Blob(["second"]), monotonicUs() + 1000000, 1000000);
await log.checkpoint();
"""
BYTES = """
const records = await shelf.spool.records(0, log.head.length);
const { base64, concatenated } = await import(location.origin + "/p/bytes.js");
return base64(concatenated(records.map((each) => each.bytes)));
"""
NO_CURVE = "{ generateKey: async () => { throw new DOMException('', 'NotSupportedError'); } }"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    exam = make_exam(tmp_path_factory.mktemp("exam"), starts_at="+600", count=1)
    with serving(exam) as server, Browser(f"{server.url}/desk/", "--phone") as opened:
        yield opened


def write(page: Browser, keys: str = "crypto.subtle", more: str = "") -> bytes:
    script = WRITES.replace("RECORDING", json.dumps(RECORDING)).replace("KEYS", keys)
    recording = f"-{page.run('(self.turn = (self.turn || 0) + 1)')}"
    script = script.replace("attempt-1-p1", "attempt-1-p" + recording)
    return base64.b64decode(page.settled("{" + script + more + BYTES + "}"))


@pytest.mark.parametrize("keys", ["crypto.subtle", NO_CURVE], ids=["webcrypto", "tweetnacl"])
def test_a_log_of_the_page_is_whole_for_our_verifier(page: Browser, keys: str) -> None:
    whole = write(page, keys, 'await log.end("candidate");')

    verifier = Verifier()
    records = list(verifier.records(whole))
    verdict = verifier.verdict()

    assert verdict.faults == ()
    assert verdict.signatures == 2
    assert verifier.header is not None
    assert verifier.header.key_check == key_check(KEY)
    assert _opened(records, Kind.PACKET) == [b"first", b"second"]
    assert "同意“录像”" in _opened(records, Kind.MARK)[0].decode()
    assert records[0].header.server_us == pytest.approx(1_800_000_000_000_000, abs=60e6)


def test_what_was_written_before_a_reload_is_gone_on_with(page: Browser) -> None:
    again = """
    self.log = await (await logOf(shelf.spool, clock)).open();
    await log.beginRun("page_closed");
    await log.gap([4], log.head.filmed_to_us, log.head.filmed_to_us + 7e6, "page_closed");
    await log.end("candidate");
    """
    whole = write(page, more=again)

    verifier = Verifier()
    verifier.feed(whole)
    verdict = verifier.verdict()

    assert verdict.faults == ()
    assert verdict.runs == 2
    assert [gap.to_us - gap.from_us for gap in verdict.gaps] == [5_000_000, 2_000_000]


def test_a_page_that_another_has_overtaken_writes_nothing_more(page: Browser) -> None:
    both = """
    const old = self.log;
    self.log = await (await logOf(shelf.spool, clock)).open();
    await log.beginRun("page_closed");
    const late = old.packet(new Blob(["late"]), monotonicUs(), 1000000).then(() => "written");
    const told = await Promise.race([late, new Promise((ok) => setTimeout(ok, 500, "silent"))]);
    await log.mark("overtaken", { told, is: old.isOvertaken });
    await log.end("candidate");
    """
    whole = write(page, more=both)

    verifier = Verifier()
    records = list(verifier.records(whole))

    assert verifier.verdict().faults == ()
    assert _opened(records, Kind.PACKET) == [b"first", b"second"]
    assert b'"is":true,"told":"silent"' in _opened(records, Kind.MARK)[-1]


def test_one_bit_changed_in_the_browser_breaks_the_chain(page: Browser) -> None:
    whole = bytearray(write(page))
    whole[len(whole) // 2] ^= 1

    verifier = Verifier()
    verifier.feed(bytes(whole))

    assert verifier.faults()[0] in ("LOG_DAMAGED", "LOG_CHAIN_BROKEN", "LOG_SIGNATURE_WRONG")


def test_a_refused_record_is_stored_later_with_the_very_same_bytes(page: Browser) -> None:
    refusing = """
    const sealed = [];
    const write = shelf.spool.write.bind(shelf.spool);
    let refusals = 2;
    shelf.spool.write = (names, job) => {
      const seen = { put: (bytes) => sealed.push(new Uint8Array(bytes).join()) };
      const head = { result: log.head };
      job(seen, { put: () => {}, get: () => head });
      head.onsuccess();
      const full = new DOMException("", "QuotaExceededError");
      return refusals-- > 0 ? Promise.reject(full) : write(names, job);
    };
    await log.packet(new Blob(["third"]), monotonicUs(), 1);
    self.sealed = sealed;
    await log.end("candidate");
    """
    whole = write(page, more=refusing)

    verifier = Verifier()
    records = list(verifier.records(whole))

    assert verifier.faults() == ()
    assert _opened(records, Kind.PACKET)[-1] == b"third"
    assert page.run("sealed.length >= 3 && new Set(sealed.slice(0, 3)).size") == 1


def _opened(records: list[Record], kind: Kind) -> list[bytes]:
    sealer = Sealer(KEY)
    return [sealer.open(record) for record in records if record.header.kind == kind]


def test_the_vendored_library_is_the_one_that_was_audited() -> None:
    library = (ROOT / "zhishiyun_server/phone/nacl-fast.min.js").read_bytes()

    assert hashlib.sha256(library).hexdigest() in (ROOT / "docs/dependencies.md").read_text("utf-8")


TURNS = """{
const { Sweep } = await import(location.origin + "/p/sweep.js");
const sweep = new Sweep();
sweep.begin(0);
sweep.lit(LIT);
for (let ms = 0; ms <= SECONDS * 1000; ms += 100) {
  if (SPEED !== null) sweep.turned({ alpha: (ms / 1000) * SPEED % 360, beta: 80, gamma: 5 }, ms);
}
sweep.end();
return [sweep.isDone(SECONDS * 1000), sweep.isFast, sweep.isDark];
}"""


@pytest.mark.parametrize(
    ("speed", "seconds", "lit", "done", "fast", "dark"),
    [
        (20, 19, 0.5, True, False, False),
        (-20, 19, 0.5, True, False, False),
        (20, 9, 0.5, False, False, False),  # half a circle
        (5, 40, 0.5, False, False, False),
        (120, 20, 0.5, False, True, False),  # smeared
        (20, 19, 0.05, False, False, True),
        (None, 20, 0.5, False, False, False),  # no sense of direction: half a minute
        (None, 31, 0.5, True, False, False),
    ],
)
def test_a_sweep_is_done_when_the_circle_was_seen(  # R064
    page: Browser,
    speed: int | None,
    seconds: int,
    lit: float,
    done: bool,
    fast: bool,
    dark: bool,
) -> None:
    script = TURNS.replace("LIT", str(lit)).replace("SECONDS", str(seconds))

    assert page.settled(script.replace("SPEED", json.dumps(speed))) == [done, fast, dark]
