"""Every fault that can come of somebody's own calendar, told to a reader of Portuguese."""

from __future__ import annotations

import ast
import inspect
import re
from types import ModuleType
from typing import Any, TypeGuard

import pytest
from flask import Flask

import calendars.busy
import calendars.busy_apart
import calendars.fetch
from app.i18n import in_language
from app.services.calendar_words import SEALED, expected_words, fault_words
from calendars.faults import Fault, shown

UNTOLD = {"_unsafe", "read_busy"}
"""Where single events are found unreadable: those are counted, and none is told."""
OURS = {"start and end", "length", "zone"}
"""Fields of the question that the service itself asks; a person cannot get them wrong."""
SAMPLES: dict[str, Any] = {
    "limits": calendars.fetch.DEFAULT_LIMITS,
    "error": ConnectionResetError(),
    "port": 99,
    "data": b"x" * 7,
    "most": 10_000,
    "what": ("events", "occurrences within the horizon"),
    "seconds": 10,
    "memory_mb": 1024,
}
FREE = (r"'ftp'", r"'calendar\.example\.org'", r"'br'", r"\d+")
"""What a fault may hold that is nobody's language."""


def _is_fault(node: ast.AST) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("Fault", "refuse")
        and len(node.args) == 4
    )


class Told(ast.NodeVisitor):
    """The faults that a module raises, with samples where they hold what comes from outside."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.found: list[Fault] = []
        self.visit(ast.parse(inspect.getsource(module)))

    def visit_FunctionDef(self, function: ast.FunctionDef) -> None:
        if function.name in UNTOLD:
            return
        assigned = [
            (node.lineno, node.targets[0].id, node.value)
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        ]
        for node in ast.walk(function):
            if _is_fault(node):
                # A name stands for what it was given last.
                before = {name: value for line, name, value in assigned if line < node.lineno}
                written = {one: before[one] for one in ("expected", "came") if one in before}
                self._add([written.get(getattr(one, "id", ""), one) for one in node.args])

    def _add(self, parts: list[ast.expr]) -> None:
        field = self._value(parts[1])
        if field in OURS:
            return
        thing, value, expected = (self._value(parts[n]) for n in (0, 2, 3))
        fields = field if isinstance(field, tuple) else (field,)
        self.found += [Fault(thing, one, value, expected) for one in fields]

    def _value(self, part: ast.expr) -> Any:
        text = ast.unparse(part)
        outside = {
            "shown(parts.scheme)": shown("ftp"),
            "shown(self.host)": shown("calendar.example.org"),
            "shown(packed)": shown("br"),
            "str(response.status)": "500",
        }
        if text in outside:
            return outside[text]
        text = text.replace("self.limits", "limits")
        return eval(text, {**vars(self.module), **SAMPLES})


def raised() -> list[Fault]:
    modules = (calendars.fetch, calendars.busy, calendars.busy_apart)
    return [one for module in modules for one in Told(module).found]


def test_the_faults_of_the_libraries_are_found() -> None:
    told = {(one.field, one.expected) for one in raised()}
    assert len(told) >= 20
    assert {
        ("url", "an address without spaces"),
        ("scheme", "https, http or webcal"),
        ("user", "an address without user and password"),
        ("port", "one of 80, 443, 8008, 8080, 8443"),
        ("answer", "within 15 s"),
        ("reading", "within 10 s and 1024 MB"),
        ("events", "at most 10000"),
    } <= told


@pytest.mark.parametrize("fault", [*raised(), SEALED], ids=str)
def test_no_english_is_told_to_a_reader_of_portuguese(app: Flask, fault: Fault) -> None:
    with app.test_request_context():
        with in_language("en"):
            english = fault_words(fault), expected_words(fault)
        with in_language("pt"):
            portuguese = fault_words(fault), expected_words(fault)
    found = re.fullmatch(r"(.+?): (.+); esperava-se (.+)", portuguese[0])
    told = re.fullmatch(r"(.+?): (.+); expected (.+)", english[0])
    assert found
    assert told
    field, value, expected = found.groups()
    assert field != told[1] or field == "bytes"
    assert expected != told[3]
    assert value != told[2] or any(re.fullmatch(one, value) for one in FREE)
    assert portuguese[1].endswith(expected)
    assert portuguese[1] != english[1]
