"""Why a camera gives nothing: another program, the system's settings, or it is not there (F15)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from zhishiyun_client.capture import consent_store
from zhishiyun_client.capture.cameras import camera_number, is_film
from zhishiyun_client.capture.holders import (
    USUAL_ONES,
    holder_on_linux,
    holder_on_windows,
    running_programs,
)
from zhishiyun_client.ports.devices import Device
from zhishiyun_protocol.errors import Fixable


def why_unusable(device: Device) -> Fixable:
    """What to tell of a camera that could not be opened or gives no picture."""
    if not is_film(device.id):
        node = _node(device.id)
        store = consent_store.read("webcam")
        if consent_store.is_denied(store) or (node and _is_forbidden(node)):
            return _forbidden()
        holder = holder_on_linux(node) if node else holder_on_windows(store, _running(store))
        if holder:
            return _busy(holder)
    others = f"（{USUAL_ONES}）" if sys.platform == "darwin" else ""
    return Fixable(
        "DEVICE_GONE",
        "The camera gives no picture. Check that it is plugged in and no other program uses it.",
        f"摄像头没有画面，请检查是否插好、是否被其他程序{others}占用。",
    )


def _node(camera_id: str) -> Path | None:
    if sys.platform != "linux":
        return None
    number = camera_number(camera_id)
    return None if number is None else Path(f"/dev/video{number}")


def _is_forbidden(node: Path) -> bool:
    return node.exists() and not os.access(node, os.R_OK | os.W_OK)


def _running(store: consent_store.Store) -> frozenset[str]:
    return running_programs() if consent_store.uses_now(store) else frozenset()


def _busy(holder: str) -> Fixable:
    return Fixable(
        "DEVICE_BUSY",
        f"The camera is used by {holder}. Close that program.",
        f"摄像头正被“{holder}”占用，请关闭该程序。",
        held_by=holder,
    )


def _forbidden() -> Fixable:
    return Fixable(
        "DEVICE_FORBIDDEN",
        "The system's settings keep programs from the camera. Allow it under Privacy, Camera.",
        "系统设置不允许程序使用摄像头，请在“设置 → 隐私 → 相机”中允许桌面应用使用。",
    )
