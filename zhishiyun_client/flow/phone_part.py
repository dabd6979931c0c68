"""The phone's part of the upload, as far as the computer knows it (R067, R068, R186)."""

from __future__ import annotations

from zhishiyun_client.flow import phone_words
from zhishiyun_client.flow.clock_words import clock_time
from zhishiyun_client.flow.room import Room
from zhishiyun_client.flow.views import StreamState, StreamView
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_client.runtime.clock import monotonic_us
from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_protocol.messages.phone import PhonePhase
from zhishiyun_protocol.messages.sitting import PhoneState, Sitting

ASK_EVERY_US = 10_000_000  # of monotonic time; news come sooner while the live channel stands


class PhonePart:
    """Keeps asking how the phone's recording stands; the phone sends it by itself."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._ask_at_us = 0

    def ask(self) -> None:
        """Ask with the next beat."""
        self._ask_at_us = 0

    def beat(self) -> None:
        """Look at the phone anew from time to time, until everything is here."""
        state, now_us = self._state(), monotonic_us()
        if state is None or now_us < self._ask_at_us or (state.complete and not state.bound):
            return
        if state.bound or self.is_missing():
            self._ask_at_us = now_us + ASK_EVERY_US
            room = self._room
            room.run("phone", room.ports.api.sitting, self._take, self._ignore)

    def is_missing(self) -> bool:
        """Whether a phone has filmed what is not here, or still films."""
        state = self._state()
        return state is not None and (state.parts_missing > 0 or phone_words.is_filming(state))

    def must_stop(self) -> bool:
        """Whether the candidate still has to stop the film on the phone by hand (R185)."""
        state = self._state()
        return state is not None and state.phase in (PhonePhase.RECORDING, PhonePhase.INTERRUPTED)

    def problem(self, deadline_us: int) -> tuple[Words | None, str]:
        """E602: what of the phone is still away, and until when."""
        state = self._state()
        if state is None or not state.parts_missing:
            return None, ""
        words = text(
            T.UPLOADING_E602,
            count=state.parts_missing,
            stream=text(T.UPLOADING_PHONE),
            deadline=clock_time(deadline_us),
        )
        return words, "E602"

    def streams(self) -> tuple[StreamView, ...]:
        """The bar; none where the exam has no phone."""
        state = self._state()
        if state is None or "binding" not in self._room.plan.flow:
            return ()
        name = text(T.UPLOADING_PHONE)
        if not state.parts:
            return (StreamView(name, StreamState.NOT_USED, note=_note(state)),)
        if state.complete:
            return (StreamView(name, StreamState.DONE, state.filmed_bytes, state.filmed_bytes),)
        waits = state.silent or not state.bound
        return (
            StreamView(
                name,
                StreamState.WAITING if waits else StreamState.SENDING,
                state.filmed_bytes - state.missing_bytes,
                max(state.filmed_bytes, 1),
                note=_note(state),
            ),
        )

    def summary(self, deadline_us: int) -> Words | None:
        """One sentence for the receipt; None where no phone filmed."""
        state = self._state()
        if state is None or not state.parts:
            return None
        if state.complete:
            return text(T.PHONE_WHOLE, count=state.parts)
        return self.problem(deadline_us)[0]

    def _state(self) -> PhoneState | None:
        return self._room.sitting.phone if self._room.sitting is not None else None

    def _take(self, sitting: Sitting) -> None:
        self._room.take_sitting(sitting)

    def _ignore(self, _error: ZhishiyunError) -> None:
        """Asked again soon."""


def _note(state: PhoneState) -> Words | None:
    if state.complete:
        return None
    if state.silent:
        return text(T.PHONE_NOTE_SILENT)
    if state.phase in (PhonePhase.RECORDING, PhonePhase.INTERRUPTED):
        return text(T.PHONE_NOTE_STOP)
    return text(T.PHONE_NOTE_UNFILMED) if state.bound and not state.parts else None
