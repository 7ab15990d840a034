"""The mail server as the settings name it, every fault of them told at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.utils import parseaddr
from enum import StrEnum

from email_validator import EmailNotValidError, validate_email

HOST, SECURITY, PORT = "ESCALA_SMTP_HOST", "ESCALA_SMTP_SECURITY", "ESCALA_SMTP_PORT"
USER, PASSWORD, SENDER = "ESCALA_SMTP_USER", "ESCALA_SMTP_PASSWORD", "ESCALA_MAIL_FROM"
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:]+:[0-9A-Fa-f:.]*")


class Security(StrEnum):
    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}


@dataclass(frozen=True, slots=True)
class MailServer:
    host: str
    port: int
    security: Security
    user: str | None
    password: str | None = field(repr=False)
    sender: Address


def read_mail_server(environment: Mapping[str, str], faults: list[str]) -> MailServer | None:
    """The mail server of `environment`, None where none is named; adds each fault to `faults`."""
    given = {name: environment.get(name) or None for name in (HOST, PORT, USER, PASSWORD, SENDER)}
    host = given[HOST]
    if host is None:
        there = [name for name in (PORT, USER, PASSWORD) if given[name]]
        if there:
            faults.append(f"{HOST} is empty, expected a mail server to go with {', '.join(there)}")
    elif not _HOST.fullmatch(host):
        faults.append(f"{HOST} is {host!r}, expected a host name such as mail.example.org")
    security = _security(environment.get(SECURITY) or "starttls", faults)
    port = _port(given[PORT], security, faults)
    if (given[USER] is None) != (given[PASSWORD] is None):
        lacking, there_is = (USER, PASSWORD) if given[USER] is None else (PASSWORD, USER)
        faults.append(f"{lacking} is empty, expected one to go with {there_is}")
    elif given[USER] is not None and security is Security.NONE:
        faults.append(
            f"{SECURITY} is 'none', expected 'starttls' or 'tls': a password travels encrypted only"
        )
    sender = _sender(given[SENDER], faults) if host or given[SENDER] else None
    if host is None or sender is None:
        return None
    return MailServer(host, port, security, given[USER], given[PASSWORD], sender)


def _security(text: str, faults: list[str]) -> Security:
    if text in list(Security):
        return Security(text)
    faults.append(f"{SECURITY} is {text!r}, expected one of {', '.join(Security)}")
    return Security.STARTTLS


def _port(text: str | None, security: Security, faults: list[str]) -> int:
    if text is None:
        return PORTS[security]
    if text.isdecimal() and 1 <= int(text) <= 65_535:
        return int(text)
    faults.append(f"{PORT} is {text!r}, expected a whole number from 1 to 65535")
    return PORTS[security]


def _sender(text: str | None, faults: list[str]) -> Address | None:
    name, address = parseaddr(text or "")
    try:
        sound = validate_email(
            address, check_deliverability=False, test_environment=True, allow_smtputf8=False
        )
    except EmailNotValidError:
        faults.append(f"{SENDER} is {text or ''!r}, expected Escala <escala@example.org>")
        return None
    return Address(name or "Escala", addr_spec=sound.ascii_email or sound.normalized)
