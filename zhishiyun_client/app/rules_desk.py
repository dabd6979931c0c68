"""The rules of the guard at a start: newer ones are fetched, the newest good ones hold."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from pathlib import Path

from zhishiyun_client.guard.rulebook import Rules, keep_rules, newest_rules
from zhishiyun_client.ports.api import ExamApi
from zhishiyun_client.runtime.paths import resources
from zhishiyun_protocol.errors import ZhishiyunError

LOG = logging.getLogger(__name__)


def rules_here(home: Path, trusted: Mapping[str, bytes]) -> Rules:
    """The rules that hold on this computer now."""
    return newest_rules(resources() / "guard", home, trusted, sys.platform)


def learn_rules(api: ExamApi, home: Path, trusted: Mapping[str, bytes]) -> None:
    """Fetch what the server hands out; whatever goes wrong, the rules of before hold."""
    try:
        text = api.guard_rules()
        if text:
            now = rules_here(home, trusted).catalogue.version
            keep_rules(text, home, trusted, sys.platform, now)
    except ZhishiyunError as error:
        LOG.warning("no newer rules: %s", error.code)
    except OSError as error:
        LOG.warning("newer rules cannot be kept: %s", error.strerror)
