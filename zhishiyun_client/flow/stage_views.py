"""What the pages of the stages show: 备课, 作答, 技能测试, 展示, 结束."""

from __future__ import annotations

from dataclasses import dataclass, field

from zhishiyun_client.flow.frame import StepView
from zhishiyun_client.i18n.words import Words


@dataclass(frozen=True, slots=True)
class PaperView:
    """One question: text, picture or PDF; a secret, never in logs or files."""

    paper_id: str
    title: Words = ""
    media_type: str = "text/plain"
    """text/plain, image/png, image/jpeg, application/pdf."""
    content: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class ReleaseBox:
    """Where the release code is typed that the hotline reads out."""

    problem: Words | None = None
    is_busy: bool = False


@dataclass(frozen=True, slots=True)
class PreparationView:
    """备课."""

    papers: tuple[PaperView, ...] = field(repr=False)
    problem: Words | None = None  # T.PREPARATION_E401 while the question is not there
    next_stage: Words | None = None
    sheet_prompt: Words | None = None  # the A4 prompt while it is due
    is_sheet_shown: bool = False
    rules: tuple[Words, ...] = ()
    release: ReleaseBox | None = None
    reload_off: Words | None = None
    may_finish: bool = False
    finish_off: Words | None = None


@dataclass(frozen=True, slots=True)
class AnsweringView:
    """作答 or 模拟课堂教学."""

    papers: tuple[PaperView, ...] = field(repr=False)
    is_lesson: bool = False
    is_started: bool = True
    """False: 【开始模拟课堂教学】 is shown with `grace_s`."""
    grace_s: int | None = None
    start_off: Words | None = None
    cue: Words | None = None
    """What to say at the end: T.ANSWERING_CUE_WORDS."""
    rules: tuple[Words, ...] = ()
    sheet_prompt: Words | None = None
    problem: Words | None = None
    next_stage: Words | None = None
    release: ReleaseBox | None = None
    reload_off: Words | None = None
    may_finish: bool = False
    finish_off: Words | None = None


@dataclass(frozen=True, slots=True)
class SkillTestView:
    """技能测试."""

    papers: tuple[PaperView, ...] = field(repr=False)
    materials: Words | None = None
    rules: tuple[Words, ...] = ()
    problem: Words | None = None
    next_stage: Words | None = None
    release: ReleaseBox | None = None
    reload_off: Words | None = None
    may_finish: bool = False
    finish_off: Words | None = None


@dataclass(frozen=True, slots=True)
class DisplayOfWorkView:
    """展示."""

    cue: Words
    steps: tuple[Words, ...]
    preview_off: Words | None = None
    next_stage: Words | None = None
    may_finish: bool = False
    finish_off: Words | None = None


@dataclass(frozen=True, slots=True)
class EndingView:
    """结束: recording stops, the log is sealed."""

    reason: Words
    """T.ENDING_BY_CANDIDATE, BY_TIME, BY_ORDER."""
    steps: tuple[StepView, ...]
    upload_off: Words | None = None
    """Why 【查看上传进度】 cannot be pressed yet."""
