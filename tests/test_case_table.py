"""DESIGN.md's table of the case's systems: each page it names answers, each module is there."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask
from werkzeug.exceptions import NotFound
from werkzeug.routing import RequestRedirect

ROOT = Path(__file__).resolve().parents[1]
TITLE = "## The case's services"
QUOTED = re.compile(r"`([^`]+)`")
EXAMPLES = {"<id>": "1", "<monday>": "2026-03-09", "<token>": "x"}


def lines() -> list[list[str]]:
    """System, pages and modules of each line."""
    text = (ROOT / "DESIGN.md").read_text(encoding="utf-8").partition(TITLE)[2]
    rows = [line for line in text.partition("\n## ")[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def test_every_page_of_the_table_is_there(app: Flask) -> None:
    urls = app.url_map.bind("localhost")
    missing = []
    for system, pages, _modules in lines():
        paths = [one for one in QUOTED.findall(pages) if one.startswith("/")]
        assert paths or pages.startswith("none"), f"{system}: where is it?"
        for path in paths:
            for name, value in EXAMPLES.items():
                path = path.replace(name, value)
            try:
                urls.match(path, method="GET")
            except (NotFound, RequestRedirect):
                missing.append(f"{system}: {path}")
    assert not missing


def test_every_module_of_the_table_is_there() -> None:
    missing = []
    for system, _pages, modules in lines():
        named = QUOTED.findall(modules)
        assert named, f"{system}: what does it?"
        for one in named:
            places = (ROOT / f"app/{one}.py", ROOT / f"{one}.py", ROOT / one)
            if not any(place.exists() for place in places):
                missing.append(f"{system}: {one}")
    assert not missing
