"""What a rehearsal came to: phases, tracks, upload, receipt and exported files, as one object."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from zhishiyun_client.app.phone_command import FOLDER as PHONE_FOLDER
from zhishiyun_client.app.rehearsal_server import RehearsalServer
from zhishiyun_client.keep.journal import JournalFile
from zhishiyun_client.runtime.paths import attempt_folder
from zhishiyun_protocol.evidence.contents import End
from zhishiyun_protocol.evidence.layout import Kind, Track
from zhishiyun_protocol.evidence.verify import Verdict, Verifier
from zhishiyun_protocol.messages.evidence import Receipt

JOURNAL_FOLDER = "desk"
PIECE_BYTES = 1024 * 1024


def gather(
    notice: str, home: Path, server: RehearsalServer, export_to: Path, real_s: float
) -> dict[str, Any]:
    """Everything that can be said about the rehearsal in `home`; nothing is taken on trust.

    Paths are whole; `without_places` is for a folder that does not stay.
    """
    journal = JournalFile(home / JOURNAL_FOLDER)
    phases = [
        {"phase": entry.facts["phase"], "at_us": entry.at_us} for entry in journal.entries("phase")
    ]
    attempt = journal.latest("attempt")
    outcome: dict[str, Any] = {
        "notice": notice,
        "real_s": round(real_s, 1),
        "phases": phases,
        "attempt_id": attempt.facts["attempt_id"] if attempt else "",
        "evidence_log": "",
        "tracks": {},
        "upload": {"bytes": 0, "sha256": "", "verified": False},
        "receipt": None,
        "phone": [],
        "exported": [],
        "faults": [],
    }
    if attempt is None:
        return outcome
    attempt_id = attempt.facts["attempt_id"]
    folder = attempt_folder(home, attempt_id)
    log = folder / f"{attempt_id}.zlog"
    if not log.is_file():  # the candidate left before anything was recorded
        return outcome
    verdict, end = _read(log)
    receipt = _receipt(folder / f"{attempt_id}.receipt.json")
    outcome["evidence_log"] = str(log)
    outcome["faults"] = list(verdict.faults)
    outcome["tracks"] = _tracks(verdict, end)
    outcome["upload"] = {
        "bytes": verdict.length,
        "sha256": verdict.sha256,
        "verified": _is_verified(verdict, receipt),
    }
    outcome["phone"] = _phones(home / PHONE_FOLDER)
    if receipt is not None:
        outcome["receipt"] = receipt.body.receipt_id
        outcome["exported"] = _export(server, attempt_id, export_to)
    return outcome


def _phones(folder: Path) -> list[dict[str, Any]]:
    """What demonstration phones filmed."""
    found = []
    for log in sorted(folder.glob("*.zlog")):
        verdict, _ = _read(log)
        receipt = _receipt(log.with_suffix(".receipt.json"))
        found.append(
            {
                "recording_id": verdict.attempt_id,
                "bytes": verdict.length,
                "seconds": sum(covered.covered for covered in verdict.coverage),
                "verified": _is_verified(verdict, receipt),
                "formal": receipt is not None and receipt.body.formal,
                "faults": list(verdict.faults),
            }
        )
    return found


def without_places(outcome: dict[str, Any]) -> dict[str, Any]:
    """The same with bare file names: the files themselves are gone with their folder."""
    names = [Path(path).name for path in outcome["exported"]]
    return {**outcome, "evidence_log": Path(outcome["evidence_log"]).name, "exported": names}


def _read(log: Path) -> tuple[Verdict, End | None]:
    verifier, end = Verifier(), None
    with log.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            for record in verifier.records(piece):
                if record.header.kind == Kind.END:
                    end = msgspec.json.decode(record.payload, type=End)
    return verifier.verdict(), end


def _receipt(path: Path) -> Receipt | None:
    if not path.is_file():
        return None
    return msgspec.json.decode(path.read_bytes(), type=Receipt)


def _is_verified(verdict: Verdict, receipt: Receipt | None) -> bool:
    """The server's signed word is about exactly these bytes, and they are whole."""
    return (
        receipt is not None
        and receipt.is_genuine()
        and receipt.body.complete
        and receipt.body.sha256 == verdict.sha256
        and verdict.is_whole
    )


def _tracks(verdict: Verdict, end: End | None) -> dict[str, Any]:
    dropped = {count.track: count.dropped for count in end.counts} if end else {}
    overflows = {count.track: count.overflows for count in end.counts} if end else {}
    tracks: dict[str, Any] = {}
    for covered in verdict.coverage:
        number = Track[covered.track.upper()]
        tracks[covered.track] = {
            "seconds": covered.covered,
            "of_seconds": covered.seconds,
            "frames": covered.packets,
            "dropped": dropped.get(number, 0),
            "overflows": overflows.get(number, 0),
            "gaps": sum(number in gap.tracks for gap in verdict.gaps),
        }
    return tracks


def _export(server: RehearsalServer, attempt_id: str, folder: Path) -> list[str]:
    said = server.command("export", "--attempt", attempt_id, "--out", str(folder), "--json")
    json.loads(said.strip().splitlines()[-1])
    return sorted(str(path) for path in folder.rglob("*") if path.is_file())
