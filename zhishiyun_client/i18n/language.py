"""The languages of the interface and the word a plan uses for what the candidate sits."""

from enum import StrEnum


class Language(StrEnum):
    """The value is the name of the catalogue file."""

    ZH = "zh"
    EN = "en"


class Noun(StrEnum):
    """A plan's `wording.noun`: notice A says 考试, B and C say 面试 for the same thing."""

    EXAM = "exam"
    INTERVIEW = "interview"
