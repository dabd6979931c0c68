"""What the guard's eyes see and say: frozen facts, findings, and the probes that ask the machine.

A finding is evidence, never a punishment (R178): what, when, why it may be harmless, and how the
candidate mends it. Only hits are kept; what is not on the list is neither stored nor reported.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace
from typing import Protocol

from zhishiyun_protocol.plan import Treatment

FACT_NAMES = frozenset(
    {
        "product",  # id of a product on the list
        "zh",  # its name on the list
        "en",
        "category",
        "program",  # file name of the program, never its path, command line or window title
        "matched",  # how it was recognised
        "processes",  # how many processes it has
        "faces",  # how many faces the camera sees
        "displays",  # how many displays show a picture
        "outputs",  # their connectors, as the system names them
        "connection",  # how they are connected
        "mirrored",  # "yes" | "no"
        "window_kind",  # dialog, notification, …
        "title",  # of another program's window in front, only where the plan says so
        "reason",  # why something could not be seen; which chord was kept back
        "signs",  # words of a fixed set: session, firmware, pci, topmost, …
        "original",  # the name its maker gave the program's file
        "device",  # camera | microphone | screen
        "allowed",  # a supervisor let it pass
        "camera",  # a camera's name, as its maker gives it
        "percent",
        "seconds",
    }
)
"""Everything a finding may hold: a name that is not here is a mistake (privacy by construction)."""


class Cause(enum.StrEnum):
    """What kind of thing is behind a finding."""

    INPUT_METHOD = "input_method"  # F31: a candidate typing Chinese
    SECURITY_POPUP = "security_popup"  # F30: an antivirus window
    SYSTEM_DIALOG = "system_dialog"  # the operating system itself
    OTHER_PROGRAM = "other_program"
    EXTRA_DISPLAY = "extra_display"  # F14
    REMOTE_SESSION = "remote_session"
    VIRTUAL_MACHINE = "virtual_machine"
    VIRTUAL_CAMERA = "virtual_camera"
    POWER = "power"  # sleep and battery
    SECURE_DESKTOP = "secure_desktop"  # Ctrl+Alt+Del, the lock screen, a question of the system
    HIDDEN_WINDOW = "hidden_window"  # another program's window that no recording can show
    SCREENSHOT = "screenshot"  # its keys were pressed and kept back
    CLIPBOARD = "clipboard"  # another program put something there
    DEVICE_SHARED = "device_shared"  # another program uses camera, microphone or screen
    DEVICE = "device"  # a camera or microphone gives nothing usable: evidence of a fault
    PRESENCE = "presence"  # who sits there, by the camera: for people to judge (R047)
    UNKNOWN = "unknown"

    @property
    def is_ordinary(self) -> bool:
        """Whether it happens to honest candidates all the time and is no violation by itself."""
        return self in (
            Cause.INPUT_METHOD,
            Cause.SECURITY_POPUP,
            Cause.SYSTEM_DIALOG,
            Cause.SECURE_DESKTOP,
            Cause.CLIPBOARD,
            Cause.POWER,
            Cause.DEVICE,
        )


class Severity(enum.IntEnum):
    """What a finding asks for; nothing is ever punished by it."""

    NOTICE = 1  # only kept
    WARNING = 2  # told to the candidate
    BLOCKS_ENTRY = 3  # must be mended before entry; afterwards told to the supervisor


class Says(enum.StrEnum):
    """Text codes in the candidate's words; the catalogues of i18n hold the sentences."""

    PROGRAM_MUST_CLOSE = "guard.program_must_close"
    PROGRAM_WARN = "guard.program_warn"
    PROGRAM_NOTICE = "guard.program_notice"
    DISPLAY_EXTRA = "guard.display_extra"
    DISPLAY_MIRRORED = "guard.display_mirrored"
    DISPLAY_INDIRECT = "guard.display_indirect"
    DISPLAY_CONNECTED = "guard.display_connected"
    DISPLAY_UNSEEN = "guard.display_unseen"
    FOCUS_INPUT_METHOD = "guard.focus_input_method"
    FOCUS_SECURITY_POPUP = "guard.focus_security_popup"
    FOCUS_SYSTEM_DIALOG = "guard.focus_system_dialog"
    FOCUS_OTHER_PROGRAM = "guard.focus_other_program"
    FOCUS_UNKNOWN = "guard.focus_unknown"
    REMOTE_SESSION = "guard.remote_session"
    VIRTUAL_MACHINE = "guard.virtual_machine"
    VIRTUAL_CAMERA = "guard.virtual_camera"
    SECURE_DESKTOP = "guard.secure_desktop"
    WINDOW_HIDDEN = "guard.window_hidden"
    WINDOW_OVERLAY = "guard.window_overlay"
    SCREENSHOT_KEY = "guard.screenshot_key"
    CLIPBOARD_FOREIGN = "guard.clipboard_foreign"
    DEVICE_SHARED = "guard.device_shared"
    SLEPT = "guard.slept"
    BATTERY_LOW = "guard.battery_low"
    CAMERA_BLACK = "device.camera_black"
    CAMERA_COVERED = "device.camera_covered"
    CAMERA_DARK = "device.camera_dark"
    CAMERA_FROZEN = "device.camera_frozen"
    MICROPHONE_SILENT = "device.microphone_silent"
    MICROPHONE_FAINT = "device.microphone_faint"
    MICROPHONE_CLIPPED = "device.microphone_clipped"
    PRESENCE_NOBODY = "guard.presence_nobody"
    PRESENCE_SOMEONE_ELSE = "guard.presence_someone_else"
    PRESENCE_SEVERAL = "guard.presence_several"
    PRESENCE_UNSURE = "guard.presence_unsure"
    PRESENCE_COVERED = "guard.presence_covered"
    PRESENCE_OUT_OF_FRAME = "guard.presence_out_of_frame"


Facts = tuple[tuple[str, str], ...]
"""A small frozen mapping: hashable, picklable, in a stable order."""


def facts(**values: str | int) -> Facts:
    """Freeze facts, sorted by name.

    Raises:
        ValueError: a name outside FACT_NAMES.
    """
    strangers = sorted(set(values) - FACT_NAMES)
    if strangers:
        raise ValueError(f"a finding may not hold {', '.join(strangers)}")
    return tuple(sorted((name, str(value)) for name, value in values.items()))


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing seen, sent when it begins and again, with `ended_us`, when it is over.

    rule:          what was looked for: "process.chat", "display.extra", "focus.lost"
    subject:       what was found; (rule, subject, started_us) names the finding
    *_us:          µs of the machine's monotonic clock, the same in every process of this boot
    rules_version: version and digest of the list that judged it
    """

    rule: str
    subject: str
    cause: Cause
    severity: Severity
    explanation: Says
    rules_version: str
    started_us: int
    ended_us: int | None = None
    facts: Facts = ()

    @property
    def key(self) -> tuple[str, str]:
        """What stays the same while the thing lasts."""
        return (self.rule, self.subject)

    @property
    def duration_us(self) -> int | None:
        """How long it lasted; None while it lasts."""
        return None if self.ended_us is None else self.ended_us - self.started_us

    def fact(self, name: str) -> str:
        """One fact, "" when it is not there."""
        return dict(self.facts).get(name, "")

    def ended(self, at_us: int) -> Finding:
        """The same finding, over."""
        return replace(self, ended_us=max(at_us, self.started_us))

    def as_record(self) -> dict[str, object]:
        """Plain values for the evidence log's FINDING record."""
        return {
            "rule": self.rule,
            "subject": self.subject,
            "cause": self.cause.value,
            "severity": self.severity.name.lower(),
            "explanation": self.explanation.value,
            "rules_version": self.rules_version,
            "started_us": self.started_us,
            "ended_us": self.ended_us,
            "facts": dict(self.facts),
        }


@dataclass(frozen=True, slots=True)
class Unseen:
    """The system did not let us look: no finding may be made of it, only an honest word.

    reason: a short stable code: NO_X11, NO_RANDR, WAYLAND, CALL_REFUSED, …
    """

    reason: str


class Connection(enum.StrEnum):
    """How a display hangs on the computer."""

    INTERNAL = "internal"  # a laptop's own panel
    EXTERNAL = "external"  # a cable
    WIRELESS = "wireless"  # Miracast, AirPlay
    INDIRECT = "indirect"  # a driver's display: USB adapters, and virtual ones look the same
    VIRTUAL = "virtual"  # no hardware behind it
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DisplayFact:
    """One display that is plugged in, showing something or not.

    output: the connector as the system names it ("eDP-1", "0:4352")
    source: the picture it shows; two displays with one source are mirrored; "" when it shows none
    """

    output: str
    connection: Connection
    source: str
    width_px: int = 0
    height_px: int = 0

    @property
    def is_active(self) -> bool:
        """Whether it shows a picture."""
        return bool(self.source)


class DisplayProbe(Protocol):
    """Asks the system which displays there are, mirrored ones included."""

    def displays(self) -> tuple[DisplayFact, ...] | Unseen:
        """What is plugged in now. Thread: one at a time."""
        ...


class Matched(enum.StrEnum):
    """By what a program was recognised."""

    NAME = "name"
    ORIGINAL = "original"  # renamed: its file still carries the maker's name for it
    SIGNER = "signer"
    BLANK_NAME = "blank_name"  # nothing visible: itself the evidence
    PATH = "path"
    SCRIPT = "script"  # an interpreter's command line


@dataclass(frozen=True, slots=True)
class ProcessHit:
    """A product of the list that is running now, however many processes it has.

    processes: (pid, creation time in ms since the epoch) of each, so that a pid used again by
               another program is never mistaken for it
    """

    product: str
    zh: str
    en: str
    category: str
    treatment: Treatment
    program: str
    matched: Matched
    processes: tuple[tuple[int, int], ...]
    needs_window: bool = field(default=False, compare=False)


class Closing(enum.StrEnum):
    """What came of asking a program to close."""

    ASKED = "asked"  # it was asked; whether it goes is its own decision
    GONE = "gone"  # it was not there any more
    DENIED = "denied"  # the system does not allow it: another user's, or protecting itself
    NO_WINDOW = "no_window"  # it has no window to be asked by: the tray icon must be used


class ProcessProbe(Protocol):
    """Looks for listed programs, and asks them to close when the candidate says so."""

    def running(self) -> tuple[ProcessHit, ...]:
        """The listed products that run now. Thread: any."""
        ...

    def ask_to_close(self, hit: ProcessHit) -> Closing:
        """Ask politely, after the candidate's click (R172); never kills. Thread: any."""
        ...


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """What a program's file says of itself, whatever it is called now; read, never kept.

    original: the name its maker gave the file
    signer:   whose certificate is in it, "" without one
    """

    original: str = ""
    signer: str = ""


class Identifier(Protocol):
    """Reads what a program's file says of itself."""

    def __call__(self, path: str) -> FileIdentity:
        """Empty fields where the file cannot be read. Thread: any."""
        ...


@dataclass(frozen=True, slots=True)
class WindowFact:
    """A visible window of another program: what it hides and how it behaves, no title.

    is_hidden: no screenshot, recording or shared screen shows it
    signs:     of an overlay: "topmost", "click_through", "layered", "no_activate", "tool_window"
    """

    pid: int
    program: str
    window_class: str
    is_hidden: bool
    signs: frozenset[str] = frozenset()


class OverlayProbe(Protocol):
    """Asks the system for other programs' windows that hide from recordings."""

    def foreign_windows(self) -> tuple[WindowFact, ...] | Unseen:
        """Visible windows of other programs that are hidden or lie over others."""
        ...


@dataclass(frozen=True, slots=True)
class FrontFact:
    """Who has the keyboard: the program's file name and its window's class and kind.

    title: "" unless the plan wants titles: else they are not even read
    """

    pid: int
    program: str
    window_class: str = ""
    window_kind: str = ""
    is_ours: bool = False
    original: str = ""  # the name its maker gave the file, where the system tells
    title: str = ""


class FocusProbe(Protocol):
    """Asks the system who is in front; None when nobody is."""

    def front(self) -> FrontFact | Unseen | None:
        """Who has the keyboard now. Thread: one at a time."""
        ...


class WindowProbe(Protocol):
    """Asks the system which processes own a visible window."""

    def pids_with_windows(self) -> frozenset[int] | Unseen:
        """Their process ids. Thread: one at a time."""
        ...


class FindingProbe(Protocol):
    """Looks once at everything that must be in order before entry (R033, R107, R172)."""

    def look(self, now_us: int) -> tuple[Finding, ...]:
        """The findings that stand now. Thread: any, but it may take 100 ms."""
        ...
