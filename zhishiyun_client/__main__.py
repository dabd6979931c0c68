"""`python -m zhishiyun_client` and the program `zhishiyun`."""

from __future__ import annotations

import sys

from zhishiyun_client.app.cli import main as run


def main() -> int:
    """Run and return the exit code."""
    return run()


if __name__ == "__main__":
    sys.exit(main())
