"""Every fault that can come of a sheet as an XLSX file, told to a reader of Portuguese."""

from __future__ import annotations

import ast
import inspect
import re
from typing import Any

import pytest
from flask import Flask

import training.workbook
import training.workbook_apart
import training.workbook_rows
from app.i18n import in_language
from app.routes.sheet_words import in_readers_words
from app.services.sheets import _not_read
from training.faults import Fault

SAMPLES: dict[str, Any] = {
    "data": b"x" * 7,
    "last": 20_001,
    "memory_mb": 512,
    "most_unpacked": 50_000_000,
    "number": 1_048_577,
    "parts": [None] * 1_001,
    "seconds": 20,
    "signs": 10_000_001,
    "unpacked": 50_000_001,
}
FREE = r"\d+( bytes)?"
"""What a value may be that is nobody's language."""


def raised() -> list[Fault]:
    """The faults that the modules raise, with samples where they hold what comes from outside."""
    found = []
    for module in (training.workbook, training.workbook_apart, training.workbook_rows):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "refuse":
                parts = [eval(ast.unparse(one), {**vars(module), **SAMPLES}) for one in node.args]
                found.append(Fault(*(str(one) for one in parts)))
    return found


def test_the_faults_of_the_library_are_found() -> None:
    told = {(one.field, one.expected) for one in raised()}
    assert {("contents", "an XLSX file"), ("reading", "within 20 s and 512 MB")} <= told
    assert len(told) >= 7


@pytest.mark.parametrize("fault", raised(), ids=str)
def test_no_english_is_told_to_a_reader_of_portuguese(app: Flask, fault: Fault) -> None:
    with app.test_request_context():
        with in_language("en"):
            english, sentence = in_readers_words(fault), _not_read(fault)
        with in_language("pt"):
            told, portuguese = in_readers_words(fault), _not_read(fault)
    assert told.thing != english.thing
    assert told.field != english.field or told.field == "bytes"
    assert told.value != english.value or re.fullmatch(FREE, told.value)
    assert told.expected != english.expected
    assert portuguese != sentence
