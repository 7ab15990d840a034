"""Settings from the environment, checked at start with every fault listed.

| variable | default | meaning |
| --- | --- | --- |
| ESCALA_DATABASE_URL | sqlite in `instance/` | `sqlite:///PATH` or `postgresql://USER@HOST/NAME` |
| ESCALA_SECRET_KEY | made once, kept in `instance/` | signs sessions, at least 32 characters |
| ESCALA_PUBLIC_URL | http://127.0.0.1:8000 | the address people reach the service at |
| ESCALA_TRUSTED_PROXIES | 0 | proxies in front whose X-Forwarded headers are believed, 0 to 5 |
| ESCALA_SECOND_FACTOR | optional | who needs one: `optional`, `coordinators`, `everyone` |
| ESCALA_LOCALE | pt | language of pages for who has not chosen: pt or en |
| ESCALA_SOLVE_SECONDS | 60 | time a build may take, 1 to 3600 |
| ESCALA_SOLVE_WORKERS | 2 | processes a build may use, 1 to 64 |
| ESCALA_WEB_PROCESSES | one a core, at most 4 | processes that answer requests, 1 to 64 |
| ESCALA_WORKERS | 1 | workers beside the web server, a job each at once, 1 to 16 |
| ESCALA_METRICS_TOKEN | none | opens `/metrics`, at least 32 characters; without one it is shut |
| ESCALA_LOG_FORMAT | json, on a terminal text | `json` or `text` lines on standard error |
| ESCALA_LOG_LEVEL | info | `debug`, `info`, `warning` or `error` |
| ESCALA_SMTP_HOST | none | the mail server; without one no mail is sent, and the mail log says so |
| ESCALA_SMTP_SECURITY | starttls | `starttls`, `tls` from the first byte, or `none` |
| ESCALA_SMTP_PORT | 587, 465, 25 | by ESCALA_SMTP_SECURITY |
| ESCALA_SMTP_USER, ESCALA_SMTP_PASSWORD | none | both or neither; never without encryption |
| ESCALA_MAIL_FROM | none | the sender, `Escala <escala@example.org>`; required with a mail server |
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from app.logs import FORMATS, LEVELS
from app.mailing.server import MailServer, read_mail_server

ROOT = Path(__file__).resolve().parent.parent
SECOND_FACTORS = ("optional", "coordinators", "everyone")


class BadSetting(ValueError):
    """One or more settings that cannot be used; `faults` names each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Settings:
    instance: Path
    database_url: str
    secret_key: str
    public_url: str
    trusted_proxies: int
    second_factor: str
    """Of whom a second factor is asked: `app.services.second_factor.Policy`."""
    locale: str
    solve_seconds: int
    solve_workers: int
    web_processes: int
    workers: int
    metrics_token: str
    """Opens the service's figures; empty: nothing does."""
    log_format: str
    log_level: str
    mail_server: MailServer | None
    """None: nothing is sent by mail."""


def read_settings(environment: Mapping[str, str], instance: Path | None = None) -> Settings:
    """The settings of `environment`. Raises BadSetting with every fault at once."""
    faults: list[str] = []
    folder = instance or Path(environment.get("ESCALA_INSTANCE", ROOT / "instance"))

    def whole(name: str, default: int, least: int, most: int) -> int:
        text = environment.get(name, str(default))
        if text.isdecimal() and least <= int(text) <= most:
            return int(text)
        faults.append(f"{name} is {text!r}, expected a whole number from {least} to {most}")
        return default

    def one_of(name: str, default: str, choices: tuple[str, ...]) -> str:
        text = environment.get(name, default)
        if text in choices:
            return text
        faults.append(f"{name} is {text!r}, expected one of {', '.join(choices)}")
        return default

    database_url = environment.get("ESCALA_DATABASE_URL", f"sqlite:///{folder / 'escala.db'}")
    database_fault = fault_of_database(database_url)
    if database_fault:
        faults.append(f"ESCALA_DATABASE_URL {database_fault}")
    public_url = environment.get("ESCALA_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
    public = _parts(public_url)
    if public is None or public.scheme not in ("http", "https") or not public.netloc:
        faults.append(f"ESCALA_PUBLIC_URL is {public_url!r}, expected http(s)://HOST")
    given_key = environment.get("ESCALA_SECRET_KEY")
    if given_key is not None and len(given_key) < 32:
        faults.append(f"ESCALA_SECRET_KEY has {len(given_key)} characters, expected at least 32")
    trusted_proxies = whole("ESCALA_TRUSTED_PROXIES", 0, 0, 5)
    second_factor = one_of("ESCALA_SECOND_FACTOR", "optional", SECOND_FACTORS)
    locale = one_of("ESCALA_LOCALE", "pt", ("pt", "en"))
    solve_seconds = whole("ESCALA_SOLVE_SECONDS", 60, 1, 3600)
    solve_workers = whole("ESCALA_SOLVE_WORKERS", 2, 1, 64)
    web_processes = whole("ESCALA_WEB_PROCESSES", min(4, os.cpu_count() or 1), 1, 64)
    workers = whole("ESCALA_WORKERS", 1, 1, 16)
    metrics_token = environment.get("ESCALA_METRICS_TOKEN", "")
    if 0 < len(metrics_token) < 32:
        told = f"has {len(metrics_token)} characters"
        faults.append(f"ESCALA_METRICS_TOKEN {told}, expected at least 32, or none")
    log_format = one_of("ESCALA_LOG_FORMAT", "text" if sys.stderr.isatty() else "json", FORMATS)
    log_level = one_of("ESCALA_LOG_LEVEL", "info", LEVELS)
    mail_server = read_mail_server(environment, faults)
    if faults:
        raise BadSetting(faults)
    folder.mkdir(parents=True, exist_ok=True)
    return Settings(
        instance=folder,
        database_url=database_url,
        secret_key=given_key or _kept_secret(folder / "secret-key"),
        public_url=public_url,
        trusted_proxies=trusted_proxies,
        second_factor=second_factor,
        locale=locale,
        solve_seconds=solve_seconds,
        solve_workers=solve_workers,
        web_processes=web_processes,
        workers=workers,
        metrics_token=metrics_token,
        log_format=log_format,
        log_level=log_level,
        mail_server=mail_server,
    )


def fault_of_database(url: str) -> str | None:
    """What is wrong with a database's address, without showing it: it may hold a password."""
    parts = _parts(url)
    if parts and parts.scheme in ("sqlite", "postgresql"):
        return None
    told = f"begins with {parts.scheme!r}" if parts else "cannot be read"
    return f"{told}, expected sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"


def _parts(address: str) -> SplitResult | None:
    """The parts of an address, None where it has no such form."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _kept_secret(path: Path) -> str:
    """The key in `path`, made on first use; two processes that start at once agree on one.

    It is written beside and linked into place: nobody reads half a key, and the first one stays.
    """
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text()
