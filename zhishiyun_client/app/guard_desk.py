"""The guard of the desk: the watch in its thread, and what its eyes saw last."""

from __future__ import annotations

import sys

from zhishiyun_client.guard.catalogue import load_catalogue
from zhishiyun_client.guard.focus import FocusNames
from zhishiyun_client.guard.processes import ProcessWatch
from zhishiyun_client.guard.rulebook import Rules
from zhishiyun_client.guard.standing import Sight, Standing
from zhishiyun_client.guard.surroundings_watcher import SurroundingsWatcher
from zhishiyun_client.guard.systems.here import (
    ask_here,
    eyes_here,
    identify_here,
    overlays_here,
    surroundings_here,
)
from zhishiyun_client.guard.watch import EntryLook, Watch, monotonic_us
from zhishiyun_client.guard.watchers import (
    DisplayWatcher,
    FocusWatcher,
    OverlayWatcher,
    ProgramWatcher,
)
from zhishiyun_client.ports.watching import (
    Closing,
    DisplayFact,
    DisplayProbe,
    Finding,
    ProcessHit,
    ProcessProbe,
    Unseen,
)
from zhishiyun_client.runtime.paths import resources
from zhishiyun_client.runtime.worker import Report, Worker
from zhishiyun_protocol.plan import Guarding


class RememberedPrograms:
    """A `ProcessProbe` that keeps its newest answer for the page. Thread: any reads `latest`."""

    def __init__(self, probe: ProcessProbe) -> None:
        self._probe = probe
        self.latest: tuple[ProcessHit, ...] = ()

    def running(self) -> tuple[ProcessHit, ...]:
        """Look, and keep what was seen."""
        self.latest = self._probe.running()
        return self.latest

    def ask_to_close(self, hit: ProcessHit) -> Closing:
        """Hand the candidate's click on."""
        return self._probe.ask_to_close(hit)


class RememberedDisplays:
    """A `DisplayProbe` that keeps its newest answer. Thread: any reads `latest`."""

    def __init__(self, probe: DisplayProbe) -> None:
        self._probe = probe
        self.latest: tuple[DisplayFact, ...] | Unseen = ()

    def displays(self) -> tuple[DisplayFact, ...] | Unseen:
        """Look, and keep what was seen."""
        self.latest = self._probe.displays()
        return self.latest


class WatchDesk:
    """Implements `ports.desk.GuardDesk`. Findings reach `report`; what stands is kept here."""

    def __init__(self, guarding: Guarding, rules: Rules, report: Report) -> None:
        catalogue, version = rules.catalogue, rules.catalogue.rules_version
        around, around_version = rules.surroundings, rules.surroundings_version
        self.versions = rules.versions
        self._version = version
        eyes = eyes_here(titles=guarding.window_titles)
        self._report = report
        self._standing: dict[tuple[str, str], Finding] = {}
        self._programs = RememberedPrograms(
            ProcessWatch(catalogue, guarding, ask_here(), identify=identify_here())
        )
        self._displays = RememberedDisplays(eyes)
        self._focus = FocusWatcher(eyes, FocusNames(catalogue), version)
        self._watch = Watch(
            (
                ProgramWatcher(self._programs, eyes, version),
                DisplayWatcher(
                    self._displays, one_display=guarding.one_display, rules_version=version
                ),
                SurroundingsWatcher(surroundings_here(), eyes, around, around_version),
                OverlayWatcher(overlays_here(), around.hidden_window, around_version),
                self._focus,
            ),
            self._take,
        )

    @property
    def worker(self) -> Worker:
        """The watch, for the crew."""
        return self._watch

    def findings(self) -> tuple[Finding, ...]:
        """What stands now."""
        return tuple(self._standing.values())

    def programs(self) -> tuple[ProcessHit, ...]:
        """Listed programs that run now."""
        return self._programs.latest

    def displays(self) -> int:
        """How many displays show a picture; 0 while unknown."""
        seen = self._displays.latest
        return 0 if isinstance(seen, Unseen) else sum(display.is_active for display in seen)

    def ask_to_close(self, product: str) -> None:
        """Ask politely; whether it goes is seen at the next beat."""
        for hit in self._programs.latest:
            if hit.product == product:
                self._programs.ask_to_close(hit)

    def set_active(self, is_active: bool) -> None:
        """Our window won or lost the keyboard."""
        self._focus.tell(active=is_active, at_us=monotonic_us())

    def see(self, moment: Sight) -> None:
        """A finding of a moment: it begins and ends at once. Thread: ui."""
        standing = Standing(self._version)
        began = standing.update((moment,), monotonic_us())
        for finding in (*began, *standing.end_all(monotonic_us())):
            self._report(finding)

    def _take(self, report: object) -> None:
        if isinstance(report, Finding):
            standing = dict(self._standing)
            if report.ended_us is None:
                standing[report.key] = report
            else:
                standing.pop(report.key, None)
            self._standing = standing
        self._report(report)


def entry_look(guarding: Guarding) -> EntryLook:
    """One look at displays and programs without a watch, for the self-test."""
    catalogue = load_catalogue(resources() / "guard" / "list.toml", sys.platform)
    eyes = eyes_here()
    return EntryLook(
        ProcessWatch(catalogue, guarding, ask_here(), identify=identify_here()),
        eyes,
        eyes,
        one_display=guarding.one_display,
        rules_version=catalogue.rules_version,
    )
