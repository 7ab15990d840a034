"""The process that compiles the kernel beside a run, and keeps it, while somebody waits for it."""

from __future__ import annotations

import os
import sys
import threading

from solver.engine.kernel.__main__ import warm_weeks


def main() -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    warm_weeks()


def _end_with_parent() -> None:
    """Nobody ever writes: what can be read is the end, and the parent is gone."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


if __name__ == "__main__":
    main()
