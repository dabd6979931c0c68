"""Which pack an installation uses: the shipped one, or the one that its operator chose.

The operator's word is `choice.toml` beside the packs (docs/face-packs.md):

    pack = "buffalo_l"
    acknowledged_by = "who holds the licence, and which"
    passive = "minifasnet"            # optional
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

    pack: str = DEFAULT_PACK
    acknowledged_by: str = ""
    passive: str = ""


@dataclass(frozen=True, slots=True)
class PackChoice:
    """A folder and whether its licence was acknowledged; `fault` is raised when it is opened."""

    folder: Path
    licence_acknowledged: bool = False
    passive: Path | None = None
    """Of a passive net, see `face.passive`; None: none is used."""
    fault: Broken | None = None

    def open(self) -> FacePack:
        """Check the pack; loads no net.

        Raises: Broken, Refused: as `open_pack`; FACE_CHOICE_UNREADABLE.
        """
        if self.fault is not None:
            raise self.fault
        # The passive net is checked where it is loaded: in `face.login_eye`.
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
    names = [words.pack, *([words.passive] if words.passive else [])]
    if any(not name or Path(name).name != name for name in names):
        return PackChoice(shelf / DEFAULT_PACK, fault=_unreadable("a pack is no folder's name"))
    passive = shelf / words.passive if words.passive else None
    return PackChoice(shelf / words.pack, bool(words.acknowledged_by.strip()), passive)


def _unreadable(why: str) -> Broken:
    return Broken(
        "FACE_CHOICE_UNREADABLE",
        f"{FILE} beside the face packs cannot be used: {why}. Mend it or delete it.",
        f"人脸模型目录中的 {FILE} 无法使用：{why}。请修改或删除该文件。",
    )
