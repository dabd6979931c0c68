"""Everything around a page: header, step list, panel; computed from the room."""

from __future__ import annotations

from zhishiyun_client.domain.phases import RECORDED, STAGES, Phase
from zhishiyun_client.flow.clock_words import clock_time
from zhishiyun_client.flow.phone_words import is_well, line_words
from zhishiyun_client.flow.room import Room
from zhishiyun_client.flow.steps.home import band_of
from zhishiyun_client.flow.views import (
    CountdownView,
    HeaderView,
    PanelView,
    RecordingLight,
    StepState,
    StepView,
    UploadWord,
)
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.words import Words, text
from zhishiyun_client.ports.devices import TrackState
from zhishiyun_client.ports.recorder import RecorderState, Status
from zhishiyun_protocol.plan import StageKind, Start

SYNCED_LAG_BYTES = 512 * 1024  # what a second or two of recording weighs
IDENTITY_FROM = Phase.HOME


def header(room: Room) -> HeaderView:
    """The line on top."""
    now_us = room.now_us
    return HeaderView(
        product=room.plan.wording.product,
        exam_title=room.enrolled.exam_title,
        band=band_of(room.enrolled.formal, room.plan.mock),
        language=room.language,
        server_time=clock_time(now_us, with_seconds=True) if now_us else "",
        demonstration_devices=room.demonstration,
    )


def steps(room: Room, phase: Phase) -> tuple[StepView, ...]:
    """The phases of this plan for this candidate; what lies before the current one is done."""
    stage_kinds = {s.kind.value for s in room.plan.stages_for(room.subject)}
    all_kinds = {kind.value for kind in StageKind}
    phases = [
        Phase(name) for name in room.plan.flow if name not in all_kinds or name in stage_kinds
    ]
    here = phases.index(phase) if phase in phases else 0
    return tuple(
        StepView(
            phase_word(room, each),
            StepState.DONE if i < here else StepState.CURRENT if i == here else StepState.AHEAD,
        )
        for i, each in enumerate(phases)
    )


def phase_word(room: Room, phase: Phase) -> Words:
    """A phase by name; stages by the plan's own title."""
    if phase in STAGES:
        for stage in room.plan.stages_for(room.subject):
            if stage.kind.value == phase.value:
                lesson = stage.start is Start.SELF
                return text(T.PHASE_LESSON) if lesson else stage.title
    return text(T[f"PHASE_{phase.name}"])


def panel(room: Room, phase: Phase, countdown: CountdownView | None) -> PanelView:
    """The right side."""
    status = room.status
    return PanelView(
        identity=_identity(room),
        preview_off=_preview_off(status),
        recording=_light(status, phase),
        level_share=status.sound.level_share if status else 0.0,
        has_level=status is not None and status.microphone.state is TrackState.OK,
        countdown=countdown,
        upload=_upload(status),
        phone=_phone(room),
        phone_well=room.sitting is None or is_well(room.sitting.phone),
        has_end=phase in STAGES,
        end_off=None,
    )


def _identity(room: Room) -> Words:
    sitting = room.sitting
    if sitting is None:
        return ""
    if sitting.draw is not None and sitting.draw.number is not None:
        return text(T.PANEL_DRAW_NUMBER, number=sitting.draw.number)
    return text(T.PANEL_TICKET_TAIL, tail=sitting.ticket_tail)


def _preview_off(status: Status | None) -> Words | None:
    state = status.camera.state if status else TrackState.OFF
    if state is TrackState.OK:
        return None
    if state is TrackState.OFF:
        return text(T.PANEL_PREVIEW_AFTER_START)
    return text(T.PANEL_PREVIEW_LOST if state is TrackState.LOST else T.PANEL_PREVIEW_OFF)


def _light(status: Status | None, phase: Phase) -> RecordingLight:
    if phase in RECORDED:
        recording = status is not None and status.state is RecorderState.RECORDING
        return RecordingLight.RECORDING if recording else RecordingLight.INTERRUPTED
    if phase in (Phase.ENDING, Phase.UPLOADING, Phase.RECEIPT):
        return RecordingLight.STOPPED
    return RecordingLight.NOT_STARTED


def _upload(status: Status | None) -> UploadWord:
    if status is None or not status.attempt_id:
        return UploadWord.NONE
    if status.state is RecorderState.DONE:
        return UploadWord.SYNCED
    if status.line_up is False or status.upload.next_try_s is not None:
        return UploadWord.LATER
    lag = status.upload.total_bytes - status.upload.held_bytes
    return UploadWord.SYNCED if lag <= SYNCED_LAG_BYTES else UploadWord.SENDING


def _phone(room: Room) -> Words | None:
    if "binding" not in room.plan.flow or room.sitting is None:
        return None
    phone = room.sitting.phone
    return line_words(phone) if phone.bound else text(T.PANEL_PHONE_MISSING)
