"""How a stand-in starts a small program of ours, from source and when frozen."""

from __future__ import annotations

import sys

from zhishiyun_client.runtime.programs import client_command

FILM_SERVER = "demonstration-camera"
SOUND_INPUTS = "list-microphones"
DISPLAY_LOOK = "look-at-display"

MODULES = {
    FILM_SERVER: "zhishiyun_client.rehearsal.film_server",
    SOUND_INPUTS: "zhishiyun_client.rehearsal.sound_inputs",
    DISPLAY_LOOK: "zhishiyun_client.rehearsal.display_look",
}
"""The word on the command line of the frozen client, and the module whose `main` it runs."""


def part_command(part: str, *arguments: str) -> list[str]:
    """The command line of one of MODULES.

    From source the module itself is started, which imports nothing else of the client; frozen,
    the client's own program hands the word on to the module's `main(arguments) -> int`.
    """
    if getattr(sys, "frozen", False):
        return client_command(part, *arguments)
    return [sys.executable, "-m", MODULES[part], *arguments]
