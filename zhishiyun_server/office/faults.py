"""Many faults of one import, told together."""

from __future__ import annotations

from dataclasses import dataclass

from zhishiyun_protocol.errors import Fixable


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: where, and what to mend, in both languages. `line` 0: the whole file."""

    line: int
    en: str
    zh: str


def raise_faults(code: str, what_en: str, what_zh: str, faults: list[Fault]) -> None:
    """Raise all faults at once; nothing was imported.

    Raises:
        Fixable: `code`, when there is any fault.
    """
    if not faults:
        return
    en = "\n".join(f"  line {f.line}: {f.en}" if f.line else f"  {f.en}" for f in faults)
    zh = "\n".join(f"  第 {f.line} 行：{f.zh}" if f.line else f"  {f.zh}" for f in faults)
    raise Fixable(
        code,
        f"{what_en}: {len(faults)} fault(s), nothing was imported.\n{en}\n ",
        f"{what_zh}：发现 {len(faults)} 处错误，未导入任何内容。\n{zh}",
    )
