"""The anchors: nginx taking PUTs, the npm tus server (neither hashes nor fsyncs), a bare echo."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
TUS_FOLDER = ROOT / "out" / "tus"
TUS_PACKAGES = ("@tus/server@2.4.5", "@tus/file-store@2.1.0")
UP_WITHIN_S = 20.0
TUS_PROGRAM = """
import { Server } from '@tus/server'
import { FileStore } from '@tus/file-store'
const [folder, port] = process.argv.slice(2)
const server = new Server({ path: '/files', datastore: new FileStore({ directory: folder }) })
server.listen({ host: '127.0.0.1', port: Number(port) })
"""
ECHO_PROGRAM = """
import asyncio, sys, uvloop
class Echo(asyncio.Protocol):
    def connection_made(self, transport): self.transport = transport
    def data_received(self, data): self.transport.write(bytes(150))
async def main():
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()
uvloop.run(main())
"""
NGINX_CONFIG = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
user root;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_max_body_size 16m; client_body_buffer_size 128k;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port};
    location / {{ root {folder}/kept; dav_methods PUT; create_full_put_path on; }}
  }}
}}
"""


@contextlib.contextmanager
def nginx(folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """nginx that keeps what is PUT: no digest, no fsync, no index."""
    port = _free_port()
    for name in ("kept", "body", "p", "f", "u", "s"):
        (folder / name).mkdir(parents=True)
    config = folder / "nginx.conf"
    config.write_text(NGINX_CONFIG.format(folder=folder, port=port))
    program = shutil.which("nginx") or "nginx"
    with _running([program, "-c", str(config), "-p", str(folder)], port) as process:
        yield f"http://127.0.0.1:{port}", process


@contextlib.contextmanager
def echo() -> Iterator[tuple[str, psutil.Process]]:
    """A WebSocket server's least: every read is answered by 150 bytes, nothing is looked at."""
    port = _free_port()
    with _running([sys.executable, "-c", ECHO_PROGRAM, str(port)], port) as process:
        yield f"http://127.0.0.1:{port}", process


@contextlib.contextmanager
def tus(folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """The npm tus server over a folder; installed under out/ when it is not there yet."""
    if not (TUS_FOLDER / "node_modules" / "@tus" / "server").is_dir():
        TUS_FOLDER.mkdir(parents=True, exist_ok=True)
        (TUS_FOLDER / "package.json").write_text(json.dumps({"private": True, "type": "module"}))
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", *TUS_PACKAGES],
            cwd=TUS_FOLDER,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    program = TUS_FOLDER / "server.mjs"
    program.write_text(TUS_PROGRAM)
    kept = folder / "kept"
    kept.mkdir(parents=True)
    port = _free_port()
    with _running(["node", str(program), str(kept), str(port)], port) as process:
        yield f"http://127.0.0.1:{port}", process


def cpu_s(process: psutil.Process) -> float:
    """CPU seconds of a process and its children since they began."""
    family = [process, *process.children(recursive=True)]
    return sum(float(sum(one.cpu_times()[:2])) for one in family)


@contextlib.contextmanager
def _running(command: list[str], port: int) -> Iterator[psutil.Process]:
    popen = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        deadline_s = time.monotonic() + UP_WITHIN_S
        while True:
            if popen.poll() is not None or time.monotonic() > deadline_s:
                raise RuntimeError(f"{command[0]} did not come up")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield psutil.Process(popen.pid)
    finally:
        popen.terminate()
        popen.wait(10)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
