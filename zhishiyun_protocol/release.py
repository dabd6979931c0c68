"""The release code: twenty characters that open a sealed paper where no network brings its key.

The hotline reads it out from T0 on. An envelope carries its own key once more, locked with the
code; the code follows from the key by a one-way function, so whoever has it has only that paper.

    15 characters  secret, 75 bits
     2 characters  which paper: tells an old or foreign code from a wrong one
     3 characters  checksum: tells a slip of the tongue at once

Alphabet: digits and capital letters without I, L, O, U; what is typed instead is understood.
"""

from __future__ import annotations

import hashlib
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from zhishiyun_protocol.errors import Refused
from zhishiyun_protocol.signing import from_text, to_text

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SECRET, TAG, CHECK = 15, 2, 3
LENGTH = SECRET + TAG + CHECK
_GROUP = 4
_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
_SCRYPT_COST = 2**14  # a tenth of a second, 16 MiB: 75 bits need no more
_NONCE = bytes(12)  # the lock's key is used for this one message only


def code_of(key: bytes, paper_id: str) -> str:
    """The release code of the paper with this key, in five groups of four."""
    secret = _letters(_derived(key, paper_id), SECRET)
    text = secret + _tag(paper_id)
    text += _check(text)
    return "-".join(text[at : at + _GROUP] for at in range(0, LENGTH, _GROUP))


def lock(key: bytes, paper_id: str) -> str:
    """The paper's key, locked with its release code; lies in the envelope's label."""
    locking = _locking_key(plain(code_of(key, paper_id))[:SECRET], paper_id)
    return to_text(AESGCM(locking).encrypt(_NONCE, key, paper_id.encode()))


def unlock(code: str, paper_id: str, locked: str) -> bytes:
    """The paper's key.

    Raises:
        Refused: RELEASE_MISTYPED, RELEASE_FOREIGN (another paper's, or an older one's),
                 RELEASE_WRONG, RELEASE_NONE (this envelope has no such lock).
    """
    text = plain(code)
    if len(text) != LENGTH or _check(text[:-CHECK]) != text[-CHECK:]:
        raise Refused(
            "RELEASE_MISTYPED",
            f"This is not a whole release code of {LENGTH} characters: compare it once more.",
            f"放行码应为 {LENGTH} 位，且有一位或几位不对。请与热线逐位核对后重新输入。",
        )
    if text[SECRET : SECRET + TAG] != _tag(paper_id):
        raise Refused(
            "RELEASE_FOREIGN",
            "This release code belongs to another paper, or to an older one. Ask for yours.",
            "这是其他试题或旧试题的放行码。请报考试名称和科目，向热线索取本场的放行码。",
        )
    if not locked:
        raise Refused(
            "RELEASE_NONE",
            "This paper cannot be opened with a release code. Ask for help.",
            "本试题不支持用放行码打开，请点【求助】。",
        )
    try:
        locking = _locking_key(text[:SECRET], paper_id)
        return AESGCM(locking).decrypt(_NONCE, from_text(locked), paper_id.encode())
    except (InvalidTag, ValueError) as error:
        raise Refused(
            "RELEASE_WRONG",
            "This release code does not open the paper. Ask for it again.",
            "此放行码不能打开本试题。请向热线重新索取。",
        ) from error


def plain(code: str) -> str:
    """What was meant: capitals, no spaces or dashes, full-width forms and look-alikes replaced."""
    text = unicodedata.normalize("NFKC", code).upper().translate(_MEANT)
    return "".join(letter for letter in text if letter in ALPHABET)


def _derived(key: bytes, paper_id: str) -> bytes:
    kdf = HKDF(SHA256(), length=32, salt=None, info=b"zhishiyun release v1\0" + paper_id.encode())
    return kdf.derive(key)


def _locking_key(secret: str, paper_id: str) -> bytes:
    salt = hashlib.sha256(b"zhishiyun release lock v1\0" + paper_id.encode()).digest()
    return Scrypt(salt=salt, length=32, n=_SCRYPT_COST, r=8, p=1).derive(secret.encode())


def _tag(paper_id: str) -> str:
    return _letters(hashlib.sha256(b"zhishiyun release tag v1\0" + paper_id.encode()).digest(), TAG)


def _check(text: str) -> str:
    return _letters(hashlib.sha256(b"zhishiyun release check v1\0" + text.encode()).digest(), CHECK)


def _letters(raw: bytes, count: int) -> str:
    number = int.from_bytes(raw, "big") >> (len(raw) * 8 - 5 * count)
    return "".join(ALPHABET[(number >> (5 * at)) & 31] for at in reversed(range(count)))
