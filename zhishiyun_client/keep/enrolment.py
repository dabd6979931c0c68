"""Who this computer is for: the device key, the kept ticket, and whom tickets are trusted from."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from pathlib import Path

import msgspec

from zhishiyun_client.ports.keeping import SecretStore
from zhishiyun_client.runtime.durable import replace_durably
from zhishiyun_client.runtime.paths import private_folder
from zhishiyun_protocol import ticket
from zhishiyun_protocol.errors import Fixable, Refused
from zhishiyun_protocol.messages.entering import Enrolled, Enrolment, Login
from zhishiyun_protocol.signing import SigningKey, from_text, key_id, to_text
from zhishiyun_protocol.ticket import TicketClaims

LOG = logging.getLogger(__name__)
DEVICE_KEY, TICKET = "device-key", "ticket"  # names in the secret store
ENROLLED_FILE = "enrolled.json"
_LARGEST_TICKET_BYTES = 64 * 1024


class EnrolmentKeeper:
    """Device key and ticket of this home. Thread: any, one at a time.

    Args:
        home:    where the public answer of the enrolment lies.
        secrets: where key and ticket lie.
        trusted: issuer key id → 32 raw public bytes (`read_trust`).
    """

    def __init__(self, home: Path, secrets: SecretStore, trusted: dict[str, bytes]) -> None:
        self._answer = private_folder(home) / ENROLLED_FILE
        self._secrets = secrets
        self._trusted = trusted

    def device_key(self) -> SigningKey:
        """This computer's key; made and kept at the first call."""
        raw = self._secrets.get(DEVICE_KEY)
        if raw is not None:
            return SigningKey.from_bytes(raw)
        key = SigningKey.generate()
        self._secrets.put(DEVICE_KEY, key.private_bytes())
        return key

    def take_ticket(self, text: str) -> TicketClaims:
        """Check a ticket and keep it; the one before is replaced.

        Raises:
            Refused: TICKET_DAMAGED, TICKET_UNKNOWN_ISSUER, TICKET_FORGED.
        """
        text = text.strip()
        claims = ticket.read(text, self._trusted)
        if self._secrets.get(TICKET) != text.encode("utf-8"):
            self._secrets.put(TICKET, text.encode("utf-8"))
            self._answer.unlink(missing_ok=True)
        return claims

    def kept_ticket(self) -> TicketClaims | None:
        """The claims of the kept ticket; None when there is none.

        Raises:
            Refused: it does not hold any more (an issuer left the list).
        """
        text = self._text()
        return None if text is None else ticket.read(text, self._trusted)

    def enrolment(self, client_version: str) -> Enrolment:
        """What POST /v1/enrolments wants: ticket, device key, and the proof that it is here.

        Raises:
            Fixable: TICKET_MISSING.
        """
        text = self._text()
        if text is None:
            raise _no_ticket()
        key = self.device_key()
        return Enrolment(
            ticket=text,
            device_key=to_text(key.public_bytes()),
            proof=to_text(key.sign("enrolment", text.encode("utf-8"))),
            client_version=client_version,
        )

    def login(self, sent_us: int, *, take_over: bool = False) -> Login:
        """What POST /v1/logins wants. `sent_us`: by the exam's clock.

        Raises:
            Fixable: TICKET_MISSING.
        """
        claims = self.kept_ticket()
        if claims is None:
            raise _no_ticket()
        said = f"{claims.ticket_id}.{sent_us}".encode()
        proof = to_text(self.device_key().sign("login", said))
        return Login(ticket_id=claims.ticket_id, sent_us=sent_us, proof=proof, take_over=take_over)

    def keep_answer(self, enrolled: Enrolled) -> None:
        """Keep what the server told about the exam, so that the next start needs no network."""
        try:
            replace_durably(self._answer, msgspec.json.encode(enrolled))
        except OSError as error:
            raise Fixable(
                "ENROLMENT_NOT_KEPT",
                "The enrolment cannot be written: the disk is full or read-only.",
                "启用信息无法保存，请检查磁盘空间和权限。",
            ) from error

    def kept_answer(self) -> Enrolled | None:
        """What the server told about the exam; None when it must be asked."""
        try:
            return msgspec.json.decode(self._answer.read_bytes(), type=Enrolled)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            LOG.warning("the kept enrolment cannot be read: %s", type(error).__name__)
            return None

    def _text(self) -> str | None:
        raw = self._secrets.get(TICKET)
        return None if raw is None else raw.decode("utf-8")


def read_ticket_file(path: Path) -> str:
    """The text of a ticket file.

    Raises:
        Fixable: TICKET_UNREADABLE.
        Refused: TICKET_DAMAGED: it is no text of that size.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST_TICKET_BYTES + 1)
    except OSError as error:
        raise Fixable(
            "TICKET_UNREADABLE",
            f"The ticket file {path.name} cannot be opened. Download it again from the portal.",
            f"无法打开准考凭证文件 {path.name}，请从报名网站重新下载。",
        ) from error
    try:
        if len(raw) > _LARGEST_TICKET_BYTES:
            raise ValueError("larger than any ticket")
        return raw.decode("utf-8-sig").strip()
    except ValueError as error:
        raise Refused(
            "TICKET_DAMAGED",
            "This is not an enrolment ticket, or it was cut. Download it again from the portal.",
            "这不是有效的准考凭证文件，或文件不完整。请从报名网站重新下载。",
        ) from error


def read_trust(files: Iterable[Path]) -> dict[str, bytes]:
    """Issuer key id → public key, from JSON files {"<key id>": "<base64url Ed25519 key>", …}.

    Raises:
        Refused: TRUST_UNREADABLE: a file is missing, no such JSON, or an id does not fit its key.
    """
    trusted: dict[str, bytes] = {}
    for path in files:
        try:
            listed = msgspec.convert(json.loads(path.read_bytes()), dict[str, str])
            keys = {name: from_text(text) for name, text in listed.items()}
            if any(len(key) != 32 or key_id(key) != name for name, key in keys.items()):
                raise ValueError("an id does not fit its key")
        except (OSError, ValueError, Refused) as error:
            raise Refused(
                "TRUST_UNREADABLE",
                f"The list of trusted issuers {path.name} cannot be read: {error}.",
                f"受信任签发机构列表 {path.name} 无法读取。",
            ) from error
        trusted |= keys
    return trusted


def shipped_trust(resources: Path) -> tuple[Path, ...]:
    """The trust files that came with the program, in order of their names."""
    return tuple(sorted((resources / "trust").glob("*.json")))


def _no_ticket() -> Fixable:
    return Fixable(
        "TICKET_MISSING",
        "There is no enrolment ticket on this computer yet. Open the ticket file first.",
        "本机尚未导入准考凭证，请先打开准考凭证文件。",
    )
