"""Devices by name on every system: told apart, found again, never by a number (R110)."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhishiyun_client.capture.camera_listing import (
    cameras_of_dshow,
    cameras_of_linux,
    cameras_of_report,
)
from zhishiyun_client.capture.naming import Seen, found_again, named, tidy

VIDEO = "@device_pnp_\\\\?\\usb#vid_04f2&pid_b6be&mi_00#{0}#{{65e8773d-8f56-11d0-a3b9}}\\global"
AUDIO = "@device_cm_{33D9A762-90C8-11D0-BD43-00A0C911CE86}\\wave_{1}"


def test_equal_names_are_told_apart_and_keep_ids_of_their_own() -> None:
    first, second = named(
        "camera", [Seen(0, "HD Webcam", "port 1"), Seen(1, "HD Webcam", "port 2")]
    )

    assert (first.name, second.name) == ("HD Webcam", "HD Webcam (2)")
    assert first.id != second.id


def test_a_device_that_was_renumbered_is_found_at_its_place_and_not_by_its_number() -> None:
    """The classic wrong camera: number 0 is another one after a plug."""
    built_in, webcam = Seen(0, "Built-in", "port 1"), Seen(1, "Webcam", "port 7")
    wanted = named("camera", [built_in, webcam])[1].id

    after = named("camera", [Seen(0, "Webcam", "port 7"), Seen(1, "Built-in", "port 1")])

    found = found_again(wanted, after)
    assert found is not None
    assert (found.seen.name, found.seen.number) == ("Webcam", 0)


def test_a_device_plugged_into_another_port_is_found_by_its_name() -> None:
    wanted = named("camera", [Seen(0, "Webcam", "port 7")])[0].id

    found = found_again(wanted, named("camera", [Seen(0, "Other"), Seen(3, "Webcam", "port 2")]))

    assert found is not None
    assert found.seen.number == 3
    assert found_again(wanted, named("camera", [Seen(0, "Other")])) is None


def test_of_two_equal_ones_the_one_at_its_place_is_found() -> None:
    both = [Seen(0, "Webcam", "port 1"), Seen(1, "Webcam", "port 2")]
    second = named("camera", both)[1].id

    found = found_again(second, named("camera", reversed(both)))

    assert found is not None
    assert found.seen.where == "port 2"


@pytest.mark.parametrize("name", ["Integrated IR Camera", "OBS Virtual Camera", "红外摄像头"])
def test_what_nobody_means_by_default_comes_last(name: str) -> None:
    listed = named("camera", [Seen(0, name), Seen(1, "Integrated Camera")])

    assert [device.seen.number for device in listed] == [1, 0]


@pytest.mark.parametrize(
    ("name", "tidied"),
    [
        ("Integrated Camera: Integrated C", "Integrated Camera"),
        ("UVC Camera (046d:0825)", "UVC Camera (046d:0825)"),
        ("Cam: Left", "Cam: Left"),
    ],
)
def test_names_are_read_without_what_the_kernel_cut(name: str, tidied: str) -> None:
    assert tidy(name) == tidied


def test_the_place_in_directshows_list_is_opencvs_number() -> None:
    """A camera with a microphone of its own, and one that is busy, keep their places."""
    listed = [
        (VIDEO.format("6&1"), "Capture card"),
        (VIDEO.format("6&2"), "Integrated Camera"),
        (VIDEO.format("6&3"), "Integrated Camera"),
        (AUDIO, "麦克风 (Realtek(R) Audio)"),
    ]

    cameras = cameras_of_dshow(listed)

    assert [(c.number, c.name) for c in cameras] == [
        (0, "Capture card"),
        (1, "Integrated Camera"),
        (2, "Integrated Camera"),
    ]
    assert len({device.id for device in named("camera", cameras)}) == 3


def test_the_macs_report_is_sorted_as_opencv_sorts() -> None:
    report = {
        "SPCameraDataType": [
            {"_name": "FaceTime高清相机", "spcamera_unique-id": "0x8020000005ac8514"},
            {"_name": "USB Camera", "spcamera_unique-id": "0x1440000046d0825"},
        ]
    }

    assert [(c.number, c.name) for c in cameras_of_report(report)] == [
        (0, "USB Camera"),
        (1, "FaceTime高清相机"),
    ]
    assert cameras_of_report({}) == ()


def test_linux_nodes_are_cameras_by_their_place_on_the_bus(tmp_path: Path) -> None:
    dev, nodes, bus = tmp_path / "dev", tmp_path / "class", tmp_path / "bus"
    for number, name, index, port in (
        (0, "Integrated Camera: Integrated C", "0", "1-5"),
        (1, "Integrated Camera: Integrated C", "1", "1-5"),  # metadata of the same camera
        (2, "USB Camera", "0", "1-2"),
    ):
        (dev / f"video{number}").parent.mkdir(exist_ok=True)
        (dev / f"video{number}").touch()
        (bus / port).mkdir(parents=True, exist_ok=True)
        node = nodes / f"video{number}"
        node.mkdir(parents=True)
        (node / "name").write_text(name + "\n")
        (node / "index").write_text(index)
        (node / "device").symlink_to(bus / port)
    (dev / "videodev").touch()

    cameras = cameras_of_linux(dev, nodes)

    assert [(c.number, c.name) for c in cameras] == [(0, "Integrated Camera"), (2, "USB Camera")]
    assert [Path(c.where).name for c in cameras] == ["1-5", "1-2"]
