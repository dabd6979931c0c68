"""A server of its own for a load run: exam, roster, paper, tickets, and the process that serves."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import msgspec
import numpy as np
import psutil

from zhishiyun_protocol.errors import Broken
from zhishiyun_server.application import furnish
from zhishiyun_server.domain.idnumber import check_digit
from zhishiyun_server.keep.database_place import make_database
from zhishiyun_server.keep.durable import write_durably
from zhishiyun_server.keep.home import Home
from zhishiyun_server.keep.keys import make_keys
from zhishiyun_server.keep.store_place import StorePlace, keep_place
from zhishiyun_server.load.player import Card
from zhishiyun_server.office.exams import import_exam
from zhishiyun_server.office.papers import import_paper
from zhishiyun_server.office.roster import import_roster
from zhishiyun_server.office.tickets import export_tickets
from zhishiyun_server.premises import Premises
from zhishiyun_server.settings import Settings

EXAM = "load"
READY_WITHIN_S = 60.0
PHOTO_PX = 96
PAPER_BYTES = 64 * 1024
PLAN = """
format = 1
id = "load"
title = "压力演练"
flow = [
  "device_preparation", "consent", "face_login", "home", "reading_flow", "lottery",
  "attachments", "entry", "device_confirmation", "waiting", "answering", "ending", "uploading",
  "receipt",
]
[support]
phone = "400-000-0000"
hours = "09:00-18:00"
[lottery]
enabled = true
closes_before_s = 0
[[attachments]]
id = "pledge"
title = "考生诚信承诺书"
file = "pledge.pdf"
[[stages]]
kind = "answering"
title = "作答"
duration_s = 3600
"""


@dataclass(frozen=True, slots=True)
class Premade:
    """What a server of several processes needs: PostgreSQL's and NATS' addresses."""

    database: str = ""
    bus: str = ""
    processes: int = 1


@dataclass(frozen=True, slots=True)
class Hall:
    """A server that serves, and the cards of those who will come."""

    urls: tuple[str, ...]  # of each process
    processes: tuple[psutil.Process, ...]
    cards: tuple[Card, ...]
    home: Path


@contextmanager
def hall(
    folder: Path,
    count: int,
    starts_in_s: float,
    store: StorePlace | None,
    premade: Premade | None = None,
) -> Iterator[Hall]:
    """Make an exam with `count` candidates that starts so soon, and serve it.

    Raises:
        Broken: LOAD_SERVER: it did not come up.
        Fixable: the database cannot be used.
    """
    premade = premade or Premade()
    home = Home(folder / "server")
    home.make()
    make_keys(home)
    make_database(home, premade.database)
    if premade.bus:
        write_durably(home.bus_address, premade.bus.encode())
    if store is not None:
        keep_place(home.store, store)
    premises = furnish(Settings(home=home.root))
    try:
        ids = _import(premises, count, starts_in_s)
        with ExitStack() as stack:
            serving = [
                stack.enter_context(_serving(home.root, folder / f"ready-{number}.json"))
                for number in range(premade.processes)
            ]
            urls, processes = zip(*serving, strict=True)
            cards = _cards(premises, folder / "tickets", urls[0], ids)
            yield Hall(urls, processes, cards, home.root)
    finally:
        premises.close()


def _import(premises: Premises, count: int, starts_in_s: float) -> dict[str, str]:
    """Make exam, roster and paper; returns 准考证号 → 身份证号."""
    now_us = premises.clock.now_us()
    import_exam(
        premises.database,
        premises.blobs,
        plan_text=PLAN.encode(),
        plan_name="load.toml",
        file_of=lambda _name: b"%PDF-1.4\npledge\n%%EOF\n",
        starts_us=now_us + round(starts_in_s * 1e6),
        exam_id=EXAM,
        formal=False,
        now_us=now_us,
        who="load",
    )
    ids = {f"LOAD-{n:05d}": _id_number(n) for n in range(count)}
    photo = _photo()
    import_roster(
        premises.database,
        premises.blobs,
        content=_roster(ids),
        name="roster.csv",
        exam_id=EXAM,
        photo_of=lambda _name: photo,
        now_us=now_us,
        who="load",
    )
    import_paper(
        premises.database,
        premises.blobs,
        content=b"%PDF-1.4\n" + b"x" * PAPER_BYTES + b"\n%%EOF\n",
        name="paper.pdf",
        exam_id=EXAM,
        subject="",
        language="zh",
        now_us=now_us,
        who="load",
    )
    return ids


def _roster(ids: dict[str, str]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["姓名", "身份证号", "准考证号", "岗位", "科目", "电话", "照片"])
    for number, id_number in ids.items():
        writer.writerow([f"考生{number[-5:]}", id_number, number, "岗位一", "", "", "photo.jpg"])
    return text.getvalue().encode()


def _cards(premises: Premises, folder: Path, url: str, ids: dict[str, str]) -> tuple[Card, ...]:
    exported = export_tickets(
        premises.database,
        premises.keys,
        exam_id=EXAM,
        folder=folder,
        server_url=url,
        now_us=premises.clock.now_us(),
    )
    tickets = [(folder / name).read_text() for name in exported.tickets]
    cards = [Card(ticket, "") for ticket in tickets]
    return tuple(Card(c.ticket, ids[str(c.claims["ticket_number"])]) for c in cards)


@contextmanager
def _serving(home: Path, ready: Path) -> Iterator[tuple[str, psutil.Process]]:
    command = [sys.executable, "-m", "zhishiyun_server", "serve", "--home", str(home)]
    popen = subprocess.Popen([*command, "--ready-file", str(ready)], stdout=subprocess.DEVNULL)
    try:
        deadline_s = time.monotonic() + READY_WITHIN_S
        while not ready.is_file():
            if popen.poll() is not None or time.monotonic() > deadline_s:
                raise Broken("LOAD_SERVER", "The server did not come up.", "服务器未能启动。")
            time.sleep(0.02)
        yield msgspec.json.decode(ready.read_bytes())["url"], psutil.Process(popen.pid)
    finally:
        popen.terminate()
        try:
            popen.wait(20)
        except subprocess.TimeoutExpired:
            popen.kill()
            popen.wait(10)


def _id_number(serial: int) -> str:
    day, number = serial // 999, serial % 999 + 1
    first = f"110101{1990 + day // 28:04d}01{1 + day % 28:02d}{number:03d}"
    return first + check_digit(first)


def _photo() -> bytes:
    codec = av.CodecContext.create("mjpeg", "w")
    codec.width = codec.height = PHOTO_PX
    codec.pix_fmt = "yuvj420p"
    codec.time_base = Fraction(1, 25)
    pixels = np.full((PHOTO_PX, PHOTO_PX, 3), 128, dtype=np.uint8)
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuvj420p")
    return b"".join(bytes(packet) for packet in [*codec.encode(frame), *codec.encode(None)])
