"""GET /v1/openapi.json, and the pages for people: /p/ for the phone, /desk/ for staff."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from zhishiyun_server.openapi import describe
from zhishiyun_server.problems import refusal
from zhishiyun_server.routes.operation import Operation

PACKAGE = Path(__file__).resolve().parents[1]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; worker-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
DEVICES = (  # what the phone's page may ask for; the desk's asks for none of it
    "camera=(self), microphone=(self), accelerometer=(self), gyroscope=(self), "
    "magnetometer=(self), screen-wake-lock=(self), geolocation=(), display-capture=()"
)
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}


class Page:
    """A folder of a few small files, listed once; nothing else can be asked for."""

    def __init__(self, folder: str) -> None:
        self._folder = PACKAGE / folder
        self._names = {path.name for path in self._folder.iterdir() if path.suffix in TYPES}

    async def __call__(self, request: Request) -> Response:
        """One file, with a policy that lets nothing foreign in."""
        name = request.path_params.get("name") or "index.html"
        if name not in self._names:
            raise refusal("NOT_FOUND")
        path = self._folder / name
        return Response(
            path.read_bytes(),
            media_type=TYPES[path.suffix],
            headers={"Content-Security-Policy": POLICY, "Permissions-Policy": DEVICES},
        )


def pages(operations: Sequence[Operation]) -> tuple[BaseRoute, ...]:
    """Routes for people and the description for machines."""
    encoded = msgspec.json.encode(describe(operations))

    async def description(_request: Request) -> Response:
        return Response(encoded, media_type="application/json")

    return (
        Route("/v1/openapi.json", description),
        *_page("p", "phone"),
        *_page("desk", "desk"),
    )


def _page(prefix: str, folder: str) -> tuple[BaseRoute, ...]:
    page = Page(folder)

    async def show(request: Request) -> Response:
        return await page(request)

    async def redirect(_request: Request) -> Response:
        return RedirectResponse(f"/{prefix}/")

    routes: list[Any] = [
        Route(f"/{prefix}", redirect),
        Route(f"/{prefix}/", show),
        Route(f"/{prefix}/{{name}}", show),
    ]
    return tuple(routes)
