"""`python -m app.npm_audit FOLDER`: ask npm for known flaws of the packages a folder locks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from app.assets import npm_command


def main(arguments: list[str]) -> int:
    """npm's own exit code: 0 where none is known."""
    folder = Path(arguments[0] if arguments else ".")
    npm = npm_command()
    path = os.pathsep.join([str(Path(npm[0]).parent), os.environ.get("PATH", "")])
    done = subprocess.run(  # noqa: S603 - the command is ours
        [*npm, "audit", "--package-lock-only"],
        cwd=folder,
        env={**os.environ, "PATH": path},
        check=False,
    )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
