"""Requests into structs, structs into answers: JSON by msgspec, sizes limited while reading."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from zhishiyun_server.problems import Refusal, refusal

T = TypeVar("T")
JSON_BYTES = 256 * 1024


async def read(request: Request, kind: type[T], limit_bytes: int = JSON_BYTES) -> T:
    """The body as a struct; unknown fields are ignored.

    Raises:
        Refusal: TOO_LARGE or BAD_REQUEST naming the field.
    """
    content = await read_bytes(request, limit_bytes)
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise refusal("BAD_REQUEST", detail=str(error)) from None


async def read_bytes(request: Request, limit_bytes: int) -> bytes:
    """The raw body, at most `limit_bytes`.

    Raises:
        Refusal: TOO_LARGE.
    """
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > limit_bytes:
        raise refusal("TOO_LARGE")
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > limit_bytes:
            raise refusal("TOO_LARGE")
    return bytes(content)


def answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A struct as JSON."""
    return Response(
        msgspec.json.encode(value), status, headers=headers, media_type="application/json"
    )


def answer_refusal(error: Refusal) -> Response:
    """A refusal as its `Problem`."""
    headers = {}
    if error.problem.retry_after_s is not None:
        headers["Retry-After"] = str(max(1, round(error.problem.retry_after_s)))
    return answer(error.problem, error.status, headers)


def number_of(request: Request, name: str, default: int = 0) -> int:
    """A whole number from the query.

    Raises:
        Refusal: BAD_REQUEST.
    """
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not text.isdigit() or len(text) > 18:
        raise refusal("BAD_REQUEST", detail=f"{name} is no number")
    return int(text)
