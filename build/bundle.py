"""Build the bundle of installer.spec under out/ and see that its programs start.

python build/bundle.py [--rehearse]    afterwards: a whole automatic rehearsal by the bundle
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "out" / "work"
DIST = ROOT / "out" / "dist"
BUNDLE = DIST / "zhishiyun"
START_WITHIN_S = 60
REHEARSE_WITHIN_S = 900
REHEARSAL = ("rehearse", "--notice", "a", "--auto", "--speed", "60", "--json")


def main() -> int:
    """Build, start both programs, and rehearse if asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rehearse", action="store_true")
    options = parser.parse_args()
    places = ["--workpath", str(WORK), "--distpath", str(DIST), "--noconfirm", "--clean"]
    build = [sys.executable, "-m", "PyInstaller", *places, "--log-level", "WARN", "installer.spec"]
    if subprocess.run(build, cwd=ROOT).returncode != 0:
        return 1
    files = [path for path in BUNDLE.rglob("*") if path.is_file() and not path.is_symlink()]
    size_bytes = sum(path.stat().st_size for path in files)
    print(f"{BUNDLE.relative_to(ROOT)}: {size_bytes / 1e6:.0f} MB")
    started = [_runs("zhishiyun", "--version"), _runs("zhishiyun-server", "--help")]
    rehearsed = not options.rehearse or _runs("zhishiyun", *REHEARSAL, within_s=REHEARSE_WITHIN_S)
    return 0 if all(started) and rehearsed else 1


def _runs(name: str, *arguments: str, within_s: float = START_WITHIN_S) -> bool:
    program = BUNDLE / (f"{name}.exe" if os.name == "nt" else name)
    # Without this environment's Python on the way: the bundle has to do with what it holds.
    surroundings = {
        key: value
        for key, value in os.environ.items()
        if key not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    }
    outcome = subprocess.run(
        [str(program), *arguments], cwd=DIST, env=surroundings, timeout=within_s
    )
    print(f"{name} {' '.join(arguments)}: {'ok' if outcome.returncode == 0 else 'FAILED'}")
    return outcome.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
