"""Widgets and painting live in the pages and the composition root; threads in one file."""

from __future__ import annotations

import ast

from tests.rules.tree import allowed, imported, last_name, listed, name_of, sources, syntax

PICTURES = ("PySide6.QtWidgets", "PySide6.QtGui", "PySide6.QtPdf", "PySide6.QtSvg")
MAY_PAINT = ("zhishiyun_client/ui/", "zhishiyun_client/app/")
STARTERS = {"Thread", "QThread", "Timer", "ThreadPoolExecutor", "start_new_thread"}


def test_widgets_are_known_only_to_ui_and_app() -> None:
    strays = [
        f"{name_of(path)}:{node.lineno} {name}"
        for path in sources()
        if not name_of(path).startswith(MAY_PAINT)
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in imported(node)
        if name.startswith(PICTURES)
    ]

    assert not strays, listed(strays)


def test_threads_are_made_in_one_file() -> None:
    strays = [
        f"{name_of(path)}:{node.lineno} {last_name(node.func)}"
        for path in sources()
        if name_of(path) not in allowed("threads")
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.Call) and last_name(node.func) in STARTERS
    ]

    assert not strays, listed(strays)
