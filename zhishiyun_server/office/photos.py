"""Whether bytes are a readable photograph."""

from __future__ import annotations

import io

PHOTO_BYTES = 4 * 1024 * 1024
SHORTEST_PX = 64  # below that no face can be compared
LONGEST_PX = 10_000
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_JPEG_END, _PNG_END = b"\xff\xd9", b"IEND\xaeB`\x82"


def is_photo(content: bytes) -> bool:
    """Whether this is a whole JPEG or PNG of a sensible size that can be decoded."""
    if not 0 < len(content) <= PHOTO_BYTES or not _is_whole(content):
        return False
    # PyAV is heavy and only needed where photos come in, hence not at the top.
    import av

    try:
        with av.open(io.BytesIO(content), "r") as container:
            frame = next(container.decode(video=0))
    except (av.FFmpegError, StopIteration, ValueError, IndexError):
        return False
    sides = (frame.width, frame.height)
    return min(sides) >= SHORTEST_PX and max(sides) <= LONGEST_PX


def media_type_of(content: bytes) -> str:
    """The type of a photo, from its first bytes."""
    return "image/png" if content.startswith(_PNG) else "image/jpeg"


def _is_whole(content: bytes) -> bool:
    """Whether the first and last bytes are there: decoders forgive a photo that was cut."""
    if content.startswith(_JPEG):
        return _JPEG_END in content[-64:]
    return content.startswith(_PNG) and _PNG_END in content[-64:]
