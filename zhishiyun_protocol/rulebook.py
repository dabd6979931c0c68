"""The guard's rules as a signed text: lists that a server hands out between two releases (R172).

Form: ``ZSR1.<issuer key id>.<base64url JSON of Rulebook>.<base64url signature>``, signed by the
same issuers as enrolment tickets. A client takes only what is newer than what it has, so that
nobody can bring an old list back.
"""

from __future__ import annotations

import msgspec

from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.signing import SigningKey, from_text, is_signed, key_id, to_text

PURPOSE = "guard-rules"
FORM = "ZSR1"
LARGEST_BYTES = 1024 * 1024


class Rulebook(msgspec.Struct, frozen=True, kw_only=True):
    """Both lists as they lie in a client's resources/guard, byte for byte.

    version: numbers with dots between, as in the lists themselves: "2026.11.26"
    """

    version: str
    programs: str  # list.toml
    surroundings: str  # surroundings.toml


def issue(rules: Rulebook, issuer: SigningKey) -> str:
    """The rulebook's text, signed."""
    payload = to_text(msgspec.json.encode(rules))
    kid = key_id(issuer.public_bytes())
    signature = to_text(issuer.sign(PURPOSE, f"{kid}.{payload}".encode()))
    return f"{FORM}.{kid}.{payload}.{signature}"


def read(text: str, trusted: dict[str, bytes]) -> Rulebook:
    """Check a rulebook against trusted issuer keys.

    Args:
        trusted: key id → 32 raw public bytes.

    Raises:
        Refused: RULES_DAMAGED, RULES_UNKNOWN_ISSUER or RULES_FORGED.
    """
    parts = text.strip().split(".")
    if len(parts) != 4 or parts[0] != FORM or len(text) > LARGEST_BYTES:
        raise _damaged()
    _, kid, payload, signature = parts
    if kid not in trusted:
        raise Refused(
            "RULES_UNKNOWN_ISSUER",
            "The guard's rules were signed by an authority this client does not know.",
            "检测名单的签发机构不受信任，已继续使用原有名单。",
        )
    if not is_signed(trusted[kid], PURPOSE, f"{kid}.{payload}".encode(), from_text(signature)):
        raise Refused(
            "RULES_FORGED",
            "The signature of the guard's rules does not fit: they were altered.",
            "检测名单的签名校验失败，已继续使用原有名单。",
        )
    try:
        rules = msgspec.json.decode(from_text(payload), type=Rulebook)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _damaged() from error
    number_of(rules.version)
    return rules


def number_of(version: str) -> tuple[int, ...]:
    """A version as it is compared.

    Raises:
        Refused: RULES_DAMAGED: it is not numbers with dots between.
    """
    if not version or not all(part.isascii() and part.isdigit() for part in version.split(".")):
        raise _damaged()
    return tuple(int(part) for part in version.split("."))


def _damaged() -> Refused:
    return Refused(
        "RULES_DAMAGED",
        "These are no rules of the guard, or they were cut.",
        "检测名单不完整，已继续使用原有名单。",
    )
