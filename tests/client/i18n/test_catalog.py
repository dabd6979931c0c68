"""Texts: every key in both languages, the noun of the plan, damage told by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhishiyun_client.i18n.catalog import Catalog, Speaker
from zhishiyun_client.i18n.keys import T
from zhishiyun_client.i18n.language import Language, Noun
from zhishiyun_client.i18n.words import text
from zhishiyun_protocol.errors import Broken

TEXTS = Path(__file__).resolve().parents[3] / "resources" / "texts"

# screens-and-wording §5, word for word, with the numbers of its examples.
ERRORS = [
    (
        text(T.FACE_LOGIN_E101, count=3),
        (
            "没有识别到人脸。请正对摄像头，让脸部在框内，避免背光。"
            "还可尝试 3 次，也可【改用人工核验】。"
        ),
    ),
    (
        text(T.FACE_LOGIN_E102),
        "人脸比对未通过。不影响您参加考试，请【改用人工核验】，工作人员一般 2 分钟内处理。",
    ),
    (text(T.FACE_LOGIN_E103), "您已在另一台电脑登录。继续将退出另一台，并通知监督员。"),
    (
        text(T.CHECK_CAMERA_BUSY, program="微信"),
        "摄像头正被“微信”占用。请关闭其视频功能后点【重新检测】。",
    ),
    (
        text(T.CHECK_MICROPHONE_SILENT),
        "麦克风没有声音。请说“一二三”，若音量条不动，请换一个麦克风。",
    ),
    (
        text(T.CHECK_DISPLAYS_MANY, count=2),
        "检测到 2 个显示器。请拔掉外接显示器后点【刷新】。",
    ),
    (
        text(T.ENTRY_E301, at="09:45", time="03:12"),
        "还未到进入时间，09:45 自动开放（还有 03:12）。",
    ),
    (
        text(T.ENTRY_E302, at="10:05", phone="{电话}"),
        "已超过最晚进入时间 10:05，无法进入。如认为有误，请拨打 {电话}，您的到达记录已保存。",
    ),
    (
        text(T.NOTICE_E401),
        "题目正在加载，考试时间以屏幕为准；若 5 秒内未显示请点【刷新题目】或【求助】。",
    ),
    (text(T.NOTICE_E501), "网络已断开。录制正常进行，请继续作答，恢复后会自动上传。"),
    (
        text(T.NOTICE_E502, seconds=4),
        "程序意外关闭后已恢复。中断 4 秒，已记录；您的录像已保存。",
    ),
    (text(T.NOTICE_E503), "磁盘空间不足，已自动降低清晰度以保证录制完整。"),
    (
        text(T.NOTICE_E601, low=12, high=15),
        "上传暂停：网络较慢。无需操作，系统会继续尝试；预计 12–15 分钟。",
    ),
    (
        text(T.UPLOADING_E602, count=1, stream=text(T.MESSAGE_PHONE_WORD), deadline="11:10"),
        "仍有 1 段未上传（手机）。请保持手机联网，截止 11:10。",
    ),
    (
        text(T.NOTICE_E701, seconds=6, cause=text(T.MESSAGE_CAUSE_CALL)),
        "手机录像中断 6 秒（来电）。已自动继续，请勿接触手机。",
    ),
]
FORBIDDEN = ("未知错误", "操作错误", "您的错误")


@pytest.fixture(params=list(Language))
def catalog(request) -> Catalog:
    return Catalog.load(TEXTS, request.param)


def test_a_language_has_exactly_the_keys_of_the_enum(catalog) -> None:
    assert catalog.keys() == {key.value for key in T}


def test_a_keys_name_is_its_section_and_its_key() -> None:
    assert [key for key in T if key.name != key.value.replace(".", "_").upper()] == []


@pytest.mark.parametrize(("words", "said"), ERRORS)
def test_errors_are_worded_as_agreed(words, said) -> None:
    catalog = Catalog.load(TEXTS, Language.ZH)

    assert catalog.say(words, Noun.EXAM) == said


def test_no_text_blames_or_shrugs() -> None:
    catalog = Catalog.load(TEXTS, Language.ZH)
    whole = (TEXTS / "zh.toml").read_text("utf-8")

    assert catalog.keys()
    assert [word for word in FORBIDDEN if word in whole] == []


def test_the_noun_is_the_plans() -> None:
    chinese, english = (Catalog.load(TEXTS, each) for each in Language)

    assert chinese.say(T.WAITING_TITLE, Noun.EXAM) == "考试开始前倒计时页面"
    assert chinese.say(T.WAITING_TITLE, Noun.INTERVIEW) == "面试开始前倒计时页面"
    assert english.say(T.STAGE_TO_START, Noun.INTERVIEW) == "Interview begins in"


def test_a_value_may_be_a_text_itself() -> None:
    catalog = Catalog.load(TEXTS, Language.EN)

    assert catalog.say(text(T.PANEL_NEXT_STAGE, stage=text(T.PHASE_LESSON)), Noun.EXAM) == (
        "Next: Mock lesson"
    )


def test_words_of_the_plan_are_said_as_they_are() -> None:
    catalog = Catalog.load(TEXTS, Language.EN)

    assert catalog.say("鹤山 {第三场}", Noun.EXAM) == "鹤山 {第三场}"


def test_a_missing_text_shows_its_key() -> None:
    assert Catalog(Language.ZH, {}).say(T.PANEL_HELP, Noun.EXAM) == "panel.help"


def test_choosing_the_same_language_is_no_change() -> None:
    speaker = Speaker(TEXTS)

    assert not speaker.choose(Language.ZH, Noun.INTERVIEW)
    assert speaker.choose(Language.EN, Noun.INTERVIEW)
    assert speaker.say(T.PANEL_HELP) == "Help"


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"[a", b"a = 1"])
def test_a_damaged_catalogue_is_told_by_name(tmp_path, content) -> None:
    if content is not None:
        (tmp_path / "zh.toml").write_bytes(content)

    with pytest.raises(Broken) as caught:
        Catalog.load(tmp_path, Language.ZH)

    assert caught.value.code == "TEXTS_DAMAGED"
    assert "zh.toml" in caught.value.bilingual()
