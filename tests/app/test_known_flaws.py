"""Asking for known flaws: nobody is believed who would not tell of them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app import known_flaws
from app.config import ROOT
from app.known_flaws import Service, main, pypi_tells


@pytest.fixture
def mirror() -> Iterator[tuple[str, dict[str, bytes]]]:
    """A server of packages: its address, and what it answers at each path."""
    answers: dict[str, bytes] = {}

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = answers.get(self.path)
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(found or b"")

        def log_message(self, *_told: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", answers
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("answer", "tells"),
    [
        (None, False),
        (b"<html>a page</html>", False),
        (json.dumps({"info": {}}).encode(), False),
        (json.dumps({"vulnerabilities": []}).encode(), False),
        (json.dumps({"vulnerabilities": [{"id": "PYSEC-2019-217"}]}).encode(), True),
    ],
)
def test_who_does_not_tell_of_a_known_flaw_is_not_believed(
    mirror: tuple[str, dict[str, bytes]], answer: bytes | None, tells: bool
) -> None:
    address, answers = mirror
    if answer is not None:
        answers["/pypi/jinja2/2.10/json"] = answer
    assert pypi_tells(address) is tells


def test_who_cannot_be_reached_tells_nothing() -> None:
    assert not pypi_tells("http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("tells", "finds_nothing", "arguments", "code"),
    [
        (True, True, [], 0),
        (True, False, [], 1),
        (True, False, ["--where-reachable"], 1),
        (False, True, [], 1),
        (False, True, ["--where-reachable"], 0),
    ],
)
def test_a_flaw_fails_and_silence_only_where_it_may_be(
    tells: bool,
    finds_nothing: bool,
    arguments: list[str],
    code: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = []

    def question() -> bool:
        asked.append(1)
        return finds_nothing

    service = Service("PyPI", lambda: tells, (question, question))
    assert main(arguments, (service,)) == code
    assert len(asked) == (2 if tells else 0), "every list is asked for, whatever the first says"
    told = capsys.readouterr().err
    assert ("is asked" in told) is tells
    assert ("not asked" in told) is not tells


def test_every_list_of_locked_packages_is_asked_for() -> None:
    locked = {str(one.relative_to(ROOT)) for one in (ROOT / "requirements").glob("*.txt")}
    assert {*known_flaws.REQUIREMENTS} == {"requirements.txt", *locked}
    folders = {ROOT / one for one in known_flaws.FOLDERS}
    found = {ROOT} | {path.parent for path in (ROOT / "tests").glob("*/package-lock.json")}
    assert folders == found
    assert Path(ROOT, ".ci", "run").read_text().count("./escala audit-dependencies") == 1
