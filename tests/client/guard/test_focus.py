"""A cause for every loss of the keyboard; ordinary ones are no violation (R171, F30, F31)."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhishiyun_client.guard.catalogue import load_catalogue
from zhishiyun_client.guard.focus import SECURE_DESKTOP, FocusNames
from zhishiyun_client.guard.watchers import SETTLE_US, FocusWatcher
from zhishiyun_client.ports.watching import Cause, Finding, FrontFact, Severity, Unseen

LIST = Path(__file__).parents[3] / "resources" / "guard" / "list.toml"
NAMES = FocusNames(load_catalogue(LIST, "win32"))
SECOND_US = 1_000_000


def front(program: str, window_class: str = "", kind: str = "") -> FrontFact:
    return FrontFact(4711, program, window_class, kind)


@pytest.mark.parametrize(
    ("seen", "cause"),
    [
        (front("TextInputHost.exe"), Cause.INPUT_METHOD),
        (front("SogouImeBroker.exe"), Cause.INPUT_METHOD),
        (front("WeType.exe"), Cause.INPUT_METHOD),
        (front("explorer.exe", "MSCTFIME UI"), Cause.INPUT_METHOD),
        (front("360tray.exe"), Cause.SECURITY_POPUP),
        (front("HipsTray.exe", kind="dialog"), Cause.SECURITY_POPUP),
        (front("SecurityHealthSystray.exe"), Cause.SECURITY_POPUP),
        (front("consent.exe"), Cause.SYSTEM_DIALOG),
        (front("LogonUI.exe"), Cause.SYSTEM_DIALOG),
        (front("MusNotification.exe"), Cause.SYSTEM_DIALOG),
        (front("explorer.exe", "Windows.UI.Core.CoreWindow"), Cause.SYSTEM_DIALOG),
        (front("batterymon", kind="notification"), Cause.SYSTEM_DIALOG),
        (front("explorer.exe", "CabinetWClass"), Cause.OTHER_PROGRAM),
        (front("WeChat.exe"), Cause.OTHER_PROGRAM),
        (front("WeChat.exe", kind="notification"), Cause.OTHER_PROGRAM),
        (front("notepad.exe", kind="dialog"), Cause.OTHER_PROGRAM),
        (front(""), Cause.UNKNOWN),
        (FrontFact(1, "zhishiyun.exe", is_ours=True), Cause.UNKNOWN),
        (Unseen("NO_X11"), Cause.UNKNOWN),
        (None, Cause.UNKNOWN),
    ],
)
def test_who_is_in_front_is_the_cause(seen: FrontFact | Unseen | None, cause: Cause):
    sight = NAMES.judge(seen)

    assert sight.cause is cause
    assert sight.severity is (Severity.WARNING if cause is Cause.OTHER_PROGRAM else Severity.NOTICE)


def test_a_listed_program_in_front_is_named_with_its_product():
    assert dict(NAMES.judge(front("Weixin.exe")).facts) == {
        "program": "Weixin.exe",
        "product": "wechat",
    }


class Screenplay:
    """Who is in front, as the test says."""

    def __init__(self) -> None:
        self.front_now: FrontFact | Unseen | None = None
        self.questions = 0

    def front(self) -> FrontFact | Unseen | None:
        self.questions += 1
        return self.front_now


@pytest.fixture
def play() -> Screenplay:
    return Screenplay()


@pytest.fixture
def watcher(play: Screenplay) -> FocusWatcher:
    return FocusWatcher(play, NAMES, "rules-1")


def short(found: tuple[Finding, ...]) -> list[tuple[str, int, int | None]]:
    return [(f.cause.value, f.started_us, f.ended_us) for f in found]


def test_nobody_is_asked_while_our_window_is_active(watcher: FocusWatcher, play: Screenplay):
    assert watcher.look(SECOND_US) == ()
    assert play.questions == 0


def test_a_loss_begins_when_it_began_and_ends_when_it_ended(
    watcher: FocusWatcher, play: Screenplay
):
    play.front_now = front("WeChat.exe")
    watcher.tell(active=False, at_us=SECOND_US)

    began = watcher.look(SECOND_US + SETTLE_US)
    watcher.tell(active=True, at_us=4 * SECOND_US)
    ended = watcher.look(5 * SECOND_US)

    assert short(began) == [("other_program", SECOND_US, None)]
    assert short(ended) == [("other_program", SECOND_US, 4 * SECOND_US)]
    assert ended[0].duration_us == 3 * SECOND_US
    assert ended[0].rules_version == "rules-1"


def test_an_input_methods_flicker_is_nothing(watcher: FocusWatcher, play: Screenplay):
    play.front_now = front("SogouImeBroker.exe")
    watcher.tell(active=False, at_us=SECOND_US)
    first = watcher.look(SECOND_US + SETTLE_US - 1)
    watcher.tell(active=True, at_us=SECOND_US + SETTLE_US - 1)

    assert first + watcher.look(SECOND_US + SETTLE_US) == ()


def test_a_loss_between_two_looks_is_not_missed(watcher: FocusWatcher):
    watcher.tell(active=False, at_us=SECOND_US)
    watcher.tell(active=True, at_us=SECOND_US + SETTLE_US)

    found = watcher.look(2 * SECOND_US)

    assert short(found) == [
        ("unknown", SECOND_US, None),
        ("unknown", SECOND_US, SECOND_US + SETTLE_US),
    ]


def test_one_after_another_in_front_are_findings_of_their_own(
    watcher: FocusWatcher, play: Screenplay
):
    watcher.tell(active=False, at_us=0)
    play.front_now = front("consent.exe")
    first = watcher.look(SECOND_US)
    play.front_now = front("notepad.exe")
    second = watcher.look(2 * SECOND_US)
    ended = watcher.end(3 * SECOND_US)

    assert short(first) == [("system_dialog", 0, None)]
    assert short(second) == [
        ("system_dialog", 0, 2 * SECOND_US),
        ("other_program", 2 * SECOND_US, None),
    ]
    assert short(ended) == [("other_program", 2 * SECOND_US, 3 * SECOND_US)]


def test_told_twice_is_one_loss(watcher: FocusWatcher, play: Screenplay):
    play.front_now = front("notepad.exe")
    watcher.tell(active=False, at_us=0)
    watcher.tell(active=False, at_us=SECOND_US)

    assert short(watcher.look(SECOND_US)) == [("other_program", 0, None)]
    assert watcher.look(2 * SECOND_US) == ()


def test_a_listed_program_under_an_input_methods_name_is_no_input_method():
    renamed = FrontFact(7, "ctfmon.exe", original="WeChat.exe")
    honest = FrontFact(7, "ctfmon.exe", original="CTFMON.EXE")

    assert NAMES.cause_of(renamed) is Cause.OTHER_PROGRAM
    assert NAMES.cause_of(honest) is Cause.INPUT_METHOD


def test_the_secure_desktop_is_named_and_ordinary():
    sight = NAMES.judge(FrontFact(0, "", window_kind=SECURE_DESKTOP))

    assert (sight.cause, sight.subject) == (Cause.SECURE_DESKTOP, "secure_desktop")
    assert sight.cause.is_ordinary
    assert sight.severity is Severity.NOTICE
