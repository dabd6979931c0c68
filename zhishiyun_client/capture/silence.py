"""What is missing because a device is gone, and what because the machine is busy."""

from __future__ import annotations

from zhishiyun_client.runtime.clock import monotonic_us

LISTEN_S = 0.25
GONE_AFTER_S = 2.0
_LATE_US = 500_000  # a wait of 0.25 s that lasts so long was not ours to end


def was_ours(jump_us: int, held_up_us: int) -> bool:
    """Whether pictures are missing because we did not come, and not because none were there.

    Args:
        jump_us:    between the last picture that is kept and the next.
        held_up_us: of that, how long we dealt with the last one, and the next lay waiting for us.
    """
    return held_up_us * 2 >= jump_us


class Silence:
    """Adds up waits in vain; one that lasted too long is no evidence.

    Where this thread is not given the processor, neither is the one that hands sound over: on a
    starved machine closing and opening the device costs seconds of sound (measured: five), waiting
    costs none.
    """

    def __init__(self) -> None:
        self._in_vain_s = 0.0

    @property
    def means_gone(self) -> bool:
        """Whether nothing has come for so long that the device must be gone."""
        return self._in_vain_s >= GONE_AFTER_S

    def note(self, began_us: int) -> None:
        """A wait of `LISTEN_S` that began then, monotonic µs, ended without sound."""
        if monotonic_us() - began_us < _LATE_US:
            self._in_vain_s += LISTEN_S

    def end(self) -> None:
        """Sound has come."""
        self._in_vain_s = 0.0
