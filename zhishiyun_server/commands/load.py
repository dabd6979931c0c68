"""`zhishiyun-server load`: N candidates by the real protocol, and what they cost."""

from __future__ import annotations

import argparse
import asyncio
import csv
import io
import tempfile
from pathlib import Path

import msgspec

from zhishiyun_protocol.errors import Fixable
from zhishiyun_server.keep.home import Home
from zhishiyun_server.keep.store_place import read_place
from zhishiyun_server.load.campaign import Campaign, Pace, Run
from zhishiyun_server.load.figures import exponent
from zhishiyun_server.load.hall import Premade, hall
from zhishiyun_server.load.player import Card


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """All runs, and how the cost grows from the smallest to the largest; 1 is linear."""

    runs: tuple[Run, ...]
    growth: dict[str, float]

    @property
    def is_whole(self) -> bool:
        """Whether nothing went wrong and everybody has a receipt."""
        return all(
            not run.errors
            and run.receipts == run.candidates
            and run.phone_receipts in (0, run.candidates)
            for run in self.runs
        )


def run(options: argparse.Namespace) -> int:
    """Play; 0 when everybody got a receipt without an error and nothing grows faster than N."""
    pace = Pace(
        arrive_per_s=options.arrive_per_s,
        wait_s=options.wait_s,
        upload_s=options.upload_s,
        chunk_bytes=options.chunk_kib * 1024,
        every_s=options.every_s,
        phones=options.phones,
    )
    runs = _elsewhere(options, pace) if options.url else _here(options, pace)
    loaded = Loaded(runs=runs, growth=_growth(runs))
    print(msgspec.json.encode(loaded).decode() if options.json else _sentences(loaded))
    return 0 if loaded.is_whole else 1


def _here(options: argparse.Namespace, pace: Pace) -> tuple[Run, ...]:
    """Against a server of its own, in another process, a fresh one for each size."""
    store = read_place(Home(options.like).store) if options.like else None
    premade = _premade(options)
    runs: list[Run] = []
    for count in sorted(options.candidates):
        starts_in_s = count / pace.arrive_per_s + pace.wait_s + options.settle_s
        with (
            tempfile.TemporaryDirectory(prefix="zhishiyun-load-") as folder,
            hall(Path(folder), count, starts_in_s, store, premade) as place,
        ):
            campaign = Campaign(place.urls, place.cards, pace, place.processes)
            runs.append(asyncio.run(campaign.run()))
    return tuple(runs)


def _premade(options: argparse.Namespace) -> Premade:
    if options.database_file is None:
        if options.processes != 1:
            raise Fixable(
                "LOAD_DATABASE",
                "Several processes need --database-file with the address of an empty PostgreSQL.",
                "多个进程须用 --database-file 给出一个空的 PostgreSQL 数据库的地址。",
            )
        return Premade()
    if len(options.candidates) != 1:
        raise Fixable(
            "LOAD_DATABASE",
            "An empty database carries one run: name one number of candidates.",
            "一个空数据库只能用于一次演练：请只给出一个人数。",
        )
    bus = options.bus_file.read_text("utf-8").strip() if options.bus_file else ""
    return Premade(options.database_file.read_text("utf-8").strip(), bus, options.processes)


def _elsewhere(options: argparse.Namespace, pace: Pace) -> tuple[Run, ...]:
    if options.tickets is None:
        raise Fixable(
            "LOAD_TICKETS",
            "--url needs --tickets DIR, and --roster FILE.csv where the login asks for numbers.",
            "使用 --url 时须给出 --tickets 目录；登录需要证件号时还须给出 --roster。",
        )
    ids = _ids(options.roster)
    cards = [Card(path.read_text(), "") for path in sorted(options.tickets.glob("*.zsyenroll"))]
    cards = [Card(c.ticket, ids.get(str(c.claims["ticket_number"]), "")) for c in cards]
    most = max(options.candidates)
    return (asyncio.run(Campaign([options.url], cards[:most], pace).run()),)


def _ids(roster: Path | None) -> dict[str, str]:
    if roster is None:
        return {}
    rows = csv.DictReader(io.StringIO(roster.read_text("utf-8-sig")))
    return {row["准考证号"]: row["身份证号"] for row in rows}


def _growth(runs: tuple[Run, ...]) -> dict[str, float]:
    """Exponents of the server's CPU from the smallest run to the largest, part by part."""
    if len(runs) < 2:
        return {}
    small, large = runs[0], runs[-1]
    sizes = (small.candidates, large.candidates)
    grown = {
        name: exponent(small.parts[name].cpu_s, part.cpu_s, *sizes)
        for name, part in large.parts.items()
        if name in small.parts
    }
    total = [sum(part.cpu_s for part in one.parts.values()) for one in (small, large)]
    grown["all"] = exponent(total[0], total[1], *sizes)
    return {name: round(value, 3) for name, value in grown.items()}


def _sentences(loaded: Loaded) -> str:
    lines: list[str] = []
    for one in loaded.runs:
        lines.append(
            f"{one.candidates} 名考生，{one.receipts} 份回执 · receipts，"
            f"手机 {one.phone_receipts} 份 · of phones"
        )
        lines += [f"  错误 · error: {what} ×{n}" for what, n in one.errors.items()]
        lines += [f"  等待 · asked to wait: {what} ×{n}" for what, n in one.waits.items()]
        lines += [
            f"  {call:<12} {f.count:>7} ×  p50 {f.p50_ms:>8.1f}  p90 {f.p90_ms:>8.1f}  "
            f"p99 {f.p99_ms:>8.1f}  max {f.most_ms:>8.1f} ms"
            for call, f in one.calls.items()
        ]
        lines += [
            f"  {name:<12} {part.seconds:>7.1f} s  CPU {part.cpu_s:>7.2f} s  "
            f"{part.cpu_ms_a_candidate:>8.2f} ms/考生"
            for name, part in one.parts.items()
        ]
        lines.append(
            f"  内存 · memory {one.memory_before_mb} → {one.memory_most_mb} MB, "
            f"{one.memory_kb_a_connection} kB/连接; "
            f"密钥先后 · key spread {one.key_spread_ms} ms; "
            f"players {one.player_cpu_share} core"
        )
    if loaded.growth:
        lines.append("增长指数（1 为线性）· growth exponents, 1 is linear:")
        lines += [f"  {name:<12} {value:.3f}" for name, value in loaded.growth.items()]
    return "\n".join(lines)
