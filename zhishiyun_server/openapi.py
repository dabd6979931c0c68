"""OpenAPI 3.1, made from the operations and the structs: it cannot differ from what runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from zhishiyun_protocol.messages.entering import Problem
from zhishiyun_server.routes.operation import Auth, Header, Operation

_PARAMETER = re.compile(r"\{(\w+)(?::(\w+))?\}")
_TEMPLATE = "#/components/schemas/{name}"
SECURITY: dict[Auth, list[dict[str, list[str]]]] = {
    Auth.NOBODY: [],
    Auth.LOGIN: [{"login": []}],
    Auth.SESSION: [{"session": []}],
    Auth.GRANT: [{"grant": []}, {"session": []}],
    Auth.PHONE: [{"phone": []}],
    Auth.STAFF: [{"staff": []}, {"staffCookie": []}],
}
SCHEMES = {
    "login": {"type": "http", "scheme": "bearer", "description": "login_secret"},
    "session": {"type": "http", "scheme": "bearer", "description": "a candidate's session"},
    "phone": {"type": "http", "scheme": "bearer", "description": "a bound phone"},
    "staff": {"type": "http", "scheme": "bearer", "description": "a staff account"},
    "staffCookie": {"type": "apiKey", "in": "cookie", "name": "zsy_staff"},
    "grant": {"type": "apiKey", "in": "header", "name": "X-Grant"},
}


def describe(operations: Sequence[Operation]) -> dict[str, Any]:
    """The whole description."""
    kinds = {
        kind
        for operation in operations
        for kind in (operation.takes, operation.gives)
        if kind is not None and kind is not bytes
    } | {Problem}
    ordered = sorted(kinds, key=str)
    shapes, components = msgspec.json.schema_components(ordered, ref_template=_TEMPLATE)
    schema_of = dict(zip(ordered, shapes, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        path = _PARAMETER.sub(r"{\1}", operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _operation(operation, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "智试云考试服务器",
            "version": "1",
            "description": "docs/wire.md says in prose what holds around these calls. "
            "The live channel is a WebSocket at /v1/live.",
        },
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": SCHEMES},
    }


def _operation(operation: Operation, schema_of: dict[type, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": operation.summary,
        "description": (operation.endpoint.__doc__ or "").strip().split("\n")[0],
        "operationId": _name(operation),
        "security": SECURITY[operation.auth],
        "parameters": [
            {
                "name": name,
                "in": "path",
                "required": True,
                "schema": {"type": "integer" if kind == "int" else "string"},
            }
            for name, kind in _PARAMETER.findall(operation.path)
        ]
        + [_header(header) for header in operation.headers],
        "responses": {
            str(operation.status): _answer(operation, schema_of),
            **{
                str(status): _also(operation, schema_of, status, says)
                for status, says in operation.also
            },
            "default": {
                "description": "A refusal",
                "content": {"application/json": {"schema": schema_of[Problem]}},
            },
        },
    }
    if operation.takes is not None:
        described["requestBody"] = {
            "required": True,
            "content": _content(operation.takes, schema_of),
        }
    return described


def _answer(operation: Operation, schema_of: dict[type, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": operation.summary}
    if operation.gives is not None:
        answer["content"] = _content(operation.gives, schema_of)
    return answer


def _header(header: Header) -> dict[str, Any]:
    return {
        "name": header.name,
        "in": "header",
        "required": header.required,
        "description": header.says,
        "schema": {"type": "string"},
    }


def _also(
    operation: Operation, schema_of: dict[type, Any], status: int, says: str
) -> dict[str, Any]:
    if status < 300:
        return {**_answer(operation, schema_of), "description": says}
    return {"description": says, "content": _content(Problem, schema_of)}


def _content(kind: type, schema_of: dict[type, Any]) -> dict[str, Any]:
    if kind is bytes:
        return {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    return {"application/json": {"schema": schema_of[kind]}}


def _name(operation: Operation) -> str:
    words = re.sub(r"[^\w]+", "_", _PARAMETER.sub("", operation.path.removeprefix("/v1")))
    return f"{operation.method.lower()}{words.rstrip('_')}"
