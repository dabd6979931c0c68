"""Times of the exam's clock as people read them. China has one time zone and no summer time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
SECOND_US = 1_000_000


def clock_time(at_us: int, *, with_seconds: bool = False) -> str:
    """`09:45`, or `09:45:10`."""
    local = datetime.fromtimestamp(at_us / SECOND_US, UTC).astimezone(CHINA)
    return local.strftime("%H:%M:%S" if with_seconds else "%H:%M")


def date_time(at_us: int) -> str:
    """`2026-11-23 09:45:10`."""
    local = datetime.fromtimestamp(at_us / SECOND_US, UTC).astimezone(CHINA)
    return local.strftime("%Y-%m-%d %H:%M:%S")


def span(from_us: int, to_us: int) -> str:
    """`09:30–09:59`."""
    return f"{clock_time(from_us)}–{clock_time(to_us)}"


def minutes_seconds(seconds: int) -> str:
    """`03:12`; from an hour on `1:03:12`."""
    minutes, rest = divmod(max(seconds, 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def calendar_day(at_us: int) -> str:
    """`2026-11-23`."""
    return date_time(at_us)[:10]
