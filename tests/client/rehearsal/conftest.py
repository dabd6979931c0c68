"""The rigs, for the tests of the stand-ins they are made of; and an eye to look at the film."""

import pytest

from tests.rigs.fixtures import (  # noqa: F401
    RESOURCES,
    _camera_library,
    demo_camera,
    v4l2_camera,
    virtual_desktop,
    virtual_microphone,
)
from zhishiyun_client.face.choice import PackChoice
from zhishiyun_client.face.eye import Eye
from zhishiyun_client.face.login_eye import open_eye
from zhishiyun_client.face.pack import DEFAULT_PACK


@pytest.fixture(scope="session")
def eye() -> Eye:
    folder = RESOURCES / "face" / DEFAULT_PACK
    if not list(folder.glob("*.onnx")):
        pytest.skip("the default face pack needs the network once: build/face_pack.py")
    return open_eye(PackChoice(folder))
