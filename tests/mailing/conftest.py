"""A mail server that takes everything, unless a test tells it otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from email.headerregistry import Address

import pytest
from smtp_sink import Sink, start

from app.mailing.server import MailServer, Security


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink()
    controller = start(sink)
    yield sink
    controller.stop()


@pytest.fixture
def mail_server(sink: Sink) -> MailServer:
    sender = Address("Escala", addr_spec="escala@example.org")
    return MailServer("127.0.0.1", sink.port, Security.NONE, None, None, sender)
