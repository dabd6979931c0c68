"""Why a device is used, replaced or missing, in both languages."""

from __future__ import annotations

from enum import Enum


class Reason(Enum):
    """What was found; each with a stable code, a Chinese and an English sentence."""

    SCREEN_FOUND = ("screen_found", "使用本机屏幕", "the screen of this machine is used")
    CAMERA_FOUND = ("camera_found", "使用本机摄像头", "the camera of this machine is used")
    MICROPHONE_FOUND = (
        "microphone_found",
        "使用本机麦克风",
        "the microphone of this machine is used",
    )
    ASKED_FOR = ("asked_for", "按要求使用演示设备", "a demonstration device was asked for")
    NO_DISPLAY_NAMED = ("no_display_named", "本机没有图形桌面", "this machine has no display")
    DISPLAY_SILENT = ("display_silent", "图形桌面没有响应", "the display does not answer")
    DISPLAY_NOT_FILMED = (
        "display_not_filmed",
        "该图形桌面（Wayland）不支持录屏",
        "this display (Wayland alone) cannot be filmed",
    )
    NO_CAMERA = ("no_camera", "本机没有摄像头", "this machine has no camera")
    CAMERA_FORBIDDEN = (
        "camera_forbidden",
        "没有使用摄像头的权限",
        "this account may not use the camera",
    )
    NO_MICROPHONE = ("no_microphone", "本机没有麦克风", "this machine has no microphone")
    NO_PORTAUDIO = (
        "no_portaudio",
        "未安装声音组件 PortAudio，无法录音",
        "PortAudio is not installed, so no sound can be recorded",
    )
    SOUND_SILENT = (
        "sound_silent",
        "声音系统没有响应",
        "the sound system does not answer",
    )
    NO_STAND_IN = (
        "no_stand_in",
        "本机没有此设备，且本系统不提供它的演示设备",
        "the device is missing and this system offers no demonstration of it",
    )

    def __init__(self, code: str, zh: str, en: str) -> None:
        self.code = code
        self.zh = zh
        self.en = en
