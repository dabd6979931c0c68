"""Which checks there are, in their order, and what an exam needs of them."""

from __future__ import annotations

from zhishiyun_client.ports.checks import Check, CheckId, Needs
from zhishiyun_client.selftest.devices import CameraCheck, MicrophoneCheck, ScreenCheck
from zhishiyun_client.selftest.disk import DiskCheck, DiskSpeedCheck
from zhishiyun_client.selftest.machine import BatteryCheck, MemoryCheck, SleepCheck, SystemCheck
from zhishiyun_client.selftest.network import ClockCheck, LatencyCheck, NetworkCheck, UplinkCheck
from zhishiyun_client.selftest.processor import ProcessorCheck
from zhishiyun_client.selftest.surroundings import (
    DisplaysCheck,
    FacePackCheck,
    KeyStoreCheck,
    ProgramsCheck,
)
from zhishiyun_protocol.plan import ExamPlan, Factor


def all_checks() -> tuple[Check, ...]:
    """Every check, in the order of `CheckId`."""
    checks: tuple[Check, ...] = (
        SystemCheck(),
        DisplaysCheck(),
        ProgramsCheck(),
        CameraCheck(),
        MicrophoneCheck(),
        ScreenCheck(),
        NetworkCheck(),
        LatencyCheck(),
        UplinkCheck(),
        ClockCheck(),
        MemoryCheck(),
        DiskCheck(),
        DiskSpeedCheck(),
        ProcessorCheck(),
        BatteryCheck(),
        SleepCheck(),
        FacePackCheck(),
        KeyStoreCheck(),
    )
    return checks


def chosen(ids: tuple[CheckId, ...]) -> tuple[Check, ...]:
    """These checks, in their order."""
    return tuple(check for check in all_checks() if check.id in ids)


def needs_of(plan: ExamPlan, subject: str = "") -> Needs:
    """What a plan asks of the machine: everything from the first possible entry to the last end."""
    return Needs(
        recording_s=plan.entry.opens_before_s + plan.latest_end_s(subject),
        camera_width_px=plan.recording.camera_width_px,
        camera_height_px=plan.recording.camera_height_px,
        camera_fps=plan.recording.camera_fps,
        screen_fps=plan.recording.screen_fps,
        gpl_encoders=plan.recording.gpl_encoders,
        uses_face=Factor.FACE in plan.login.factors,
    )
