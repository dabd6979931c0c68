"""Why the window lost the keyboard: a cause for each loss, so that nobody is blamed for typing
Chinese, for an antivirus pop-up or for a battery notice (F30, F31, R171). Pure.
"""

from __future__ import annotations

from zhishiyun_client.guard.catalogue import Catalogue, stem
from zhishiyun_client.guard.standing import Sight
from zhishiyun_client.ports.watching import (
    Cause,
    FileIdentity,
    FrontFact,
    Says,
    Severity,
    Unseen,
    facts,
)

RULE = "focus.lost"
TITLE_LETTERS = 120
_SAYS = {
    Cause.INPUT_METHOD: Says.FOCUS_INPUT_METHOD,
    Cause.SECURITY_POPUP: Says.FOCUS_SECURITY_POPUP,
    Cause.SYSTEM_DIALOG: Says.FOCUS_SYSTEM_DIALOG,
    Cause.SECURE_DESKTOP: Says.SECURE_DESKTOP,
    Cause.OTHER_PROGRAM: Says.FOCUS_OTHER_PROGRAM,
    Cause.UNKNOWN: Says.FOCUS_UNKNOWN,
}
SECURE_DESKTOP = "secure_desktop"  # Ctrl+Alt+Del, a lock screen, a question of the system
_SYSTEM_KINDS = ("notification",)  # a window that its program declares to be a passing notice


class FocusNames:
    """Who may be in front without reproach, from the list. Immutable. Thread: any."""

    def __init__(self, catalogue: Catalogue) -> None:
        front = catalogue.front
        self._catalogue = catalogue
        self._input_methods = frozenset(map(stem, front.input_methods))
        self._security = frozenset(map(stem, front.security))
        self._system = frozenset(map(stem, front.system))
        self._system_classes = frozenset(map(str.casefold, front.system_classes))
        self._input_method_classes = frozenset(map(str.casefold, front.input_method_classes))

    def cause_of(self, front: FrontFact | Unseen | None) -> Cause:
        """What kind of thing is in front. Nobody, us, or somebody unknown is UNKNOWN."""
        if front is None or isinstance(front, Unseen) or front.is_ours:
            return Cause.UNKNOWN
        if front.window_kind == SECURE_DESKTOP:
            return Cause.SECURE_DESKTOP
        return self._cause_of_program(front) if front.program else Cause.UNKNOWN

    def _cause_of_program(self, front: FrontFact) -> Cause:
        program = stem(front.program)
        window_class = front.window_class.casefold()
        renamed = self._catalogue.by_identity(FileIdentity(front.original))
        match = renamed or self._catalogue.by_name(front.program)
        if renamed is None and (
            program in self._input_methods or window_class in self._input_method_classes
        ):
            return Cause.INPUT_METHOD
        if match is not None and match.program.category == "security_suite":
            return Cause.SECURITY_POPUP
        if renamed is None and program in self._security:
            return Cause.SECURITY_POPUP
        if match is not None:  # a listed program's notice is a program's, not the system's
            return Cause.OTHER_PROGRAM
        if program in self._system or window_class in self._system_classes:
            return Cause.SYSTEM_DIALOG
        return Cause.SYSTEM_DIALOG if front.window_kind in _SYSTEM_KINDS else Cause.OTHER_PROGRAM

    def judge(self, front: FrontFact | Unseen | None) -> Sight:
        """What to say of a loss while this is in front."""
        cause = self.cause_of(front)
        known: dict[str, str] = {}
        subject = ""
        if isinstance(front, Unseen):
            known["reason"] = front.reason
        elif front is None or front.is_ours:
            known["reason"] = "NOBODY" if front is None else "OURS"
        else:
            subject = front.program or front.window_kind
            known = {"program": front.program, "window_kind": front.window_kind}
            if cause is Cause.OTHER_PROGRAM:
                known["title"] = front.title[:TITLE_LETTERS]
            match = self._catalogue.by_name(front.program)
            if match is not None:
                known["product"] = match.program.id
        return Sight(
            rule=RULE,
            subject=subject,
            cause=cause,
            severity=Severity.WARNING if cause is Cause.OTHER_PROGRAM else Severity.NOTICE,
            explanation=_SAYS[cause],
            facts=facts(**{name: value for name, value in known.items() if value}),
        )
