"""What follows from the service's own key: tokens kept nowhere, seals, subjects in disguise."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken


class Keyring:
    """Keys for single purposes, all derived from the one secret of the settings.

    A new secret ends every link under way and every one-time code set up before, and people's own
    calendars are read again only once they have given the address anew.
    """

    def __init__(self, secret_key: str) -> None:
        self._root = secret_key.encode()
        sealing = base64.urlsafe_b64encode(self.derive("seal"))
        self._seal = Fernet(sealing)

    def derive(self, purpose: str, *parts: object) -> bytes:
        """32 bytes that belong to these parts alone."""
        text = "\x1f".join(["escala", purpose, *map(str, parts)])
        return hmac.new(self._root, text.encode(), hashlib.sha256).digest()

    def token(self, purpose: str, *parts: object) -> str:
        """The same as text that fits an address."""
        return base64.urlsafe_b64encode(self.derive(purpose, *parts)).decode().rstrip("=")

    def disguise(self, subject: str) -> str:
        """A name for `subject` (an address, a mail address) that tells nothing of it."""
        return self.derive("subject", subject.strip().lower()).hex()[:32]

    def seal(self, text: str) -> str:
        return self._seal.encrypt(text.encode()).decode()

    def unseal(self, sealed: str) -> str | None:
        """What was sealed; None where another key sealed it."""
        try:
            return self._seal.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None


def hash_of(token: str) -> str:
    """How a random token is kept. Of 256 random bits a fast hash tells nothing."""
    return hashlib.sha256(token.encode()).hexdigest()
