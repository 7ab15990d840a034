"""How long work hears that it is to end: it looks up between its pieces."""

from __future__ import annotations

from collections.abc import Callable

Look = Callable[[], None]
"""Called between pieces of long work, each well below a tenth of a second; raises `Stopped` where
the work is to end."""


class Stopped(Exception):
    """The work is to end at once, with what there is."""


def no_look() -> None:
    """For work that nobody stops."""
