"""Settings from the environment, checked at start with every fault listed.

| variable | default | meaning |
| --- | --- | --- |
| ESCALA_DATABASE_URL | sqlite in `instance/` | `sqlite:///PATH` or `postgresql://USER@HOST/NAME` |
| ESCALA_SECRET_KEY | made once; none with a database elsewhere | signs sessions, 32 characters |
| ESCALA_INSTANCE | `instance/` | the folder of what this machine keeps |
| ESCALA_PUBLIC_URL | http://127.0.0.1:8000 | the address people reach the service at |
| ESCALA_TRUSTED_PROXIES | 0 | proxies in front whose X-Forwarded headers are believed, 0 to 5 |
| ESCALA_SECOND_FACTOR | optional | who needs one: `optional`, `coordinators`, `everyone` |
| ESCALA_LOCALE | pt | language of pages for who has not chosen: pt, en |
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

import difflib
import os
import secrets
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from app.addresses import fault_of_database, is_elsewhere, is_here, is_origin, parts_of
from app.i18n import FIRST, LANGUAGES
from app.logs import FORMATS, LEVELS
from app.mailing.server import MailServer, read_mail_server

ROOT = Path(__file__).resolve().parent.parent
KEY_LEAST = 32
"""Characters of a secret."""
KEY_SIGNS_LEAST = 8
"""Different ones, where others than this machine can reach the service."""
PLACEHOLDERS = (
    "forty-or-more-random-characters-of-your-own",
    "thirty-two-or-more-random-characters",
)
"""What an example once had in place of secrets: known to everybody."""
NAMES = (
    "ESCALA_DATABASE_URL",
    "ESCALA_SECRET_KEY",
    "ESCALA_INSTANCE",
    "ESCALA_PUBLIC_URL",
    "ESCALA_TRUSTED_PROXIES",
    "ESCALA_SECOND_FACTOR",
    "ESCALA_LOCALE",
    "ESCALA_SOLVE_SECONDS",
    "ESCALA_SOLVE_WORKERS",
    "ESCALA_WEB_PROCESSES",
    "ESCALA_WORKERS",
    "ESCALA_METRICS_TOKEN",
    "ESCALA_LOG_FORMAT",
    "ESCALA_LOG_LEVEL",
    "ESCALA_SMTP_HOST",
    "ESCALA_SMTP_SECURITY",
    "ESCALA_SMTP_PORT",
    "ESCALA_SMTP_USER",
    "ESCALA_SMTP_PASSWORD",
    "ESCALA_MAIL_FROM",
)
OF_TOOLS = {
    "ESCALA_PYTHON",
    "ESCALA_TEST_DATABASE",
    "ESCALA_SHARED",
    "ESCALA_PICTURES",
    "ESCALA_CHROMIUM",
    "ESCALA_OWN_CHROMIUM",
}
"""Read by the start script, the tests and the measurements, not by the service."""
_ALIKE = 0.85
"""Share of letters in common (`difflib`) from which a name is taken for a misspelt setting."""
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
    faults = _unknown_names(environment)
    folder = instance or Path(environment.get("ESCALA_INSTANCE", ROOT / "instance"))
    if not _can_be_made(folder):
        faults.append(f"ESCALA_INSTANCE is {str(folder)!r}, expected a folder that can be written")

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

    own_file = f"sqlite:///{quote(str(folder / 'escala.db'))}"
    database_url = environment.get("ESCALA_DATABASE_URL", own_file)
    database_fault = fault_of_database(database_url, folder)
    if database_fault:
        faults.append(f"ESCALA_DATABASE_URL {database_fault}")
    public_url = environment.get("ESCALA_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
    public = parts_of(public_url)
    if not is_origin(public_url):
        shown = f"…@{public_url.rpartition('@')[2]}" if "@" in public_url else public_url
        expected = (
            "expected http(s)://HOST[:PORT] and nothing else, as browsers write it: in small"
            " letters, others as xn--, without the port that the scheme has anyway"
        )
        faults.append(f"ESCALA_PUBLIC_URL is {shown!r}, {expected}")
    given_key = environment.get("ESCALA_SECRET_KEY")
    reachable = public is not None and not is_here(public.hostname)
    elsewhere = not database_fault and is_elsewhere(database_url)
    key_fault = _fault_of_key(given_key, folder / "secret-key", elsewhere, reachable)
    if key_fault:
        faults.append(f"ESCALA_SECRET_KEY {key_fault}")
    trusted_proxies = whole("ESCALA_TRUSTED_PROXIES", 0, 0, 5)
    second_factor = one_of("ESCALA_SECOND_FACTOR", "optional", SECOND_FACTORS)
    locale = one_of("ESCALA_LOCALE", FIRST, tuple(LANGUAGES))
    solve_seconds = whole("ESCALA_SOLVE_SECONDS", 60, 1, 3600)
    solve_workers = whole("ESCALA_SOLVE_WORKERS", 2, 1, 64)
    web_processes = whole("ESCALA_WEB_PROCESSES", min(4, os.cpu_count() or 1), 1, 64)
    workers = whole("ESCALA_WORKERS", 1, 1, 16)
    metrics_token = environment.get("ESCALA_METRICS_TOKEN", "")
    token_fault = _fault_of_secret(metrics_token, reachable) if metrics_token else None
    if token_fault:
        faults.append(f"ESCALA_METRICS_TOKEN {token_fault}, or none")
    log_format = one_of("ESCALA_LOG_FORMAT", "text" if sys.stderr.isatty() else "json", FORMATS)
    log_level = one_of("ESCALA_LOG_LEVEL", "info", LEVELS)
    mail_server = read_mail_server(environment, faults)
    if faults:
        raise BadSetting(faults)
    # What it holds, the database first of all, is for no other user of the machine.
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
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


def _can_be_made(folder: Path) -> bool:
    """Whether the folder is there and can be written, or can be made where it is to be."""
    # os.path says no where pathlib raises: in a folder that this user may not look into.
    around = (folder, *folder.absolute().parents)
    nearest = next((one for one in around if os.path.exists(one)), None)
    return nearest is not None and os.path.isdir(nearest) and os.access(nearest, os.W_OK | os.X_OK)


def _unknown_names(environment: Mapping[str, str]) -> list[str]:
    """A misspelt name would leave the default in force without a word.

    What is like none of ours is somebody else's, who may begin a name with the same word.
    """
    known = {*NAMES, *OF_TOOLS}
    unknown = sorted(one for one in environment if one.startswith("ESCALA_") and one not in known)
    likely = {one: difflib.get_close_matches(one, NAMES, 1, _ALIKE) for one in unknown}
    return [
        f"{one} is no setting, expected {meant[0]} perhaps"
        for one, meant in likely.items()
        if meant
    ]


def _fault_of_key(given: str | None, kept: Path, elsewhere: bool, reachable: bool) -> str | None:
    """What is wrong with the key of the environment, or with the one that is kept instead."""
    if given is not None:
        return _fault_of_secret(given, reachable)
    if elsewhere:
        return (
            "is not given, expected one, the same on every machine: the database is on another"
            f" ({kept} holds this machine's, if it has served before)"
        )
    try:
        text = kept.read_text()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return f"kept in {kept} cannot be read ({error.strerror}), expected this user's own file"
    fault = _fault_of_secret(text, reachable)
    return f"kept in {kept} {fault}" if fault else None


def _fault_of_secret(text: str, reachable: bool) -> str | None:
    """What is wrong with a secret; one of few signs is enough for trying out on this machine."""
    if len(text) < KEY_LEAST:
        return f"has {len(text)} characters, expected at least {KEY_LEAST}"
    if text in PLACEHOLDERS:
        return "is the text of the example, expected random characters of your own"
    if reachable and len(set(text)) < KEY_SIGNS_LEAST:
        return f"has {len(set(text))} different characters, expected random ones"
    return None


def _kept_secret(path: Path) -> str:
    """The key in `path`, made on first use; two processes that start at once agree on one.

    It is written beside, brought to the disk and linked into place: nobody reads half a key, and
    the first one stays.
    """
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
        _to_disk(path.parent)
    return path.read_text()


def _to_disk(folder: Path) -> None:
    """See that the names in a folder outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
