"""The part of a worker that sends mail and does what is due once a day."""

from __future__ import annotations

import datetime as dt
import logging
import os
import re
import socket
import threading
from collections.abc import Callable
from functools import partial
from urllib.parse import urljoin

from flask import Flask, url_for

from app.config import Settings
from app.failures import AWAY, failure_of
from app.mailing import account_letters as _account_letters  # noqa: F401 - adds its letters
from app.mailing import letter, smtp
from app.mailing.server import MailServer
from app.models import Mail, database
from app.services import account_links, daily, outbox, swap_ends
from app.services.keyring import Keyring

PAUSE_SECONDS = 1.0
AWAY_PAUSE_SECONDS = 2.0
"""How long it rests when the database is away."""
TROUBLE_SECONDS = 30.0
"""How long the whole post rests when the server cannot be reached."""
_ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")
log = logging.getLogger("escala.mail")

Clock = Callable[[], dt.datetime]


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Postman:
    """Gathers what is due, sends it one after another, and rests."""

    def __init__(self, app: Flask, settings: Settings, clock: Clock = _now) -> None:
        self.app = app
        self.settings = settings
        self.clock = clock
        self._keys = Keyring(settings.secret_key)
        self._taken: list[tuple[Mail, str]] = []
        """Mails that the server has taken over, with its answer, which is not written down yet."""
        self._swaps = swap_ends.Closing()
        self.owner = f"{socket.gethostname()}.{os.getpid()}"
        with app.test_request_context(base_url=settings.public_url):
            self._settings_url = urljoin(settings.public_url, url_for("messages.settings"))

    def run(self, leave: threading.Event) -> None:
        """Until told to leave; the mail in hand is finished first."""
        if self.settings.mail_server is None:
            log.info("no mail server is configured; nothing is sent by mail")
        while not leave.is_set():
            rest = PAUSE_SECONDS
            try:
                with database.connection_context():
                    daily.do_what_is_due(self.clock())
                    self._swaps.when_due(self.clock())
                    rest = self.round(leave)
            except AWAY as error:
                log.error("the database does not answer: %s", failure_of(error))
                rest = AWAY_PAUSE_SECONDS
            except Exception:
                log.exception("a round of the post failed")
                rest = TROUBLE_SECONDS
            leave.wait(rest)

    def round(self, leave: threading.Event | None = None) -> float:
        """Send what is due; how many seconds to rest after it."""
        self._note_sent()
        account_links.answer_requests(self._keys, self.clock())
        outbox.gather(self.clock())
        server = self.settings.mail_server
        if server is None:
            return PAUSE_SECONDS
        with smtp.Connection(server) as connection:
            while leave is None or not leave.is_set():
                mail = outbox.claim(self.owner, self.clock())
                if mail is None:
                    return PAUSE_SECONDS
                try:
                    self._send(server, connection, mail)
                except smtp.NoService as error:
                    log.warning("the mail server does not serve: %s", _without_addresses(error))
                    return TROUBLE_SECONDS
        return 0.0

    def _send(self, server: MailServer, connection: smtp.Connection, mail: Mail) -> None:
        """Carry one claimed mail to its end. Raises NoService when no other can be sent either."""
        user = outbox.recipient(mail, self.clock())
        if user is None:
            return
        try:
            text = letter.text_of(
                self.app, self.settings.public_url, mail, user, outbox.messages_in(mail)
            )
            message = letter.compose(text, mail, user, server.sender, self._settings_url)
        except AWAY:
            raise
        except Exception:
            log.exception("mail %s cannot be written", mail.id)
            outbox.later(mail, "its text could not be made", self.clock())
            return
        hand_over = partial(self._hand_over, mail)
        try:
            answer = connection.send(user.email, message, hand_over)
        except smtp.Refused as error:
            outbox.refused(mail, user.email, str(error), self.clock(), dead=error.dead)
            log.info("mail %s is refused", mail.id)
        except smtp.NoService as error:
            outbox.later(mail, str(error), self.clock())
            raise
        except smtp.Later as error:
            outbox.later(mail, str(error), self.clock())
        except smtp.LastWordMissed as error:
            outbox.in_doubt(mail, str(error), self.clock())
        except smtp.Dropped:
            log.warning("mail %s was taken over by another worker", mail.id)
        else:
            self._taken.append((mail, answer))
            self._note_sent()

    def _note_sent(self) -> None:
        """Write down what the server has taken. Where the database is away it is kept here for the
        next round, lest the mail be in doubt."""
        while self._taken:
            outbox.sent(*self._taken[0], self.clock())
            self._taken.pop(0)

    def _hand_over(self, mail: Mail) -> bool:
        return outbox.hand_over(mail, self.clock())


def _without_addresses(error: Exception) -> str:
    """What a server has said, for the log: it may repeat whose mail it was."""
    return _ADDRESS.sub("…", str(error))
