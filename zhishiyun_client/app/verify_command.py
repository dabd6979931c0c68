"""`zhishiyun verify FILE…`: whether recordings are whole, without server and key (R253)."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.evidence.verify import Verdict, Verifier
from zhishiyun_protocol.messages.evidence import Receipt
from zhishiyun_protocol.signing import from_text

PIECE_BYTES = 1024 * 1024
FOREIGN = "LOG_FOREIGN"
FAULT_WORDS = {
    FOREIGN: ("not an evidence log", "不是本系统的录制证据文件"),
    "LOG_DAMAGED": ("damaged", "文件损坏"),
    "LOG_CHAIN_BROKEN": ("the chain is broken: something was altered", "证据链断开：内容被改动"),
    "LOG_SIGNATURE_WRONG": ("a signature does not fit", "签名不符"),
    "LOG_TORN": ("cut in the middle of a record", "末尾不完整"),
    "LOG_NOT_ENDED": ("the recording was not closed", "录制未正常结束"),
    "LOG_TAIL_UNSIGNED": ("the end is not signed", "末尾没有签名"),
    "RECEIPT_FORGED": ("the receipt's signature does not fit", "回执签名不符"),
    "RECEIPT_DIFFERS": ("the receipt speaks of other bytes", "回执与文件内容不符"),
}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of one file."""

    file: str
    whole: bool
    faults: tuple[str, ...]
    verdict: Verdict
    receipt: str = ""  # its id, when one lies beside the log


def main(arguments: Sequence[str]) -> int:
    """Verify every file; exit code 1 when one is not whole or cannot be read."""
    parser = argparse.ArgumentParser(prog="zhishiyun verify", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args(arguments)
    all_whole = True
    for path in options.files:
        try:
            report = verify(path)
        except Refused as error:  # the other files are looked at all the same
            print(error.bilingual(), file=sys.stderr)
            all_whole = False
            continue
        print(msgspec.json.encode(report).decode() if options.json else _words(report))
        all_whole = all_whole and report.whole
    return 0 if all_whole else 1


def verify(path: Path) -> Report:
    """Read one log to its end, and the receipt beside it.

    Raises:
        Refused: FILE_UNREADABLE.
    """
    verifier = Verifier()
    try:
        with path.open("rb") as log:
            while piece := log.read(PIECE_BYTES):
                verifier.feed(piece)
    except OSError as error:
        english, chinese = _why_unread(error)
        raise Refused(
            "FILE_UNREADABLE",
            f"{path.name} cannot be read: {english}.",
            f"无法读取 {path.name}：{chinese}。",
        ) from error
    verdict = verifier.verdict()
    receipt_id, receipt_faults = _receipt_beside(path, verifier, verdict)
    faults = (*verdict.faults, *receipt_faults)
    return Report(
        file=str(path), whole=not faults, faults=faults, verdict=verdict, receipt=receipt_id
    )


def _why_unread(error: OSError) -> tuple[str, str]:
    if isinstance(error, FileNotFoundError):
        return "there is no such file. Check the name", "没有这个文件，请检查文件名"
    if isinstance(error, IsADirectoryError):
        return "this is a folder. Name the .zlog file in it", "这是文件夹，请指定其中的 .zlog 文件"
    if isinstance(error, PermissionError):
        return "this account may not read it", "当前账号没有读取权限"
    return f"{error.strerror} (the medium may be damaged)", f"{error.strerror}（存储介质可能损坏）"


def _receipt_beside(
    path: Path, verifier: Verifier, verdict: Verdict
) -> tuple[str, tuple[str, ...]]:
    beside = path.with_suffix(".receipt.json")
    if not beside.is_file() or verifier.header is None:
        return "", ()
    try:
        receipt = msgspec.json.decode(beside.read_bytes(), type=Receipt)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "", ("RECEIPT_FORGED",)
    if not receipt.is_genuine(from_text(verifier.header.server_key)):
        return receipt.body.receipt_id, ("RECEIPT_FORGED",)
    same = (receipt.body.sha256, receipt.body.head) == (verdict.sha256, verdict.head)
    return receipt.body.receipt_id, () if same else ("RECEIPT_DIFFERS",)


def _words(report: Report) -> str:
    verdict = report.verdict
    counts = f"  记录 / records {verdict.records}, 运行 / runs {verdict.runs}, "
    counts += f"签名 / signatures {verdict.signatures}, 字节 / bytes {verdict.length}"
    state = "完整 / whole" if report.whole else "不完整 / NOT WHOLE"
    if FOREIGN in report.faults:  # nothing else can be said of it
        english, chinese = FAULT_WORDS[FOREIGN]
        return f"{report.file}: {state}\n  ✗ {FOREIGN}: {chinese} / {english}"
    lines = [f"{report.file}: {state}", counts]
    for fault in report.faults:
        english, chinese = FAULT_WORDS.get(fault, ("", ""))
        lines.append(f"  ✗ {fault}: {chinese} / {english}")
    for gap in verdict.gaps:
        seconds = (gap.to_us - gap.from_us) / 1e6
        lines.append(
            f"  – 中断 / gap {seconds:.2f} s, 轨道 / tracks {list(gap.tracks)}: {gap.cause}"
        )
    for track in verdict.coverage:
        missing = json.dumps(track.missing) if track.missing else "—"
        lines.append(
            f"  {track.track:10} {track.covered}/{track.seconds} s, 缺失 / missing {missing}"
        )
    if report.receipt:
        lines.append(f"  回执 / receipt {report.receipt}")
    return "\n".join(lines)
