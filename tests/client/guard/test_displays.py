"""What counts as a second display, and what does not (R033, R034, R107, F14)."""

from __future__ import annotations

import pytest

from zhishiyun_client.guard.displays import judge
from zhishiyun_client.ports.watching import (
    Cause,
    Connection,
    DisplayFact,
    Says,
    Severity,
    Unseen,
)


def display(output: str, connection: Connection, source: str = "0,0") -> DisplayFact:
    return DisplayFact(output, connection, source, 1920, 1080)


PANEL = display("eDP-1", Connection.INTERNAL)
MONITOR = display("HDMI-1", Connection.EXTERNAL)


@pytest.mark.parametrize(
    "alone",
    [
        pytest.param((PANEL,), id="a laptop"),
        pytest.param((MONITOR,), id="a desktop PC with one external monitor (R034)"),
        pytest.param(
            (display("eDP-1", Connection.INTERNAL, ""), MONITOR), id="a closed laptop in a dock"
        ),
        pytest.param((display("screen", Connection.UNKNOWN),), id="a system that tells little"),
    ],
)
def test_one_display_that_shows_a_picture_passes(alone: tuple[DisplayFact, ...]):
    assert judge(alone) == ()


def test_a_second_display_blocks_entry():
    (sight,) = judge((PANEL, display("HDMI-1", Connection.EXTERNAL, "1920,0")))

    assert (sight.rule, sight.cause) == ("display.extra", Cause.EXTRA_DISPLAY)
    assert (sight.severity, sight.explanation) == (Severity.BLOCKS_ENTRY, Says.DISPLAY_EXTRA)
    assert dict(sight.facts) == {
        "displays": "2",
        "outputs": "eDP-1,HDMI-1",
        "connection": "internal,external",
        "mirrored": "no",
    }


def test_a_mirrored_display_is_a_second_one_too():
    (sight,) = judge((PANEL, MONITOR))

    assert (sight.severity, sight.explanation) == (Severity.BLOCKS_ENTRY, Says.DISPLAY_MIRRORED)


def test_a_plan_that_allows_several_displays_only_notes_them():
    (sight,) = judge((PANEL, MONITOR), one_display=False)

    assert sight.severity is Severity.NOTICE


def test_a_monitor_plugged_in_but_off_is_only_a_notice():
    (sight,) = judge((PANEL, display("HDMI-1", Connection.EXTERNAL, "")))

    assert (sight.rule, sight.severity) == ("display.connected", Severity.NOTICE)


@pytest.mark.parametrize(
    ("connection", "severity"),
    [
        (Connection.WIRELESS, Severity.WARNING),
        (Connection.INDIRECT, Severity.NOTICE),
        (Connection.VIRTUAL, Severity.NOTICE),
    ],
)
def test_an_odd_only_display_is_said_but_never_blocks(connection: Connection, severity: Severity):
    (sight,) = judge((display("x", connection),))

    assert (sight.rule, sight.severity) == ("display.indirect", severity)


@pytest.mark.parametrize("seen", [Unseen("NO_X11"), (), (display("x", Connection.EXTERNAL, ""),)])
def test_what_cannot_be_seen_never_blocks(seen: tuple[DisplayFact, ...] | Unseen):
    (sight,) = judge(seen)

    assert (sight.rule, sight.severity) == ("display.unseen", Severity.NOTICE)


def test_another_second_display_is_another_finding():
    first = judge((PANEL, display("HDMI-1", Connection.EXTERNAL, "1920,0")))
    second = judge((PANEL, display("DP-2", Connection.EXTERNAL, "1920,0")))

    assert first[0].key != second[0].key
