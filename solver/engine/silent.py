"""HiGHS without a word on the standard output, which belongs to the commands' answers."""

from __future__ import annotations

import highspy


class SilentHighs(highspy.Highs):
    """Silent from the start: HiGHS prints its banner when callbacks are enabled, while made."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def enableCallbacks(self) -> None:  # noqa: N802 - the name is HiGHS's
        self.silent()
        super().enableCallbacks()  # type: ignore[no-untyped-call]
