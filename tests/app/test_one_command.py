"""`./escala`: what it installs and compiles, and that it does so only where something changed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CALLED = '#!/bin/sh\necho "$(basename "$0") $*" >>"$(dirname "$0")/called"\n'


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The command in a tree of its own, whose Python only notes what it was asked."""
    for name in (
        "requirements.txt", "requirements/test.txt", "package-lock.json", "app/static/vendor/stamp",
        "app/translations/pt/LC_MESSAGES/messages.po",
        "app/translations/pt/LC_MESSAGES/messages.mo", "solver/engine/kernel/loops.py",
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    folder = tmp_path / ".venv" / "bin"
    folder.mkdir(parents=True)
    for name in ("python", "flask"):
        (folder / name).write_text(CALLED)
        (folder / name).chmod(0o755)
    (tmp_path / "escala").write_text((ROOT / "escala").read_text())
    return tmp_path


def called(tree: Path, *words: str) -> list[str]:
    """What the command ran, by what each was asked first."""
    log = tree / ".venv" / "bin" / "called"
    log.unlink(missing_ok=True)
    subprocess.run(["sh", str(tree / "escala"), *words], check=True, capture_output=True)
    return [" ".join(line.split()[:3]) for line in log.read_text().splitlines()]


def test_what_is_there_is_not_looked_at_again(tree: Path) -> None:
    """A command of the application starts no Python but its own, until something changes."""
    made = ["python -m app.assets", "python -m solver.engine.kernel"]
    flask = "flask --app wsgi"
    assert called(tree, "flask", "build") == ["python -m pip", *made, flask]
    assert called(tree, "flask", "build") == [flask]
    assert called(tree, "serve") == [flask]
    for changed in ("package-lock.json", "solver/engine/kernel/loops.py"):
        (tree / changed).write_text("other")
        assert called(tree, "demo") == [*made, flask]
        assert called(tree, "demo") == [flask]
    (tree / "app/translations/pt/LC_MESSAGES/messages.mo").unlink()
    assert called(tree, "flask", "build") == [*made, flask]
    (tree / "requirements.txt").write_text("other")
    assert called(tree, "flask", "build")[0] == "python -m pip"


def test_on_postgresql_what_a_run_wrote_in_memory_goes_with_it(tree: Path) -> None:
    """However it ends: here pytest fails."""
    python = tree / ".venv" / "bin" / "python"
    noted = tree / "noted"
    python.write_text(
        '#!/bin/sh\n[ "$2" = pytest ] || exit 0\n'
        f'echo "$ESCALA_TEST_DATABASE ${{TMPDIR:-/tmp}}" >{noted}\nexit 3\n'
    )
    environment = {name: value for name, value in os.environ.items() if name != "TMPDIR"}
    ran = subprocess.run(["sh", str(tree / "escala"), "test-postgresql"], env=environment)
    assert ran.returncode == 3
    kind, folder = noted.read_text().split()
    assert kind == "postgresql"
    assert folder == "/tmp" or not Path(folder).exists(), "in memory, where there is room"
