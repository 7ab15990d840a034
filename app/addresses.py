"""Addresses that a service is given: of its database, and of itself as browsers reach it."""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, parse_qsl, unquote, urlsplit

from psycopg.pq import Conninfo

_CUT_PASSWORD = re.compile(r"postgresql://[^/?#]*[/?#][^?#]*@")
"""An @ behind what ends the host: what stands before it is no host, but a password's beginning."""


def fault_of_database(url: str, to_be_made: Path | None = None) -> str | None:
    """What is wrong with a database's address, without showing it: it may hold a password.

    A file may lie in the folder `to_be_made`, which need not be there yet.
    """
    expected = "expected sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"
    if _CUT_PASSWORD.match(url):
        written = "%2F, %3F, %23 and %40"
        return f"has an @ after its host, expected a password's own /, ?, # and @ as {written}"
    parts = parts_of(url)
    if parts is None:
        return f"cannot be read, {expected}"
    if parts.scheme == "sqlite":
        if parts.netloc or len(parts.path) < 2 or parts.path[0] != "/":
            return f"names no file, {expected}"
        return _fault_of_file(unquote(parts.path[1:]), to_be_made)
    if parts.scheme != "postgresql":
        return f"begins with {parts.scheme!r}, {expected}"
    if not parts.path.strip("/"):
        return f"names no database, {expected}"
    return _fault_of_options(parts.query)


def _fault_of_file(path: str, to_be_made: Path | None) -> str | None:
    """What is wrong with where a SQLite file is to lie."""
    if os.path.isdir(path):
        return f"is the folder {path!r}, expected a file"
    folder = os.path.dirname(os.path.abspath(path))
    if to_be_made is not None and os.path.realpath(folder) == os.path.realpath(to_be_made):
        return None
    if os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK):
        return None
    return f"lies in {folder!r}, expected a folder that is there and can be written"


def _fault_of_options(query: str) -> str | None:
    """What is wrong with what follows the ? of a PostgreSQL's address, by the options' names."""
    try:
        given = parse_qsl(query, keep_blank_values=True, strict_parsing=True) if query else []
    except ValueError:
        return "has options that cannot be read, expected ?NAME=VALUE"
    known = {one.keyword.decode() for one in Conninfo.get_defaults()} - {"dbname"}
    unknown = sorted({name for name, _value in given} - known)
    if not unknown:
        return None
    told = ", ".join(unknown)
    return f"has the options {told}, expected those of libpq (sslmode, connect_timeout …)"


def is_elsewhere(database_url: str) -> bool:
    """Whether the database is on another machine, so that more than this one may serve."""
    parts = parts_of(database_url)
    if parts is None or parts.scheme != "postgresql":
        return False
    hosts = [parts.hostname, *parse_qs(parts.query).get("host", ())]
    return any(one and not one.startswith("/") and not is_here(one) for one in hosts)


def is_here(host: str | None) -> bool:
    """Whether a host's name can only mean this machine."""
    if not host or host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_origin(address: str) -> bool:
    """Whether an address is a scheme and a host with its port, as browsers write them."""
    parts = parts_of(address)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        return False
    # What they write otherwise would not be the address that passkeys are bound to.
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = {"http": 80, "https": 443}[parts.scheme]
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    bare = f"{parts.scheme}://{host}{port}" == address
    return bare and address.isascii() and not re.search(r"\s", address)


def parts_of(address: str) -> SplitResult | None:
    """The parts of an address, None where it has no such form."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts
