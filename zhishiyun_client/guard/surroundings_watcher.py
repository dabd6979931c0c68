"""The eye on the computer itself: slow beats for what changes slowly."""

from __future__ import annotations

import sys
from pathlib import Path

from zhishiyun_client.guard.standing import Sight, Standing
from zhishiyun_client.guard.surroundings import (
    Surroundings,
    judge_battery,
    judge_cameras,
    judge_devices,
    judge_machine,
    judge_remote,
    judge_sleep,
    machine_signs,
    output_signs,
)
from zhishiyun_client.ports.surroundings import Sign, SurroundingsProbe
from zhishiyun_client.ports.watching import DisplayProbe, Finding, Unseen

BEAT_S = 5.0  # a session, a camera or a battery needs no faster eye
OURS = frozenset({Path(sys.executable).name.casefold()})  # desk, recorder, switch: one program
SLEPT_AT_LEAST_S = 2.0  # shorter is the two clocks' own difference


class SurroundingsWatcher:
    """Implements `Watcher`. Thread: the watch's.

    Args:
        probe:    asks the system.
        displays: connectors of a remote display server tell themselves.
    """

    beat_s = BEAT_S

    def __init__(
        self,
        probe: SurroundingsProbe,
        displays: DisplayProbe,
        rules: Surroundings,
        rules_version: str,
    ) -> None:
        self._probe = probe
        self._displays = displays
        self._rules = rules
        self._standing = Standing(rules_version)
        self._naps = Standing(rules_version)
        self._machine: tuple[Sight, ...] | None = None
        self._slept_s = probe.slept_s()

    def look(self, now_us: int) -> tuple[Finding, ...]:
        """What began and ended since the last look."""
        if self._machine is None:  # a machine does not change while it runs
            signs = machine_signs(self._probe.hardware(), self._rules.virtual_machine)
            self._machine = judge_machine(signs)
        sights = (
            *self._machine,
            *judge_remote((*self._probe.remote(), *self._outputs())),
            *judge_cameras(self._probe.cameras(), self._rules.virtual_camera),
            *judge_devices(self._probe.devices_in_use(), OURS),
            *judge_battery(self._probe.battery()),
        )
        return (*self._nap(now_us), *self._standing.update(sights, now_us))

    def end(self, now_us: int) -> tuple[Finding, ...]:
        """End what stands."""
        return self._standing.end_all(now_us)

    def _outputs(self) -> tuple[Sign, ...]:
        seen = self._displays.displays()
        if isinstance(seen, Unseen):
            return ()
        return output_signs((display.output for display in seen), self._rules.remote)

    def _nap(self, now_us: int) -> tuple[Finding, ...]:
        """A sleep is over when it is seen: it begins and ends in the same look."""
        before_s, self._slept_s = self._slept_s, self._probe.slept_s()
        if self._slept_s - before_s < SLEPT_AT_LEAST_S:
            return ()
        began = self._naps.update((judge_sleep(self._slept_s - before_s),), now_us)
        return (*began, *self._naps.end_all(now_us))
