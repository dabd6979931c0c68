"""`zhishiyun demonstration-phone`: the phone's part in a rehearsal, as a program of its own.

It outlives the desk, as a real phone does. The desk of a rehearsal that plays by itself starts it
with the code that its page shows.
"""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from zhishiyun_client.net.http_library import httpx
from zhishiyun_client.runtime.paths import private_folder
from zhishiyun_client.runtime.programs import client_command

FOLDER = "phone"
PRINTED = "printed.txt"


def play_phone(url: str, code: str, home: Path) -> None:
    """Start the program; nobody waits for it: it ends when its recording has a receipt."""
    folder = private_folder(home / FOLDER)
    words = client_command(
        "demonstration-phone", "--server", url, "--code", code, "--home", str(home)
    )
    with (folder / PRINTED).open("ab") as printed:
        subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=printed, stderr=printed)


def main(arguments: Sequence[str]) -> int:
    """Play the phone until its recording has a receipt."""
    parser = argparse.ArgumentParser(prog="zhishiyun demonstration-phone", description=__doc__)
    parser.add_argument("--server", required=True, metavar="URL")
    parser.add_argument("--code", required=True, help="绑定码 / the ten digits")
    parser.add_argument("--home", required=True, type=Path, metavar="DIR")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    folder = private_folder(options.home / FOLDER)
    # The desk imports this module for `play_phone`; what encodes a film is loaded here only.
    phone = importlib.import_module("zhishiyun_client.app.demonstration_phone")
    try:
        filmed = phone.DemonstrationPhone(options.server, folder).run(options.code)
    except httpx.HTTPError as error:
        print(f"演示手机已停止 / the demonstration phone stopped: {error}", file=sys.stderr)
        return 1
    print(json.dumps({"recording_id": filmed.recording_id, "seconds": filmed.seconds}))
    return 0
