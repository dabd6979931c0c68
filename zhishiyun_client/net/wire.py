"""One request and its whole answer, bounded in time and size, or one of our errors."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from zhishiyun_client.net import failures
from zhishiyun_client.net.deadline import Deadline
from zhishiyun_client.net.http_library import httpx
from zhishiyun_client.net.routes import Routes, is_loopback, trust
from zhishiyun_client.ports.api import Pacer
from zhishiyun_protocol.messages.entering import Problem

CONNECT_S = 5.0
SILENCE_S = 10.0  # no single read waits longer, unless the request says so
JSON_WITHIN_S = 15.0
LARGEST_JSON_BYTES = 8 * 1024 * 1024  # a login's answer carries a photo
_SMALL_BYTES = 64 * 1024
_PIECE_BYTES = 256 * 1024
_PIECES_OF_A_STALE = 2  # a closed connection is noticed with the first or second write
_CUT = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)
_LATER = frozenset({408, 429, 500, 502, 503, 504, 507})
_USER_AGENT = "zhishiyun"

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer of status 2xx (or one that the caller asked to see)."""

    status: int
    headers: httpx.Headers
    body: bytes


class Wire:
    """The connections to one server and to the stores it grants. Thread: any, several at once.

    Raises:
        Refused: SERVER_ADDRESS: neither https nor loopback.
        Fixable: CA_FILE_UNREADABLE.
    """

    def __init__(self, server_url: str, extra_ca: Path | None = None) -> None:
        self.server_url = _checked(server_url)
        self.context: ssl.SSLContext = trust(extra_ca)
        self._deadline = Deadline()
        self._client = httpx.Client(
            transport=Routes(self.context, self._deadline),
            headers={"User-Agent": _USER_AGENT, "Accept-Encoding": "identity"},
            trust_env=False,
            follow_redirects=False,
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def url(self, target: str) -> str:
        """A path means our server; anything else is taken as it is."""
        return self.server_url + target if target.startswith("/") else target

    def send(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str],
        body: Sequence[bytes] | bytes | None = None,
        within_s: float = JSON_WITHIN_S,
        at_most_bytes: int = LARGEST_JSON_BYTES,
        silence_s: float = SILENCE_S,
        pacer: Pacer | None = None,
    ) -> Reply:
        """Send one request and take its whole answer, whatever its status.

        Args:
            body:      also as pieces, one behind the other.
            silence_s: no single read waits longer.
            pacer:     how fast the body may leave; None: as fast as it goes.

        Raises:
            Transient: there was no whole answer.
        """
        if self._client.is_closed:
            raise failures.network_down("closed")
        request = self._request(method, target, headers, body, min(silence_s, within_s), pacer)
        try:
            with self._deadline.within(within_s):
                return self._take(request, at_most_bytes)
        except _CUT as error:
            if not _was_stale(request, body):
                raise failures.from_wire(error) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise failures.from_wire(error) from error
        request = self._request(method, target, headers, body, min(silence_s, within_s), pacer)
        try:
            with self._deadline.within(within_s):
                return self._take(request, at_most_bytes)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise failures.from_wire(error) from error

    def _request(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: Sequence[bytes] | bytes | None,
        silence_s: float,
        pacer: Pacer | None,
    ) -> httpx.Request:
        content, trace = None, _Trace()
        if body is not None:
            headers = {**dict(headers), "Content-Length": str(_length(body))}
            content = _pieces(body, pacer, trace)
        timeout = httpx.Timeout(silence_s, connect=min(CONNECT_S, silence_s))
        request = self._client.build_request(
            method, self.url(target), headers=headers, content=content, timeout=timeout
        )
        request.extensions["trace"] = trace
        return request

    def _take(self, request: httpx.Request, at_most_bytes: int) -> Reply:
        response = self._client.send(request, stream=True)
        try:
            body = bytearray()
            for piece in response.iter_raw(_PIECE_BYTES):
                body += piece
                if len(body) > at_most_bytes:
                    raise failures.nonsense("huge")
            return Reply(response.status_code, response.headers, bytes(body))
        finally:
            response.close()


class _Trace:
    """Notices whether a request opened a connection or took a kept one, and how far it came."""

    def __init__(self) -> None:
        self.is_fresh = False
        self.pieces = 0

    def __call__(self, event: str, facts: Mapping[str, object]) -> None:
        """The library tells what it does."""
        if event == "connection.connect_tcp.started":
            self.is_fresh = True


def _was_stale(request: httpx.Request, body: Sequence[bytes] | bytes | None) -> bool:
    """Whether a small request met a kept connection that the server had just closed.

    Such a request was not heard and may be sent again at once. A body that was well on its way
    was heard: its sender decides.
    """
    trace: _Trace = request.extensions["trace"]
    was_early = trace.pieces <= _PIECES_OF_A_STALE
    return not trace.is_fresh and was_early and _length(body or b"") <= _SMALL_BYTES


def judged(reply: Reply) -> Reply:
    """The reply when the server said yes; else what it said, as an error.

    Raises:
        Transient, Refused: see `ports.api`.
    """
    if 200 <= reply.status < 300:
        return reply
    problem = _problem(reply)
    if reply.status == 407:
        raise failures.proxy_refuses()
    if reply.status in _LATER:
        raise failures.busy(reply.status, problem, _asked_s(reply, problem))
    is_elsewhere = 300 <= reply.status < 400 or reply.status == 511
    if is_elsewhere or (problem is None and is_page(reply)):
        raise failures.network_captive()
    raise failures.refused(reply.status, problem)


def decoded(reply: Reply, kind: type[Answer]) -> Answer:
    """The struct in a reply.

    Raises:
        Transient: NETWORK_CAPTIVE or SERVER_NONSENSE.
    """
    if is_page(reply):
        raise failures.network_captive()
    if not reply.body:
        raise failures.nonsense("empty")
    try:
        return msgspec.json.decode(reply.body, type=kind)
    except msgspec.ValidationError as error:
        raise failures.nonsense("schema") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise failures.nonsense("json") from error


def is_page(reply: Reply) -> bool:
    """Whether a web page came back."""
    said = reply.headers.get("Content-Type", "").lower()
    return "html" in said or reply.body[:256].lstrip().lower().startswith((b"<!doctype", b"<html"))


def _problem(reply: Reply) -> Problem | None:
    try:
        return msgspec.json.decode(reply.body, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _asked_s(reply: Reply, problem: Problem | None) -> float | None:
    if problem is not None and problem.retry_after_s is not None:
        return problem.retry_after_s
    said = reply.headers.get("Retry-After", "").strip()
    if said.isdigit():
        return float(said)
    try:  # a date: measured against the answer's own Date, never against the wall clock here
        until = parsedate_to_datetime(said)
        now = parsedate_to_datetime(reply.headers.get("Date", ""))
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _length(body: Sequence[bytes] | bytes) -> int:
    return len(body) if isinstance(body, bytes) else sum(len(part) for part in body)


def _pieces(body: Sequence[bytes] | bytes, pacer: Pacer | None, trace: _Trace) -> Iterator[bytes]:
    """What is written at a time; a part that is no larger goes as it is."""
    for part in (body,) if isinstance(body, bytes) else body:
        at = 0
        while at < len(part):
            most = _PIECE_BYTES if pacer is None else pacer.piece_bytes
            piece = (
                part if at == 0 and len(part) <= most else bytes(memoryview(part)[at : at + most])
            )
            if pacer is not None:
                pacer.wait(len(piece))
            trace.pieces += 1
            yield piece
            at += len(piece)


def _checked(server_url: str) -> str:
    try:
        parts = urlsplit(server_url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise failures.address_unsafe() from error
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    if not is_safe or not host or parts.username or parts.query or parts.fragment:
        raise failures.address_unsafe()
    return server_url.rstrip("/")
