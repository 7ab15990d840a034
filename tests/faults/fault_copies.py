"""A restore, a move to another database and a backup, killed on their way."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

from fault_databases import drop_database, new_database, other_database
from fault_house import House
from fault_place import AGAIN, DONE, Place

from app.copies import backup
from app.copies.shapes import shapes
from app.copies.tables import Counted, count, rows_held
from app.database import migrate
from app.models import PlanningGroup, database
from app.services import audit

OF_THE_COPY = {"audit_entry", "user_session", "account_link"}
"""A restore writes down that it was made, and ends sessions and links."""


class Copies(Place):
    """All of it or nothing, whichever of the three it is; a second try does it."""

    name = "copies"
    victims = ("copies", "database")

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self.kept = house.folder / "kept.zip"
        self.source = ""
        self.templates: dict[bool, str] = {}

    def prepare(self, number: int) -> None:
        super().prepare(number)
        if not self.source:
            self._make_source()
        kinds = (self._restore, self._move, self._backup, self._restore)
        self.kind, self.arguments, self.environment, self.check = kinds[number % 4]()

    def begin(self) -> None:
        self.house.run("copies", *self.arguments, **self.environment)

    def end(self, *, restarted: bool) -> str:
        was_done = restarted and self.check()
        for _try in range(2):
            # What was killed is not started anew by itself; whoever copies does it again.
            process = self.house.run("copies", *self.arguments, **self.environment)
            process.join(120)
            if self.check():
                break
            # It lost its database: once more.
            assert restarted, self.house.told.read_text()[-3000:]
        assert self.check(), f"the {self.kind} is not done: {self.house.told.read_text()[-3000:]}"
        self._clear()
        return DONE if was_done else AGAIN

    # The three.

    def _restore(self) -> tuple[str, list[str], dict[str, str], Callable[[], bool]]:
        """Into a database that holds something else."""
        self.url = self._other(with_rows=True)

        def restored() -> bool:
            with other_database(self.url):
                if rows_held() == {"planning_group": 1}:
                    assert PlanningGroup.get().code == "a", "what was there is as it was"
                    return False
                return self._is_whole()

        arguments = ["restore", "--replace", str(self.kept)]
        return "restore", arguments, {"ESCALA_DATABASE_URL": self.url}, restored

    def _move(self) -> tuple[str, list[str], dict[str, str], Callable[[], bool]]:
        """Into an empty database."""
        self.url = self._other(with_rows=False)

        def moved() -> bool:
            with other_database(self.url):
                return self._is_whole() if rows_held() else False

        # The source is a copy of the house's database, with its worker's last sign of life.
        return "move", ["copy-database", "--running", self.source, self.url], {}, moved

    def _backup(self) -> tuple[str, list[str], dict[str, str], Callable[[], bool]]:
        """In place of an older one."""
        self.url = ""
        self.file = self.house.folder / "backups" / "newest.zip"
        self.file.parent.mkdir(exist_ok=True)
        shutil.copyfile(self.kept, self.file)
        before = self.file.read_bytes()

        def written() -> bool:
            found = backup.check_backup(self.file)
            self._compare([counted for _shape, counted in found.tables])
            return self.file.read_bytes() != before

        arguments = ["backup", str(self.file)]
        return "backup", arguments, {"ESCALA_DATABASE_URL": self.source}, written

    # What they start from, and what they must come to.

    def _make_source(self) -> None:
        """A database that nobody else writes to, and its backup."""
        now = dt.datetime.now(dt.UTC)
        with database.connection_context():
            backup.write_backup(self.kept, now)
        # The first process waits until the program is read; the time a copy takes is its own.
        self.house.run("reader", "restore", "--check", str(self.kept)).join()
        self.source = new_database(self.house, "source")
        with other_database(self.source):
            backup.restore_backup(self.kept, self.house.folder, now, replace=False)
            backup.write_backup(self.kept, now)
            self.whole = {shape.table: count(database.obj, shape) for shape in shapes()}

    def _other(self, *, with_rows: bool) -> str:
        if with_rows not in self.templates:
            template = new_database(self.house, f"target-{with_rows}")
            with other_database(template):
                migrate(self.house.folder)
                if with_rows:
                    PlanningGroup.create(code="a", name="A")
            self.templates[with_rows] = template
        like = self.templates[with_rows]
        return new_database(self.house, f"copied-{self.number}", like)

    def _is_whole(self) -> bool:
        self._compare([count(database.obj, shape) for shape in shapes()])
        assert audit.verify() is None
        return True

    def _compare(self, found: list[Counted]) -> None:
        for one in found:
            if one.table not in OF_THE_COPY:
                assert one == self.whole[one.table], f"{one.table} is not whole"

    def _clear(self) -> None:
        if self.url:
            drop_database(self.house, self.url)
        else:
            assert [one.name for one in Path(self.file.parent).iterdir()] == [self.file.name]
