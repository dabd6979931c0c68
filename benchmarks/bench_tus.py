"""Our uploader to our server against tus clients to npm's `@tus/server`, on loopback: MB/s.

The clients are tus-js-client, aiotus and tuspy, installed into `out/bench-tus` when this runs; the
best of the three is the anchor. All send the same number of bytes in chunks of 2 MiB, our largest.
Theirs neither hash nor fsync; ours and our server do both. Sides take turns.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.bench_upload import _ours, _seats
from benchmarks.outcome import report
from tests.server.rig import make_exam, serving
from zhishiyun_client.capture.studio import SWITCH_INTERVAL_S

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "out" / "bench-tus"
NODE_PACKAGES = ("@tus/server@2.4.5", "@tus/file-store@2.1.1", "tus-js-client@4.3.1")
PYTHON_PACKAGES = ("aiotus==1.1.0", "tuspy==1.1.0")
ROUNDS = 3
CHUNK_BYTES = 2 * 1024 * 1024
WITHIN_S = 120.0
SERVER = """
import {Server} from '@tus/server'; import {FileStore} from '@tus/file-store';
const tus = new Server({path: '/files', datastore: new FileStore({directory: process.argv[2]})});
const listening = tus.listen({host: '127.0.0.1', port: 0});
listening.on('listening', () => console.log(listening.address().port));
"""
TUS_JS = """
import fs from 'fs'; import * as tus from 'tus-js-client';
const [endpoint, path, chunk] = process.argv.slice(2);
const began = process.hrtime.bigint();
const upload = new tus.Upload(fs.createReadStream(path), {
  endpoint, chunkSize: Number(chunk), uploadSize: fs.statSync(path).size,
  metadata: {filetype: 'video/mp2t'}, onError: error => { console.error(error); process.exit(1); },
  onSuccess: () => console.log(Number(process.hrtime.bigint() - began) / 1e9)});
upload.start();
"""
AIOTUS = """
import aiotus, asyncio, sys, time
async def main():
    with open(sys.argv[2], 'rb') as file:
        began = time.perf_counter()
        where = await aiotus.upload(sys.argv[1], file, {'filetype': b'video/mp2t'},
                                    chunksize=int(sys.argv[3]))
        assert where is not None
        print(time.perf_counter() - began)
asyncio.run(main())
"""
TUSPY = """
import sys, time
from tusclient import client
began = time.perf_counter()
client.TusClient(sys.argv[1]).uploader(
    sys.argv[2], chunk_size=int(sys.argv[3]), metadata={'filetype': 'video/mp2t'}).upload()
print(time.perf_counter() - began)
"""


def main() -> int:
    """Measure both sides in turn."""
    _install()
    sys.setswitchinterval(SWITCH_INTERVAL_S)  # as in the recorder that ours runs in
    ours: list[float] = []
    theirs: dict[str, list[float]] = {"tus-js-client": [], "aiotus": [], "tuspy": []}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with contextlib.redirect_stdout(sys.stderr):
            exam = make_exam(place, starts_at="+600", count=ROUNDS + 1)
        with serving(exam) as server, _tus_server(place / "tus") as endpoint:
            seats = _seats(exam, server.url, place)
            print(f"warm-up: {_ours(server.url, seats.pop()):.0f} MB/s")
            for number in range(ROUNDS):
                seat = seats.pop()
                sent: dict[str, float] = {}
                for name, rates in theirs.items():
                    sent[name] = seat.size / _their_seconds(name, endpoint, seat.log) / 1e6
                    rates.append(sent[name])
                ours.append(_ours(server.url, seat))
                words = ", ".join(f"{name} {rate:.0f}" for name, rate in sent.items())
                print(f"round {number + 1}: ours {ours[-1]:.0f}, {words} MB/s")
    best = max(theirs, key=lambda name: sorted(theirs[name])[ROUNDS // 2])
    print(f"the best of them: {best}")
    report("tus", ours, theirs[best], "MB/s")
    return 0


def _install() -> None:
    """Fetch clients and server once; nothing of them is a dependency of the project."""
    if (PLACE / "ready").is_file():
        return
    PLACE.mkdir(parents=True, exist_ok=True)
    npm = ["npm", "install", "--prefix", str(PLACE), *NODE_PACKAGES]
    pip = [sys.executable, "-m", "pip", "install", "--target", str(PLACE / "python")]
    for command in (npm, [*pip, *PYTHON_PACKAGES]):
        subprocess.run(command, check=True, stdout=sys.stderr)
    for name, text in (("server", SERVER), ("tus-js-client", TUS_JS)):
        (PLACE / f"{name}.mjs").write_text(text, "utf-8")
    for name, text in (("aiotus", AIOTUS), ("tuspy", TUSPY)):
        (PLACE / f"run_{name}.py").write_text(text, "utf-8")
    (PLACE / "ready").touch()


@contextlib.contextmanager
def _tus_server(folder: Path) -> Iterator[str]:
    folder.mkdir()
    command = ["node", str(PLACE / "server.mjs"), str(folder)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout is not None
        yield f"http://127.0.0.1:{int(running.stdout.readline())}/files"
    finally:
        running.kill()
        running.wait(10)


def _their_seconds(name: str, endpoint: str, path: Path) -> float:
    """Seconds of the transfer alone, as the client's own program measured them."""
    is_node = name == "tus-js-client"
    program = ["node", str(PLACE / f"{name}.mjs")]
    if not is_node:
        program = [sys.executable, str(PLACE / f"run_{name}.py")]
    began_s = time.perf_counter()
    done = subprocess.run(
        [*program, endpoint, str(path), str(CHUNK_BYTES)],
        env={**os.environ, "PYTHONPATH": str(PLACE / "python")},
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=True,
    )
    took_s = float(json.loads(done.stdout.split()[-1]))
    assert took_s <= time.perf_counter() - began_s
    return took_s


if __name__ == "__main__":
    sys.exit(main())
