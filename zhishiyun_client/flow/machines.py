"""The machines behind the flow, by their ports; composed once, in `app`."""

from __future__ import annotations

from dataclasses import dataclass

from zhishiyun_client.ports.api import ExamApi
from zhishiyun_client.ports.desk import CheckDesk, Errands, FaceDesk, Files, GuardDesk
from zhishiyun_client.ports.keeping import Journal, SecretStore, Settings
from zhishiyun_client.ports.line import ReleaseRelay
from zhishiyun_client.ports.recorder import RecorderDesk
from zhishiyun_client.runtime.clock import ExamClock


@dataclass(frozen=True, slots=True)
class Ports:
    """The machines behind the flow, by their ports."""

    api: ExamApi
    recorder: RecorderDesk
    journal: Journal
    secrets: SecretStore
    settings: Settings
    errands: Errands
    disk: Errands
    clock: ExamClock
    face: FaceDesk
    guard: GuardDesk
    checks: CheckDesk
    files: Files
    relay: ReleaseRelay
