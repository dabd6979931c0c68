"""The battery, the same way on all systems."""

from __future__ import annotations

import psutil

from zhishiyun_client.ports.surroundings import Battery


def battery() -> Battery | None:
    """None without one, or where the system does not tell."""
    ask = getattr(psutil, "sensors_battery", None)
    found = ask() if ask is not None else None
    if found is None:
        return None
    return Battery(round(found.percent), is_plugged=found.power_plugged is not False)
