"""Templates are compiled once an installation, and anew when they change."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from flask import Flask

from app.compiled_templates import keep_compiled


def application(folder: Path) -> Flask:
    """Of a program whose only page is `folder`'s."""
    app = Flask("kept", root_path=str(folder))
    keep_compiled(app)
    return app


@pytest.fixture
def source(tmp_path: Path) -> Path:
    source = tmp_path / "templates" / "page.html"
    source.parent.mkdir()
    source.write_text("one")
    return source


def test_what_one_process_compiled_the_next_one_takes(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert application(tmp_path).jinja_env.get_template("page.html").render() == "one"
    again = application(tmp_path)
    monkeypatch.setattr(again.jinja_env, "compile", lambda *_any: pytest.fail("compiled again"))
    assert again.jinja_env.get_template("page.html").render() == "one"


def test_a_template_that_has_changed_is_compiled_anew(tmp_path: Path, source: Path) -> None:
    application(tmp_path).jinja_env.get_template("page.html")
    source.write_text("two")
    assert application(tmp_path).jinja_env.get_template("page.html").render() == "two"


def test_where_nothing_may_be_kept_pages_come_all_the_same(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = application(tmp_path)
    kept.jinja_env.bytecode_cache.directory = str(tmp_path / "gone")  # type: ignore[union-attr]
    assert kept.jinja_env.get_template("page.html").render() == "one"
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert application(tmp_path).jinja_env.bytecode_cache is None
    monkeypatch.undo()
    (tmp_path / "templates" / "__pycache__").rmdir()
    (tmp_path / "templates" / "__pycache__").write_text("")
    assert application(tmp_path).jinja_env.get_template("page.html").render() == "one"


def test_a_damaged_file_is_written_anew(tmp_path: Path, source: Path) -> None:
    """As a power cut leaves it: with nothing after what tells its kind."""
    application(tmp_path).jinja_env.get_template("page.html")
    (kept,) = (tmp_path / "templates" / "__pycache__").iterdir()
    whole = kept.read_bytes()
    for left in (b"", whole[:20], whole[:40]):
        kept.write_bytes(left)
        assert application(tmp_path).jinja_env.get_template("page.html").render() == "one"
        assert kept.read_bytes() == whole
