"""Check the tree: format, lint, types, import contracts, tests.

All of them run even when one fails, so that one call tells everything. `--fast` leaves out the
journeys and the faults; other arguments go to pytest.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent
WORKERS = ["-n", "2", "--dist", "loadfile"]  # as the Makefile's `test`
# What one system never reaches is its neighbours' code, not a mistake.
_TYPES_ELSEWHERE = [
    *(sys.executable, "-m", "mypy", "--no-warn-unreachable", "--follow-imports", "silent"),
]


def main() -> int:
    """Run every check; the exit code is the number of those that failed."""
    arguments = sys.argv[1:]
    fast = "--fast" in arguments
    chosen = [argument for argument in arguments if argument != "--fast"]
    marks = ["-m", "not journey and not faults and not slow"] if fast else []
    checks = {
        "format": [sys.executable, "-m", "ruff", "format", "--check", "--quiet"],
        "lint": [sys.executable, "-m", "ruff", "check", "--quiet"],
        "types": [sys.executable, "-m", "mypy"],
        "types on Windows": [*_TYPES_ELSEWHERE, "--platform", "win32", *_elsewhere()],
        "types on macOS": [*_TYPES_ELSEWHERE, "--platform", "darwin", *_elsewhere()],
        "imports": [str(PROGRAMS / "lint-imports"), "--no-logo"],
        "tests": [sys.executable, "-m", "pytest", *WORKERS, *marks, *chosen],
    }
    outcome = {name: _passes(name, command) for name, command in checks.items()}
    print("\n" + "  ".join(f"{name}: {'ok' if ok else 'FAILED'}" for name, ok in outcome.items()))
    return sum(not ok for ok in outcome.values())


def _elsewhere() -> list[str]:
    """What has to run on other systems too: all but the stand-ins of a rehearsal."""
    client = ROOT / "zhishiyun_client"
    parts = [
        path for path in sorted(client.iterdir()) if path.name not in ("rehearsal", "__pycache__")
    ]
    return ["zhishiyun_protocol", *(str(part.relative_to(ROOT)) for part in parts)]


def _passes(name: str, command: list[str]) -> bool:
    print(f"── {name}", flush=True)
    began = time.monotonic()
    passed = subprocess.run(command, cwd=ROOT).returncode == 0
    print(f"   {'ok' if passed else 'FAILED'} after {time.monotonic() - began:.1f} s", flush=True)
    return passed


if __name__ == "__main__":
    sys.exit(main())
