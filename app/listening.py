"""What is said of where the service listens, and where it cannot."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator, Mapping
from dataclasses import replace

import click

from app.config import Settings
from app.models import Mediator, User

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # nosec B104 # noqa: S104 - told, not opened
"""Who listens at all addresses of the machine is reached on it at this one."""

PORTS = 65536


def require_free(host: str, port: int) -> None:
    """Raises ClickException, which says what to do, where nothing can listen there."""
    trouble = why_not(host, port)
    if trouble:
        raise click.ClickException(trouble)


def addressed(settings: Settings, environment: Mapping[str, str], port: int) -> Settings:
    """The settings of a service on that port: its own address follows the port unless it is given,
    so that calendars and mails lead to where it is."""
    if environment.get("ESCALA_PUBLIC_URL"):
        return settings
    return replace(settings, public_url=f"http://127.0.0.1:{port}")


def where(host: str, port: int) -> Iterator[str]:
    """Lines that say where it is, who can sign in and how it ends."""
    base = f"http://{EVERYWHERE.get(host, host)}:{port}"
    yield f"Escala comes up at {base}"
    yield f"  sign in at {base}/sign-in"
    if not User.select().exists():
        yield "  nobody has an account here yet: ./escala flask begin EMAIL NAME makes the first"
        yield "  of a service of your own; ./escala demo loads made-up people, only to try it with"
    elif Mediator.select().where(Mediator.fictional).exists():
        yield "  it holds the demonstration: ./escala demo prints its accounts and their password"
    yield "  Ctrl-C ends it; what was running is taken up again at the next start"


def why_not(host: str, port: int) -> str:
    """Why nothing can listen there, and what to do about it; empty where it can."""
    if not 0 < port < PORTS:
        return f"there is no port {port}: expected one from 1 to 65535, such as --port 8000"
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as tried:
            # As servers do: the last connections of one that has just ended are in nobody's way.
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as error:
        return _trouble(error, host, port)
    return ""


def _trouble(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} of {host} is in use, perhaps by an Escala that still runs: "
            f"end what listens there, or take another with --port {port + 1}"
        )
    if error.errno == errno.EACCES:
        return f"port {port} is for the system's own services: take one above 1023, --port 8000"
    return f"{host} is no address of this machine: take --host 127.0.0.1, or 0.0.0.0 for all of its"
