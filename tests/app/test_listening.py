"""Where it listens is said with how to sign in and stop; where it cannot, with what to do."""

from __future__ import annotations

import socket

import pytest
from flask import Flask
from small_world import SmallWorld

from app import settings_of
from app.listening import addressed, where, why_not
from app.models import Mediator


def test_a_port_in_use_is_told_before_anything_is_done(app: Flask, world: SmallWorld) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for command in ("serve", "demo"):
            answer = app.test_cli_runner().invoke(args=[command, "--port", str(port)])
            assert answer.exit_code == 1
            assert f"port {port} of 127.0.0.1 is in use" in answer.output
            assert f"--port {port + 1}" in answer.output
    assert why_not("127.0.0.1", port) == ""


@pytest.mark.parametrize(
    ("host", "port", "told"),
    [
        ("192.0.2.7", 8000, "192.0.2.7 is no address of this machine"),
        ("no.such.host.invalid", 8000, "no.such.host.invalid is no address"),
        ("127.0.0.1", 70000, "there is no port 70000"),
    ],
)
def test_what_cannot_be_listened_at_says_what_to_do(host: str, port: int, told: str) -> None:
    assert why_not(host, port).startswith(told)
    assert "--" in why_not(host, port)


def test_where_it_is_and_who_can_sign_in(app: Flask, world: SmallWorld) -> None:
    Mediator.update(fictional=False).execute()
    lines = list(where("0.0.0.0", 8001))
    assert lines[:2] == [
        "Escala comes up at http://127.0.0.1:8001",
        "  sign in at http://127.0.0.1:8001/sign-in",
    ]
    assert "Ctrl-C ends it" in lines[-1]
    assert not any("demo" in one for one in lines), "people of one's own"
    Mediator.update(fictional=True).execute()
    assert any("./escala demo prints its accounts" in one for one in where("127.0.0.1", 8001))


def test_an_empty_service_says_how_it_begins(app: Flask, database_ready: None) -> None:
    told = " ".join(where("127.0.0.1", 8001))
    assert "nobody has an account" in told
    assert told.index("./escala flask begin EMAIL NAME") < told.index("./escala demo")


def test_its_own_address_follows_the_port_unless_it_is_given(app: Flask) -> None:
    settings = settings_of(app)
    assert addressed(settings, {}, 8123).public_url == "http://127.0.0.1:8123"
    given = {"ESCALA_PUBLIC_URL": settings.public_url}
    assert addressed(settings, given, 8123) == settings
