"""What of the guard's findings staff are told: what the candidate is told, and no more (R173)."""

from __future__ import annotations

from collections.abc import Iterable

from zhishiyun_client.flow.room import Room
from zhishiyun_client.ports.recorder import Standing, StandingFinding
from zhishiyun_client.ports.watching import Finding, Severity

NAMES_OF_THE_LIST = ("process.", "display.", "session.", "machine.", "camera.", "power.")
"""Rules whose subject is a product of the list, a connector, a camera or a fixed word. The others'
may be the file name of a program that nobody listed: that stays in the sealed record."""

SHUT_THE_DOOR = ("process.", "display.")  # as the entry page has it (flow/steps/entry.py)


class StaffTeller:
    """Has the recorder tell with its heartbeats what stands. Thread: ui."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._told: tuple[StandingFinding, ...] = ()

    def beat(self) -> None:
        """Tell it when something began or ended."""
        standing = told_to_staff(self._room.ports.guard.findings())
        if standing != self._told:
            self._told = standing
            self._room.ports.recorder.say(Standing(findings=standing))


def told_to_staff(findings: Iterable[Finding]) -> tuple[StandingFinding, ...]:
    """Warnings and what blocks the entry, one a rule and subject, oldest first.

    What is only kept is told to nobody: it happens to honest candidates all the time.
    """
    told = sorted(
        (f for f in findings if f.severity >= Severity.WARNING), key=lambda f: f.started_us
    )
    return tuple({(one.rule, one.subject): one for one in map(_standing, told)}.values())


def _standing(finding: Finding) -> StandingFinding:
    is_listed = finding.rule.startswith(NAMES_OF_THE_LIST)
    return StandingFinding(
        rule=finding.rule,
        subject=finding.subject if is_listed else "",
        name=finding.fact("zh"),
        started_us=finding.started_us,
        blocks=finding.severity is Severity.BLOCKS_ENTRY and finding.rule.startswith(SHUT_THE_DOOR),
    )
