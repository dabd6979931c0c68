"""Opening an eye for the login: insightface, and the passive net where an operator wants one."""

from __future__ import annotations

from zhishiyun_client.face.choice import PackChoice
from zhishiyun_client.face.engine import InsightFaceEngine
from zhishiyun_client.face.eye import Eye
from zhishiyun_client.face.passive import open_passive
from zhishiyun_client.runtime.heap import give_back


def open_eye(choice: PackChoice) -> Eye:
    """Check a pack and load it, under a second.

    Raises: Broken, Refused: as `PackChoice.open` and `InsightFaceEngine` say.
    """
    pack = choice.open()
    passive = None
    if choice.passive is not None:
        acknowledged = choice.licence_acknowledged
        passive = open_passive(choice.passive, licence_acknowledged=acknowledged)
    eye = Eye(InsightFaceEngine(pack), pack.recipe.threshold, passive)
    give_back()  # parsing took three times what the nets need
    return eye
