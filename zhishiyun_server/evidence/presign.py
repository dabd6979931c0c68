"""AWS Signature Version 4 in a URL: what an S3-compatible store accepts without asking us.

The signature covers method, host, path, query and the headers named, not the body; the body is
bound by signing its `x-amz-checksum-sha256`, which the store compares (docs/decisions/0021).
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Credentials:
    """One access key of a store. Never shown, never logged."""

    access_key: str
    secret_key: str = field(repr=False)
    region: str


def presigned(
    credentials: Credentials,
    method: str,
    url: str,
    *,
    at_s: float,
    lives_s: int,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
) -> str:
    """`url` with a signature that holds for `lives_s` real seconds from `at_s`.

    headers: what the caller must send, exactly so; the host is signed in any case.
    url: scheme, host and path, not yet percent-encoded.
    """
    parts = urlsplit(url)
    signed = {
        "host": parts.netloc,
        **{name.lower(): text for name, text in (headers or {}).items()},
    }
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at_s))
    scope = f"{moment[:8]}/{credentials.region}/s3/aws4_request"
    names = ";".join(sorted(signed))
    asked = {
        **(query or {}),
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{credentials.access_key}/{scope}",
        "X-Amz-Date": moment,
        "X-Amz-Expires": str(lives_s),
        "X-Amz-SignedHeaders": names,
    }
    path, question = quote(parts.path), _query(asked)
    canonical = "\n".join(
        (
            method,
            path,
            question,
            *(f"{name}:{signed[name].strip()}" for name in sorted(signed)),
            "",
            names,
            "UNSIGNED-PAYLOAD",
        )
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    told = "\n".join((ALGORITHM, moment, scope, digest))
    signature = hmac.digest(_key(credentials, moment[:8]), told.encode(), "sha256").hex()
    return f"{parts.scheme}://{parts.netloc}{path}?{question}&X-Amz-Signature={signature}"


def _query(asked: Mapping[str, str]) -> str:
    pairs = sorted((quote(name, safe=""), quote(text, safe="")) for name, text in asked.items())
    return "&".join(f"{name}={text}" for name, text in pairs)


def _key(credentials: Credentials, day: str) -> bytes:
    key = f"AWS4{credentials.secret_key}".encode()
    for word in (day, credentials.region, "s3", "aws4_request"):
        key = hmac.digest(key, word.encode(), "sha256")
    return key
