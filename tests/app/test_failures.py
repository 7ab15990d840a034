"""What is told of a failure: where, and the code of the database's fault, never its words."""

from __future__ import annotations

from pathlib import Path

import pytest
from peewee import OperationalError, SqliteDatabase

from app.failures import failure_of


def test_a_fault_of_the_database_is_told_by_its_code(tmp_path: Path) -> None:
    first, second = (SqliteDatabase(tmp_path / "one.db", timeout=0) for _ in range(2))
    first.execute_sql("CREATE TABLE person (name TEXT)")
    with first.atomic("EXCLUSIVE"), pytest.raises(OperationalError) as busy:
        second.execute_sql("INSERT INTO person VALUES ('Ana Exemplo')")
    with pytest.raises(OperationalError) as lacking:
        second.execute_sql("SELECT 'Ana Exemplo' FROM nowhere")
    first.close()
    second.close()
    assert failure_of(busy.value).startswith("OperationalError (SQLITE_BUSY) at ")
    assert failure_of(lacking.value).startswith("OperationalError (SQLITE_ERROR) at ")
    assert "Ana" not in failure_of(lacking.value)
    assert failure_of(ValueError("Ana Exemplo")).startswith("ValueError at ")
