"""The desk: one window, one candidate, composed top to bottom."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog

from zhishiyun_client.app.auto_candidate import AutoCandidate
from zhishiyun_client.app.desk_options import DeskOptions, parse
from zhishiyun_client.app.desk_state import DeskState
from zhishiyun_client.app.early_reports import EarlyReports
from zhishiyun_client.app.hooks import install_hooks
from zhishiyun_client.app.lock_desk import LockDesk, lock_detail, undo_left_over
from zhishiyun_client.app.loop_watch import LoopWatch
from zhishiyun_client.app.machines import Machines, read_part
from zhishiyun_client.app.phone_command import play_phone
from zhishiyun_client.app.printing import print_receipt
from zhishiyun_client.app.starting import Known
from zhishiyun_client.app.unlock_shortcut import offer_unlock
from zhishiyun_client.app.window_system import need_windows
from zhishiyun_client.domain.phases import RECORDED, Phase
from zhishiyun_client.flow.conductor import Conductor
from zhishiyun_client.flow.intents import AnswerMessage, Intent, Leave, PrintReceipt
from zhishiyun_client.flow.resume import phase_to_continue, stage_events
from zhishiyun_client.flow.room import Room
from zhishiyun_client.flow.views import MessageView
from zhishiyun_client.guard.chords import ChordRefused
from zhishiyun_client.guard.moments import foreign_clipboard, kept_back
from zhishiyun_client.i18n.catalog import Speaker
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_client.ports.locking import Climbed, ClipboardTouched
from zhishiyun_client.ports.recorder import Attach, MarkNow, Note
from zhishiyun_client.runtime.dumps import forbid_core_dumps
from zhishiyun_client.runtime.errands import ErrandDone, ErrandFailed
from zhishiyun_client.runtime.heap import keep_few_pools
from zhishiyun_client.runtime.log import start_logging
from zhishiyun_client.runtime.paths import private_folder, resources
from zhishiyun_client.runtime.relay import Relay
from zhishiyun_client.runtime.worker import Crashed
from zhishiyun_client.ui.parts.part import Tools
from zhishiyun_client.ui.pictures import Pictures
from zhishiyun_client.ui.window import Window, dress
from zhishiyun_protocol.errors import Refused, ZhishiyunError
from zhishiyun_protocol.ticket import SUFFIX

LOG = logging.getLogger(__name__)
TICKET_FILTER = f"*{SUFFIX}"
TRY_AGAIN_MS = 3000
ASK_TIME_EVERY_MS = 20_000
FRONT_AFTER_MS = 50
DEMO_WORDS = {
    "camera": T.BAND_DEMO_CAMERA,
    "microphone": T.BAND_DEMO_MICROPHONE,
    "screen": T.BAND_DEMO_SCREEN,
}


def main(arguments: Sequence[str]) -> int:
    """Run the desk until the candidate leaves; the exit code tells whether it left in order."""
    options = parse(arguments)
    need_windows()
    private_folder(options.home)
    start_logging(options.home, "desk")
    keep_few_pools()
    forbid_core_dumps()
    undo_left_over(options.home)
    offer_unlock(options.home)
    application = QApplication([sys.argv[0]])
    application.setApplicationName("zhishiyun")
    desk = Desk(application, options)
    install_hooks(desk.on_broken)
    signal.signal(signal.SIGTERM, desk.on_signal)
    signal.signal(signal.SIGINT, desk.on_signal)
    desk.open()
    code = application.exec()
    desk.close()
    return code


class Desk(QObject):
    """Holds everything of one desk together. Thread: ui."""

    def __init__(self, application: QApplication, options: DeskOptions) -> None:
        super().__init__()
        self._application = application
        self._options = options
        self._early = EarlyReports()
        self._relay = Relay(self._early.hear)
        self._relay.on(ErrandDone, self._on_errand)
        self._relay.on(ErrandFailed, self._on_errand)
        self._relay.on(Crashed, self._on_crash)
        self._relay.on(ChordRefused, self._on_lock)
        self._relay.on(Climbed, self._on_lock)
        self._relay.on(ClipboardTouched, self._on_lock)
        self._machines = Machines(options, self._relay.post)
        self._tools = Tools(
            speaker=Speaker(resources() / "texts"),
            pictures=Pictures(resources() / "pictures"),
            preview=self._machines.feed,
        )
        dress(application, self._tools)
        self._window = Window(self._tools)
        self._state = DeskState(options.home)
        self._conductor: Conductor | None = None
        self._ticket_wanted = False
        self._loop_watch = LoopWatch(options.home)
        self._lock = LockDesk(options.home, self._window, self._relay.post)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(TRY_AGAIN_MS)
        self._again.timeout.connect(self._find_out)
        self._time = QTimer(self)
        self._time.setInterval(ASK_TIME_EVERY_MS)
        self._time.timeout.connect(self._ask_time)
        self._front = QTimer(self)
        self._front.setSingleShot(True)
        self._front.setInterval(FRONT_AFTER_MS)
        self._front.timeout.connect(self._stand_in_front)
        self._awake = QTimer(self)  # lets Python see signals while Qt waits
        self._awake.setInterval(500)
        self._awake.timeout.connect(self._on_awake)
        self._window.intended.connect(self._on_intent)
        application.applicationStateChanged.connect(self._on_active)

    def open(self) -> None:
        """Show the window first, then start everything else."""
        self._state.arrive()
        self._message(T.MESSAGE_STARTING, text(T.MESSAGE_STARTING_LEAD), busy=True)
        self._window.showMaximized()
        self._awake.start()
        QTimer.singleShot(0, self._start)

    def close(self) -> None:
        """Leave in order: the computer is free first, then no new work, threads, sockets."""
        self._lock.descend()
        self._awake.stop()
        self._time.stop()
        if self._conductor is not None:
            self._conductor.stop()
        self._loop_watch.write()
        self._machines.close()

    def on_signal(self, _number: int, _frame: object) -> None:
        """Somebody asks this process to end; a recording goes on without it."""
        self._application.exit(1)

    def on_broken(self, error: BaseException) -> None:
        """An error nobody expected: told, and the recording goes on."""
        LOG.error("unexpected: %s", type(error).__name__, exc_info=error)

    @Slot()
    def _start(self) -> None:
        try:
            self._machines.open()
        except ZhishiyunError as error:
            self._refuse(error)
            return
        self._find_out()

    def _choose_ticket(self) -> None:
        """Let the candidate show us the ticket file, then start again."""
        title = self._tools.speaker.say(T.MESSAGE_OPEN_TICKET)
        chosen, _ = QFileDialog.getOpenFileName(self._window, title, filter=TICKET_FILTER)
        if chosen:
            self._machines.use_ticket(Path(chosen))
            self._start()

    @Slot()
    def _find_out(self) -> None:
        self._machines.find_out(self._on_known, self._on_unknown)

    def _on_known(self, known: Known) -> None:
        ports, identity = self._machines.ports(known.enrolled), self._machines.identity()
        room = Room(ports, identity, known.enrolled, self._tools.speaker.say)
        room.demonstration = tuple(text(DEMO_WORDS[kind]) for kind in self._options.demonstration)
        room.wanted = self._machines.wanted_devices()
        if known.sitting is not None:
            room.sitting = known.sitting
            self._machines.recorder.say(
                Attach(session=known.session, server_url=room.identity.server_url)
            )
        room.remember_stages(*stage_events(self._machines.journal))
        self._lock.hide_from_capture(room.plan.guarding.hide_from_capture)
        start = phase_to_continue(room, known.sitting)
        LOG.info("continue in %s", start.value)
        conductor = Conductor(room, start)
        conductor.framed.connect(self._window.render)
        conductor.phase_entered.connect(self._on_phase)
        conductor.left.connect(self._on_left)
        self._conductor = conductor
        if self._options.auto:
            part, url = read_part(self._options.home), room.identity.server_url
            candidate = AutoCandidate(
                self._window, part, lambda code: play_phone(url, code, self._options.home)
            )
            conductor.phase_entered.connect(candidate.on_phase)
        conductor.phase_entered.connect(self._on_first_phase)
        self._window.hide_message()
        self._time.start()
        conductor.start()

    def _on_unknown(self, error: ZhishiyunError) -> None:
        if isinstance(error, Refused):
            self._refuse(error)
            return
        LOG.warning("start: %s", error.code)
        self._message(T.MESSAGE_STARTING, text(T.NOTICE_NETWORK_START), busy=True, code=error.code)
        self._again.start()

    def _refuse(self, error: ZhishiyunError) -> None:
        words = error.zh or error.message
        self._ticket_wanted = error.code.startswith("TICKET_")
        key = T.MESSAGE_OPEN_TICKET if self._ticket_wanted else T.COMMON_CLOSE
        title = T.MESSAGE_TICKET if self._ticket_wanted else T.MESSAGE_BROKEN
        self._window.show_message(
            MessageView(text(title), words, code=error.code, button=text(key))
        )

    def _message(self, title: T, words: Words, *, busy: bool, code: str = "") -> None:
        self._window.show_message(MessageView(text(title), words, code=code, is_busy=busy))

    @Slot()
    def _ask_time(self) -> None:
        self._machines.ask_time()

    @Slot()
    def _on_awake(self) -> None:
        """Nothing to do: being called is enough."""

    @Slot(object)
    def _on_intent(self, intent: Intent) -> None:
        if isinstance(intent, PrintReceipt):
            self._print_receipt()
        elif self._conductor is not None:
            self._conductor.take(intent)
        elif isinstance(intent, AnswerMessage) and self._ticket_wanted:
            self._choose_ticket()
        elif isinstance(intent, AnswerMessage | Leave):
            self._on_left()

    def _print_receipt(self) -> None:
        receipt = self._conductor.room.receipt if self._conductor is not None else None
        if receipt is not None:
            print_receipt(receipt, self._tools.speaker, self._window)

    @Slot(object)
    def _on_first_phase(self, _phase: Phase) -> None:
        """Somebody hears now: before, an event would reach a machine that does not run."""
        if self._conductor is not None:
            self._conductor.phase_entered.disconnect(self._on_first_phase)
            self._early.hand_over(self._conductor.hear)

    @Slot(object)
    def _on_phase(self, phase: Phase) -> None:
        recorded = phase in RECORDED
        self._loop_watch.enter(phase.value, recording=recorded)
        self._front.start()
        self._lock.set_locked(recorded)
        self._machines.watch_focus(recorded)

    @Slot()
    def _stand_in_front(self) -> None:
        """Full screen and on top while recording, one turn of the loop after the page changed.

        The flag is set on the native window: on the widget it would make the window anew, which
        costs a tenth of a second in the very moment in which recording begins.
        """
        wanted = self._conductor is not None and self._conductor.phase in RECORDED
        handle = self._window.windowHandle()
        if not self._window.isVisible() or wanted is self._window.isFullScreen():
            return
        handle.setFlag(Qt.WindowType.WindowStaysOnTopHint, wanted)
        if wanted:
            self._window.showFullScreen()
        else:
            self._window.showMaximized()

    @Slot(Qt.ApplicationState)
    def _on_active(self, state: Qt.ApplicationState) -> None:
        self._machines.set_active(state is Qt.ApplicationState.ApplicationActive)

    @Slot()
    def _on_left(self) -> None:
        self._lock.descend()
        self._state.leave()
        self._window.allow_close()
        QGuiApplication.exit(0)

    def _on_errand(self, report: object) -> None:
        if isinstance(report, ErrandDone | ErrandFailed):
            report.deliver()

    def _on_lock(self, report: object) -> None:
        if isinstance(report, ChordRefused):
            self._machines.recorder.say(MarkNow(what="chord_refused", subject=report.reason))
            self._machines.see(kept_back(report.reason))
        elif isinstance(report, ClipboardTouched):
            self._machines.see(foreign_clipboard())
        elif isinstance(report, Climbed):
            detail = lock_detail(report) | {"rules": self._machines.rules_versions()}
            self._machines.recorder.say(MarkNow(what="locked", detail=detail))
            self._note_standing()

    def _note_standing(self) -> None:
        """What the guard saw before entry and still sees belongs into the log too."""
        if self._conductor is not None:
            for finding in self._conductor.room.ports.guard.findings():
                self._machines.recorder.say(Note(finding=finding.as_record()))

    def _on_crash(self, report: object) -> None:
        if isinstance(report, Crashed):
            LOG.error("worker %s ended", report.worker, exc_info=report.error)
            self._machines.replace_crashed(report.worker)
