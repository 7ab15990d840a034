"""What a library says of an input, in the reader's language.

The libraries know no reader: their faults are English, a thing, a field, what it holds and what
was expected. An area lists here the phrases that its library uses, and how each is told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Phrases:
    """English phrases and how they are told; what is in neither list is told as it is."""

    plain: Mapping[str, Any]
    """Phrase → its lazy text."""
    patterns: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = field(default=())
    """Regular expression of a whole phrase → what to make of the match."""

    def told(self, phrase: str) -> str:
        if phrase in self.plain:
            return str(self.plain[phrase])
        for pattern, say in self.patterns:
            if found := re.fullmatch(pattern, phrase):
                return say(found)
        return phrase
