"""The machines behind a desk, built top to bottom: what is kept, the server, recorder, eyes."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from zhishiyun_client.app.auto_candidate import Part
from zhishiyun_client.app.check_desk import SelfTestDesk
from zhishiyun_client.app.desk_files import DeskFiles
from zhishiyun_client.app.desk_options import DeskOptions
from zhishiyun_client.app.face_desk import ExaminerDesk
from zhishiyun_client.app.guard_desk import WatchDesk
from zhishiyun_client.app.recorder_link import PreviewFinder, RecorderLink
from zhishiyun_client.app.rules_desk import learn_rules, rules_here
from zhishiyun_client.app.starting import Known, find_out
from zhishiyun_client.flow.machines import Ports
from zhishiyun_client.flow.room import Identity
from zhishiyun_client.guard.standing import Sight
from zhishiyun_client.keep.enrolment import (
    EnrolmentKeeper,
    read_ticket_file,
    read_trust,
    shipped_trust,
)
from zhishiyun_client.keep.journal import JournalFile
from zhishiyun_client.keep.machine_settings import SettingsFile
from zhishiyun_client.keep.secret_store import open_secrets
from zhishiyun_client.net.clock_sync import ask_the_time
from zhishiyun_client.net.relay import RoomRelay
from zhishiyun_client.ports.recorder import Choose, Hello, RecorderDesk, Status
from zhishiyun_client.runtime.clock import ExamClock
from zhishiyun_client.runtime.crew import Crew
from zhishiyun_client.runtime.errands import Errand, ErrandLine
from zhishiyun_client.runtime.paths import resources
from zhishiyun_client.runtime.programs import client_command
from zhishiyun_client.runtime.worker import Report
from zhishiyun_client.selftest.order import needs_of
from zhishiyun_protocol.errors import Fixable, ZhishiyunError
from zhishiyun_protocol.messages.entering import Enrolled
from zhishiyun_protocol.plan import Liveness
from zhishiyun_protocol.ticket import TicketClaims

LOG = logging.getLogger(__name__)
JOURNAL_FOLDER = "desk"
ERRAND_THREADS = 3


class Machines:
    """Everything of a desk that is not its window. Thread: ui.

    Raises of `open`:
        Refused, Fixable: the ticket, the trust list, or the server's address.
    """

    def __init__(self, options: DeskOptions, report: Report) -> None:
        self._options = options
        self._ticket = options.ticket
        self._report = report
        self._crew = Crew()
        self._claims: TicketClaims | None = None
        self._guard: WatchDesk | None = None
        self._focus_wanted = False
        self.clock = ExamClock()
        self.feed = PreviewFinder()
        self.settings = SettingsFile(options.home)
        self.status: Status | None = None

    def open(self) -> None:
        """Start what a desk needs before its first page."""
        from zhishiyun_client.net.client import ExamClient
        from zhishiyun_client.net.wire import Wire

        home = self._options.home
        self.secrets = open_secrets(home)
        self._trusted = read_trust((*shipped_trust(resources()), *self._options.trust))
        self.keeper = EnrolmentKeeper(home, self.secrets, self._trusted)
        if self._ticket is not None:
            self._claims = self.keeper.take_ticket(read_ticket_file(self._ticket))
        else:
            self._claims = self.keeper.kept_ticket()
        if self._claims is None:
            raise Fixable(
                "TICKET_MISSING",
                "There is no enrolment ticket on this computer yet. Open the ticket file first.",
                "本机尚未导入准考凭证，请先打开准考凭证文件（*.zsyenroll）。",
            )
        self.journal = JournalFile(home / JOURNAL_FOLDER)
        self.files = DeskFiles(home)
        settings = self.settings.read()
        extra_ca = Path(settings.extra_ca_file) if settings.extra_ca_file else None
        self.api = ExamClient(Wire(self._claims.server_url, extra_ca))
        self.errands = ErrandLine("errands", ERRAND_THREADS, self._report)
        self.disk = ErrandLine("ledger", 1, self._report)
        for worker in (*self.errands.workers, *self.disk.workers):
            self._crew.add(worker)
        link = RecorderLink(home, Hello(desk_pid=os.getpid(), restart=self._restart()), self._hear)
        self._crew.add(link)
        self.recorder: RecorderDesk = link

    def use_ticket(self, path: Path) -> None:
        """The candidate showed a ticket file; `open` takes it."""
        self._ticket = path

    def find_out(
        self, done: Callable[[Known], None], failed: Callable[[ZhishiyunError], None]
    ) -> None:
        """Ask the server what this desk must know before its first page."""

        def call() -> Known:
            known = find_out(self.keeper, self.api, self.clock, self.secrets, self.files)
            if self.clock.now_us() is not None:  # the server answered
                learn_rules(self.api, self._options.home, self._trusted)
            return known

        self.errands.run(Errand("start", call, done, failed))

    def ports(self, enrolled: Enrolled) -> Ports:
        """The machines as the flow sees them; the guard begins to look."""
        rules = rules_here(self._options.home, self._trusted)
        self._guard = WatchDesk(enrolled.plan.guarding, rules, self._report)
        self._crew.add(self._guard.worker)
        return Ports(
            api=self.api,
            recorder=self.recorder,
            journal=self.journal,
            secrets=self.secrets,
            settings=self.settings,
            errands=self.errands,
            disk=self.disk,
            clock=self.clock,
            face=ExaminerDesk(
                self.feed.another(),
                self._report,
                self.recorder,
                presence_per_s=enrolled.plan.recording.presence_per_s,
                asks_for_turns=enrolled.plan.login.liveness is Liveness.TURNS,
            ),
            guard=self._guard,
            checks=SelfTestDesk(
                needs_of(enrolled.plan, enrolled.subject),
                self.api,
                self.secrets,
                self._guard.findings,
                self._newest_status,
                self._report,
            ),
            files=self.files,
            relay=RoomRelay(),
        )

    def identity(self) -> Identity:
        """Ticket and device."""
        claims = self._claims
        if claims is None:
            raise RuntimeError("machines are opened before they are asked")
        return Identity(
            ticket_id=claims.ticket_id,
            device_key=self.keeper.device_key(),
            server_url=claims.server_url,
            server_key=claims.server_key,
        )

    def wanted_devices(self) -> Choose:
        """The camera and microphone to open: a demonstration, the kept choice, or the first."""
        settings = self.settings.read()
        return Choose(
            camera_id=self._options.camera or settings.camera,
            microphone_id=self._options.microphone or settings.microphone,
        )

    def ask_time(self) -> None:
        """Keep the clock tight while no live channel does."""
        if self.status is None or self.status.clock is None:
            self.errands.run(
                Errand("time", lambda: ask_the_time(self.api), self.clock.learn, _ignore)
            )

    def rules_versions(self) -> str:
        """Versions of the guard's rules, "" before it looks."""
        return "" if self._guard is None else self._guard.versions

    def see(self, moment: Sight | None) -> None:
        """Something happened in a moment, as the lock told."""
        if moment is not None and self._guard is not None:
            self._guard.see(moment)

    def watch_focus(self, wanted: bool) -> None:
        """From entry on a lost focus is a finding."""
        self._focus_wanted = wanted

    def set_active(self, is_active: bool) -> None:
        """Our window won or lost the keyboard."""
        if self._guard is not None and (self._focus_wanted or is_active):
            self._guard.set_active(is_active)

    def replace_crashed(self, worker: str) -> None:
        """A worker ended by an error nobody expected; what can be started anew is."""
        LOG.error("worker %s is not replaced", worker)

    def close(self) -> None:
        """Stop all threads; the recorder goes on by itself."""
        self._crew.stop()

    def _newest_status(self) -> Status | None:
        return self.status

    def _hear(self, report: object) -> None:
        if isinstance(report, Status):
            self.status = report
            self.feed.follow(report.preview)
        self._report(report)

    def _restart(self) -> tuple[str, ...]:
        return tuple(client_command(*self._options.words))


def read_part(home: Path) -> Part:
    """What the rehearsing candidate knows by heart."""
    path = home / "part.json"
    return msgspec.json.decode(path.read_bytes(), type=Part) if path.is_file() else Part()


def _ignore(_error: ZhishiyunError) -> None:
    """The next question is asked in a while."""
