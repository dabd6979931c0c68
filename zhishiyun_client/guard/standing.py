"""From what is seen at a beat to findings with a beginning and an end. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from zhishiyun_client.ports.watching import Cause, Facts, Finding, Says, Severity


@dataclass(frozen=True, slots=True)
class Sight:
    """A finding without times: what one look says. Fields as in `Finding`."""

    rule: str
    subject: str
    cause: Cause
    severity: Severity
    explanation: Says
    facts: Facts = ()

    @property
    def key(self) -> tuple[str, str]:
        """What stays the same while the thing lasts."""
        return (self.rule, self.subject)


class Standing:
    """The findings that stand now: each is said once when it begins and once when it is over.

    Thread: one at a time.
    """

    def __init__(self, rules_version: str) -> None:
        self._rules_version = rules_version
        self._open: dict[tuple[str, str], Finding] = {}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What stands now, oldest first."""
        return tuple(self._open.values())

    def update(self, sights: Iterable[Sight], now_us: int) -> tuple[Finding, ...]:
        """Take one look in; what ended and what began since the last, in that order."""
        seen = {sight.key: sight for sight in sights}
        ended = [f.ended(now_us) for key, f in self._open.items() if key not in seen]
        began = [self._begun(s, now_us) for key, s in seen.items() if key not in self._open]
        for finding in ended:
            del self._open[finding.key]
        self._open.update((finding.key, finding) for finding in began)
        return (*ended, *began)

    def end_all(self, now_us: int) -> tuple[Finding, ...]:
        """End everything: nobody looks any more."""
        return self.update((), now_us)

    def _begun(self, sight: Sight, now_us: int) -> Finding:
        return Finding(
            rule=sight.rule,
            subject=sight.subject,
            cause=sight.cause,
            severity=sight.severity,
            explanation=sight.explanation,
            rules_version=self._rules_version,
            started_us=now_us,
            facts=sight.facts,
        )
