"""Words written from right to left, set apart from what stands beside them in plain text.

"سارة 09:00–13:00" would be drawn with its hours the other way round, and two such names with a
comma between them would change places: hours and commas have no direction and take that of the
letters before them. Two characters around each run of such words isolate it (Unicode's UAX 9).
"""

from __future__ import annotations

import re

_LETTER = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
_BETWEEN = "(?:[ \u00a0\u200c\u200d'’.-]|&#39;)"
RUN = re.compile(f"{_LETTER}+(?:{_BETWEEN}+{_LETTER}+)*")
"""Words that belong together, as the parts of a name do; no comma, no digit of ours."""
ISOLATE, END = "\u2068", "\u2069"


def isolated(text: str) -> str:
    """The text with its right-to-left runs isolated. Nothing else in it changes."""
    return RUN.sub(lambda found: f"{ISOLATE}{found[0]}{END}", text)
