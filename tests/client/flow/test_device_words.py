"""What the candidate reads of camera and microphone, before entry and while recording (R113)."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhishiyun_client.flow.device_words import camera_problem, microphone_problem, notices
from zhishiyun_client.i18n.catalog import Catalog
from zhishiyun_client.i18n.language import Language, Noun
from zhishiyun_client.i18n.words import Words
from zhishiyun_client.ports.devices import DeviceKind, Picture, Sound, TrackState
from zhishiyun_client.ports.recorder import RecorderState, Status, TrackStatus

TEXTS = Path(__file__).parents[3] / "resources" / "texts"
CHINESE = Catalog.load(TEXTS, Language.ZH)
OK = TrackStatus(state=TrackState.OK)


def status(
    camera: TrackStatus = OK,
    microphone: TrackStatus = OK,
    picture: Picture = Picture.GOOD,
    **sound: bool,
) -> Status:
    return Status(
        state=RecorderState.RECORDING,
        recorder_pid=1,
        camera=camera,
        microphone=microphone,
        screen=OK,
        picture=picture,
        sound=Sound(**sound),
    )


def gone(cause: str, held_by: str = "", state: TrackState = TrackState.LOST) -> TrackStatus:
    return TrackStatus(state=state, cause=cause, held_by=held_by)


def said(words: Words | None) -> str:
    return "" if words is None else CHINESE.say(words, Noun.EXAM)


def test_where_nothing_is_wrong_nothing_is_said() -> None:
    assert camera_problem(status()) is None
    assert microphone_problem(status()) is None
    assert notices(status()) == []


@pytest.mark.parametrize(
    ("camera", "words"),
    [
        (gone("DEVICE_BUSY", "微信"), "摄像头正被“微信”占用。请关闭其视频功能，画面会自动恢复。"),
        (gone("DEVICE_BUSY"), "请确认摄像头已接好，并关闭可能占用它的程序"),
        (gone("DEVICE_GONE"), "摄像头已断开。请重新接好摄像头"),
        (
            gone("DEVICE_GONE", state=TrackState.ABSENT),
            "请确认摄像头已接好，并关闭可能占用它的程序",
        ),
        (gone("NO_FRAMES"), "正在自动恢复"),
        (gone("NO_DEVICE"), "摄像头已断开"),
        (gone("NO_DEVICE", state=TrackState.ABSENT), "没有找到摄像头"),
        (gone("DEVICE_FORBIDDEN"), "系统设置不允许"),
    ],
)
def test_a_camera_that_gives_nothing_says_why_and_what_mends_it(
    camera: TrackStatus, words: str
) -> None:
    assert words in said(camera_problem(status(camera)))
    (notice,) = notices(status(camera))
    assert said(notice.words).endswith("其他录制正常进行。")
    assert notice.key == "lost.camera"


@pytest.mark.parametrize(
    ("picture", "word"),
    [
        (Picture.BLACK, "黑"),
        (Picture.COVERED, "遮住"),
        (Picture.DARK, "太暗"),
        (Picture.FROZEN, "停住"),
    ],
)
def test_what_a_picture_suffers_from_is_said(picture: Picture, word: str) -> None:
    assert word in said(camera_problem(status(picture=picture)))
    assert [notice.key for notice in notices(status(picture=picture))] == [f"camera.{picture}"]


@pytest.mark.parametrize(
    ("sound", "word", "code"),
    [("silent", "没有声音", "E202"), ("faint", "很小", ""), ("clipped", "失真", "")],
)
def test_what_a_sound_suffers_from_is_said(sound: str, word: str, code: str) -> None:
    ill = status(**{sound: True})

    assert word in said(microphone_problem(ill))
    assert [notice.code for notice in notices(ill)] == [code]


def test_the_wrong_kind_of_device_is_named() -> None:
    assert "红外" in said(camera_problem(status(), DeviceKind.INFRARED))
    assert "不是麦克风" in said(microphone_problem(status(), DeviceKind.LOOPBACK))


def test_both_may_be_gone_and_the_screen_too() -> None:
    all_gone = Status(
        state=RecorderState.RECORDING,
        recorder_pid=1,
        camera=gone("DEVICE_GONE"),
        microphone=gone("SOUND_SYSTEM_BROKEN"),
        screen=gone("NO_FRAMES"),
    )

    assert [n.key for n in notices(all_gone)] == ["lost.camera", "lost.microphone", "lost.screen"]
