"""Tries a store before anything is entrusted to it: once only, unaltered, nothing unsigned."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import httpx

from zhishiyun_server.evidence.bucket import Bucket, digest_of, once_and_unaltered
from zhishiyun_server.problems import refusal

LIVES_S = 120
WITHIN_S = 30.0


def weaknesses_of(bucket: Bucket) -> tuple[str, ...]:
    """What the store lets pass that it must not, or does not do; empty when it may be used.

    Raises:
        Refusal: STORE_UNREACHABLE: the key or the bucket is wrong, or nobody answers.
    """
    name = f"probe-{secrets.token_hex(8)}"
    content = secrets.token_bytes(1000)
    digest = digest_of(content)
    url, headers = bucket.granted(name, digest, LIVES_S)
    altered = content[:-1] + bytes([content[-1] ^ 1])
    without_once = {n: text for n, text in headers.items() if n != "If-None-Match"}
    other = once_and_unaltered(digest_of(altered))
    with httpx.Client(timeout=WITHIN_S, trust_env=False) as http:

        def put(body: bytes, told: dict[str, str], where: str = url) -> int:
            return http.put(where, content=body, headers=told).status_code

        trials: tuple[tuple[str, Callable[[], bool]], ...] = (
            ("ALTERED_BYTES_TAKEN", lambda: put(altered, headers) >= 400),
            ("FOREIGN_DIGEST_TAKEN", lambda: put(altered, other) == 403),
            ("MISSING_HEADER_TAKEN", lambda: put(content, without_once) == 403),
            ("FOREIGN_NAME_TAKEN", lambda: put(content, headers, _elsewhere(url, name)) == 403),
            ("GRANT_REFUSED", lambda: put(content, headers) in {200, 201}),
            ("TAKEN_TWICE", lambda: put(content, headers) == 412),
            ("NOT_LISTED", lambda: _listed(bucket, name) == [(name, len(content))]),
            ("OTHER_BYTES_BACK", lambda: bucket.get(name) == content),
        )
        try:
            return tuple(code for code, holds in trials if not holds())
        except httpx.HTTPError as error:
            raise refusal("STORE_UNREACHABLE", detail=str(error)) from error
        finally:
            bucket.remove(name)


def _elsewhere(url: str, name: str) -> str:
    return url.replace(name, f"{name}-else", 1)


def _listed(bucket: Bucket, name: str) -> list[tuple[str, int]]:
    return [(stored.name, stored.bytes) for stored in bucket.listing(name)]
