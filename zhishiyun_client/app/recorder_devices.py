"""Which devices there are and which are used, as the desk asks for them."""

from __future__ import annotations

from collections.abc import Callable

from zhishiyun_client.app.recorder_door import Door
from zhishiyun_client.app.recorder_notebook import Notebook
from zhishiyun_client.app.recorder_sitting import Takers
from zhishiyun_client.capture.studio import Studio
from zhishiyun_client.ports.recorder import Choose, Devices, ListDevices


class RecorderDevices:
    """The desk's questions about cameras and microphones. Thread: the core's."""

    def __init__(
        self, studio: Studio, door: Door, notebook: Notebook, on_microphone: Callable[[], None]
    ) -> None:
        """on_microphone: called when another microphone is chosen."""
        self._studio = studio
        self._door = door
        self._notebook = notebook
        self._on_microphone = on_microphone

    @property
    def takers(self) -> Takers:
        """What is taken here."""
        return {
            ListDevices: self._on_list,
            Devices: self._on_devices,
            Choose: self._on_choose,
        }

    def choose_first_ones(self) -> None:
        """A recording begins and nobody has chosen: take what there is."""
        memory = self._notebook.memory
        if memory.camera_id is None or memory.microphone_id is None:
            self._studio.choose(memory.camera_id or "", memory.microphone_id or "")

    def rest(self) -> None:
        """Nobody looks at the list any more."""
        self._studio.lister.rest()

    def _on_list(self, _list: ListDevices) -> None:
        self._studio.lister.look()

    def _on_devices(self, devices: Devices) -> None:
        self._door.tell(devices)

    def _on_choose(self, choose: Choose) -> None:
        memory = self._notebook.memory
        camera = memory.camera_id if choose.camera_id is None else choose.camera_id
        microphone = memory.microphone_id if choose.microphone_id is None else choose.microphone_id
        if microphone != memory.microphone_id:
            self._on_microphone()
        self._studio.choose(camera, microphone)
        self._notebook.keep(camera_id=camera, microphone_id=microphone)
