"""Which pack an installation uses: the shipped one, or the one that its operator chose.

The operator's word is `choice.toml` beside the packs (docs/face-packs.md):

    pack = "buffalo_l"
    acknowledged_by = "who holds the licence, and which"
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from zhishiyun_client.face.pack import DEFAULT_PACK, FacePack, open_pack
from zhishiyun_client.runtime.paths import resources
from zhishiyun_protocol.errors import Broken

FILE = "choice.toml"
FOLDER = "face"


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file says."""

    pack: str
    acknowledged_by: str = ""


@dataclass(frozen=True, slots=True)
class PackChoice:
    """A folder and whether its licence was acknowledged; `fault` is raised when it is opened."""

    folder: Path
    licence_acknowledged: bool = False
    fault: Broken | None = None

    def open(self) -> FacePack:
        """Check the pack; loads no net.

        Raises: Broken, Refused: as `open_pack`; FACE_CHOICE_UNREADABLE.
        """
        if self.fault is not None:
            raise self.fault
        return open_pack(self.folder, licence_acknowledged=self.licence_acknowledged)


def chosen_pack(shelf: Path | None = None) -> PackChoice:
    """What the operator chose; the shipped pack where nothing was. Raises nothing."""
    shelf = shelf or resources() / FOLDER
    try:
        content = (shelf / FILE).read_text("utf-8")
    except FileNotFoundError:
        return PackChoice(shelf / DEFAULT_PACK)
    except (OSError, UnicodeDecodeError) as error:
        return PackChoice(shelf / DEFAULT_PACK, fault=_unreadable(type(error).__name__))
    try:
        words = msgspec.convert(tomllib.loads(content), _Words)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        return PackChoice(shelf / DEFAULT_PACK, fault=_unreadable(str(error)))
    if not words.pack or Path(words.pack).name != words.pack:
        return PackChoice(shelf / DEFAULT_PACK, fault=_unreadable("pack is no folder's name"))
    return PackChoice(shelf / words.pack, bool(words.acknowledged_by.strip()))


def _unreadable(why: str) -> Broken:
    return Broken(
        "FACE_CHOICE_UNREADABLE",
        f"{FILE} beside the face packs cannot be used: {why}. Mend it or delete it.",
        f"人脸模型目录中的 {FILE} 无法使用：{why}。请修改或删除该文件。",
    )
