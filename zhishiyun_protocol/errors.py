"""The family of errors, cut by what the catcher can do.

ZhishiyunError
  Transient   the same call may work later; nobody need be told yet
  Fixable     the person at the desk can mend it; the text says how
  Refused     the rules or the server said no; trying again is pointless
  Broken      evidence or machine can no longer be vouched for; stop safely
"""

from __future__ import annotations


class ZhishiyunError(Exception):
    """An error with a stable code, an English and a Chinese sentence, and facts.

    Args:
        code:    stable, upper case, for server, help desk and tests.
        message: English, what happened and how to mend it.
        zh:      the same in Simplified Chinese, for people.
        facts:   values worth logging; never a name, number, key or picture.
    """

    def __init__(self, code: str, message: str, zh: str = "", **facts: object) -> None:
        super().__init__(f"{message} [{code}]")
        self.code = code
        self.message = message
        self.zh = zh
        self.facts = facts

    def bilingual(self) -> str:
        """Both sentences and the code, for a terminal."""
        first = f"{self.zh}\n" if self.zh else ""
        return f"{first}{self.message} [{self.code}]"


class Transient(ZhishiyunError):
    """The same call may work later."""


class Fixable(ZhishiyunError):
    """The person at the desk can mend it."""


class Refused(ZhishiyunError):
    """The rules or the server said no."""


class Broken(ZhishiyunError):
    """Evidence or machine can no longer be vouched for."""
