"""`python -m app.known_flaws`: ask PyPI and npm for known flaws of what is locked.

Each service is first asked for the flaws of an old version that is known to have some: a mirror of
packages answers without knowing of any, and all would seem well. One that does not tell of them is
no answer: the command fails, or with `--where-reachable` says so and goes on, for machines that may
or may not have the network (`.ci/run`).
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.assets import ROOT, npm_command

REQUIREMENTS = ("requirements.txt", "requirements/test.txt", "requirements/bench.txt")
FOLDERS = (".", "tests/browser", "tests/calendars")
"""Each with a package-lock.json."""
PYPI = "https://pypi.org"
WAIT_SECONDS = 10
AUDIT_SECONDS = 600
"""For one list; who takes longer does not answer."""
KNOWN_LOCK = {
    "name": "known",
    "lockfileVersion": 3,
    "packages": {
        "": {"dependencies": {"lodash": "4.17.0"}},
        "node_modules/lodash": {"version": "4.17.0"},
    },
}


@dataclass(frozen=True, slots=True)
class Service:
    """Who knows of flaws, whether it tells of a known one from here, and the questions to it."""

    name: str
    tells: Callable[[], bool]
    questions: tuple[Callable[[], bool], ...]
    """Each prints what it finds and is true where that is nothing."""


def pypi_tells(address: str = PYPI) -> bool:
    """Whether PyPI's advisories are there: jinja2 2.10 has some."""
    try:
        with urllib.request.urlopen(  # nosec B310  # noqa: S310 - https, or a test's own
            f"{address}/pypi/jinja2/2.10/json", timeout=WAIT_SECONDS
        ) as answer:
            return bool(json.load(answer).get("vulnerabilities"))
    except (OSError, ValueError, AttributeError, http.client.HTTPException):
        return False


def npm_tells() -> bool:
    """Whether npm's advisories are there: lodash 4.17.0 has some."""
    with tempfile.TemporaryDirectory(prefix="escala-flaws-") as folder:
        Path(folder, "package.json").write_text('{"dependencies": {"lodash": "4.17.0"}}')
        Path(folder, "package-lock.json").write_text(json.dumps(KNOWN_LOCK))
        told = _npm_audit(Path(folder), "--json", quiet=True)
    try:
        return bool(json.loads(told.stdout).get("vulnerabilities"))
    except (ValueError, AttributeError):
        return False


def ask_pypi(file: str) -> bool:
    """Strictly: a package that PyPI says nothing of is no package without flaws."""
    command = [str(Path(sysconfig.get_path("scripts"), "pip-audit")), "--strict", "--disable-pip"]
    command += ["--require-hashes", "--progress-spinner", "off", "-r", file]
    return _run(command, cwd=ROOT).returncode == 0


def ask_npm(folder: str) -> bool:
    return _npm_audit(ROOT / folder).returncode == 0


def _npm_audit(
    folder: Path, *options: str, quiet: bool = False
) -> subprocess.CompletedProcess[str]:
    npm = npm_command()
    path = os.pathsep.join([str(Path(npm[0]).parent), os.environ.get("PATH", "")])
    retries = {"npm_config_fetch_retries": "0", "npm_config_fetch_timeout": "10000"}
    return _run(
        [*npm, "audit", "--package-lock-only", *options],
        cwd=folder,
        env={**os.environ, "PATH": path, **retries},
        capture_output=quiet,
    )


def _run(command: list[str], **how: Any) -> subprocess.CompletedProcess[str]:
    """Ends with 124, as `timeout` does, where it takes too long."""
    try:
        return subprocess.run(  # noqa: S603 - the command is ours
            command, text=True, check=False, timeout=AUDIT_SECONDS, **how
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "", "")


SERVICES = (
    Service("PyPI", pypi_tells, tuple(lambda file=one: ask_pypi(file) for one in REQUIREMENTS)),
    Service("npm", npm_tells, tuple(lambda folder=one: ask_npm(folder) for one in FOLDERS)),
)


def main(arguments: list[str], services: tuple[Service, ...] = SERVICES) -> int:
    """0 where every service was asked and knows of nothing (or is away, and may be)."""
    may_be_away = "--where-reachable" in arguments
    good = True
    for service in services:
        if not service.tells():
            print(f"{service.name} tells of no flaws from here: not asked", file=sys.stderr)
            good &= may_be_away
            continue
        print(f"{service.name} is asked for known flaws", file=sys.stderr)
        answers = [question() for question in service.questions]  # each, whatever the first says
        if not all(answers) and may_be_away and not service.tells():
            print(f"{service.name} went away meanwhile: not believed", file=sys.stderr)
            continue
        good &= all(answers)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
