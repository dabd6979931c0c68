"""Who of the staff may do what. Nobody holds two roles in one account (requirements §2)."""

from __future__ import annotations

import enum


class Role(enum.StrEnum):
    """The roles of staff accounts."""

    SUPERVISOR = "supervisor"  # 监督员
    TECHNICIAN = "technician"  # 技术人员
    OFFICER = "officer"  # 考务人员
    AUDITOR = "auditor"  # reads everything that was done
    OPERATOR = "operator"  # keeps the server running, sees no person


class Power(enum.StrEnum):
    """What a staff call needs."""

    SEE_EXAMS = "see_exams"
    SEE_CANDIDATES = "see_candidates"
    SEE_NAMES = "see_names"
    SEE_PHOTOS = "see_photos"
    DECIDE_LOGINS = "decide_logins"
    HELP = "help"
    REMIND = "remind"
    SEE_PHONES = "see_phones"  # where they point: the desk, the screen and the paper on it
    ALLOW = "allow"  # let a finding of the guard pass
    REUPLOAD = "reupload"
    IMPORT = "import"
    ANSWER_DATA = "answer_data"
    RELEASE_PAPERS = "release_papers"
    READ_AUDIT = "read_audit"


POWERS: dict[Role, frozenset[Power]] = {
    Role.SUPERVISOR: frozenset(
        {
            Power.SEE_EXAMS,
            Power.SEE_CANDIDATES,
            Power.HELP,
            Power.REMIND,
            Power.ALLOW,
            Power.SEE_PHONES,
        }
    ),
    Role.TECHNICIAN: frozenset(
        {
            Power.SEE_EXAMS,
            Power.SEE_CANDIDATES,
            Power.SEE_NAMES,
            Power.SEE_PHOTOS,
            Power.DECIDE_LOGINS,
            Power.HELP,
            Power.REUPLOAD,
            Power.RELEASE_PAPERS,
        }
    ),
    Role.OFFICER: frozenset(
        {
            Power.SEE_EXAMS,
            Power.SEE_CANDIDATES,
            Power.SEE_NAMES,
            Power.REMIND,
            Power.ALLOW,
            Power.REUPLOAD,
            Power.IMPORT,
            Power.ANSWER_DATA,
            Power.RELEASE_PAPERS,
        }
    ),
    Role.AUDITOR: frozenset({Power.SEE_EXAMS, Power.READ_AUDIT}),
    Role.OPERATOR: frozenset({Power.SEE_EXAMS}),
}
