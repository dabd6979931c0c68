"""Measures the face pack on real photographs and writes docs/measured/face.md anew.

Usage: python build/measure_face.py [--into FILE]
The photographs are fetched once by pinned digest into out/ and never committed; minutes.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "build")]
warnings.filterwarnings("ignore", category=FutureWarning, module=r"insightface\.")

import cv2  # noqa: E402 - the tests' photographs and pictures are used, and lie beside build/
import face_times  # noqa: E402 - beside this file
import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402

from tests.client.face import blinking, challenges, masks, rates  # noqa: E402
from tests.client.face.photographs import (  # noqa: E402
    Picture,
    as_png,
    as_preview,
    astronaut,
    at_camera,
    group,
    read,
)
from zhishiyun_client.face.covering import COVERED_BELOW, mouth_over_forehead  # noqa: E402
from zhishiyun_client.face.engine import InsightFaceEngine  # noqa: E402
from zhishiyun_client.face.eye import Eye  # noqa: E402
from zhishiyun_client.face.pack import DEFAULT_PACK, FacePack, open_pack  # noqa: E402
from zhishiyun_client.face.watching_eye import open_watching_eye  # noqa: E402
from zhishiyun_client.ports.faces import Enrolment  # noqa: E402
from zhishiyun_client.runtime.paths import resources  # noqa: E402

DOCUMENT = ROOT / "docs" / "measured" / "face.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
BENT_RAD = (0.2, 0.4, 0.6)


def main() -> int:
    """Measure, and put the tables between the two marks of the document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=DOCUMENT)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    pack = open_pack(resources() / "face" / DEFAULT_PACK)
    engine = InsightFaceEngine(pack)
    eye = Eye(engine, pack.recipe.threshold)
    parts = [
        _machine(pack),
        _orl(engine, pack),
        _colour(engine, pack),
        _liveness(engine, pack),
        _degraded(eye),
        _presence(eye),
        _masks(engine),
        _blinks(engine),
        _times(eye),
    ]
    text = options.into.read_text("utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    options.into.write_text(f"{before}{BEGIN}\n{chr(10).join(parts)}\n{END}{after}", "utf-8")
    print("\n".join(parts))
    return 0


def _machine(pack: FacePack) -> str:
    return (
        f"{time.strftime('%Y-%m-%d')}, pack `{pack.facts}`, Python {platform.python_version()}, "
        f"OpenCV {cv2.__version__}, ONNX Runtime {onnxruntime.__version__}, one thread, "
        f"{platform.machine()} with a load of other programs.\n"
    )


def _table(title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [f"### {title}", "", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows), ""])


def _share(rate: float) -> str:
    return f"{100 * rate:.3f} %"


def _span(ends: tuple[float, float]) -> str:
    return f"{100 * ends[0]:.3f} to {100 * ends[1]:.3f} %"


def _orl(engine: InsightFaceEngine, pack: FacePack) -> str:
    looks = rates.look_at(engine, rates.orl_photographs())
    curve, line = rates.curve_of(looks), pack.recipe.threshold.login.value
    genuine, impostor = looks.pairs()
    ranges = rates.resampled(looks, line)
    own, others = rates.medians_of_five(looks)
    rows = [
        ("faces found", "400 of 400", "", ""),
        ("genuine pairs: mean, least", f"{genuine.mean():.3f}, {genuine.min():.3f}", "", ""),
        ("impostor pairs: mean, most", f"{impostor.mean():.3f}, {impostor.max():.3f}", "", ""),
        ("EER", f"{_share(curve.eer)} at {rates.STEPS[curve.crossing]:.3f}",
         _span(ranges["eer"]), "≤ 0.5 %"),
    ]  # fmt: skip
    for at in (0.363, 0.40, line):
        fmr, fnmr = curve.at(at)
        own_line = at == line
        name = f"{at:g}" + (", the login line" if own_line else "")
        rows.append((f"FMR at {name}", _share(fmr), _span(ranges["fmr"]) if own_line else "",
                     "≤ 0.3 %" if own_line else ""))  # fmt: skip
        rows.append((f"FNMR at {name}", _share(fnmr), _span(ranges["fnmr"]) if own_line else "",
                     "≤ 1 %" if own_line else ""))  # fmt: skip
    rows.append(("medians of five, 40 × 40 people: own least, others most",
                 f"{own.min():.3f}, {others.max():.3f}", "", "no error"))  # fmt: skip
    head = ("ORL, all pairs: 1,800 genuine, 78,000 impostor", "measured", "95 % range", "asked")
    return _table("Who is who", head, rows)


def _colour(engine: InsightFaceEngine, pack: FacePack) -> str:
    genuine, impostor = rates.look_at(engine, rates.colour_photographs()).pairs()
    line = pack.recipe.threshold.login.value
    wrong, false = int((genuine < line).sum()), int((impostor >= line).sum())
    rows = [
        ("genuine pairs refused", f"{wrong} of {len(genuine)}, least {genuine.min():.3f}",
         _span(rates.exact_range(wrong, len(genuine)))),
        ("impostor pairs accepted", f"{false} of {len(impostor)}, most {impostor.max():.3f}",
         _span(rates.exact_range(false, len(impostor)))),
    ]  # fmt: skip
    head = ("five public figures in colour, 13 photographs, up to 11 years apart", "measured",
            "95 % range")  # fmt: skip
    return _table("In colour", head, rows)


def _liveness(engine: InsightFaceEngine, pack: FacePack) -> str:
    people = challenges.turning_people(engine)
    cases: list[tuple[str, challenges.Outcomes, str]] = [
        ("nine real heads, six orders of turns", challenges.living(people, pack), "accepted"),
        ("flat prints of ten people, tilted 20 to 60°", challenges.prints(engine, pack), "refused"),
        ("a still photograph", challenges.stills(people, pack), "refused"),
        ("another person makes the turns", challenges.swapped(people, pack), "refused"),
        ("turns to the wrong side", challenges.wrong_way(people, pack), "refused"),
    ]
    for bend_rad in BENT_RAD:
        name = f"prints bent to {2 * np.degrees(bend_rad):.0f}°, tilted 20 to 60°"
        cases.append((name, challenges.prints(engine, pack, bend_rad), "not asked"))
    rows = []
    for name, found, asked in cases:
        passed, total = found["turns/1:passed"], found.total()
        how = ", ".join(f"{n} × {word.split(':')[-1]}" for word, n in sorted(found.items()))
        span = _span(rates.exact_range(passed, total))
        rows.append((name, f"{passed} of {total}", span, asked, how))
    head = ("head turns", "accepted", "95 % range", "wanted", "ended as")
    return _table("Is a living head there", head, rows)


def _degraded(eye: Eye) -> str:
    whole = at_camera(110)
    made: dict[str, Picture] = {"as it is": whole}
    for factor in (0.1, 0.2, 0.4, 1.4, 1.8, 2.6):
        lit = np.clip(whole.astype(np.float32) * factor, 0, 255)
        made[f"{factor:g} × the light"] = lit.astype(np.uint8)
    for sigma in (1.5, 3.0, 4.0, 6.0):
        blurred = cv2.GaussianBlur(whole, (0, 0), sigma)
        made[f"blur of {sigma:g} px"] = np.asarray(blurred, np.uint8)
    for width in (40, 60, 85, 200):
        made[f"face {width} px wide"] = at_camera(width)
    for quality in (5, 20):
        _, content = cv2.imencode(".jpg", whole, [cv2.IMWRITE_JPEG_QUALITY, quality])
        made[f"JPEG {quality}"] = np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)
    reference = _reference(eye)
    line, rows = eye.thresholds.login.value, []
    for name, picture in made.items():
        glance = eye.glance(as_preview(picture))
        likeness = eye.similarity(glance, reference) if glance.faces else None
        refused = glance.counts and (likeness is None or likeness < line)
        rows.append((name, glance.hint.value if glance.hint else "–",
                     f"{likeness:.2f}" if likeness is not None else "no face",
                     "yes" if glance.counts else "no", "**yes**" if refused else "no"))  # fmt: skip
    head = ("one portrait at the camera", "hint", "likeness", "counted", "counted and refused")
    return _table("Poor pictures", head, rows)


def _presence(login: Eye) -> str:
    """With the eye that looks while recording, and the login's reference."""
    eye = open_watching_eye(face_times.CHOICE)
    own, reference = at_camera(), _reference(login)
    other = np.asarray(cv2.resize(group(), (640, 443))[:360], np.uint8)
    mask = masks.masked(at_camera(120), eye.glance(as_preview(at_camera(120))).faces[0],
                        "mask_blue")  # fmt: skip
    scenes = {
        "the candidate": own,
        "an empty chair": np.full((360, 640, 3), 120, np.uint8),
        "another person": _someone(),
        "the candidate and another": np.ascontiguousarray(
            np.concatenate((own[:, 160:480], _someone()[:, 160:480]), axis=1)
        ),
        "a group": other,
        "with a mask": mask,
        "cut off by the edge": at_camera(120, (592.0, 190.0)),
    }
    lines, rows = eye.thresholds, []
    for name, picture in scenes.items():
        glance = eye.glance(as_preview(picture))
        likeness = eye.similarity(glance, reference) if glance.faces else None
        word = "–" if likeness is None else f"{likeness:.2f}"
        if likeness is not None:
            word += (" same" if likeness >= lines.presence_same.value else
                     " other" if likeness < lines.presence_other.value else " unsure")  # fmt: skip
        rows.append((name, str(len(glance.faces)), word, str(glance.covered),
                     str(glance.is_cut_off)))  # fmt: skip
    head = ("one look at", "faces", "largest face", "covered", "cut off")
    return _table("Who sits there", head, rows)


def _someone() -> Picture:
    portrait = rates.colour_photographs()[-1][1]
    scale = 300 / portrait.shape[0]
    small = cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    picture = np.full((360, 640, 3), 110, np.uint8)
    left = 320 - small.shape[1] // 2
    picture[30:330, left : left + small.shape[1]] = small
    return picture


def _masks(engine: InsightFaceEngine) -> str:
    portraits = [picture for _, picture in rates.colour_photographs()]
    portraits += [astronaut(), read(resources() / "rehearsal" / "portrait.jpg")]
    bare, beards, hidden = [], [], []
    for picture in portraits:
        face = engine.look(picture)[0]
        bare.append(mouth_over_forehead(picture, face))
        beards += [_judged(engine, masks.bearded(picture, face, hair)) for hair in masks.HAIR]
        cloths = (*masks.CLOTHS, *masks.COLOURS)
        hidden += [_judged(engine, masks.masked(picture, face, cloth)) for cloth in cloths]
    rows = []
    for name, found in (("bare", bare), ("painted beards", beards), ("masks drawn on", hidden)):
        told = [share for share in found if share is not None]
        ends = f"{min(told):.2f} to {max(told):.2f}" if told else "–"
        covered = sum(share < COVERED_BELOW for share in told)
        rows.append((name, str(len(found)), ends, str(len(found) - len(told)), str(covered)))
    head = ("redness of mouth over forehead", "pictures", "share", "no answer", "called covered")
    return _table("Masks", head, rows)


def _blinks(engine: InsightFaceEngine) -> str:
    found = blinking.blinks_of(blinking.openness_of(engine))
    rows = [
        ("closed, labelled by hand", f"{found.closed_seen} of {found.closed_of}",
         _span(rates.exact_range(found.closed_seen, found.closed_of))),
        ("open, of the same people at other moments", f"{found.open_seen} of {found.open_of}",
         _span(rates.exact_range(found.open_seen, found.open_of))),
    ]  # fmt: skip
    return _table("Closed eyes", ("ORL, eyes", "called closed", "95 % range"), rows)


def _judged(engine: InsightFaceEngine, picture: Picture) -> float | None:
    faces = engine.look(picture)
    return mouth_over_forehead(picture, faces[0]) if faces else None


def _times(eye: Eye) -> str:
    head = ("one thread, beside other programs", "CPU ms", "wall ms", "asked")
    return _table("Time", head, face_times.rows_of(eye))


def _reference(eye: Eye) -> Enrolment:
    made = eye.enrol(as_png(astronaut()))
    if not isinstance(made, Enrolment):
        raise SystemExit("the photo is no reference")
    return made


if __name__ == "__main__":
    sys.exit(main())
