"""The one switch for recording without GPL encoders: a field of the plan, or of this machine."""

from __future__ import annotations

from collections.abc import Mapping

NO_GPL_VARIABLE = "ZHISHIYUN_NO_GPL_ENCODERS"
"""Set to anything but nothing or 0, this machine records without GPL encoders."""


def may_use_gpl(plan_lets: bool, environment: Mapping[str, str]) -> bool:
    """Whether GPL encoders may be used: the plan's `recording.gpl_encoders`, and the machine's."""
    return plan_lets and environment.get(NO_GPL_VARIABLE, "") in ("", "0")
