"""A database of an older version, brought up to date by a process that is killed."""

from __future__ import annotations

from fault_databases import drop_database, new_database, other_database
from fault_house import House
from fault_place import AGAIN, DONE, Place
from playhouse.migrations import Runner
from playhouse.schema_diff import diff_models

from app.database import MIGRATIONS, is_postgresql
from app.models import TABLES, PlanningGroup, database


class Migration(Place):
    """A database of an older version, brought up to date."""

    name = "migration"
    victims = ("migration", "database")

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self.names = [one.name for one in Runner(database.obj, str(MIGRATIONS)).migrations()]
        self.templates: dict[int, str] = {}

    def prepare(self, number: int) -> None:
        super().prepare(number)
        last = len(self.names)
        applied = (0, 1, last // 2, last - 2)[number % 4]
        if applied not in self.templates:
            self.templates[applied] = self._template(applied)
        self.applied = applied
        like = self.templates[applied]
        self.url = new_database(self.house, f"migrated-{self.number}", like)

    def begin(self) -> None:
        self.house.run("migration", "migrate", ESCALA_DATABASE_URL=self.url)

    def end(self, *, restarted: bool) -> str:
        left = len(self.names) - self._state()[0]
        # What was killed is not started anew by itself; whoever upgrades does it again.
        process = self.house.run("migration", "migrate", ESCALA_DATABASE_URL=self.url)
        process.join(120)
        if process.exitcode != 0 and restarted:
            # It lost its database: once more.
            process = self.house.run("migration", "migrate", ESCALA_DATABASE_URL=self.url)
            process.join(120)
        assert process.exitcode == 0, self.house.told.read_text()[-3000:]
        applied, kept, differences, triggers = self._state(compare=True)
        assert applied == len(self.names)
        assert kept == (1 if self.applied else 0), "rows stay"
        assert not differences
        assert triggers == self._triggers_of_new(), "triggers as in a new database"
        drop_database(self.house, self.url)
        return AGAIN if left else DONE

    def _state(self, *, compare: bool = False) -> tuple[int, int, object, int]:
        """Migrations applied, rows kept, differences from the models, triggers."""
        with other_database(self.url):
            runner = Runner(database.obj, str(MIGRATIONS))
            applied = len(runner.applied())
            there = PlanningGroup.table_exists()
            kept = PlanningGroup.select(PlanningGroup.code).count() if there else 0
            differences = diff_models(database.obj, list(TABLES)) if compare else None
            return applied, kept, differences, trigger_count()

    def _triggers_of_new(self) -> int:
        with database.connection_context():
            return trigger_count()

    def _template(self, applied: int) -> str:
        url = new_database(self.house, f"version-{applied}")
        with other_database(url):
            if applied:
                Runner(database.obj, str(MIGRATIONS)).up(self.names[applied - 1])
                database.execute_sql("INSERT INTO planning_group (code, name) VALUES ('a', 'A')")
        return url


def trigger_count() -> int:
    if not is_postgresql():
        query = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"
    return int(database.execute_sql(query).fetchone()[0])
