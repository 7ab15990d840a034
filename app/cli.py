"""Flask commands: the chain's steps, each callable by itself."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add the commands to `flask`."""
