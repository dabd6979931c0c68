"""The list of programs: versions, matching, refusals."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from zhishiyun_client.guard.catalogue import (
    CATEGORIES,
    Catalogue,
    is_blank_name,
    load_catalogue,
    read_list,
    treatment_of,
)
from zhishiyun_client.ports.watching import FileIdentity, Matched
from zhishiyun_protocol.errors import Broken
from zhishiyun_protocol.plan import Guarding, Treatment

LIST = Path(__file__).parents[3] / "resources" / "guard" / "list.toml"


@pytest.fixture(scope="module")
def windows() -> Catalogue:
    return load_catalogue(LIST, "win32")


def product(catalogue: Catalogue, name: str) -> str:
    match = catalogue.by_name(name)
    return "" if match is None else match.program.id


def test_the_shipped_list_names_its_version_and_digest(windows: Catalogue):
    digest = hashlib.sha256(LIST.read_bytes()).hexdigest()

    assert windows.sha256 == digest
    assert windows.rules_version == f"{windows.version}+{digest[:12]}"


def test_the_shipped_list_covers_every_category_of_the_plan(windows: Catalogue):
    assert {p.category for p in windows.programs} == CATEGORIES
    assert len(windows.programs) >= 130


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("WeChat.exe", "wechat"),
        ("Weixin.exe", "wechat"),
        ("wechatappex.EXE", "wechat"),
        ("QQ.exe", "qq"),
        ("DingTalk.exe", "dingtalk"),
        ("SunloginClient.exe", "sunlogin"),
        ("TeamViewer.exe", "teamviewer"),
        ("svchost.exe", ""),
        ("WeChat.exe.bak", ""),
        ("MyQQ.exe", ""),
    ],
)
def test_names_match_whole_and_without_regard_to_case(windows: Catalogue, name: str, expected: str):
    assert product(windows, name) == expected


def test_every_program_of_the_notices_is_on_the_list(windows: Catalogue):
    r172 = {"QQ", "微信", "钉钉", "内网通", "TeamViewer", "向日葵"}
    r009 = {
        "360 安全卫士",
        "360 杀毒",
        "2345 安全卫士",
        "金山毒霸",
        "腾讯电脑管家",
        "迈克菲",
        "鲁大师",
    }

    assert (r172 | r009) - {p.zh for p in windows.programs} == set()


@pytest.mark.parametrize("name", ["\u2800.exe", " ", "\u200b\u3164.EXE", ".exe", "\u00a0\u2003"])
def test_a_name_without_a_visible_character_is_itself_the_evidence(windows: Catalogue, name: str):
    match = windows.by_name(name)

    assert match is not None
    assert match.by is Matched.BLANK_NAME


@pytest.mark.parametrize("name", ["", "a", "。.exe", "..", "_", "微信"])
def test_an_odd_name_is_not_a_blank_one(name: str):
    assert not is_blank_name(name)


def test_a_renamed_program_is_known_by_its_folder(windows: Catalogue):
    path = r"C:\Users\x\AppData\Local\Programs\ParakeetAI-desktop\update.exe"

    match = windows.by_path(path)

    assert match is not None
    assert (match.program.id, match.by) == ("parakeet-ai", Matched.PATH)
    assert windows.by_path(r"C:\Windows\System32\notepad.exe") is None


def test_an_interpreter_is_judged_by_its_script(windows: Catalogue):
    match = windows.by_script(r"python.exe C:\tools\DeepFaceLive\main.py")

    assert windows.runs_scripts("pythonw.exe")
    assert windows.runs_scripts("python3.11")
    assert not windows.runs_scripts("pythonista.exe")
    assert match is not None
    assert (match.program.id, match.by) == ("face-swap", Matched.SCRIPT)
    assert windows.by_script("python.exe manage.py runserver") is None


def test_linux_knows_its_own_names_and_those_under_wine():
    linux = load_catalogue(LIST, "linux")

    assert product(linux, "WeChat") == "wechat"
    assert product(linux, "WeChat.exe") == "wechat"
    assert product(linux, "kk") == ""


def test_the_plan_decides_except_where_a_notice_is_the_most(windows: Catalogue):
    by_id = {p.id: p for p in windows.programs}
    strict = Guarding(browser=Treatment.MUST_CLOSE)
    lenient = Guarding(chat=Treatment.ALLOW, browser=Treatment.ALLOW)

    assert treatment_of(by_id["wechat"], strict) is Treatment.MUST_CLOSE
    assert treatment_of(by_id["chrome"], strict) is Treatment.MUST_CLOSE
    assert treatment_of(by_id["edge"], strict) is Treatment.NOTICE
    assert treatment_of(by_id["edge"], lenient) is Treatment.ALLOW
    assert treatment_of(by_id["wechat"], lenient) is Treatment.ALLOW


def test_nobody_ordinary_in_front_is_on_the_list_of_programs(windows: Catalogue):
    ordinary = (*windows.front.input_methods, *windows.front.security, *windows.front.system)

    assert [n for n in ordinary if product(windows, f"{n}.exe")] == []


SMALL = """format = 1
version = "t"
interpreters = []
nameless = {{ id = "nameless", zh = "空", en = "blank", category = "ai_assistant" }}
front = {{ input_methods = [], security = [], system = [] }}
{programs}
"""
ONE = """[[program]]
id = "{id}"
zh = "甲"
en = "A"
category = "{category}"
windows = ["a.exe"]
"""
TWO = ONE.format(id="a", category="chat") + ONE.format(id="b", category="chat")


@pytest.mark.parametrize(
    ("programs", "fault"),
    [
        (ONE.format(id="a", category="weather"), "unknown category weather"),
        (TWO, "a.exe belongs"),
        (ONE.format(id="nameless", category="chat"), "nameless is there twice"),
        ("[[program]]\nid = 3", "Expected `str`"),
        ("program = [", "Invalid"),
    ],
)
def test_a_damaged_list_is_refused_by_its_name_and_fault(programs: str, fault: str):
    with pytest.raises(Broken) as caught:
        read_list(SMALL.format(programs=programs).encode(), "list.toml")

    assert caught.value.code == "GUARD_LIST_DAMAGED"
    assert "list.toml" in caught.value.message
    assert fault in caught.value.message


def test_a_missing_list_is_named(tmp_path: Path):
    with pytest.raises(Broken) as caught:
        load_catalogue(tmp_path / "gone.toml", "linux")

    assert caught.value.code == "GUARD_LIST_MISSING"
    assert "gone.toml" in caught.value.zh


@pytest.mark.parametrize(
    ("identity", "product", "by"),
    [
        (FileIdentity(original="WECHAT.EXE"), "wechat", Matched.ORIGINAL),
        (
            FileIdentity("homework.exe", "Telegram FZ-LLC"),
            "telegram",
            Matched.SIGNER,
        ),
        (FileIdentity(signer="TeamViewer Germany GmbH"), "teamviewer", Matched.SIGNER),
    ],
)
def test_a_renamed_program_is_known_by_what_its_file_says(
    catalogue: Catalogue, identity: FileIdentity, product: str, by: Matched
):
    match = catalogue.by_identity(identity)

    assert match is not None
    assert (match.program.id, match.by) == (product, by)


@pytest.mark.parametrize(
    "identity",
    [
        FileIdentity(),
        FileIdentity(original="python.exe", signer="Python Software Foundation"),
        FileIdentity(
            original="SogouCloud.exe", signer="Beijing Sogou Technology Development Co., Ltd."
        ),
        FileIdentity(signer="Tencent Technology (Shenzhen) Company Limited"),  # makes many things
        FileIdentity(signer="Microsoft Corporation"),
    ],
)
def test_a_maker_of_many_things_is_no_sign(catalogue: Catalogue, identity: FileIdentity):
    assert catalogue.by_identity(identity) is None
