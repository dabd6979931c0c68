"""Small habits, held by looking at the syntax of the three packages."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.rules.tree import (
    allowed,
    functions,
    imported,
    last_name,
    listed,
    name_of,
    sources,
    syntax,
)

LINES_A_MODULE = 600  # far beyond the 400 at which one looks again
LINES_A_FUNCTION = 80  # far beyond the 40 at which one looks again
BROAD = {"Exception", "BaseException"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def test_nothing_is_imported_inside_a_function() -> None:
    strays = [
        f"{_place(path, function)} imports {', '.join(names)} (line {node.lineno})"
        for path in sources()
        for function in functions(syntax(path))
        for node in ast.walk(function)
        if (names := imported(node)) and not _allowed("inner_imports", path, function)
    ]

    assert not strays, listed(strays)


def test_only_bound_methods_are_connected() -> None:
    strays = [
        f"{name_of(path)}:{call.lineno} connects {kind}"
        for path in sources()
        for call, nested in _connections(syntax(path))
        if (kind := _unbound(call.args[0], nested))
    ]

    assert not strays, listed(strays)


def test_there_is_no_global() -> None:
    strays = [
        f"{name_of(path)}:{node.lineno}"
        for path in sources()
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.Global)
    ]

    assert not strays, listed(strays)


def test_broad_excepts_stand_only_where_listed() -> None:
    strays = [
        f"{_place(path, function)} (line {handler.lineno})"
        for path in sources()
        for function in functions(syntax(path))
        for handler in ast.walk(function)
        if isinstance(handler, ast.ExceptHandler)
        and _catches_everything(handler)
        and not _raises_again(handler)
        and not _allowed("broad_excepts", path, function)
    ]

    assert not strays, listed(strays)


def test_no_handler_only_passes() -> None:
    strays = [
        f"{name_of(path)}:{node.lineno}"
        for path in sources()
        for node in ast.walk(syntax(path))
        if (isinstance(node, ast.ExceptHandler) and _says_nothing(node.body))
        or (
            isinstance(node, ast.Call)
            and last_name(node.func) == "suppress"
            and any(last_name(argument) in BROAD for argument in node.args)
        )
    ]

    assert not strays, listed(strays)


def test_sizes_stay_within_sight() -> None:
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in sources()}
    large = [
        f"{name}: {lines} lines"
        for name, lines in lengths.items()
        if lines > LINES_A_MODULE and name not in allowed("large")
    ]
    large += [
        f"{_place(path, function)}: {lines} lines"
        for path in sources()
        for function in functions(syntax(path))
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > LINES_A_FUNCTION
        and not _allowed("large", path, function)
    ]

    assert not large, listed(large)


def test_no_module_is_named_like_one_of_the_standard_library() -> None:
    strays = [
        name_of(path)
        for path in sources()
        if (path.parent.name if path.stem == "__init__" else path.stem) in sys.stdlib_module_names
        and path.stem != "__main__"
    ]

    assert not strays, listed(strays)


def _place(path: Path, function: Function) -> str:
    return f"{name_of(path)}:{function.name}"


def _allowed(rule: str, path: Path, function: Function) -> bool:
    return not {_place(path, function), f"{name_of(path)}:*"}.isdisjoint(allowed(rule))


def _connections(tree: ast.Module) -> Iterator[tuple[ast.Call, frozenset[str]]]:
    """Yield every `x.connect(y)`, with the names of the functions nested where it stands."""
    nested_in_methods = {
        inner.name for outer in functions(tree) for inner in functions(outer) if inner is not outer
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr != "connect" or not node.args:
                continue
            yield node, frozenset(nested_in_methods)


def _unbound(slot: ast.expr, nested: frozenset[str]) -> str:
    if isinstance(slot, ast.Lambda):
        return "a lambda"
    if isinstance(slot, ast.Call) and last_name(slot.func) in {"partial", "partialmethod"}:
        return "a partial"
    if isinstance(slot, ast.Name) and slot.id in nested:
        return f"the nested function {slot.id}"
    return ""


def _catches_everything(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(last_name(kind) in BROAD for kind in kinds)


def _raises_again(handler: ast.ExceptHandler) -> bool:
    """Tidying up on the way out swallows nothing."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _says_nothing(body: list[ast.stmt]) -> bool:
    return all(
        isinstance(statement, ast.Pass)
        or (
            isinstance(statement, ast.Expr)
            and isinstance(statement.value, ast.Constant)
            and not isinstance(statement.value.value, str)
        )
        for statement in body
    )
