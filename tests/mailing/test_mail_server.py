"""The mail server in the settings: right by default, every fault told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.config import BadSetting, read_settings
from app.mailing.server import MailServer, Security, read_mail_server

GOOD = {"ESCALA_SMTP_HOST": "mail.example.org", "ESCALA_MAIL_FROM": "Escala <escala@example.org>"}


def read(**more: str) -> MailServer:
    faults: list[str] = []
    found = read_mail_server({**GOOD, **more}, faults)
    assert faults == []
    assert found is not None
    return found


def test_without_a_server_there_is_none_and_no_fault(tmp_path: Path) -> None:
    assert read_settings({}, instance=tmp_path).mail_server is None


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_each_kind_of_security_has_its_port(security: str, port: int) -> None:
    assert read(ESCALA_SMTP_SECURITY=security).port == port
    assert read(ESCALA_SMTP_SECURITY=security, ESCALA_SMTP_PORT="2525").port == 2525


def test_user_and_password_travel_encrypted() -> None:
    found = read(ESCALA_SMTP_USER="escala", ESCALA_SMTP_PASSWORD="secret")
    assert (found.user, found.password, found.security) == ("escala", "secret", Security.STARTTLS)
    assert "secret" not in repr(found)


def test_the_sender_has_a_name_and_an_address() -> None:
    assert str(read().sender) == "Escala <escala@example.org>"
    assert str(read(ESCALA_MAIL_FROM="rede@example.org").sender) == "Escala <rede@example.org>"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"ESCALA_SMTP_HOST": "two words"}, "ESCALA_SMTP_HOST"),
        ({"ESCALA_SMTP_PORT": "0"}, "ESCALA_SMTP_PORT"),
        ({"ESCALA_SMTP_PORT": "65536"}, "ESCALA_SMTP_PORT"),
        ({"ESCALA_SMTP_SECURITY": "ssl"}, "ESCALA_SMTP_SECURITY"),
        ({"ESCALA_SMTP_USER": "escala"}, "ESCALA_SMTP_PASSWORD"),
        ({"ESCALA_SMTP_PASSWORD": "secret"}, "ESCALA_SMTP_USER"),
        ({"ESCALA_MAIL_FROM": ""}, "ESCALA_MAIL_FROM"),
        ({"ESCALA_MAIL_FROM": "Escala"}, "ESCALA_MAIL_FROM"),
        ({"ESCALA_SMTP_HOST": "", "ESCALA_SMTP_PORT": "25"}, "ESCALA_SMTP_HOST"),
        (
            {
                "ESCALA_SMTP_SECURITY": "none",
                "ESCALA_SMTP_USER": "escala",
                "ESCALA_SMTP_PASSWORD": "secret",
            },
            "ESCALA_SMTP_SECURITY",
        ),
    ],
)
def test_each_fault_is_named_with_what_was_expected(wrong: dict[str, str], named: str) -> None:
    faults: list[str] = []
    read_mail_server({**GOOD, **wrong}, faults)
    (fault,) = faults
    assert fault.startswith(named)
    assert "expected" in fault
    assert "secret" not in fault


def test_all_faults_are_told_at_once_with_those_of_the_other_settings(tmp_path: Path) -> None:
    wrong = {
        "ESCALA_SMTP_HOST": "two words",
        "ESCALA_SMTP_PORT": "x",
        "ESCALA_SMTP_SECURITY": "ssl",
        "ESCALA_SMTP_USER": "escala",
        "ESCALA_MAIL_FROM": "nobody",
        "ESCALA_LOCALE": "fr",
    }
    with pytest.raises(BadSetting) as caught:
        read_settings(wrong, instance=tmp_path)
    assert len(caught.value.faults) == len(wrong)
