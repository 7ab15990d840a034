"""The conversation with a real server: what is taken, refused, failed, and when it counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from smtp_sink import Sink, certificate, free_port, only, start

from app.mailing.server import MailServer, Security
from app.mailing.smtp import (
    Connection,
    Dropped,
    LastWordMissed,
    Later,
    NoService,
    Refused,
)

MESSAGE = b"Subject: x\r\n\r\nfirst\r\n.hidden dot\r\n..two\r\nlast\r\n"
TO = "ana@example.org"


def send(server: MailServer, to: str = TO, message: bytes = MESSAGE) -> str:
    with Connection(server) as connection:
        return connection.send(to, message, lambda: True)


def test_a_mail_arrives_byte_for_byte_dots_included(sink: Sink, mail_server: MailServer) -> None:
    assert send(mail_server) == "250 2.0.0 taken"
    ((address, content),) = sink.got
    assert (address, content.replace(b"\r\n", b"\n")) == (TO, MESSAGE.replace(b"\r\n", b"\n"))


def test_one_connection_carries_many_also_after_a_refusal(
    sink: Sink, mail_server: MailServer
) -> None:
    sink.rcpt["bo@example.org"] = "550 5.1.1 no such user"
    with Connection(mail_server) as connection:
        connection.send(TO, MESSAGE, lambda: True)
        with pytest.raises(Refused):
            connection.send("bo@example.org", MESSAGE, lambda: True)
        connection.send("eva@example.org", MESSAGE, lambda: True)
    assert [address for address, _content in sink.got] == [TO, "eva@example.org"]


@pytest.mark.parametrize(
    ("answer", "dead"),
    [
        ("550 5.1.1 no such user", True),
        ("550 no such user", True),
        ("553 5.1.3 bad address", True),
        ("550 5.2.1 mailbox disabled", True),
        ("550 5.7.1 not from you", False),
        ("550 5.1.8 bad sender's system", False),
        ("554 5.7.1 relay access denied", False),
        ("554 no", False),
    ],
)
def test_an_address_is_dead_only_when_the_refusal_is_about_it(
    sink: Sink, mail_server: MailServer, answer: str, dead: bool
) -> None:
    sink.rcpt[TO] = answer
    with pytest.raises(Refused) as caught:
        send(mail_server)
    assert (caught.value.dead, str(caught.value)) == (dead, answer)


@pytest.mark.parametrize("answer", ["450 4.2.1 try later", "451 greylisted", "552 5.2.2 full"])
def test_what_may_pass_is_for_later(sink: Sink, mail_server: MailServer, answer: str) -> None:
    sink.rcpt[TO] = answer
    with pytest.raises(Later) as caught:
        send(mail_server)
    assert not isinstance(caught.value, NoService)


def test_a_refused_text_says_nothing_of_the_address(sink: Sink, mail_server: MailServer) -> None:
    sink.data[TO] = "550 5.7.1 looks like spam"
    with pytest.raises(Refused) as caught:
        send(mail_server)
    assert not caught.value.dead
    sink.data[TO] = "452 4.3.1 disk full"
    with pytest.raises(Later):
        send(mail_server)
    assert sink.got == []


@pytest.mark.parametrize("answer", ["550 5.7.1 not you", "451 not now"])
def test_a_refused_sender_is_the_server_s_trouble_not_the_address_s(
    sink: Sink, mail_server: MailServer, answer: str
) -> None:
    sink.sender = answer
    with pytest.raises(NoService):
        send(mail_server)


def test_no_server_there(mail_server: MailServer) -> None:
    with pytest.raises(NoService, match=r"127\.0\.0\.1"):
        send(replace(mail_server, port=free_port()))


def test_whoever_says_no_before_the_end_has_sent_nothing(
    sink: Sink, mail_server: MailServer
) -> None:
    with Connection(mail_server) as connection:
        with pytest.raises(Dropped):
            connection.send(TO, MESSAGE, lambda: False)
        assert sink.got == []
        connection.send(TO, MESSAGE, lambda: True)
    assert len(sink.got) == 1


def test_the_server_has_nothing_when_the_hand_over_is_written(
    sink: Sink, mail_server: MailServer
) -> None:
    seen = []

    def before_end() -> bool:
        seen.append(len(sink.got))
        return True

    with Connection(mail_server) as connection:
        connection.send(TO, MESSAGE, before_end)
    assert (seen, len(sink.got)) == ([0], 1)


def test_a_connection_that_breaks_after_the_end_leaves_a_doubt(
    sink: Sink, mail_server: MailServer
) -> None:
    sink.hang_up = True
    with pytest.raises(LastWordMissed):
        send(mail_server)
    assert len(sink.got) == 1, "and here it had arrived"


@pytest.fixture
def sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Sink, Controller]]:
    """A server that lets in one user, over STARTTLS."""
    public, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    sink = Sink()
    controller = start(
        sink,
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=only("escala", "right"),
    )
    yield sink, controller
    controller.stop()


def test_starttls_with_a_password(sealed: tuple[Sink, Controller], mail_server: MailServer) -> None:
    sink, _controller = sealed
    server = replace(
        mail_server, port=sink.port, security=Security.STARTTLS, user="escala", password="right"
    )
    send(server)
    assert len(sink.got) == 1
    with pytest.raises(NoService, match="535"):
        send(replace(server, password="wrong"))


def test_a_certificate_nobody_vouches_for_is_not_trusted(
    sealed: tuple[Sink, Controller], mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    server = replace(mail_server, port=sealed[0].port, security=Security.STARTTLS)
    with pytest.raises(NoService, match="certificate"):
        send(server)


def test_a_server_without_starttls_gets_nothing_in_the_clear(
    sink: Sink, mail_server: MailServer
) -> None:
    with pytest.raises(NoService, match="STARTTLS"):
        send(replace(mail_server, security=Security.STARTTLS))
    assert sink.got == []


def test_tls_from_the_first_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mail_server: MailServer
) -> None:
    public, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    sink = Sink()
    controller = start(sink, ssl_context=context)
    try:
        send(replace(mail_server, port=sink.port, security=Security.TLS))
    finally:
        controller.stop()
    assert len(sink.got) == 1
