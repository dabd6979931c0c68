"""What is wrong with camera and microphone, in the candidate's words; None: nothing is."""

from __future__ import annotations

from zhishiyun_client.flow.views import NoticeView, Tone
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_client.ports.devices import DeviceKind, Picture, TrackState
from zhishiyun_client.ports.recorder import Status, TrackStatus

GONE = (TrackState.LOST, TrackState.ABSENT)
CAMERA_CAUSES = {
    "NO_DEVICE": T.DEVICE_CAMERA_NONE,
    "DEVICE_FORBIDDEN": T.DEVICE_CAMERA_FORBIDDEN,
    "NO_FRAMES": T.DEVICE_CAMERA_STALLED,
}
MICROPHONE_CAUSES = {
    "NO_DEVICE": T.DEVICE_MICROPHONE_NONE,
    "DEVICE_FORBIDDEN": T.DEVICE_MICROPHONE_FORBIDDEN,
    "DEVICE_BUSY": T.DEVICE_MICROPHONE_BUSY,
    "NO_PORTAUDIO": T.DEVICE_MICROPHONE_SYSTEM,
    "SOUND_SYSTEM_BROKEN": T.DEVICE_MICROPHONE_SYSTEM,
}
MOODS = {
    Picture.BLACK: T.DEVICE_CAMERA_BLACK,
    Picture.COVERED: T.DEVICE_CAMERA_COVERED,
    Picture.DARK: T.DEVICE_CAMERA_DARK,
    Picture.FROZEN: T.DEVICE_CAMERA_FROZEN,
}


def camera_problem(status: Status, kind: DeviceKind = DeviceKind.ORDINARY) -> Words | None:
    """Gone, taken, forbidden, then what its picture shows."""
    camera = status.camera
    if camera.state in GONE:
        return _camera_gone(camera)
    if camera.state is not TrackState.OK:
        return None
    if status.picture in MOODS:
        return text(MOODS[status.picture])
    return text(T.DEVICE_CAMERA_INFRARED) if kind is DeviceKind.INFRARED else None


def microphone_problem(status: Status, kind: DeviceKind = DeviceKind.ORDINARY) -> Words | None:
    """Gone, taken, then what it sounds like."""
    microphone, sound = status.microphone, status.sound
    if microphone.state in GONE:
        was_there = microphone.state is TrackState.LOST and microphone.cause == "NO_DEVICE"
        lost = T.DEVICE_MICROPHONE_LOST
        return text(lost if was_there else MICROPHONE_CAUSES.get(microphone.cause, lost))
    if microphone.state is not TrackState.OK:
        return None
    if kind is DeviceKind.LOOPBACK:
        return text(T.DEVICE_MICROPHONE_LOOPBACK)
    if sound.silent:
        return text(T.DEVICE_MICROPHONE_SILENT)
    if sound.faint:
        return text(T.DEVICE_MICROPHONE_FAINT)
    return text(T.DEVICE_MICROPHONE_CLIPPED) if sound.clipped else None


def notices(status: Status) -> list[NoticeView]:
    """What stands above the page while recording: the other tracks go on, and it says so."""
    found = []
    camera, microphone = camera_problem(status), microphone_problem(status)
    if status.sound.silent and status.microphone.state is TrackState.OK:
        microphone = text(T.DEVICE_MICROPHONE_SILENT_NOW)  # nobody counts to three in an answer
    if camera is not None:
        gone = status.camera.state in GONE
        key = "lost.camera" if gone else f"camera.{status.picture.value}"
        code = "E201" if status.camera.cause == "DEVICE_BUSY" else ""
        found.append(_notice(key, camera, code, may_close=status.picture is Picture.DARK))
    if microphone is not None:
        gone = status.microphone.state in GONE
        key = "lost.microphone" if gone else "microphone.sound"
        code = "E202" if status.sound.silent else ""
        found.append(_notice(key, microphone, code, may_close=not gone))
    if status.screen.state in GONE:
        found.append(NoticeView("lost.screen", text(T.NOTICE_SCREEN_LOST), Tone.CAUTION))
    return found


def _camera_gone(camera: TrackStatus) -> Words:
    if camera.held_by:
        return text(T.DEVICE_CAMERA_BUSY, program=camera.held_by)
    if camera.state is TrackState.LOST and camera.cause == "NO_DEVICE":
        return text(T.DEVICE_CAMERA_LOST)  # it was there: “not found” would puzzle
    if camera.cause == "DEVICE_BUSY" or camera.state is TrackState.ABSENT:
        return text(CAMERA_CAUSES.get(camera.cause, T.DEVICE_CAMERA_IN_USE))
    return text(CAMERA_CAUSES.get(camera.cause, T.DEVICE_CAMERA_LOST))


def _notice(key: str, words: Words, code: str, *, may_close: bool) -> NoticeView:
    whole = text(T.DEVICE_GO_ON, words=words)
    return NoticeView(key, whole, Tone.CAUTION, code, may_close=may_close)
