"""What libraries read from the environment when loaded; whoever starts the recorder sets it."""

from __future__ import annotations

from collections.abc import Mapping

ENVIRONMENT: Mapping[str, str] = {
    "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "2",  # s; ten otherwise: a stall must be noticed (R113)
    "OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS": "0",  # opening takes seconds otherwise
    "OPENCV_LOG_LEVEL": "ERROR",
    "SVT_LOG": "1",  # errors only; otherwise fourteen lines for every stream
}
