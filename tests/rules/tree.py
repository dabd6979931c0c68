"""The tree as the rules see it: its files, and the syntax of its Python."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("zhishiyun_protocol", "zhishiyun_client", "zhishiyun_server")


@cache
def allowed(rule: str) -> dict[str, str]:
    """Return what `exceptions.toml` lets pass under this rule: place → reason."""
    text = (ROOT / "tests/rules/exceptions.toml").read_text("utf-8")
    return dict(tomllib.loads(text).get(rule, {}))


@cache
def tracked_files() -> tuple[Path, ...]:
    """List what git tracks, or would; outside a checkout, what lies in the project's folders."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True)
    if answer.returncode == 0:
        names = [ROOT / name for name in answer.stdout.decode().split("\0") if name]
    else:
        folders = (*PACKAGES, "tests", "build", "benchmarks", "docs", "resources")
        names = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    return tuple(sorted(path for path in names if path.is_file()))


@cache
def sources() -> tuple[Path, ...]:
    """List the Python files of the three packages."""
    return tuple(path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py")))


def name_of(path: Path) -> str:
    """Return the path as the rules write it: from the root, with slashes."""
    return path.relative_to(ROOT).as_posix()


@cache
def syntax(path: Path) -> ast.Module:
    """Parse one file."""
    return ast.parse(path.read_text("utf-8"), str(path))


def functions(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Walk through all functions and methods below a node."""
    for child in ast.walk(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child


def imported(node: ast.AST) -> list[str]:
    """Name what an import statement imports, in full; nothing for other nodes."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        return [f"{module}.{alias.name}" for alias in node.names]
    return []


def last_name(node: ast.AST) -> str:
    """Return the last word of `a.b.c` or `c`; empty for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def listed(strays: list[str]) -> str:
    """Say all of them when an assertion fails, one a line."""
    return "\n".join(["", *strays])


def texts(language: str) -> dict[str, Any]:
    """Return the catalogue of one language, flattened to dotted keys; empty when it is missing."""
    path = ROOT / "resources" / "texts" / f"{language}.toml"
    return dict(_flat(tomllib.loads(path.read_text("utf-8")))) if path.exists() else {}


def _flat(table: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value
