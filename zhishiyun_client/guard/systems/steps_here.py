"""The steps of the lock on the system this runs on, in the order of locking."""

from __future__ import annotations

import sys
from typing import Protocol

from zhishiyun_client.guard.steps.window import ClipboardStep, KeyboardStep
from zhishiyun_client.ports.locking import Clipboard, LockedWindow, LockStep
from zhishiyun_client.runtime.worker import Report


class Steps(Protocol):
    """Makes the steps; the same names wherever they are made, so that anybody can undo them."""

    def __call__(
        self, hold: LockedWindow, clipboard: Clipboard, report: Report
    ) -> tuple[LockStep, ...]:
        """New steps; `report` hears of chords that were kept back."""
        ...


if sys.platform == "win32":
    from zhishiyun_client.guard.systems.windows_hook import HookStep
    from zhishiyun_client.guard.systems.windows_lock import AwakeStep, StickyKeysStep
    from zhishiyun_client.guard.systems.windows_shield import CaptureShieldStep

    def steps_here(
        hold: LockedWindow, clipboard: Clipboard, report: Report
    ) -> tuple[LockStep, ...]:
        """Windows: no window can hold the keyboard there, a hook does."""
        shield = CaptureShieldStep(hold)
        return (AwakeStep(), StickyKeysStep(), shield, ClipboardStep(clipboard), HookStep(report))

elif sys.platform == "darwin":
    from zhishiyun_client.guard.steps.awake import macos_awake
    from zhishiyun_client.guard.systems.macos_lock import PresentationStep

    def steps_here(
        hold: LockedWindow, clipboard: Clipboard, report: Report
    ) -> tuple[LockStep, ...]:
        """macOS: what an ordinary program may."""
        return (macos_awake(), PresentationStep(), ClipboardStep(clipboard), KeyboardStep(hold))

else:
    from zhishiyun_client.guard.steps.awake import systemd_awake
    from zhishiyun_client.guard.systems.x11_lock import ScreenSaverStep

    def steps_here(
        hold: LockedWindow, clipboard: Clipboard, report: Report
    ) -> tuple[LockStep, ...]:
        """Linux: X11 is locked, Wayland is only watched."""
        return (systemd_awake(), ScreenSaverStep(), ClipboardStep(clipboard), KeyboardStep(hold))
