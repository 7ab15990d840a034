"""The arrows of the house, held by reading the imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = ("solver", "forecast", "training", "calendars")
FORBIDDEN_IN_LIBRARIES = {
    "app",
    "seeds",
    "tests",
    "flask",
    "flask_login",
    "flask_wtf",
    "flask_babel",
    "wtforms",
    "peewee",
    "playhouse",
}


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """The full dotted names a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_knows_neither_the_application_nor_another_library(library: str) -> None:
    others = set(LIBRARIES) - {library} | FORBIDDEN_IN_LIBRARIES
    found = [
        (path.relative_to(ROOT), name)
        for path in modules(library)
        for name in imports(path)
        if name.split(".")[0] in others
    ]
    assert modules(library)
    assert found == []


@pytest.mark.parametrize("library", LIBRARIES)
def test_no_library_reads_the_clock_of_the_wall(library: str) -> None:
    clocks = ("datetime.now(", "date.today(", "dt.datetime.now", "time.time()", "utcnow(")
    found = [
        (path.relative_to(ROOT), clock)
        for path in modules(library)
        for clock in clocks
        if clock in path.read_text()
    ]
    assert found == []


def test_the_application_does_not_know_the_seeds_but_for_its_commands() -> None:
    found = [
        (str(path.relative_to(ROOT)), name)
        for path in modules("app")
        for name in imports(path)
        if name.split(".")[0] in ("seeds", "tests")
    ]
    assert {place for place, _name in found} <= {"app/cli.py"}


def test_routes_hold_no_query() -> None:
    """Routes call services; only the session's loader reads the signed-in user."""
    found = [
        (str(path.relative_to(ROOT)), name)
        for path in modules("app/routes")
        for name in imports(path)
        if name.split(".")[0] in ("peewee", "playhouse") or name.startswith("app.database")
    ]
    assert found == []


def test_services_do_not_know_the_pages() -> None:
    found = [
        (str(path.relative_to(ROOT)), name)
        for path in modules("app/services")
        for name in imports(path)
        if name.startswith("app.routes") or name.split(".")[0] in ("flask", "wtforms")
    ]
    assert found == []


def test_models_hold_no_business() -> None:
    found = [
        (str(path.relative_to(ROOT)), name)
        for path in modules("app/models")
        for name in imports(path)
        if name.startswith(("app.services", "app.routes")) or name.split(".")[0] in LIBRARIES
    ]
    assert found == []


def test_the_judge_imports_no_optimiser() -> None:
    """Followed through every module of ours that it pulls in."""
    optimisers = {"ortools", "highspy", "scipy", "numpy"}
    seen: set[str] = set()
    waiting = ["solver.check"]
    while waiting:
        name = waiting.pop()
        path = ROOT / (name.replace(".", "/") + ".py")
        if not path.exists():
            path = ROOT / name.replace(".", "/") / "__init__.py"
        if name in seen or not path.exists():
            continue
        seen.add(name)
        top_level = [
            node
            for node in ast.parse(path.read_text()).body
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        for node in top_level:
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                names = []
            assert not {one.split(".")[0] for one in names} & optimisers, path
            waiting += [one for one in names if one.startswith("solver")]
    assert "solver.check" in seen
