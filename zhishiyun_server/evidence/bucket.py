"""One bucket of an S3-compatible store, spoken to by presigned calls."""

from __future__ import annotations

import base64
import errno
import hashlib
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import httpx

from zhishiyun_server.evidence.presign import Credentials, presigned
from zhishiyun_server.keep.store_place import StorePlace
from zhishiyun_server.problems import refusal

OWN_CALL_LIVES_S = 300
CALL_WITHIN_S = 30.0
PAGE = 1000  # names a listing gives at once, S3's own limit
LATER = {429, 500, 502, 503, 504}


@dataclass(frozen=True, slots=True)
class Stored:
    """One object as the store lists it; `name` is without the bucket's prefix."""

    name: str
    bytes: int


class Bucket:
    """Puts, gets and lists below one prefix. Thread: any, several at once.

    Every call raises Refusal STORE_UNREACHABLE when the store does not answer as a store should.
    """

    def __init__(self, place: StorePlace, now_s: Callable[[], float] = time.time) -> None:
        self._place = place
        self._now_s = now_s  # wall time: the store compares it with its own
        self._credentials = Credentials(place.access_key, place.secret_key, place.region)
        self._http = httpx.Client(timeout=CALL_WITHIN_S, trust_env=False, follow_redirects=False)

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def granted(self, name: str, sha256: str, lives_s: int) -> tuple[str, dict[str, str]]:
        """(URL, headers) by which anybody may put these very bytes there, once."""
        headers = once_and_unaltered(sha256)
        url = self._signed("PUT", name, lives_s, headers, endpoint=self._place.for_candidates)
        return url, headers

    def put_once(self, name: str, content: bytes, sha256: str) -> bool:
        """Put where nothing is; False when something is there already."""
        answer = self._put(name, content, once_and_unaltered(sha256))
        if answer.status_code == 412:
            return False
        _require(answer)
        return True

    def put_over(self, name: str, content: bytes, sha256: str) -> None:
        """Put whatever is there: only to heal bytes that do not fit their name any more."""
        _require(self._put(name, content, unaltered(sha256)))

    def get(self, name: str) -> bytes:
        """An object's bytes.

        Raises:
            FileNotFoundError: there is none.
        """
        answer = self._send("GET", self._signed("GET", name))
        if answer.status_code == 404:
            raise FileNotFoundError(errno.ENOENT, "the store has no such object", name)
        return _require(answer).content

    def remove(self, name: str) -> None:
        """Take an object away: probes, and evidence whose time is over."""
        _require(self._send("DELETE", self._signed("DELETE", name)))

    def listing(self, folder: str, after: str = "") -> Iterator[Stored]:
        """What lies below `folder`, by name, from behind `after` on."""
        start = f"{self._place.prefix}{folder}"
        follow = f"{start}{after}" if after else ""
        while True:
            query = {"list-type": "2", "prefix": start, "max-keys": str(PAGE)}
            if follow:
                query["start-after"] = follow
            url = self._place.endpoint + f"/{self._place.bucket}"
            page = _require(self._send("GET", self._sign("GET", url, query=query)))
            found = list(_objects(page.content))
            for key, size in found:
                yield Stored(key.removeprefix(self._place.prefix), size)
            if len(found) < PAGE:
                return
            follow = found[-1][0]

    def _put(self, name: str, content: bytes, headers: Mapping[str, str]) -> httpx.Response:
        url = self._signed("PUT", name, OWN_CALL_LIVES_S, headers)
        return self._send("PUT", url, content, headers)

    def _signed(
        self,
        method: str,
        name: str,
        lives_s: int = OWN_CALL_LIVES_S,
        headers: Mapping[str, str] | None = None,
        endpoint: str = "",
    ) -> str:
        place = self._place
        url = f"{endpoint or place.endpoint}/{place.bucket}/{place.prefix}{name}"
        return self._sign(method, url, lives_s, headers)

    def _sign(
        self,
        method: str,
        url: str,
        lives_s: int = OWN_CALL_LIVES_S,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> str:
        return presigned(
            self._credentials,
            method,
            url,
            at_s=self._now_s(),
            lives_s=lives_s,
            headers=headers,
            query=query,
        )

    def _send(
        self,
        method: str,
        url: str,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        try:
            return self._http.request(method, url, content=content, headers=dict(headers or {}))
        except httpx.HTTPError as error:
            raise refusal("STORE_UNREACHABLE", retry_after_s=5) from error


def unaltered(sha256: str) -> dict[str, str]:
    """The header that makes the store compare the bytes with their digest (hex)."""
    return {"x-amz-checksum-sha256": base64.b64encode(bytes.fromhex(sha256)).decode()}


def once_and_unaltered(sha256: str) -> dict[str, str]:
    """The same, and refuse where something lies already."""
    return {"If-None-Match": "*", **unaltered(sha256)}


def digest_of(content: bytes) -> str:
    """The hex SHA-256."""
    return hashlib.sha256(content).hexdigest()


def _require(answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    retry_after_s = 5 if answer.status_code in LATER else 60
    raise refusal(
        "STORE_UNREACHABLE",
        detail=f"It answered {answer.status_code}.",
        retry_after_s=retry_after_s,
    )


def _objects(page: bytes) -> Iterator[tuple[str, int]]:
    """(key, bytes) of a ListObjectsV2 answer, whatever its namespace."""
    try:
        tree = ET.fromstring(page)  # noqa: S314  the store is ours; expat limits expansion
    except ET.ParseError as error:
        raise refusal("STORE_UNREACHABLE", detail="Its listing is unreadable.") from error
    for item in tree.iter():
        if item.tag.rpartition("}")[2] == "Contents":
            told = {child.tag.rpartition("}")[2]: child.text or "" for child in item}
            yield told.get("Key", ""), int(told.get("Size", "0"))
