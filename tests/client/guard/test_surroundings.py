"""Remote sessions, virtual machines and cameras, sleep, battery: what counts, and what never does.

The second half is a corpus of ordinary machines as they describe themselves: no violation.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from zhishiyun_client.guard import surroundings as rules_of
from zhishiyun_client.guard.surroundings_watcher import SurroundingsWatcher
from zhishiyun_client.guard.systems.here import surroundings_here
from zhishiyun_client.guard.systems.surroundings_linux import LinuxSurroundings, session_signs
from zhishiyun_client.guard.systems.surroundings_windows import session_signs as windows_session
from zhishiyun_client.guard.systems.surroundings_windows import vendors_of
from zhishiyun_client.ports.surroundings import Battery, Camera, DeviceUse, Hardware, Sign
from zhishiyun_client.ports.watching import Cause, Connection, DisplayFact, Severity

FILE = Path(__file__).parents[3] / "resources" / "guard" / "surroundings.toml"
RULES, VERSION = rules_of.load_surroundings(FILE)
PANEL = DisplayFact("eDP-1", Connection.INTERNAL, "0,0")


def machine(hardware: Hardware) -> tuple[object, ...]:
    return rules_of.judge_machine(rules_of.machine_signs(hardware, RULES.virtual_machine))


class Snapshot:
    """A machine as it was recorded; implements `SurroundingsProbe` and `DisplayProbe`."""

    def __init__(
        self,
        hardware: Hardware = Hardware(),  # noqa: B008 - frozen
        environment: dict[str, str] | None = None,
        cameras: tuple[Camera, ...] = (),
        power: Battery | None = None,
        outputs: tuple[DisplayFact, ...] = (PANEL,),
        windows_session: tuple[Sign, ...] = (),
    ) -> None:
        self._hardware = hardware
        self._remote = (*session_signs(environment or {}), *windows_session)
        self._cameras = cameras
        self.power = power
        self._outputs = outputs
        self.slept = 0.0
        self.uses: tuple[DeviceUse, ...] = ()

    def remote(self) -> tuple[Sign, ...]:
        return self._remote

    def hardware(self) -> Hardware:
        return self._hardware

    def cameras(self) -> tuple[Camera, ...]:
        return self._cameras

    def devices_in_use(self) -> tuple[DeviceUse, ...]:
        return self.uses

    def battery(self) -> Battery | None:
        return self.power

    def slept_s(self) -> float:
        return self.slept

    def displays(self) -> tuple[DisplayFact, ...]:
        return self._outputs


def watcher(snapshot: Snapshot) -> SurroundingsWatcher:
    return SurroundingsWatcher(snapshot, snapshot, RULES, VERSION)


# ---- what counts


@pytest.mark.parametrize(
    "hardware",
    [
        Hardware(("qemu", "standard pc (q35 + ich9, 2009)", "seabios"), frozenset({"1af4"})),
        Hardware(("vmware, inc.", "vmware virtual platform"), frozenset({"15ad", "8086"})),
        Hardware(("innotek gmbh", "virtualbox"), frozenset({"80ee"})),
        Hardware(("parallels international gmbh.",), frozenset({"1ab8"})),
        Hardware(("vmware20,1",), hypervisor="apple"),
        Hardware(("xen", "hvm domu"), hypervisor="xen"),
    ],
)
def test_two_strong_signs_are_a_virtual_machine_which_warns_and_never_blocks(hardware: Hardware):
    (sight,) = machine(hardware)
    assert sight.severity is Severity.WARNING  # people judge


def test_one_strong_sign_is_none():
    assert machine(Hardware(("qemu", "qemu", "qemu"))) == ()
    assert machine(Hardware(("dell inc.",), frozenset({"1af4"}))) == ()


@pytest.mark.parametrize(
    ("environment", "severity"),
    [
        ({"XRDP_SESSION": "1"}, Severity.BLOCKS_ENTRY),
        ({"VNCDESKTOP": "host:1 (me)"}, Severity.BLOCKS_ENTRY),
        ({"SSH_CONNECTION": "a b c d", "DISPLAY": "localhost:10.0"}, Severity.WARNING),
    ],
)
def test_remote_sessions_are_found(environment: dict[str, str], severity: Severity):
    (sight,) = rules_of.judge_remote(session_signs(environment))
    assert (sight.severity, sight.cause) == (severity, Cause.REMOTE_SESSION)


@pytest.mark.parametrize("output", ["rdp0", "VNC-0"])
def test_a_display_drawn_for_elsewhere_is_a_remote_session(output: str):
    fact = DisplayFact(output, Connection.UNKNOWN, "0,0")
    (finding,) = watcher(Snapshot(outputs=(fact,))).look(1)

    assert finding.rule == "session.remote"
    assert finding.fact("signs") == "output"


def test_remote_desktop_of_windows_is_found_where_the_metric_misses_it():
    signs = windows_session(
        metric=False, controlled=False, session_name="RDP-Tcp#3", glass_differs=True
    )
    (sight,) = rules_of.judge_remote(signs)
    assert dict(sight.facts)["signs"] == "glass_session,session_name"


@pytest.mark.parametrize(
    "camera",
    [
        Camera("OBS Virtual Camera"),
        Camera("v4l2loopback-00"),
        Camera("e2eSoft VCam"),
        Camera("Integrated Camera", is_virtual=True),  # renamed, but the kernel knows
    ],
)
def test_cameras_without_hardware_are_found(camera: Camera):
    (sight,) = rules_of.judge_cameras((camera,), RULES.virtual_camera)
    assert sight.severity is Severity.WARNING


def test_pci_vendors_are_read_from_the_registrys_names():
    keys = ["VEN_80EE&DEV_BEEF&SUBSYS_00000000&REV_00", "VEN_8086&DEV_1237", "odd"]
    assert vendors_of(keys) == {"80ee", "8086"}


@pytest.mark.skipif(sys.platform == "win32", reason="Linux's files have links and colons")
def test_a_recorded_linux_guest_with_a_loopback_camera_is_read_from_its_files(tmp_path: Path):
    dmi = tmp_path / "sys/class/dmi/id"
    dmi.mkdir(parents=True)
    (dmi / "sys_vendor").write_text("QEMU\n")
    device = tmp_path / "sys/bus/pci/devices/0000:00:03.0"
    device.mkdir(parents=True)
    (device / "vendor").write_text("0x1af4\n")
    real = tmp_path / "sys/devices/virtual/video4linux/video7"
    real.mkdir(parents=True)
    (real / "name").write_text("Integrated Camera\n")
    shown = tmp_path / "sys/class/video4linux"
    shown.mkdir(parents=True)
    (shown / "video7").symlink_to(real)
    probe = LinuxSurroundings(tmp_path, {})

    assert len(machine(probe.hardware())) == 1
    assert probe.cameras() == (Camera("Integrated Camera", is_virtual=True),)


def test_sleep_is_told_once_and_is_over_when_it_is_seen():
    snapshot = Snapshot()
    eye = watcher(snapshot)
    assert eye.look(1) == ()
    snapshot.slept = 90.0

    began, ended = eye.look(2)

    assert (began.rule, began.fact("seconds")) == ("power.slept", "90")
    assert ended.ended_us == 2
    assert began.cause.is_ordinary
    assert eye.look(3) == ()


def test_a_low_battery_is_told_and_is_over_when_it_is_plugged_in():
    snapshot = Snapshot(power=Battery(15, is_plugged=False))
    eye = watcher(snapshot)

    (low,) = eye.look(1)
    snapshot.power = Battery(8, is_plugged=False)
    ended, critical = eye.look(2)
    snapshot.power = Battery(8, is_plugged=True)
    (over,) = eye.look(3)

    assert (low.severity, critical.severity) == (Severity.NOTICE, Severity.WARNING)
    assert (ended.subject, over.subject) == ("low", "critical")
    assert all(finding.cause.is_ordinary for finding in (low, critical))


def test_this_machine_can_be_asked():
    probe = surroundings_here()

    assert isinstance(probe.hardware(), Hardware)
    assert isinstance(probe.remote(), tuple)
    assert isinstance(probe.cameras(), tuple)
    assert probe.slept_s() >= 0.0
    assert probe.battery() is None or 0 <= probe.battery().percent <= 100


# ---- the corpus: ordinary machines, no violation

LAPTOP = ("dell inc.", "latitude 5500", "dell inc.", "dell inc.")
ORDINARY = {
    "a laptop": Snapshot(Hardware(LAPTOP, frozenset({"8086", "10de"}))),
    "a Surface, made by the maker of Hyper-V": Snapshot(
        Hardware(("microsoft corporation", "surface laptop 5"), frozenset({"8086"}))
    ),
    "Hyper-V and WSL switched on": Snapshot(Hardware(LAPTOP, frozenset({"8086", "1414"}))),
    "a desktop that once had a virtio tool installed": Snapshot(
        Hardware(("hp", "hp elitedesk 800 g6"), frozenset({"8086", "1af4"}))
    ),
    "an odd word in the firmware": Snapshot(
        Hardware(("lenovo", "thinkvision kvm switch edition"), frozenset({"8086"}))
    ),
    "a Mac": Snapshot(Hardware(("mac14,2",))),
    "a VPN": Snapshot(Hardware(LAPTOP), {"DISPLAY": ":0", "XDG_SESSION_TYPE": "x11"}),
    "a technician who started it over SSH on the local desktop": Snapshot(
        Hardware(LAPTOP), {"SSH_CONNECTION": "a b c d", "DISPLAY": ":0"}
    ),
    "one external monitor": Snapshot(
        outputs=(DisplayFact("HDMI-1", Connection.EXTERNAL, "0,0"),),
    ),
    "a laptop being docked": Snapshot(
        Hardware(LAPTOP), outputs=(PANEL, DisplayFact("DP-3", Connection.EXTERNAL, ""))
    ),
    "real cameras": Snapshot(
        cameras=(
            Camera("Integrated Camera: Integrated C"),
            Camera("HD Pro Webcam C920"),
            Camera("USB2.0 HD UVC WebCam"),
            Camera("FaceTime HD Camera"),
        )
    ),
    "a full battery": Snapshot(power=Battery(80, is_plugged=False)),
    "a battery that is being charged": Snapshot(power=Battery(5, is_plugged=True)),
    "the console of Windows": Snapshot(
        windows_session=windows_session(
            metric=False, controlled=False, session_name="Console", glass_differs=False
        )
    ),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_machine_is_no_violation(name: str):
    assert watcher(ORDINARY[name]).look(1) == ()
