"""What is around the exam on this machine: displays, programs, face pack, key store (R033–R036)."""

from __future__ import annotations

from zhishiyun_client.ports.checks import (
    Advice,
    Bound,
    CheckContext,
    CheckId,
    CheckResult,
    Outcome,
    Unit,
)
from zhishiyun_client.ports.watching import Finding, Severity
from zhishiyun_client.selftest.judging import result, skipped


class DisplaysCheck:
    """One display. What cannot be seen is skipped, never held against anybody (R034)."""

    id = CheckId.DISPLAYS
    limit_s = 10.0
    is_required = True

    def run(self, context: CheckContext) -> CheckResult:
        """Look once."""
        if context.probes.findings is None:
            return skipped(self.id)
        found = [f for f in context.probes.findings.look(0) if f.rule.startswith("display.")]
        return judge_displays(found)


def judge_displays(found: list[Finding]) -> CheckResult:
    """The gravest finding decides. Pure."""
    if any(finding.rule == "display.unseen" for finding in found):
        return skipped(CheckId.DISPLAYS, Advice.DISPLAYS_UNSEEN)
    gravest = max(found, key=lambda finding: finding.severity, default=None)
    count = gravest.fact("displays") if gravest is not None else ""
    many = gravest is not None and gravest.rule == "display.extra"
    return result(
        CheckId.DISPLAYS,
        _outcome(gravest),
        float(count or 1),
        Unit.COUNT,
        1.0,
        bound=Bound.AT_MOST,
        advice=Advice.DISPLAYS_MANY if many else Advice.DISPLAYS_ODD,
        params=(("count", count),) if many else (),
        noted=tuple((finding.rule, finding.fact("outputs")) for finding in found),
        is_required=True,
    )


class ProgramsCheck:
    """Listed programs that run (R036, R172)."""

    id = CheckId.PROGRAMS
    limit_s = 15.0
    is_required = True

    def run(self, context: CheckContext) -> CheckResult:
        """Look once."""
        if context.probes.findings is None:
            return skipped(self.id)
        found = [f for f in context.probes.findings.look(0) if f.rule.startswith("process.")]
        return judge_programs(found)


def judge_programs(found: list[Finding]) -> CheckResult:
    """Those that must be closed fail, those that should be are weak, notices pass. Pure."""
    gravest = max(found, key=lambda finding: finding.severity, default=None)
    must_close = gravest is not None and gravest.severity is Severity.BLOCKS_ENTRY
    asked = [f for f in found if gravest is not None and f.severity == gravest.severity]
    told = [f for f in found if f.severity is not Severity.NOTICE]
    return result(
        CheckId.PROGRAMS,
        _outcome(gravest),
        float(len(told)),
        Unit.COUNT,
        0.0,
        bound=Bound.AT_MOST,
        advice=Advice.PROGRAMS_OPEN if must_close else Advice.PROGRAMS_WARN,
        params=(("names", "、".join(f.fact("zh") for f in asked)),),
        noted=tuple((f.rule, f.subject) for f in found),
        is_required=True,
    )


LICENCE_FAULT = "FACE_PACK_LICENCE"


class FacePackCheck:
    """Whether the face pack is there and whole."""

    id = CheckId.FACE_PACK
    limit_s = 20.0
    is_required = False

    def run(self, context: CheckContext) -> CheckResult:
        """Names the pack; a fault never blocks, there is always the manual way."""
        if context.probes.face_pack is None or not context.needs.uses_face:
            return skipped(self.id)
        seen = context.probes.face_pack()
        licence = seen.fault == LICENCE_FAULT
        advice = Advice.FACE_PACK_LICENCE if licence else Advice.FACE_PACK_MISSING
        noted = (("pack", seen.pack), ("licence", seen.licence), ("failure", seen.fault))
        return result(
            self.id,
            Outcome.FAILED if seen.fault else Outcome.PASSED,
            None,
            Unit.NONE,
            None,
            advice=advice,
            noted=tuple((name, value) for name, value in noted if value),
        )


class KeyStoreCheck:
    """Where keys are kept: the system's keyring, or a file that only this person can read."""

    id = CheckId.KEY_STORE
    limit_s = 10.0
    is_required = False

    def run(self, context: CheckContext) -> CheckResult:
        """A file is weak: it works, and the candidate is told."""
        if context.probes.secrets is None:
            return skipped(self.id)
        kind = context.probes.secrets.kind
        return result(
            self.id,
            Outcome.PASSED if kind == "keyring" else Outcome.WEAK,
            None,
            Unit.NONE,
            None,
            advice=Advice.KEY_STORE_PLAIN,
            noted=(("kind", kind),),
        )


def _outcome(gravest: Finding | None) -> Outcome:
    if gravest is None or gravest.severity is Severity.NOTICE:
        return Outcome.PASSED
    return Outcome.FAILED if gravest.severity is Severity.BLOCKS_ENTRY else Outcome.WEAK
