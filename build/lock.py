"""Resolve the dependencies of pyproject.toml into requirements.lock.

The lock holds every version and every hash for the platforms named under [tool.uv], names no
host and no path, and is installed by plain pip. The resolver is installed into a throw-away
environment under out/, so that the project itself does not need it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOL = ROOT / "out" / "lock-tool"
LOCK = ROOT / "requirements.lock"
# What a developer has set for uv on this machine could lead into the lock: mirrors and paths.
OF_THIS_MACHINE = ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS")


def main() -> int:
    """Write requirements.lock; the arguments are handed to the resolver."""
    command = [
        str(_resolver()),
        *("pip", "compile", "pyproject.toml", "--group", "dev", "--group", "build"),
        *("--extra", "scale"),
        *("--universal", "--generate-hashes", "--no-header", "--no-annotate", "--quiet"),
        *("--no-emit-index-url", "--no-emit-find-links", "--output-file", LOCK.name),
        *sys.argv[1:],
    ]
    settings = {name: value for name, value in os.environ.items() if name not in OF_THIS_MACHINE}
    return subprocess.run(command, cwd=ROOT, env=settings | {"UV_SYSTEM_CERTS": "1"}).returncode


def _resolver() -> Path:
    folder = TOOL / ("Scripts" if os.name == "nt" else "bin")
    resolver = folder / ("uv.exe" if os.name == "nt" else "uv")
    if not resolver.exists():
        venv.create(TOOL, with_pip=True, clear=True)
        subprocess.run([str(folder / "python"), "-m", "pip", "install", "-q", "uv"], check=True)
    return resolver


if __name__ == "__main__":
    sys.exit(main())
