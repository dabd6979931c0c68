"""False alarms are counted: the ordinary is no violation, and violations are still found."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
import pytest

from zhishiyun_client.guard import displays, overlays, programs, surroundings
from zhishiyun_client.guard.catalogue import Catalogue, Match, load_catalogue, treatment_of
from zhishiyun_client.guard.focus import FocusNames
from zhishiyun_client.guard.standing import Sight
from zhishiyun_client.ports.surroundings import Battery, Camera, DeviceUse, Hardware, Sign
from zhishiyun_client.ports.watching import (
    Connection,
    DisplayFact,
    FileIdentity,
    FrontFact,
    ProcessHit,
    Severity,
    WindowFact,
)
from zhishiyun_protocol.plan import Guarding, Treatment

HERE = Path(__file__).parent / "snapshots"
LISTS = Path(__file__).parents[3] / "resources" / "guard"
RULES, _ = surroundings.load_surroundings(LISTS / "surroundings.toml")
ORDINARY = sorted((HERE / "ordinary").glob("*.toml"))
VIOLATIONS = sorted((HERE / "violations").glob("*.toml"))
NAMED = (
    "ime_switch", "antivirus_popup", "update_dialog", "battery_notice", "docked", "teams_share_bar",
    "single_external_monitor", "hyper_v", "vpn",
)  # fmt: skip


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Process(Part):
    name: str
    path: str = ""
    original: str = ""
    signer: str = ""


class Front(Part):
    program: str
    seconds: float
    window_class: str = ""
    kind: str = ""


class Display(Part):
    output: str
    connection: Connection
    source: str


class Window(Part):
    program: str
    is_hidden: bool = False
    signs: tuple[str, ...] = ()


class Session(Part):
    signs: tuple[str, ...]


class Snapshot(Part):
    title: str
    system: str
    expect: tuple[str, ...] = ()
    process: tuple[Process, ...] = ()
    front: tuple[Front, ...] = ()
    display: tuple[Display, ...] = ()
    window: tuple[Window, ...] = ()
    use: tuple[DeviceUse, ...] = ()
    camera: tuple[Camera, ...] = ()
    hardware: Hardware = Hardware()
    session: Session = Session(())
    battery: Battery | None = None


def read(path: Path) -> Snapshot:
    return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Snapshot)


def sights(snapshot: Snapshot) -> tuple[Sight, ...]:
    catalogue = load_catalogue(LISTS / "list.toml", snapshot.system)
    signs = [
        Sign(name.rstrip("!"), is_strong=name.endswith("!")) for name in snapshot.session.signs
    ]
    focus = FocusNames(catalogue)
    return (
        *programs.judge(hits(snapshot, catalogue), frozenset()),
        *(focus.judge(front_of(each)) for each in snapshot.front),
        *displays.judge(
            tuple(DisplayFact(d.output, d.connection, d.source) for d in snapshot.display)
        ),
        *overlays.judge(
            tuple(
                WindowFact(1, w.program, "", w.is_hidden, frozenset(w.signs))
                for w in snapshot.window
            ),
            RULES.hidden_window,
        ),
        *surroundings.judge_devices(snapshot.use, frozenset({"zhishiyun.exe"})),
        *surroundings.judge_cameras(snapshot.camera, RULES.virtual_camera),
        *surroundings.judge_machine(
            surroundings.machine_signs(snapshot.hardware, RULES.virtual_machine)
        ),
        *surroundings.judge_remote(signs),
        *surroundings.judge_battery(snapshot.battery),
    )


def front_of(front: Front) -> FrontFact:
    return FrontFact(7, front.program, front.window_class, front.kind)


def hits(snapshot: Snapshot, catalogue: Catalogue) -> tuple[ProcessHit, ...]:
    found = []
    for number, process in enumerate(snapshot.process):
        match = match_of(process, catalogue)
        if match is None:
            continue
        treatment = treatment_of(match.program, Guarding())
        if treatment is not Treatment.ALLOW:
            found.append(hit_of(process, match, treatment, number))
    return tuple(found)


def match_of(process: Process, catalogue: Catalogue) -> Match | None:
    """In the order of `ProcessWatch`."""
    identity = FileIdentity(process.original, process.signer)
    return (
        catalogue.by_name(process.name)
        or catalogue.by_path(process.path)
        or catalogue.by_identity(identity)
    )


def hit_of(process: Process, match: Match, treatment: Treatment, number: int) -> ProcessHit:
    program = match.program
    return ProcessHit(
        product=program.id,
        zh=program.zh,
        en=program.en,
        category=program.category,
        treatment=treatment,
        program=process.name,
        matched=match.by,
        processes=((number, 0),),
        needs_window=program.needs_window,
    )


def is_violation(sight: Sight) -> bool:
    return sight.severity >= Severity.WARNING and not sight.cause.is_ordinary


@pytest.mark.parametrize("path", ORDINARY, ids=lambda path: path.stem)
def test_an_ordinary_situation_is_no_violation(path: Path):
    assert [sight for sight in sights(read(path)) if is_violation(sight)] == []


@pytest.mark.parametrize("path", VIOLATIONS, ids=lambda path: path.stem)
def test_a_violation_is_found_and_nothing_else(path: Path):
    snapshot = read(path)

    found = sorted({sight.rule for sight in sights(snapshot) if is_violation(sight)})

    assert found == sorted(snapshot.expect)


def test_every_situation_that_candidates_complain_of_has_a_snapshot():
    stems = [path.stem for path in ORDINARY]

    assert [name for name in NAMED if not any(stem.startswith(name) for stem in stems)] == []
