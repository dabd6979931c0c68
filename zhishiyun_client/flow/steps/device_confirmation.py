"""设备确认: see yourself, hear yourself, change a device; recording runs already (R110–R113)."""

from __future__ import annotations

from collections.abc import Callable

from zhishiyun_client.domain.phases import Event, Phase
from zhishiyun_client.flow.device_words import camera_problem, microphone_problem
from zhishiyun_client.flow.intents import (
    ChooseCamera,
    ChooseMicrophone,
    EnterWaiting,
    Intent,
    PlayClip,
    RecordClip,
    RefreshDevices,
)
from zhishiyun_client.flow.room import Room
from zhishiyun_client.flow.stepping import Step
from zhishiyun_client.flow.trial_clip import TrialClip
from zhishiyun_client.flow.views import (
    CountdownView,
    DeviceChoiceView,
    DeviceConfirmationView,
)
from zhishiyun_client.flow.waiting_words import to_start
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_client.ports.devices import Device, DeviceKind, TrackState
from zhishiyun_client.ports.faces import Presence
from zhishiyun_client.ports.recorder import Choose, Devices, ListDevices, Status, Trial

SUFFIXES = {
    DeviceKind.VIRTUAL: T.DEVICE_CONFIRMATION_VIRTUAL_CAMERA,
    DeviceKind.INFRARED: T.DEVICE_CONFIRMATION_INFRARED,
    DeviceKind.LOOPBACK: T.DEVICE_CONFIRMATION_LOOPBACK,
}
HEARD_SHARE = 0.08  # level on the meter's −60…0 dBFS scale above a quiet room's hiss


class DeviceConfirmationStep(Step):
    """The recorder owns the devices; this page chooses among them."""

    phase = Phase.DEVICE_CONFIRMATION

    def __init__(self, room: Room, happened: Callable[[Event], None]) -> None:
        super().__init__(room, happened)
        self._heard = False
        self._refreshing = False
        self._clip = TrialClip()

    def enter(self) -> None:
        """List what there is."""
        self._heard = False
        self._clip.reset()
        self._list()

    def beat(self) -> None:
        """Sound was heard once it was heard: silence while reading the page is no fault."""
        status = self.room.status
        if status is not None and status.sound.level_share >= HEARD_SHARE:
            self._heard = True
        self._clip.beat()

    def hear(self, report: object) -> None:
        """The list has arrived; the trial came so far."""
        if isinstance(report, Devices):
            self._refreshing = False
        elif isinstance(report, Trial):
            self._clip.hear(report)

    def take(self, intent: Intent) -> None:
        """Choose, list again, go on."""
        recorder = self.room.ports.recorder
        if isinstance(intent, ChooseCamera):
            recorder.say(Choose(camera_id=intent.device_id))
        elif isinstance(intent, ChooseMicrophone):
            self._heard = False
            self._clip.reset()
            recorder.say(Choose(microphone_id=intent.device_id))
        elif isinstance(intent, RecordClip):
            self._clip.record(recorder)
        elif isinstance(intent, PlayClip):
            self._clip.play(recorder)
        elif isinstance(intent, RefreshDevices):
            self._list()
        elif isinstance(intent, EnterWaiting) and self._proceed_off() is None:
            self.happened(Event.PASSED)

    def countdown(self) -> CountdownView | None:
        """Until the exam begins."""
        return to_start(self.room)

    def view(self) -> DeviceConfirmationView:
        """Picture, sound, lists."""
        status, devices = self.room.status, self.room.devices
        cameras = devices.cameras if devices else ()
        microphones = devices.microphones if devices else ()
        camera_there = status is not None and status.camera.state is TrackState.OK
        return DeviceConfirmationView(
            cameras=_choices(cameras),
            microphones=_choices(microphones),
            camera_id=status.camera.device_id if status else "",
            microphone_id=status.microphone.device_id if status else "",
            preview_off=None if camera_there else text(T.DEVICE_CONFIRMATION_OFF_PICTURE),
            framing=_framing(status),
            problem=self._camera_problem(cameras),
            sound_problem=self._microphone_problem(microphones),
            level_share=status.sound.level_share if status else 0.0,
            clip=self._clip.state,
            clip_left_s=self._clip.left_s,
            clip_problem=self._clip.problem,
            refresh_off=text(T.COMMON_LOADING) if self._refreshing else None,
            proceed_off=self._proceed_off(),
        )

    def _camera_problem(self, cameras: tuple[Device, ...]) -> Words | None:
        status = self.room.status
        if status is None:
            return None
        return camera_problem(status, _kind(cameras, status.camera.device_id))

    def _microphone_problem(self, microphones: tuple[Device, ...]) -> Words | None:
        status = self.room.status
        if status is None:
            return None
        return microphone_problem(status, _kind(microphones, status.microphone.device_id))

    def _list(self) -> None:
        self._refreshing = True
        self.room.ports.recorder.say(ListDevices())

    def _proceed_off(self) -> Words | None:
        status = self.room.status
        if status is None or status.camera.state is TrackState.STARTING:
            return text(T.DEVICE_CONFIRMATION_OFF_PICTURE)
        silent = status.microphone.state is TrackState.OK and not self._heard
        started = self.room.now_us >= self.room.starts_us
        return text(T.DEVICE_CONFIRMATION_OFF_SOUND) if silent and not started else None


def _framing(status: Status | None) -> Words | None:
    """What the recorder's look at the picture says of the place (R158); None: nothing to mend."""
    is_empty = status is not None and status.presence == Presence.NOBODY.value
    return text(T.DEVICE_CONFIRMATION_FRAMING_HINT) if is_empty else None


def _choices(devices: tuple[Device, ...]) -> tuple[DeviceChoiceView, ...]:
    return tuple(DeviceChoiceView(device.id, device.name, _suffix(device)) for device in devices)


def _suffix(device: Device) -> Words:
    return text(SUFFIXES[device.kind]) if device.kind in SUFFIXES else ""


def _kind(devices: tuple[Device, ...], device_id: str) -> DeviceKind:
    kinds = (device.kind for device in devices if device.id == device_id)
    return next(kinds, DeviceKind.ORDINARY)
