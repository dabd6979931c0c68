"""The list of programs and of who may be in front: data with a version and a digest, never code."""

from __future__ import annotations

import hashlib
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from zhishiyun_client.ports.watching import FileIdentity, Matched
from zhishiyun_protocol.errors import Broken
from zhishiyun_protocol.plan import Guarding, Treatment

LIST_FORMAT = 1
DIGEST_LETTERS = 12  # of the SHA-256 in `rules_version`: enough to tell two lists apart
CATEGORIES = frozenset(Guarding.__struct_fields__) - {
    "one_display",
    "hide_from_capture",
    "window_titles",
}
INVISIBLE = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters by category, blank to the eye


class Program(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One product of the list, with all the names its processes have."""

    id: str
    zh: str
    en: str
    category: str
    windows: tuple[str, ...] = ()
    macos: tuple[str, ...] = ()
    linux: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    originals: tuple[str, ...] = ()
    signers: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    notice: bool = False
    needs_window: bool = False
    why: str = ""

    def names_on(self, system: str) -> tuple[str, ...]:
        """Its file names on "win32", "darwin" or "linux"; Wine shows Windows names on Linux."""
        if system == "win32":
            return self.windows
        if system == "darwin":
            return self.macos
        return self.linux + self.windows


class Front(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may be in front without reproach: file names without ".exe", and window classes."""

    input_methods: tuple[str, ...]
    security: tuple[str, ...]
    system: tuple[str, ...]
    system_classes: tuple[str, ...] = ()
    input_method_classes: tuple[str, ...] = ()


class ProgramList(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file resources/guard/list.toml."""

    format: int
    version: str
    interpreters: tuple[str, ...]
    nameless: Program
    front: Front
    program: tuple[Program, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A program recognised, and by what."""

    program: Program
    by: Matched


class Catalogue:
    """Answers which product a process belongs to. Immutable after construction. Thread: any.

    Args:
        programs: the list read from its file.
        sha256:   hex digest of the file's bytes.
        system:   whose names count: sys.platform.
    """

    def __init__(self, programs: ProgramList, sha256: str, system: str) -> None:
        self.version = programs.version
        self.sha256 = sha256
        self.front = programs.front
        self.programs = programs.program
        self._nameless = programs.nameless
        self._interpreters = frozenset(stem(n) for n in programs.interpreters)
        self._by_name = {
            name.casefold(): program
            for program in programs.program
            for name in program.names_on(system)
        }
        self._by_original = {
            name.casefold(): program
            for program in programs.program
            for name in (*program.windows, *program.originals)
        }
        self._by_signer = {
            signer.casefold(): program for program in programs.program for signer in program.signers
        }
        self._by_path = _fragments((p, p.paths) for p in programs.program)
        self._by_script = _fragments((p, p.scripts) for p in programs.program)

    @property
    def rules_version(self) -> str:
        """What findings and the log name: version and the beginning of the digest."""
        return f"{self.version}+{self.sha256[:DIGEST_LETTERS]}"

    def by_name(self, name: str) -> Match | None:
        """By a process's file name: on the list, or nothing visible at all."""
        program = self._by_name.get(name.casefold())
        if program is not None:
            return Match(program, Matched.NAME)
        return Match(self._nameless, Matched.BLANK_NAME) if is_blank_name(name) else None

    def by_path(self, path: str) -> Match | None:
        """By a fragment of the program's full path."""
        return _first(self._by_path, path.replace("\\", "/"), Matched.PATH)

    def by_identity(self, identity: FileIdentity) -> Match | None:
        """By what the program's file says of itself, whatever it is called now."""
        program = self._by_original.get(identity.original.casefold())
        if program is not None:
            return Match(program, Matched.ORIGINAL)
        program = self._by_signer.get(identity.signer.casefold())
        return Match(program, Matched.SIGNER) if program is not None else None

    def runs_scripts(self, name: str) -> bool:
        """Whether the program is an interpreter, so that only its command line tells."""
        return stem(name).rstrip("0123456789.") in self._interpreters

    def by_script(self, command_line: str) -> Match | None:
        """By a fragment of an interpreter's command line, which is read and forgotten."""
        return _first(self._by_script, command_line, Matched.SCRIPT)


def load_catalogue(path: Path, system: str) -> Catalogue:
    """Read the list.

    Raises:
        Broken: GUARD_LIST_MISSING or GUARD_LIST_DAMAGED, naming the file.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise Broken(
            "GUARD_LIST_MISSING",
            f"the list of programs {path.name} cannot be read: {error.strerror}. Install again.",
            f"程序名单 {path.name} 无法读取。请重新安装客户端。",
        ) from error
    return Catalogue(read_list(text, path.name), hashlib.sha256(text).hexdigest(), system)


def read_list(text: bytes, name: str = "list") -> ProgramList:
    """Read and check the list's bytes.

    Raises:
        Broken: GUARD_LIST_DAMAGED, naming the fault.
    """
    try:
        programs = msgspec.convert(tomllib.loads(text.decode("utf-8")), ProgramList)
    except (ValueError, msgspec.ValidationError) as error:
        raise _damaged(name, str(error)) from error
    faults = _faults_of(programs)
    if faults:
        raise _damaged(name, "; ".join(faults))
    return programs


def treatment_of(program: Program, guarding: Guarding) -> Treatment:
    """How the plan treats the program's category; a notice-only program never asks for more."""
    treatment: Treatment = getattr(guarding, program.category)
    if program.notice and treatment in (Treatment.MUST_CLOSE, Treatment.WARN):
        return Treatment.NOTICE
    return treatment


def stem(name: str) -> str:
    """A file name as it is compared: lower case, without ".exe"."""
    return name.casefold().removesuffix(".exe")


def is_blank_name(name: str) -> bool:
    """Whether a file name has an extension or characters, but nothing one can see.

    Source: research/lockdown.md §5: one assistant's program is U+2800 followed by ".exe".
    """
    return bool(name) and all(_is_invisible(letter) for letter in stem(name))


def _is_invisible(letter: str) -> bool:
    return letter in INVISIBLE or unicodedata.category(letter)[0] in "ZC"


def _fragments(
    entries: Iterable[tuple[Program, tuple[str, ...]]],
) -> tuple[tuple[str, Program], ...]:
    return tuple(
        (fragment.casefold(), program) for program, fragments in entries for fragment in fragments
    )


def _first(table: tuple[tuple[str, Program], ...], text: str, by: Matched) -> Match | None:
    folded = text.casefold()
    for fragment, program in table:
        if fragment in folded:
            return Match(program, by)
    return None


def _faults_of(programs: ProgramList) -> list[str]:
    faults: list[str] = []
    if programs.format != LIST_FORMAT:
        faults.append(f"format is {programs.format}, this program reads {LIST_FORMAT}")
    ids: set[str] = set()
    owners: dict[tuple[str, str], str] = {}
    for program in (*programs.program, programs.nameless):
        if program.id in ids:
            faults.append(f"{program.id} is there twice")
        ids.add(program.id)
        if program.category not in CATEGORIES:
            faults.append(f"{program.id} has the unknown category {program.category}")
        for kind, names in _named(program).items():
            for name in {n.casefold() for n in names}:
                owner = owners.setdefault((kind, name), program.id)
                if owner != program.id:
                    faults.append(f"{name} belongs to {owner} and to {program.id}")
    return faults


def _named(program: Program) -> dict[str, tuple[str, ...]]:
    """Every kind of name that may belong to one product only."""
    return {
        **{system: program.names_on(system) for system in ("win32", "darwin", "linux")},
        "original": (*program.windows, *program.originals),
        "signer": program.signers,
    }


def _damaged(name: str, fault: str) -> Broken:
    return Broken(
        "GUARD_LIST_DAMAGED",
        f"the list of programs {name} is damaged: {fault}. Install again or correct it.",
        f"程序名单 {name} 已损坏：{fault}。请重新安装客户端或更正名单。",
    )
