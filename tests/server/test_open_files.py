"""A server that is started with few files allowed serves a hall all the same."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
SYSTEM = "resource.getrlimit(resource.RLIMIT_NOFILE)[1]"
PROGRAM = """
import resource
from zhishiyun_server.open_files import MOST, allow_many
hard = {hard}
resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
allow_many()
wanted = MOST if hard == resource.RLIM_INFINITY else min(MOST, hard)
print(resource.getrlimit(resource.RLIMIT_NOFILE) == (wanted, hard))
"""


@pytest.mark.parametrize("hard", [SYSTEM, "100"], ids=["the system's", "lower for everybody"])
def test_the_limit_is_raised_to_what_the_system_allows(hard: str) -> None:
    program = PROGRAM.format(hard=hard)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout.strip() == "True"
