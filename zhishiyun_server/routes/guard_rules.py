"""GET /v1/guard/rules: the signed lists of the client's guard, as the office put them there."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from zhishiyun_server.office.guard_rules import kept_rules
from zhishiyun_server.premises import premises_of
from zhishiyun_server.routes.operation import Auth, Operation


async def rules(request: Request) -> Response:
    """The text, or 204 where the clients' own lists are the newest."""
    text = kept_rules(premises_of(request).home)
    if text is None:
        return Response(status_code=204)
    return Response(text, media_type="text/plain")


OPERATIONS = (
    Operation(
        "GET", "/v1/guard/rules", rules, "The guard's signed rules", Auth.NOBODY, gives=bytes
    ),
)
