"""What the samples of a long run come to, as numbers and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

SETTLED_S = 300.0  # issue 3: growth after the first five minutes
MOST_GROWTH_MIB = 20.0
MOST_GIB_PER_HOUR = 1.0
MOST_RESIDENT_MIB = 450.0
NOT_RECORDED = {"", "device_preparation", "consent", "face_login", "home", "reading_flow"}
NOT_RECORDED |= {"binding", "lottery", "attachments", "entry", "uploading", "receipt"}


def summarise(samples: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The figures of the recorded part; {} before it began."""
    recorded = [it for it in samples if it["phase"] not in NOT_RECORDED and both(it)]
    if len(recorded) < 2:
        return {"samples": len(samples)}
    first, last = recorded[0], recorded[-1]
    seconds = last["at_s"] - first["at_s"]
    settled = [it for it in recorded if it["at_s"] - first["at_s"] >= SETTLED_S] or recorded[-1:]
    return {
        "samples": len(samples),
        "recorded_s": round(seconds, 1),
        "recorder_rss_mib": _memory(settled, "recorder"),
        "desk_rss_mib": _memory(settled, "desk"),
        "together_most_mib": round(max(_rss(it, "desk") + _rss(it, "recorder") for it in recorded)),
        "recorder_cores": _cores(first, last, "recorder"),
        "desk_cores": _cores(first, last, "desk"),
        "recorders": len({it["recorder"]["pid"] for it in recorded}),
        "desks": len({it["desk"]["pid"] for it in recorded}),
        "log_mib": last["log_mib"],
        "gib_per_hour": round((last["log_mib"] - first["log_mib"]) / 1024 / seconds * 3600, 3),
        "rungs": sorted({it["rung"] for it in recorded}),
        "counts": last["counts"],
        "load": [min(it["load"] for it in recorded), max(it["load"] for it in recorded)],
    }


def both(sample: dict[str, Any]) -> bool:
    """Whether desk and recorder were there."""
    return sample["desk"] is not None and sample["recorder"] is not None


def _rss(sample: dict[str, Any], name: str) -> float:
    return float(sample[name]["rss_mib"])


def _memory(settled: Sequence[dict[str, Any]], name: str) -> dict[str, float]:
    """After five minutes, at the end, the most, and how much it grew."""
    begin, end = _rss(settled[0], name), _rss(settled[-1], name)
    most = max(_rss(it, name) for it in settled)
    return {"settled": begin, "end": end, "most": most, "grown": round(end - begin, 1)}


def _cores(first: dict[str, Any], last: dict[str, Any], name: str) -> float | None:
    if first[name]["pid"] != last[name]["pid"]:
        return None
    used_s = last[name]["cpu_s"] - first[name]["cpu_s"]
    return round(float(used_s) / float(last["at_s"] - first["at_s"]), 3)


def as_markdown(summary: dict[str, Any]) -> str:
    """A table; what is not known yet is left out."""
    rows: list[tuple[str, object, str]] = []
    if "recorded_s" in summary:
        rows += [
            ("recorded", f"{summary['recorded_s'] / 60:.1f} min", ""),
            *_memory_rows(summary),
            ("recorder, processor", f"{summary['recorder_cores']} core", ""),
            ("desk, processor", f"{summary['desk_cores']} core", ""),
            ("size", f"{summary['gib_per_hour']} GiB/h", f"≤ {MOST_GIB_PER_HOUR:g}"),
            ("rungs", ", ".join(summary["rungs"]), ""),
            ("load of the machine", " – ".join(str(it) for it in summary["load"]), ""),
        ]
        rows += [(f"track {it['track']}", _counts(it), "") for it in summary["counts"]]
    if summary.get("loop"):
        loop = summary["loop"]
        rows.append(
            ("event loop p99 / longest", f"{loop['p99_ms']} / {loop['max_ms']} ms", "16 / 50")
        )
    if "in_step" in summary:
        rows += _step_rows(summary["in_step"])
    if "verified" in summary:
        rows.append(("verified by the server", summary["verified"], "True"))
        rows.append(("faults of the log", summary["faults"] or "none", "none"))
    body = "".join(f"| {name} | {value} | {bound} |\n" for name, value, bound in rows)
    return f"| | measured | bound |\n|---|---|---|\n{body}"


def _memory_rows(summary: dict[str, Any]) -> list[tuple[str, object, str]]:
    rows: list[tuple[str, object, str]] = []
    for name in ("recorder", "desk"):
        it = summary[f"{name}_rss_mib"]
        words = f"{it['settled']} → {it['end']} MiB, most {it['most']}, grown {it['grown']}"
        rows.append((f"{name}, resident after 5 min", words, f"grown ≤ {MOST_GROWTH_MIB:g}"))
    together = f"{summary['together_most_mib']} MiB"
    return [*rows, ("together, most", together, f"≤ {MOST_RESIDENT_MIB:g}")]


def _counts(count: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in count.items() if name != "track")


def _step_rows(found: dict[str, Any]) -> list[tuple[str, object, str]]:
    sound, screen = found["sound_camera"], found["screen_flash"]
    drift = sound["drift_ms"] * found["seconds"] / 600
    return [
        ("sound against camera", f"{sound['mean_ms']} ms, sd {sound['sd_ms']}", "≤ 15, sd ≤ 10"),
        ("drift over the whole", f"{drift:.2f} ms", "≤ 10 in ten minutes"),
        ("screen against camera", f"{screen['mean_ms']} ms", "0 – 100"),
        ("stretches of sound", found["stretches"], "1"),
    ]
