"""The enrolment ticket: a small signed text that binds one 准考证号 to one exam (R004, R008).

Form: ``ZSY1.<issuer key id>.<base64url claims JSON>.<base64url signature>``.
"""

from __future__ import annotations

import msgspec

from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.signing import SigningKey, from_text, is_signed, key_id, to_text

PURPOSE = "ticket"
SUFFIX = ".zsyenroll"


class TicketClaims(msgspec.Struct, frozen=True, kw_only=True):
    """What a ticket says. Times are µs since 1970 UTC by the exam's clock."""

    exam_id: str
    exam_title: str
    ticket_number: str  # 准考证号
    ticket_id: str
    server_url: str
    server_key: str  # base64url Ed25519 public key that signs receipts
    valid_from_us: int
    valid_until_us: int
    minimum_client: str = "0.1.0"


def issue(claims: TicketClaims, issuer: SigningKey) -> str:
    """The ticket's text, signed by the exam authority."""
    payload = to_text(msgspec.json.encode(claims))
    kid = key_id(issuer.public_bytes())
    signature = to_text(issuer.sign(PURPOSE, f"{kid}.{payload}".encode()))
    return f"ZSY1.{kid}.{payload}.{signature}"


def read(text: str, trusted: dict[str, bytes]) -> TicketClaims:
    """Check a ticket against trusted issuer keys and return its claims.

    Args:
        trusted: key id → 32 raw public bytes.

    Raises:
        Refused: TICKET_DAMAGED, TICKET_UNKNOWN_ISSUER or TICKET_FORGED.
    """
    parts = text.strip().split(".")
    if len(parts) != 4 or parts[0] != "ZSY1":
        raise Refused(
            "TICKET_DAMAGED",
            "This is not an enrolment ticket, or it was cut. Download it again from the portal.",
            "这不是有效的准考凭证文件，或文件不完整。请从报名网站重新下载。",
        )
    _, kid, payload, signature = parts
    if kid not in trusted:
        raise Refused(
            "TICKET_UNKNOWN_ISSUER",
            "The ticket was issued by an authority this client does not know.",
            "准考凭证的签发机构不受信任。请确认下载来源，或联系技术服务人员。",
        )
    if not is_signed(trusted[kid], PURPOSE, f"{kid}.{payload}".encode(), from_text(signature)):
        raise Refused(
            "TICKET_FORGED",
            "The ticket's signature does not fit: it was altered.",
            "准考凭证的签名校验失败，文件可能被改动。请重新下载。",
        )
    try:
        return msgspec.json.decode(from_text(payload), type=TicketClaims)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(
            "TICKET_DAMAGED",
            "The ticket's contents cannot be read. Download it again from the portal.",
            "准考凭证内容无法读取。请从报名网站重新下载。",
        ) from error
