"""Opening an eye for the watch in the recorder; the login's is `face.login_eye`."""

from __future__ import annotations

from zhishiyun_client.face.choice import PackChoice
from zhishiyun_client.face.eye import Eye
from zhishiyun_client.face.watching_engine import WatchingEngine
from zhishiyun_client.runtime.heap import give_back


def open_watching_eye(choice: PackChoice) -> Eye:
    """Check a pack and load it; no passive net, which is the login's.

    Raises: Broken, Refused: as `PackChoice.open` and `WatchingEngine` say.
    """
    pack = choice.open()
    eye = Eye(WatchingEngine(pack), pack.recipe.threshold)
    give_back()  # parsing took three times what the nets need
    return eye
