"""A small evidence server of the same contract, for what the real one never does.

All its state is files in a folder, so that it can be killed and started again. `temper` makes it
nasty. Run as a program it serves until killed: `chunk_server.py PORT FOLDER`.
"""

from __future__ import annotations

import base64
import hashlib
import os
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec

from zhishiyun_protocol.evidence.verify import Verifier
from zhishiyun_protocol.messages.entering import Problem
from zhishiyun_protocol.messages.evidence import (
    ChunkKept,
    Grant,
    GrantRequest,
    Grants,
    Held,
    Receipt,
    ReceiptBody,
    Seal,
    sign_receipt,
)
from zhishiyun_protocol.signing import SigningKey

SESSION = "session-of-the-test"
SERVER_KEY = SigningKey.from_bytes(bytes(range(32)))
Ranges = list[tuple[int, int]]


@dataclass
class Temper:
    """What it does wrong. Lists of (status, body, headers) are answered once each, in order."""

    wanted: Ranges = field(default_factory=list)
    seal_key: SigningKey = SERVER_KEY
    next_puts: list[tuple[int, bytes, dict[str, str]]] = field(default_factory=list)
    next_others: list[tuple[int, bytes, dict[str, str]]] = field(default_factory=list)
    deny_first_bytes: set[int] = field(default_factory=set)  # answered with a conflict, for ever


class Ledger:
    """What arrived, on disk; and counts, in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.temper = Temper()
        self.puts: Counter[int] = Counter()
        self.received_bytes = 0
        self.lock = threading.Lock()

    def ranges(self) -> Ranges:
        merged: Ranges = []
        for first, end in sorted(self.chunks()):
            if merged and merged[-1][1] == first:
                merged[-1] = (merged[-1][0], end)
            else:
                merged.append((first, end))
        return merged

    def chunks(self) -> Ranges:
        found = [path.stem.split("-") for path in self.folder.glob("*.chunk")]
        return [(int(first), int(first) + int(length)) for first, length in found]

    def pieces(self) -> list[tuple[Path, tuple[int, int]]]:
        """Each chunk's file and place."""
        paths = sorted(self.folder.glob("*.chunk"))
        places = [path.stem.split("-") for path in paths]
        return [
            (path, (int(first), int(first) + int(length)))
            for path, (first, length) in zip(paths, places, strict=True)
        ]

    def bytes(self) -> bytes:
        paths = sorted(self.folder.glob("*.chunk"), key=lambda path: int(path.stem.split("-")[0]))
        return b"".join(path.read_bytes() for path in paths)

    def put(self, first: int, data: bytes) -> tuple[int, object]:
        with self.lock:
            self.puts[first] += 1
            self.received_bytes += len(data)
            path = self.folder / f"{first}-{len(data)}.chunk"
            overlap = [c for c in self.chunks() if c[0] < first + len(data) and first < c[1]]
            is_same = path.exists() and path.read_bytes() == data
            if first in self.temper.deny_first_bytes or (overlap and not is_same):
                return 409, Problem(code="EVIDENCE_CONFLICT", message="other bytes", zh="不同")
            if not is_same:
                fresh = self.folder / f"{first}.new"
                fresh.write_bytes(data)
                fresh.replace(path)
            self.temper.wanted = [
                w for w in self.temper.wanted if not (first <= w[0] and w[1] <= first + len(data))
            ]
            return (200 if is_same else 201), ChunkKept(
                first_byte=first, length=len(data), already=is_same
            )

    def sealed(self, seal: Seal) -> tuple[int, object]:
        ranges = self.ranges()
        if ranges != [(0, seal.length)]:
            ends = [0, *[edge for pair in ranges for edge in pair], seal.length]
            holes = tuple((a, b) for a, b in zip(ends[::2], ends[1::2], strict=True) if a < b)
            return 409, Problem(code="RANGES_MISSING", message="m", zh="缺", missing=holes)
        verifier = Verifier()
        verifier.feed(self.bytes())
        verdict = verifier.verdict()
        if verdict.faults or verdict.head != seal.head:
            return 422, Problem(code="SEAL_WRONG", message=str(verdict.faults), zh="不符")
        receipt = self._receipt(seal, verdict.attempt_id, verdict.sha256)
        (self.folder / "receipt.json").write_bytes(msgspec.json.encode(receipt))
        return 200, receipt

    def receipt(self) -> tuple[int, object]:
        path = self.folder / "receipt.json"
        if not path.exists():
            return 404, Problem(code="NO_RECEIPT", message="none yet", zh="没有")
        return 200, msgspec.json.decode(path.read_bytes(), type=Receipt)

    def _receipt(self, seal: Seal, attempt_id: str, sha256: str) -> Receipt:
        body = ReceiptBody(
            receipt_id="rc-1",
            attempt_id=attempt_id,
            exam_id="exam-1",
            plan_sha256="0" * 64,
            formal=True,
            length=seal.length,
            records=seal.records,
            head=seal.head,
            sha256=sha256,
            coverage=(),
            gaps=0,
            complete=True,
            late=False,
            issued_us=1,
            keep_until="results",
        )
        return sign_receipt(body, self.temper.seal_key)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    ledger: Ledger

    def do_GET(self) -> None:
        if self._is_strange(self.ledger.temper.next_others):
            return
        if self.path == "/v1/me/evidence":
            ranges = tuple(self.ledger.ranges())
            wanted = tuple(self.ledger.temper.wanted)
            sealed = (self.ledger.folder / "receipt.json").exists()
            self._say(200, Held(ranges=ranges, sealed=sealed, wanted=wanted))
        elif self.path == "/v1/me/receipt":
            self._say(*self.ledger.receipt())
        else:
            self._say(404, Problem(code="NOT_FOUND", message="nothing here", zh="没有"))

    def do_POST(self) -> None:
        body = self._body()
        if self._is_strange(self.ledger.temper.next_others):
            return
        if self.headers["Authorization"] != f"Bearer {SESSION}":
            self._say(401, Problem(code="SESSION_UNKNOWN", message="who?", zh="未登录"))
        elif self.path == "/v1/me/evidence/grants":
            self._say(200, self._grants(msgspec.json.decode(body, type=GrantRequest)))
        elif self.path == "/v1/me/evidence/seal":
            self._say(*self.ledger.sealed(msgspec.json.decode(body, type=Seal)))

    def do_PUT(self) -> None:
        body = self._body()
        if self._is_strange(self.ledger.temper.next_puts):
            return
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        if self.headers["Content-Digest"] != f"sha-256=:{digest}:":
            self._say(400, Problem(code="DIGEST_WRONG", message="altered", zh="不符"))
        elif self.headers["If-None-Match"] != "*":
            self._say(428, Problem(code="PRECONDITION_MISSING", message="m", zh="缺"))
        else:
            self._say(*self.ledger.put(int(self.path.rsplit("/", 1)[1]), body))

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def _grants(self, request: GrantRequest) -> Grants:
        held = set(self.ledger.chunks())
        return Grants(
            grants=tuple(
                Grant(
                    first_byte=c.first_byte,
                    url=f"/v1/evidence/attempt-1/{c.first_byte}",
                    headers={},
                    expires_us=2**60,
                )
                for c in request.chunks
                if (c.first_byte, c.first_byte + c.length) not in held
                or any(
                    c.first_byte < end and first < c.first_byte + c.length
                    for first, end in self.ledger.temper.wanted
                )
            )
        )

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def _is_strange(self, answers: list[tuple[int, bytes, dict[str, str]]]) -> bool:
        if not answers:
            return False
        status, body, headers = answers.pop(0)
        self._send(status, body, headers)
        return True

    def _say(self, status: int, value: object) -> None:
        self._send(status, msgspec.json.encode(value), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True


class ChunkServer:
    """`with ChunkServer(folder) as server:` … `server.url`, `server.ledger`."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.ledger = Ledger(folder)
        handler = type("Handler", (_Handler,), {"ledger": self.ledger})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda request, address: None  # type: ignore[method-assign]
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._serve, name="chunk-server")

    def __enter__(self) -> ChunkServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.02)


if __name__ == "__main__":
    with ChunkServer(Path(sys.argv[2]), int(sys.argv[1])) as running:
        print(running.port, os.getpid(), flush=True)
        threading.Event().wait()
