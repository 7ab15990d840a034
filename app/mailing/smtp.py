"""One connection to a mail server, and what it makes of a mail.

A server takes a mail over when it has read the single dot that ends it (RFC 5321, 4.2.5), not
before. So the caller is asked just ahead of that dot: `before_end` writes down that the mail is
handed over, or says no, and then the connection is dropped and the server forgets the mail.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from types import TracebackType

from app.mailing.server import MailServer, Security

TIMEOUT_SECONDS = 20
LAST_WORD_SECONDS = 90
"""How long to wait for the answer to the dot: the server may look the mail over first."""
_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})\b")


class Refused(Exception):
    """For good: this mail, or this address, will not be taken."""

    def __init__(self, answer: str, *, dead: bool) -> None:
        super().__init__(answer)
        self.dead = dead
        """Whether it is the address that does not work."""


class Later(Exception):
    """Not now; nothing was taken over."""


class NoService(Later):
    """Not now, nor any other mail: the server cannot be reached or does not let us in."""


class LastWordMissed(Exception):
    """The connection broke after the dot: the server may have the mail."""


class Dropped(Exception):
    """`before_end` said no; the server has forgotten the mail."""


class Connection:
    """Opened with `with`; `send` as often as there is mail."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Take leave of the server; whether it answers does not matter."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            try:
                smtp.quit()
            except (smtplib.SMTPException, OSError):
                smtp.close()

    def send(self, to: str, message: bytes, before_end: Callable[[], bool]) -> str:
        """Send `message` (lines ended by CRLF) to one address; the server's answer.

        Raises Refused, Later (NoService for all mail), LastWordMissed or Dropped.
        """
        smtp = self._opened()
        try:
            self._envelope(smtp, to)
            self._text(smtp, message)
        except smtplib.SMTPServerDisconnected as error:
            self._abandon()
            raise Later(str(error)) from error
        except OSError as error:
            self._abandon()
            raise Later(f"the connection broke: {error}") from error
        if not before_end():
            self._abandon()
            raise Dropped
        return self._ended(smtp)

    def _opened(self) -> smtplib.SMTP:
        """The connection, asked whether it still stands; else a new one."""
        if self._smtp is not None:
            try:
                if self._smtp.rset()[0] == 250:
                    return self._smtp
            except (smtplib.SMTPException, OSError):
                pass
            self._abandon()
        try:
            self._smtp = self._connect()
        except smtplib.SMTPException as error:
            raise NoService(_told(error)) from error
        except OSError as error:
            raise NoService(f"{self.server.host}:{self.server.port}: {error}") from error
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        server = self.server
        if server.security is Security.TLS:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host,
                server.port,
                timeout=TIMEOUT_SECONDS,
                context=ssl.create_default_context(),
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
        try:
            if server.security is Security.STARTTLS:
                smtp.starttls(context=ssl.create_default_context())
            if server.user is not None:
                smtp.login(server.user, server.password or "")
            else:
                smtp.ehlo_or_helo_if_needed()
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _envelope(self, smtp: smtplib.SMTP, to: str) -> None:
        options: tuple[str, ...] = ()
        if not to.isascii():
            if not smtp.has_extn("smtputf8"):
                raise Refused("the mail server takes no such address (SMTPUTF8)", dead=False)
            options = ("SMTPUTF8",)
        code, answer = smtp.mail(self.server.sender.addr_spec, options)
        if code != 250:
            # The sender is ours: whatever is wrong with it is wrong with every mail.
            raise NoService(_said(code, answer))
        code, answer = smtp.rcpt(to)
        if code not in (250, 251):
            raise _refusal(code, answer, of_address=True)

    def _text(self, smtp: smtplib.SMTP, message: bytes) -> None:
        code, answer = smtp.docmd("DATA")
        if code != 354:
            raise _refusal(code, answer, of_address=False)
        smtp.send(re.sub(rb"(?m)^\.", b"..", message))

    def _ended(self, smtp: smtplib.SMTP) -> str:
        """Send the dot and read the server's last word."""
        try:
            if smtp.sock is not None:
                smtp.sock.settimeout(LAST_WORD_SECONDS)
            smtp.send(b".\r\n")
            code, answer = smtp.getreply()
            if smtp.sock is not None:
                smtp.sock.settimeout(TIMEOUT_SECONDS)
        except (smtplib.SMTPException, OSError) as error:
            self._abandon()
            raise LastWordMissed(f"the connection broke at the end: {error}") from error
        if code != 250:
            raise _refusal(code, answer, of_address=False)
        return _said(code, answer)

    def _abandon(self) -> None:
        """Drop the connection without a word, so that an unfinished mail is forgotten."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()


def _refusal(code: int, answer: bytes, *, of_address: bool) -> Exception:
    text = _said(code, answer)
    if code == 421:
        return NoService(text)
    # 552 for an address is a full mailbox, which RFC 5321 (4.5.3.1.10) has tried again.
    if code // 100 == 4 or (code == 552 and of_address):
        return Later(text)
    if code in (530, 535, 538):
        return NoService(text)
    return Refused(text, dead=of_address and _names_address(code, text))


def _names_address(code: int, text: str) -> bool:
    """Whether a refusal is about the address: by its enhanced status (RFC 3463), else its code."""
    found = _ENHANCED.search(text)
    if found:
        subject, detail = found[2], found[3]
        return (subject == "1" and detail not in ("7", "8")) or (subject, detail) == ("2", "1")
    return code in (550, 551, 553, 556)


def _told(error: smtplib.SMTPException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _said(error.smtp_code, error.smtp_error)
    return str(error) or type(error).__name__


def _said(code: int, answer: bytes | str) -> str:
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return f"{code} {' '.join(text.split())}"
