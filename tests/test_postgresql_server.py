"""The tests' own PostgreSQL lasts as long as the run that started it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from postgresql_server import PostgresqlServer


def test_another_pytest_that_starts_does_not_stop_the_server(
    postgresql: PostgresqlServer, tmp_path: Path
) -> None:
    # It asks for a folder, and so closes pytest's common one to other users.
    (tmp_path / "test_other.py").write_text("def test_folder(tmp_path): pass\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_other.py"]
    subprocess.run(command, cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
    postgresql.write_everything()
    assert postgresql.new_database()
