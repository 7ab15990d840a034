"""Static files are asked for once, and anew where they have changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from small_world import SmallWorld

from app.static_versions import KEPT


@pytest.fixture
def style(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One static file, in place of all."""
    folder = tmp_path / "static"
    folder.mkdir()
    monkeypatch.setattr(app, "static_folder", str(folder))
    file = folder / "style.css"
    file.write_text("a { color: red }")
    return file


def address(app: Flask, filename: str) -> str:
    with app.test_request_context():
        return url_for("static", filename=filename)


def test_a_file_asked_for_by_its_version_is_kept_for_good(app: Flask, style: Path) -> None:
    client = app.test_client()
    answer = client.get(address(app, "style.css"))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == KEPT
    assert not {"Vary", "Set-Cookie"} & set(answer.headers.keys())
    again = client.get(address(app, "style.css"), headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.headers["Cache-Control"]) == (304, KEPT)


@pytest.mark.parametrize("path", ["/static/style.css", "/static/style.css?v=0123456789ab"])
def test_without_its_version_or_by_another_it_is_asked_for_again(
    app: Flask, style: Path, path: str
) -> None:
    answer = app.test_client().get(path)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")


def test_a_file_that_changed_has_another_address(app: Flask, style: Path) -> None:
    before = address(app, "style.css")
    style.write_text("a { color: green }")
    after = address(app, "style.css")
    assert before != after
    assert app.test_client().get(before).headers["Cache-Control"] == "no-cache"
    assert app.test_client().get(after).text == "a { color: green }"


def test_a_file_that_is_not_there_has_no_version(app: Flask, style: Path) -> None:
    assert address(app, "none.css") == "/static/none.css"
    answer = app.test_client().get("/static/none.css?v=0123456789ab")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_all_that_a_page_asks_for_names_its_version(app: Flask) -> None:
    page = app.test_client().get("/sign-in").text
    asked = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(asked) >= 4
    assert all("v" in parse_qs(urlsplit(one).query) for one in asked)


def test_no_static_answer_depends_on_who_asks(
    app: Flask, world: SmallWorld, sign_in: Callable[[str], FlaskClient]
) -> None:
    client = sign_in(world.mediator)
    assert "Cookie" in client.get("/messages").headers["Vary"]
    for path in (address(app, "css/app.css"), "/static/css/app.css"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert not {"Vary", "Set-Cookie"} & set(answer.headers.keys())
