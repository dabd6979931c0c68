"""Our signatures against the one that AWS publishes, and stores that must not be trusted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.server.log_rig import plain_log
from tests.server.rig import ExamHome, code_of, room
from zhishiyun_protocol.messages.evidence import ChunkOffer, GrantRequest
from zhishiyun_server.evidence.presign import Credentials, presigned
from zhishiyun_server.keep.home import Home
from zhishiyun_server.keep.store_place import StorePlace, keep_place, read_place

DAY_S = 86_400
AT_S = 1_369_353_600.0  # 24 May 2013, 0:00 UTC: the day of AWS's example


def test_the_signature_is_the_one_that_aws_publishes() -> None:
    """Amazon S3 API reference, "Authenticating requests: using query parameters", GET example."""
    credentials = Credentials(
        "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1"
    )

    url = presigned(
        credentials,
        "GET",
        "https://examplebucket.s3.amazonaws.com/test.txt",
        at_s=AT_S,
        lives_s=DAY_S,
    )

    assert "X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request" in url
    assert url.endswith(
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )


def test_a_store_is_tried_before_anything_is_entrusted_to_it(
    exam: ExamHome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets = tmp_path / "secrets"
    secrets.write_text("key\nsecret\n")
    with _credulous_store() as endpoint:
        code = exam.run(
            "store", "set", "s3://evidence/2026", "--endpoint", endpoint,
            "--secrets-file", str(secrets),
        )  # fmt: skip

    said = capsys.readouterr().err
    assert code == 1
    assert "STORE_TOO_WEAK" in said
    assert "TAKEN_TWICE" in said
    assert "ALTERED_BYTES_TAKEN" in said
    assert read_place(Home(exam.home).store) is None


def test_the_place_is_not_changed_under_evidence_that_is_there(
    exam: ExamHome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets = tmp_path / "secrets"
    secrets.write_text("key\nsecret\n")
    with room(exam, at_s=-320) as here:
        candidate = here.candidate().log_in().get_ready()
        candidate.enter()
        candidate.put(0, b"x" * 1000)

    code = exam.run(
        "store", "set", "s3://b/p", "--endpoint", "http://127.0.0.1:9",
        "--secrets-file", str(secrets),
    )  # fmt: skip

    assert code == 1
    assert "STORE_TOO_LATE" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "endpoint", "secrets", "code"),
    [
        ("http://b/p", "https://s3.example", "a\nb", "STORE_ADDRESS"),
        ("s3://b/p", "s3.example", "a\nb", "STORE_ADDRESS"),
        ("s3://b/p", "https://s3.example", "a", "STORE_SECRETS"),
    ],
)
def test_a_store_that_is_named_wrongly_is_refused(
    exam: ExamHome,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    url: str,
    endpoint: str,
    secrets: str,
    code: str,
) -> None:
    path = tmp_path / "secrets"
    path.write_text(secrets)

    assert exam.run("store", "set", url, "--endpoint", endpoint, "--secrets-file", str(path)) == 1
    assert code in capsys.readouterr().err


def test_the_store_is_shown_without_its_secrets(
    exam: ExamHome, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home(exam.home)
    keep_place(home.store, _nowhere())

    assert exam.run("store", "show") == 0

    said = capsys.readouterr().out
    assert "s3://evidence/" in said
    assert "hidden" not in said
    assert home.store.stat().st_mode & 0o077 == 0


def test_a_store_that_is_away_loses_nothing_and_says_so(exam: ExamHome) -> None:
    keep_place(Home(exam.home).store, _nowhere())
    with room(exam, at_s=-320) as here:
        candidate = here.candidate().log_in().get_ready()
        log = plain_log(candidate, candidate.enter())
        offer = ChunkOffer(first_byte=0, length=1000, sha256="0" * 64)

        granted = candidate.post("/v1/me/evidence/grants", GrantRequest(chunks=(offer,)))
        put = candidate.put(0, bytes(log.data[:1000]))
        held = candidate.get("/v1/me/evidence")
        sealed = candidate.seal(log.seal())

    assert granted.json()["grants"][0]["url"].startswith("http://127.0.0.1:9/evidence/")
    for answer in (put, held, sealed):
        assert code_of(answer) == (503, "STORE_UNREACHABLE")
        assert answer.headers["retry-after"] == "5"


def _nowhere() -> StorePlace:
    return StorePlace(
        bucket="evidence",
        prefix="",
        endpoint="http://127.0.0.1:9",  # discard: nobody listens
        access_key="key",
        secret_key="hidden",
    )


@contextmanager
def _credulous_store() -> Iterator[str]:
    """A store that takes whatever comes, like some that call themselves S3-compatible."""
    objects: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            objects[self.path.split("?")[0]] = self.rfile.read(int(self.headers["Content-Length"]))
            self._say(200)

        def do_GET(self) -> None:
            content = objects.get(self.path.split("?")[0])
            self._say(200, b"<ListBucketResult/>" if content is None else content)

        def do_DELETE(self) -> None:
            self._say(204)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            del format, args

        def _say(self, status: int, content: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
