"""How a benchmark says what it found."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence


def report(bench: str, ours: Sequence[float], anchor: Sequence[float], unit: str) -> None:
    """Print the medians of both sides, and as the last line the JSON object."""
    mine, theirs = statistics.median(ours), statistics.median(anchor)
    print(f"{bench}: ours {_spread(ours)}, anchor {_spread(anchor)} {unit}")
    result = {
        "bench": bench,
        "ours": round(mine, 4),
        "anchor": round(theirs, 4),
        "ratio": round(mine / theirs, 3) if theirs else None,
        "unit": unit,
    }
    print(json.dumps(result, ensure_ascii=False), flush=True)


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.3f} ({min(values):.3f}…{max(values):.3f})"
