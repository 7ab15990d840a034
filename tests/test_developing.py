"""docs/developing.md, followed: each of its lists once with a toy, and every file it names."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from peewee import CharField, Model, SqliteDatabase
from playhouse.migrations import Runner
from playhouse.schema_diff import diff_models
from small_world import SmallWorld

import solver.costs
import solver.rules
from app import i18n, messages_catalogue
from app.config import ROOT, read_settings
from app.routes import edit_words
from app.services import judging
from app.services.effects import Effect
from solver.check import check
from solver.formats.problem_file import read_problem
from solver.result import Violation
from solver.view import View

sys.path.append(str(ROOT / "tests" / "solver"))
from small_problem import mediator, problem, shift

MONDAY = "2026-03-09"
GUIDE = (ROOT / "docs" / "developing.md").read_text()


def test_every_file_that_the_guide_names_is_there() -> None:
    named = set(re.findall(r"`((?:\w[\w.-]*/)+[\w.-]*)`", GUIDE)) - {"app/migrations/NNNN_what.py"}
    assert len(named) > 30
    missing = [one for one in sorted(named) if "…" not in one and not (ROOT / one).exists()]
    assert not missing


def test_every_name_that_the_guide_says_is_in_a_file_is() -> None:
    said = re.findall(r"`(\w+)`\s+\(`([\w/.]+)`\)", GUIDE)
    assert len(said) >= 5
    for name, path in said:
        assert re.search(rf"\b{name}\b", (ROOT / path).read_text()), (name, path)


def _as_was(heading: str) -> tuple[str, set[str]]:
    """The name of what a part of the guide ends with, and the files it is said to be in."""
    part = GUIDE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    name, *files = re.findall(r"`([\w./]+)`", part.partition("As was: ")[2])
    return name, set(files)


def _files_with(word: str) -> set[str]:
    """Modules of the solver and of the services that problems and rosters go through."""
    folders = (ROOT / "solver", ROOT / "app" / "services", ROOT / "app" / "routes")
    return {
        str(path.relative_to(ROOT))
        for folder in folders
        for path in folder.rglob("*.py")
        if re.search(word, path.read_text())
    }


def test_a_rule_is_named_in_every_file_where_the_guide_says_one_belongs() -> None:
    rule, files = _as_was("A rule")
    assert rule == "min_rest"
    assert {one for one in files if rule not in (ROOT / one).read_text()} == set()
    assert _files_with(rule) - files == {"solver/engine/kernel/__main__.py"}, (
        "but for the kernel's example no other module knows the rule: the guide is complete"
    )


def test_a_cost_term_is_named_in_every_file_where_the_guide_says_one_belongs() -> None:
    term, files = _as_was("A cost term")
    assert term == "wishes"
    assert {one for one in files if not re.search("wish(es)?", (ROOT / one).read_text())} == set()
    engine = {one for one in _files_with(r"\bwish(es)?\b") if one.startswith("solver/")}
    read = {one for one in engine if one.startswith("solver/formats/")}
    assert engine - read - files <= {"solver/engine/board.py", "solver/engine/kernel/__main__.py"}


@pytest.fixture
def two_days() -> solver.problem.Problem:
    shifts = [shift("mon", 0, 8, 16), shift("tue", 1, 8, 16)]
    return read_problem(problem(days=2, shifts=shifts, mediators=[mediator("ana")]))


def test_a_rule_is_a_module_and_its_line(
    two_days: solver.problem.Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    def violations(view: View) -> Iterator[Violation]:
        for duty in view.duties:
            yield from (
                Violation("no_tuesdays", {"mediator": duty.mediator.id, "day": day})
                for day in duty.days
                if day == 1
            )

    toy = ModuleType("no_tuesdays")
    vars(toy).update(NAME="no_tuesdays", violations=violations)
    monkeypatch.setattr(sys.modules["solver.check"], "RULES", (*solver.rules.RULES, toy))
    assert check(two_days, [("ana", "mon")]).violations == ()
    (broken,) = check(two_days, [("ana", "mon"), ("ana", "tue")]).violations
    assert (broken.rule, broken.details["day"]) == ("no_tuesdays", 1)
    assert "no_tuesdays" in judging._sentence("no_tuesdays", "Ana"), "shown even without a sentence"


def test_a_cost_term_is_a_module_and_its_line(
    two_days: solver.problem.Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy = ModuleType("tuesdays")
    vars(toy).update(
        NAME="tuesdays", cost=lambda view: 7 * sum(1 in duty.days for duty in view.duties)
    )
    before = check(two_days, [("ana", "tue")])
    monkeypatch.setattr(sys.modules["solver.check"], "TERMS", (*solver.costs.TERMS, toy))
    after = check(two_days, [("ana", "tue")])
    assert after.parts == {**before.parts, "tuesdays": 7}
    assert after.cost == before.cost + 7


@pytest.mark.parametrize("change", [1, -1])
@pytest.mark.parametrize("term", solver.COST_TERMS)
def test_every_cost_term_speaks_for_or_against_an_edit(app: Flask, term: str, change: int) -> None:
    """What `app.routes.edit_words` has no words for would be left out in silence."""
    with app.test_request_context():
        told = edit_words.reasons(Effect(cost=change, parts={term: change}, broken=(), cover=()))
    assert [kind for kind, _words in told] == ["bad" if change > 0 else "good"]


def test_the_cost_terms_that_are_added_up_are_those_that_are_judged() -> None:
    assert tuple(one.NAME for one in solver.costs.TERMS) == solver.COST_TERMS


def test_a_page_is_a_module_in_the_list_and_misses_its_row(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app import create_app, routes

    page = Blueprint("toy", __name__)
    page.get("/toy")(lambda: "a toy")
    module = ModuleType("app.routes.toy")
    vars(module).update(blueprint=page)
    monkeypatch.setitem(sys.modules, "app.routes.toy", module)
    monkeypatch.setattr(routes, "AREAS", (*routes.AREAS, "toy"))
    again = create_app(app.config["ESCALA"])
    answer = again.test_client().get("/toy")
    assert (answer.status_code, answer.text) == (200, "a toy")
    assert answer.headers["Content-Security-Policy"], "the headers come by themselves"
    import test_access

    with pytest.raises(AssertionError):
        test_access.test_every_route_is_in_the_table(again)


UKRAINIAN = i18n.PageLanguage(
    code="uk",
    locale=Locale("uk"),
    tag="uk",
    name="Українська",
    dates=i18n.DatePatterns(
        day="EEE, d MMMM",
        day_short="EEE d.MM",
        weekday="EEE",
        day_long="EEEE, d MMMM y",
        month="LLLL y",
        month_short="MMM yy",
        date="d MMMM y",
        date_short="dd.MM.y",
        first_day="d",
        first_day_and_month="d MMMM",
    ),
    joint=" – ",
    holidays="uk",
)


@pytest.fixture
def ukrainian(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The guide's two lines, its command, and a first text translated."""
    monkeypatch.setattr(messages_catalogue, "TRANSLATIONS", tmp_path)
    monkeypatch.setattr(messages_catalogue, "TRANSLATED", ("uk",))
    monkeypatch.setitem(i18n.LANGUAGES, "uk", UKRAINIAN)
    assert messages_catalogue.main() == 0
    path = tmp_path / "uk" / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale="uk")
    assert len(catalogue) > 1000
    catalogue["Password"].string = "Пароль"
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)
    monkeypatch.setattr(app.extensions["babel"], "translation_directories", [str(tmp_path)])
    i18n.babel.domain_instance.cache.clear()
    yield
    i18n.babel.domain_instance.cache.clear()


def test_a_language_is_two_lines_and_a_catalogue(
    app: Flask, ukrainian: None, tmp_path: Path
) -> None:
    client = app.test_client()
    page = client.get("/sign-in").text
    assert '<button class="btn-plain" name="locale" value="uk" lang="uk">Українська<' in page
    client.post("/language", data={"locale": "uk"})
    page = client.get("/sign-in").text
    assert '<html lang="uk"' in page
    assert "Пароль" in page
    assert "Mail address" in page, "what is not translated yet is said in English"
    told = {"ESCALA_LOCALE": "uk", "ESCALA_INSTANCE": str(tmp_path / "instance")}
    assert read_settings(told).locale == "uk"


def test_who_chose_a_language_more_reads_every_page_and_calendar_in_it(
    ukrainian: None, world: SmallWorld, sign_in: Callable[[str], FlaskClient]
) -> None:
    coordinator, ana = (sign_in(one) for one in (world.coordinator, world.mediator))
    read = {}
    for client in (coordinator, ana):
        client.post("/language", data={"locale": "uk"})
    for client, paths in (
        (
            coordinator,
            (f"/weeks/{MONDAY}", "/now", "/horizon", "/offices/1", "/reports", "/courses"),
        ),
        (ana, ("/me", "/me/month/2026-03", "/me/feeds")),
    ):
        for path in paths:
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert '<html lang="uk"' in answer.text, path
            read[path] = answer.text
    assert "9 – 15 березня 2026" in read[f"/weeks/{MONDAY}"]
    assert "День Португалії" in read["/offices/1"] or "Великдень" in read["/offices/1"]
    ana.post("/me/feeds", data={"name": "Phone", "locale": "uk", "details": "details"})
    shown = ana.get("/me/feeds").text
    assert "· Українська" in shown
    (token,) = set(re.findall(r"/feeds/([\w-]{43})\.ics", shown))
    feed = ana.get(f"/feeds/{token}.ics")
    assert feed.status_code == 200
    assert feed.text.startswith("BEGIN:VCALENDAR")
    sheet = ana.get("/me/month.pdf?month=2026-03")
    assert sheet.mimetype == "application/pdf"


def test_a_migration_is_a_file_with_the_next_number(tmp_path: Path) -> None:
    (tmp_path / "0001_toy.py").write_text(
        "from peewee import *\n\n\n"
        "def up(migrator, db):\n"
        "    class Toy(Model):\n"
        "        name = CharField()\n\n"
        "        class Meta:\n"
        "            database = db\n"
        "            table_name = 'toy'\n\n"
        "    db.create_tables([Toy])\n\n\n"
        "def down(migrator, db):\n"
        "    db.execute_sql('DROP TABLE toy')\n"
    )
    database = SqliteDatabase(str(tmp_path / "toy.db"))

    class Toy(Model):
        name = CharField()

        class Meta:
            pass

    Toy.bind(database)
    with database.connection_context():
        runner = Runner(database, str(tmp_path))
        assert runner.up() == ["0001_toy"]
        assert runner.up() == []
        assert not diff_models(database, [Toy])
        assert runner.down() == ["0001_toy"]
        assert not database.table_exists("toy")


def test_migrations_are_numbered_once_each_and_import_no_model() -> None:
    found = sorted((ROOT / "app" / "migrations").glob("[0-9]*.py"))
    numbers = [path.name[:4] for path in found]
    assert len(numbers) == len(set(numbers)) > 10
    for path in found:
        imported = re.findall(r"^from (app\.\S+) import (.+)$", path.read_text(), re.MULTILINE)
        assert {module for module, _names in imported} <= {"app.models.base"}, path.name


def _hooks() -> dict[str, str]:
    import yaml

    told = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    assert {repo["repo"] for repo in told["repos"]} == {"local"}
    return {one["id"]: one["entry"] for repo in told["repos"] for one in repo["hooks"]}


def test_the_hooks_run_the_tools_that_the_suite_runs() -> None:
    """Those of `run_tests` and `read_closely` in `escala`, before and beside its tests."""
    script = (ROOT / "escala").read_text()
    suite = script.partition("run_tests() {")[2].partition("\ntest_on_postgresql")[0]
    read = [
        re.sub(r"( \.)?( &&)?$", "", line.strip())
        .replace('"$VENV/bin/', ".venv/bin/")
        .replace('"', "")
        for line in suite.splitlines()
        if re.match(r'\s*"\$VENV/bin/(?!python)', line)
    ]
    assert len(read) == 4
    hooks = {one.replace(" --force-exclude", "") for one in _hooks().values()}
    assert set(read) <= hooks
    for entry in _hooks().values():
        assert (ROOT / entry.split()[0]).exists(), entry


def test_the_hook_of_the_translations_runs_those_tests_alone() -> None:
    """By their names: a word would also be looked for in the file's own name, and find all."""
    entry = shlex.split(_hooks()["translations"])
    listed = [one for one in entry if "::" in one]
    assert len(listed) > 3
    assert not {"-k", "tests/app/test_translations.py"} & set(entry)
    for one in listed:
        path, name = one.split("::")
        assert f"\ndef {name}(" in (ROOT / path).read_text(), one
    tests = (ROOT / "tests/app/test_translations.py").read_text()
    of_the_catalogue = set(re.findall(r"^def (test_\w+)\(\s*catalogue:", tests, re.M))
    assert len(of_the_catalogue) > 3
    assert of_the_catalogue <= {one.partition("::")[2] for one in listed}


def test_every_main_page_has_its_picture_and_each_is_shown() -> None:
    """What the demonstration's journey takes is what docs/pictures.md shows."""
    journey = (ROOT / "tests/browser/test_demonstration.py").read_text(encoding="utf-8")
    taken = re.findall(r'^    f?"/[^"]*": "([a-z-]+)",$', journey, re.MULTILINE)
    shown = re.findall(r"\(pictures/([a-z-]+)\.png\)", (ROOT / "docs/pictures.md").read_text())
    kept = [one.stem for one in (ROOT / "docs/pictures").glob("*.png")]
    assert sorted(taken) == sorted(shown) == sorted(kept)
    assert "docs/pictures.md" in (ROOT / "README.md").read_text()


def test_the_hooks_refuse_what_the_suite_would(tmp_path: Path) -> None:
    """As pre-commit calls them: the hook's entry and the names of files."""
    hooks = _hooks()
    good, bad = tmp_path / "good.py", tmp_path / "bad.py"
    good.write_text('"""Sound."""\n')
    bad.write_text("import os\nx = {  }\n")
    for name in ("ruff", "ruff-format"):
        ended = [
            subprocess.run(
                [*shlex.split(hooks[name]), str(one)], cwd=ROOT, capture_output=True, check=False
            ).returncode
            for one in (good, bad)
        ]
        assert ended[0] == 0 != ended[1], name


def test_what_readme_writes_into_the_tree_stays_out_of_clones_and_images() -> None:
    """Backups are personal data."""
    for path in ("backups/2026-11-26.zip", "out/problem.json", "instance/escala.db"):
        asked = ["git", "check-ignore", "-q", path]
        assert subprocess.run(asked, cwd=ROOT, check=False).returncode == 0, path
        assert path.partition("/")[0] in (ROOT / ".dockerignore").read_text().split()
