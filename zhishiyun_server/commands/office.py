"""`exam|roster|paper import`, `tickets export`, `rules sign`, `staff add`."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from pathlib import Path

from zhishiyun_protocol.errors import Fixable
from zhishiyun_server.application import furnish
from zhishiyun_server.commands.telling import tell
from zhishiyun_server.domain.roles import Role
from zhishiyun_server.keep.audit import note
from zhishiyun_server.keep.staff import put_staff
from zhishiyun_server.office.exams import import_exam, starts_of
from zhishiyun_server.office.guard_rules import sign_rules
from zhishiyun_server.office.papers import import_paper
from zhishiyun_server.office.roster import import_roster
from zhishiyun_server.office.tickets import export_tickets
from zhishiyun_server.premises import Premises
from zhishiyun_server.settings import Settings

WHO = "command line"
PASSWORD_CHARS = 8


def run(options: argparse.Namespace) -> int:
    """Run one of the office's commands."""
    premises = furnish(Settings(home=options.home))
    try:
        {
            "exam": _exam,
            "roster": _roster,
            "paper": _paper,
            "tickets": _tickets,
            "rules": _rules,
            "staff": _staff,
        }[options.command](premises, options)
    finally:
        premises.database.close()
    return 0


def _exam(premises: Premises, options: argparse.Namespace) -> None:
    now_us = premises.clock.now_us()
    imported = import_exam(
        premises.database,
        premises.blobs,
        plan_text=options.plan.read_bytes(),
        plan_name=options.plan.name,
        file_of=files_in(options.attachments or options.plan.parent),
        starts_us=starts_of(options.starts_at, now_us),
        exam_id=options.id,
        formal=options.formal,
        now_us=now_us,
        who=WHO,
    )
    tell(
        options,
        imported,
        f"已导入考试 {imported.exam_id}\nImported exam {imported.exam_id}",
    )


def _roster(premises: Premises, options: argparse.Namespace) -> None:
    imported = import_roster(
        premises.database,
        premises.blobs,
        content=options.file.read_bytes(),
        name=options.file.name,
        exam_id=options.exam,
        photo_of=files_in(options.photos or options.file.parent),
        now_us=premises.clock.now_us(),
        who=WHO,
    )
    count = imported.candidates
    tell(options, imported, f"已导入 {count} 名考生\nImported {count} candidate(s)")


def _paper(premises: Premises, options: argparse.Namespace) -> None:
    imported = import_paper(
        premises.database,
        premises.blobs,
        content=options.file.read_bytes(),
        name=options.file.name,
        exam_id=options.exam,
        subject=options.subject,
        language=options.language,
        now_us=premises.clock.now_us(),
        who=WHO,
    )
    tell(
        options, imported, "试题已加封，明文未保留\nThe paper is sealed; its plaintext is not kept"
    )


def _tickets(premises: Premises, options: argparse.Namespace) -> None:
    exported = export_tickets(
        premises.database,
        premises.keys,
        exam_id=options.exam,
        folder=options.folder,
        server_url=options.server_url,
        now_us=premises.clock.now_us(),
    )
    count = len(exported.tickets)
    tell(options, exported, f"已导出 {count} 份准考凭证\nWrote {count} ticket(s)")


def _rules(premises: Premises, options: argparse.Namespace) -> None:
    signed = sign_rules(premises.home, premises.keys, options.programs, options.surroundings)
    now_us = premises.clock.now_us()
    premises.database.write_now(lambda c: note(c, now_us, "rules.signed", signed.version, who=WHO))
    tell(
        options,
        signed,
        f"已签发检测名单 {signed.version}\nSigned the guard's rules {signed.version}",
    )


def _staff(premises: Premises, options: argparse.Namespace) -> None:
    password = _password(options.password_file)
    role, now_us = Role(options.role), premises.clock.now_us()
    premises.database.write_now(lambda c: put_staff(c, options.name, role, password))
    premises.database.write_now(
        lambda c: note(c, now_us, "staff.added", options.name, role.value, who=WHO)
    )
    told = {"name": options.name, "role": role.value}
    tell(options, told, f"已添加账号 {options.name}\nAdded account {options.name}")


def _password(path: Path | None) -> str:
    if path is None:
        password = getpass.getpass("密码 / password: ")
    elif str(path) == "-":
        password = sys.stdin.readline()
    else:
        password = path.read_text("utf-8").split("\n", 1)[0]
    password = password.strip("\r\n")
    if len(password) < PASSWORD_CHARS:
        raise Fixable(
            "PASSWORD_SHORT",
            f"The password needs at least {PASSWORD_CHARS} characters.",
            f"密码至少需要 {PASSWORD_CHARS} 个字符。",
        )
    return password


def files_in(folder: Path) -> Callable[[str], bytes | None]:
    """Reads files by name inside one folder and never outside it."""
    root = folder.resolve()

    def content_of(name: str) -> bytes | None:
        path = (root / name).resolve()
        return path.read_bytes() if path.is_relative_to(root) and path.is_file() else None

    return content_of
