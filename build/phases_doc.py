"""Writes docs/phases.md and docs/phases.svg from the table in domain/phases.py.

python build/phases_doc.py           write both
python build/phases_doc.py --check   exit 1 when they differ from the table
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from zhishiyun_client.domain.phases import Event, Phase, table_for  # noqa: E402 - after the path
from zhishiyun_protocol.plan import read_plan  # noqa: E402

DOC = ROOT / "docs" / "phases.md"
PICTURE = ROOT / "docs" / "phases.svg"
PLANS = ("a", "b", "c")
BOX_PX, GAP_PX, LEFT_PX, TOP_PX = (150, 30), 14, 20, 70
COLUMN_PX = 230


def words() -> dict[Phase, str]:
    """The Chinese names of the phases."""
    texts = tomllib.loads((ROOT / "resources" / "texts" / "zh.toml").read_text("utf-8"))["phase"]
    return {phase: texts[phase.value] for phase in Phase}


def flows() -> dict[str, tuple[str, ...]]:
    """The flow of each notice's plan."""
    folder = ROOT / "resources" / "plans"
    return {n: read_plan((folder / f"{n}.toml").read_bytes()).flow for n in PLANS}


def document() -> str:
    """The table in words."""
    names = words()
    lines = [
        "# Phases",
        "",
        "Generated from `zhishiyun_client/domain/phases.py` by `build/phases_doc.py`; a test",
        "compares. An event that is not listed for a phase changes nothing there.",
        "",
        "![the phases of the three notices](phases.svg)",
        "",
    ]
    for notice, flow in flows().items():
        table = table_for(flow)
        lines += [
            f"## Notice {notice.upper()}",
            "",
            "| phase | event | leads to |",
            "|---|---|---|",
        ]
        for phase in map(Phase, flow):
            for event in Event:
                target = table.get((phase, event))
                if target is not None:
                    lines.append(
                        f"| {names[phase]} `{phase}` | `{event}` | {names[target]} `{target}` |"
                    )
        lines.append("")
    return "\n".join(lines)


def picture() -> str:
    """One column a notice: its phases in order, exam stages shaded."""
    names, columns = words(), flows()
    height = TOP_PX + max(len(flow) for flow in columns.values()) * (BOX_PX[1] + GAP_PX) + 20
    width = LEFT_PX + COLUMN_PX * len(columns)
    fonts = "Noto Sans CJK SC, Microsoft YaHei, sans-serif"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"',
        f'  font-family="{fonts}" font-size="14">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for column, (notice, flow) in enumerate(columns.items()):
        left = LEFT_PX + column * COLUMN_PX
        parts.append(
            f'<text x="{left}" y="40" font-size="18" fill="#1b2a41">Notice {notice.upper()}</text>'
        )
        for row, phase in enumerate(map(Phase, flow)):
            parts += _box(left, TOP_PX + row * (BOX_PX[1] + GAP_PX), names[phase], phase, row > 0)
    return "\n".join([*parts, "</svg>", ""])


def _box(left: int, top: int, name: str, phase: Phase, has_arrow: bool) -> list[str]:
    timed = phase.value in {"preparation", "answering", "skill_test", "display_of_work"}
    fill = "#dbe7f5" if timed else "#f4f6f9"
    middle = left + BOX_PX[0] // 2
    parts = []
    if has_arrow:
        parts.append(
            f'<path d="M{middle} {top - GAP_PX} V{top - 3} m-4 -5 l4 5 l4 -5" '
            'stroke="#5b6b7f" fill="none"/>'
        )
    parts.append(
        f'<rect x="{left}" y="{top}" width="{BOX_PX[0]}" height="{BOX_PX[1]}" rx="6" '
        f'fill="{fill}" stroke="#5b6b7f"/>'
    )
    parts.append(
        f'<text x="{middle}" y="{top + 20}" text-anchor="middle" fill="#1b2a41">{name}</text>'
    )
    return parts


def main() -> int:
    """Write, or compare."""
    wanted = {DOC: document(), PICTURE: picture()}
    if "--check" in sys.argv[1:]:
        stale = [
            p.name for p, text in wanted.items() if not p.is_file() or p.read_text("utf-8") != text
        ]
        if stale:
            print(f"stale: {', '.join(stale)}; run python build/phases_doc.py", file=sys.stderr)
        return 1 if stale else 0
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
