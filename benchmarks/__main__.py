"""Run benchmarks: `python -m benchmarks [NAME…]`, all of them without a name.

Each lies in `bench_<name>.py`, has `main() -> int`, and prints as its last line one JSON object
{"bench", "ours", "anchor", "ratio", "unit"}, both sides measured in the same run, interleaved.
The last line of a run over several is one JSON list of theirs.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
FIELDS = {"bench", "ours", "anchor", "ratio", "unit"}


def main() -> int:
    """Run the chosen benchmarks one after another; fail if one gives no result."""
    known = sorted(path.stem.removeprefix("bench_") for path in FOLDER.glob("bench_*.py"))
    names = sys.argv[1:] or known
    if unknown := [name for name in names if name not in known]:
        print(f"没有这样的基准 · no such benchmark: {', '.join(unknown)}")
        print(f"可选 · there are: {', '.join(known)}")
        return 2
    results = {name: _result_of(name) for name in names}
    if len(names) > 1:
        print(json.dumps([result for result in results.values() if result]))
    return 0 if all(results.values()) else 1


def _result_of(name: str) -> dict[str, object] | None:
    command = [sys.executable, "-m", f"benchmarks.bench_{name}"]
    child = subprocess.Popen(command, cwd=FOLDER.parent, stdout=subprocess.PIPE, text=True)
    last = ""
    for line in child.stdout or ():
        print(line, end="", flush=True)
        last = line.strip() or last
    return _read(last) if child.wait() == 0 else None


def _read(line: str) -> dict[str, object] | None:
    try:
        result = json.loads(line)
    except ValueError:
        return None
    return result if isinstance(result, dict) and result.keys() >= FIELDS else None


if __name__ == "__main__":
    sys.exit(main())
