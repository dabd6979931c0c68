"""The rigs, for the tests of the stand-ins that they are made of."""

from tests.rigs.fixtures import (  # noqa: F401
    _camera_library,
    demo_camera,
    v4l2_camera,
    virtual_desktop,
    virtual_microphone,
)
