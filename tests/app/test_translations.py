"""The Portuguese catalogue: whole, faithful to the source, and what pages show in each language."""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import flask_babel
import holidays
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.support import NullTranslations, Translations
from drafts import draft, require
from flask import Flask, request_finished
from flask.testing import FlaskClient
from small_world import MONDAY, SmallWorld, hold_session

from app.config import ROOT
from app.i18n import LANGUAGES, _, in_language
from app.messages_catalogue import METHODS, TRANSLATED, read_catalogue, texts_in_use
from app.models import TABLES, User

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
MOST_PAGES = 30
ROLES = ("coordinator", "trainer", "association", "mediator")
BRAZILIAN = re.compile(
    r"\b(telas?|usuári[oa]s?|arquivos?|celular(es)?|equipes?|contatos?|fatos?|planejar"
    r"|planejad[oa]s?|você|deletar|salvar|salv[oa]|cadastr\w+|registro|treinamento|ônibus|excluir"
    r"|acessar|gerenciar|aplicativos?|está \w+ndo|estão \w+ndo)\b",
    re.IGNORECASE,
)
TICKET = re.compile(r"\bsenhas?\b", re.IGNORECASE)
"""A numbered ticket in Portugal, a password in Brazil."""


# The catalogue.


@pytest.fixture(scope="module")
def source() -> Catalog:
    return texts_in_use()


@pytest.fixture(scope="module", params=TRANSLATED)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return read_catalogue(request.param)


def forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    """A message's forms: one, or one for each plural."""
    if isinstance(text, (tuple, list)):
        return tuple(text)
    return (text or "",)


def messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def test_the_catalogue_holds_every_text_in_use_and_no_other(
    source: Catalog, catalogue: Catalog
) -> None:
    used = {message.id for message in messages(source)}
    held = {message.id for message in messages(catalogue)}
    assert len(used) > 500, "the texts of the product were found"
    assert sorted(map(str, used - held)) == [], "run python -m app.messages_catalogue"
    assert sorted(map(str, held - used)) == []
    assert not catalogue.obsolete


def test_every_text_is_translated_and_sure(catalogue: Catalog) -> None:
    assert [one.id for one in messages(catalogue) if not all(forms(one.string))] == []
    assert [one.id for one in messages(catalogue) if one.fuzzy] == []


def test_a_translation_has_the_plural_forms_of_its_language(catalogue: Catalog) -> None:
    wrong = [
        one.id
        for one in messages(catalogue)
        if len(forms(one.string)) != (catalogue.num_plurals if one.pluralizable else 1)
    ]
    assert wrong == []


def placeholders(text: str) -> Counter[str]:
    return Counter(PLACEHOLDER.findall(text))


COUNTED = re.compile(r"(at most |1 to |fewer than )?%\((?:\w+\)d|n\)s)((?: [a-z]+){1,2})")
"""A number and what follows it; in front, where that makes it a limit of our own."""
ALSO_COUNTED = {"columns", "minutes", "receptions", "wishes"}
NEVER_ONE = {
    "%(n)d days": "the choices 30, 60 and so on",
    "%(n)s columns": "told where one was wanted",
    "%(year)d days a year, at most": "the budget of wishes",
    "Last %(n)d published weeks": "a single week is told by its date",
    "Log the call: %(n)d minutes": "the buttons 5, 10 and so on",
    "Nothing ends within %(n)d days": "the choices 30, 60 and so on",
    "Simulated %(n)d times": "a number of ours",
    "The offices that its forecast starts from until %(days)d days": "a number of ours",
    "Wait, last %(n)d weeks": "a number of ours",
    "What is assumed counts as much as %(n)d receptions": "a number of ours",
    "What is missing most first; cover of the published weeks": "a number of ours",
    "a mail address or number too: %(n)s people have this name": "told of several",
    "here on %(n)d of %(all)d dates": "told of sessions on several dates",
}
"""How a text begins that counts without plural forms, and why there is never one."""


def test_what_may_be_one_has_plural_forms(catalogue: Catalog) -> None:
    """The nouns are those that have such forms somewhere, and a few more."""
    nouns = set(ALSO_COUNTED)
    for one in messages(catalogue):
        if one.pluralizable:
            singular, plural = one.id
            after = " ".join(found[2] for found in COUNTED.finditer(plural))
            nouns |= set(re.findall(r"[a-z]+s\b|people", after)) - set(singular.split())
    assert {"shifts", "people", "places"} <= nouns
    plain = [one.id for one in messages(catalogue) if not one.pluralizable]
    counting = {
        text
        for text in plain
        for found in COUNTED.finditer(text)
        if not found[1] and nouns & set(found[2].split())
    }
    assert [one for one in sorted(counting) if not one.startswith(tuple(NEVER_ONE))] == []
    assert [one for one in NEVER_ONE if not any(text.startswith(one) for text in counting)] == []


def calls_within_f_strings(code: str) -> list[int]:
    """The lines on which a text is asked for inside an f-string."""
    return [
        call.lineno
        for string in ast.walk(ast.parse(code))
        if isinstance(string, ast.JoinedStr)
        for call in ast.walk(string)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ("_", "_l", "_n", "ngettext", "gettext", "lazy_gettext")
    ]


def test_no_text_stands_inside_an_f_string_where_its_reader_does_not_find_it() -> None:
    assert calls_within_f_strings("""f"{said} {_('more')}" """) == [1]
    assert calls_within_f_strings("""_("more"); f"{more} {_times(told)}" """) == []
    found = {
        str(one.relative_to(ROOT)): lines
        for one in (ROOT / "app").rglob("*.py")
        if (lines := calls_within_f_strings(one.read_text()))
    }
    assert found == {}


def test_the_texts_of_every_kind_of_template_are_read() -> None:
    folder = ROOT / "app" / "templates"
    found = (one for one in folder.rglob("*.*") if "__pycache__" not in one.parts)
    kinds = {one.suffix for one in found if one.is_file() and "_(" in one.read_text()}
    assert {f"app/templates/**{kind}" for kind in kinds} <= {pattern for pattern, _how in METHODS}


def test_a_translation_keeps_the_placeholders(catalogue: Catalog) -> None:
    """Each form those of its source; a lone `%` stays when the text is never formatted."""
    wrong = []
    for one in messages(catalogue):
        sources = forms(one.id)
        for source_text, translated in zip(sources, forms(one.string), strict=True):
            formatted = "%(" in "".join(sources)
            same = placeholders(source_text) == placeholders(translated)
            lone = PLACEHOLDER.sub("", translated).count("%") if formatted else 0
            if not same or lone:
                wrong.append((source_text, translated))
    assert wrong == []


def test_a_translation_begins_and_ends_as_its_source(catalogue: Catalog) -> None:
    """Blanks at the edges, and the point of a sentence."""
    wrong = []
    for one in messages(catalogue):
        for source_text, translated in zip(forms(one.id), forms(one.string), strict=True):
            edges = [text[: len(text) - len(text.lstrip())] for text in (source_text, translated)]
            stops = [text.endswith((".", ":", "?", "…")) for text in (source_text, translated)]
            if len(set(edges)) > 1 or len(set(stops)) > 1 or translated != translated.rstrip():
                wrong.append((source_text, translated))
    assert wrong == []


def test_portuguese_is_that_of_portugal() -> None:
    said = [text for one in messages(read_catalogue("pt")) for text in forms(one.string)]
    assert [text for text in said if BRAZILIAN.search(text)] == []


def test_a_password_is_no_ticket() -> None:
    wrong = [
        one.id
        for one in messages(read_catalogue("pt"))
        if "password" in str(one.id).lower()
        and any(TICKET.search(text) for text in forms(one.string))
    ]
    assert wrong == []


@pytest.mark.parametrize("text", ["Salvar o texto", "O usuário está fazendo", "Fale com você"])
def test_other_portuguese_is_told_apart(text: str) -> None:
    assert BRAZILIAN.search(text)


# Dates and numbers.


@pytest.mark.parametrize(
    ("code", "locale", "number", "date", "time"),
    [
        ("pt", "pt_PT", "12\N{NO-BREAK SPACE}345,5", "09/03/26", "17:30"),
        ("en", "en_GB", "12,345.5", "09/03/2026", "17:30"),
    ],
)
def test_each_language_writes_as_its_country_does(
    app: Flask, code: str, locale: str, number: str, date: str, time: str
) -> None:
    with app.test_request_context("/", headers={"Accept-Language": code}):
        chosen = flask_babel.get_locale()
        assert chosen is not None
        assert str(chosen) == locale
        assert chosen.first_week_day == 0 or code == "pt"
        assert flask_babel.format_decimal(12345.5) == number
        assert flask_babel.format_date(MONDAY, "short") == date
        at_lisbon = dt.datetime(2026, 3, 9, 17, 30, tzinfo=dt.UTC)
        assert flask_babel.format_time(at_lisbon, "short") == time


@pytest.mark.parametrize(
    ("asked", "lang", "locale"),
    [
        ("pt-BR,pt;q=0.9,en;q=0.1", "pt-PT", "pt_PT"),
        ("en-US,en;q=0.9", "en", "en_GB"),
        ("uk", "pt-PT", "pt_PT"),
    ],
)
def test_a_page_is_in_the_language_the_browser_asks_for(
    app: Flask, world: SmallWorld, asked: str, lang: str, locale: str
) -> None:
    seen = []

    def note(_app: Flask, **_of: object) -> None:
        seen.append(str(flask_babel.get_locale()))

    with request_finished.connected_to(note, app):
        page = app.test_client().get("/sign-in", headers={"Accept-Language": asked})
    assert f'<html lang="{lang}"' in page.text
    assert seen == [locale]


def test_figures_that_are_read_have_the_reader_s_decimal_sign() -> None:
    """`round` writes a point in every language: it is for drawings alone, inside a tag or macro."""
    wrong = []
    for path in sorted((ROOT / "app").glob("templates/**/*.html")):
        text = path.read_text(encoding="utf-8")
        for found in re.finditer(r"\{\{[^{}]*\| round\([^{}]*\}\}", text):
            before = text[: found.start()]
            in_tag = before.rfind("<") > before.rfind(">")
            in_level = before.rfind("{% macro level(") > before.rfind("{%- endmacro %}")
            if not in_tag and not in_level:
                wrong.append(f"{path.name}: {found[0]}")
    assert wrong == []


def test_in_language_holds_inside_and_ends_after(app: Flask) -> None:
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        with in_language("pt"):
            assert flask_babel.get_locale() == LANGUAGES["pt"].locale
            assert (_("Desk"), app.jinja_env.from_string("{{ _('Desk') }}").render()) == 2 * (
                "Gabinete",
            )
        assert flask_babel.get_locale() == LANGUAGES["en"].locale
        assert _("Desk") == app.jinja_env.from_string("{{ _('Desk') }}").render() == "Desk"
        with pytest.raises(KeyError), in_language("fr"):
            pass


def test_a_catalogue_is_read_once(app: Flask) -> None:
    read = []
    for _request in range(2):
        with app.test_request_context("/", headers={"Accept-Language": "pt"}):
            read.append(flask_babel.get_translations())
    assert read[0] is read[1]


# What pages show.


@dataclass
class Shown(HTMLParser):
    """The texts a reader sees or hears on a page, and its links."""

    texts: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._hidden = 0
        self._said_in: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        self._hidden += tag in ("script", "style", "svg")
        for name in ("aria-label", "title", "placeholder", "alt", "data-label"):
            self._add(facts.get(name) or "")
        if tag == "a" and (facts.get("href") or "").startswith("/"):
            self.links.append(str(facts["href"]).partition("#")[0])

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style", "svg")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._add(data)

    def _add(self, text: str) -> None:
        text = " ".join(text.split())
        if text:
            self.texts.append(text)


def shown(html: str) -> Shown:
    page = Shown()
    page.feed(html)
    return page


@pytest.fixture
def compiled(tmp_path: Path, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue as it stands, compiled for this test only."""
    for code in TRANSLATED:
        target = tmp_path / "translations" / code / "LC_MESSAGES" / "messages.mo"
        target.parent.mkdir(parents=True)
        with target.open("wb") as out:
            write_mo(out, read_catalogue(code))
    folders = [str(tmp_path / "translations")]
    monkeypatch.setattr(app.extensions["babel"], "translation_directories", folders)


@pytest.fixture
def lived_in(world: SmallWorld, now: dt.datetime) -> None:
    """Something on most pages: a session held, needs, a draft with a shift and a shortage."""
    hold_session(world, now)
    require(world.lisbon, 0, 8, 18, ["uk"], 2)
    require(world.lisbon, 1, 8, 18)
    draft(world, [("ana", "lisbon", 0, 8, 16)], now, bound=0)


def pages(client: FlaskClient) -> Iterator[tuple[str, Shown]]:
    """Pages from the first on, following links; one for each shape of address."""
    found: set[str] = set()
    waiting = deque(["/", f"/weeks/{MONDAY}"])
    while waiting and len(found) < MOST_PAGES:
        path = waiting.popleft()
        shape = re.sub(r"\d+(-\d+)*", "0", path.partition("?")[0])
        if shape in found:
            continue
        found.add(shape)
        answer = client.get(path, follow_redirects=True)
        if answer.mimetype != "text/html":
            continue
        page = shown(answer.text)
        waiting += page.links
        yield path, page


@dataclass(frozen=True)
class Foreign:
    """Texts of one language that differ in the other: whole, and as patterns with blanks."""

    whole: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]

    def among(self, texts: list[str]) -> list[str]:
        return [
            one
            for one in texts
            if one in self.whole or any(pattern.fullmatch(one) for pattern in self.patterns)
        ]


def foreign(pairs: list[tuple[str, str]]) -> Foreign:
    """From (text, same text in the page's language)."""
    native = {there for _text, there in pairs}
    whole, patterns = set(), []
    for text, there in pairs:
        if text == there or text in native:
            continue
        if "%(" not in text:
            whole.add(text)
        elif len(re.findall(r"[^\W\d]{2,}", PLACEHOLDER.sub("", text))) > 1:
            literal = "(.+)".join(re.escape(part) for part in re.split(r"%\(\w+\)[sd]", text))
            patterns.append(re.compile(literal.replace("%%", "%")))
    return Foreign(frozenset(whole), tuple(patterns))


def pairs_of(catalogue: Catalog) -> list[tuple[str, str]]:
    return [
        (text, translated)
        for one in messages(catalogue)
        for text, translated in zip(forms(one.id), forms(one.string), strict=True)
    ]


MARKED = re.compile("⟦[^⟦⟧]*⟧")


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every text that goes through the catalogue stands in ⟦ ⟧."""

    def one(_self: object, text: str) -> str:
        return f"⟦{text}⟧"

    def plural(_self: object, single: str, several: str, count: int) -> str:
        return f"⟦{single if count == 1 else several}⟧"

    for translations in (Translations, NullTranslations):
        monkeypatch.setattr(translations, "ugettext", one)
        monkeypatch.setattr(translations, "ungettext", plural)


def unmarked_words(text: str) -> set[str]:
    """Words of three letters or more outside ⟦ ⟧, in small letters."""
    rest, before = text, ""
    while rest != before:
        rest, before = MARKED.sub(" ", rest), rest
    return set(re.findall(r"[^\W\d_]{3,}", rest.casefold()))


def words_of_data() -> set[str]:
    """Words of the database, of dates, holidays and districts."""
    said = [
        "Escala",
        "English",
        "Português",
        "CSV",
        "XLSX",
        *holidays.Portugal.subdivisions_aliases,
    ]
    for district in ("11", "20"):
        said += holidays.Portugal(years=2026, subdiv=district, language="pt_PT").values()
    for width in ("wide", "abbreviated"):
        said += LANGUAGES["pt"].locale.months["format"][width].values()
        weekdays = LANGUAGES["pt"].locale.days["format"][width].values()
        said += [*weekdays, *(day[:3] for day in weekdays)]
    for model in TABLES:
        for row in model.select().tuples():
            said += [value for value in row if isinstance(value, str)]
    return {word for text in said for word in unmarked_words(text)}


@pytest.mark.parametrize("role", ROLES)
def test_every_word_on_a_page_comes_from_the_catalogue_or_the_data(
    marked: None,
    lived_in: None,
    world: SmallWorld,
    sign_in: Callable[[str], FlaskClient],
    role: str,
) -> None:
    client = sign_in(getattr(world, role))
    client.post("/language", data={"locale": "pt"})
    known = words_of_data()
    assert shown(client.get("/", follow_redirects=True).text).texts
    wrong = {
        (path, word)
        for path, page in pages(client)
        for text in page.texts
        for word in unmarked_words(text) - known
    }
    assert sorted(wrong) == []


def test_a_word_outside_the_catalogue_would_be_found() -> None:
    assert unmarked_words("⟦Week of ⟦March⟧⟧, Saved: 2 ⟦x⟧") == {"saved"}


@pytest.mark.parametrize("role", ROLES)
def test_no_text_of_the_other_language_shows(
    compiled: None,
    lived_in: None,
    world: SmallWorld,
    sign_in: Callable[[str], FlaskClient],
    role: str,
) -> None:
    names = {"Escala"} | {user.name for user in User.select()}
    pairs = [pair for pair in pairs_of(read_catalogue("pt")) if not names & set(pair)]
    client = sign_in(getattr(world, role))
    for code, strange in (
        ("pt", foreign(pairs)),
        ("en", foreign([(there, text) for text, there in pairs])),
    ):
        client.post("/language", data={"locale": code})
        seen, wrong = 0, []
        for path, page in pages(client):
            seen += len(page.texts)
            # A single letter is a key to press.
            wrong += [(path, text) for text in strange.among(page.texts) if len(text) > 1]
        assert wrong == []
        assert seen > 20, "there were pages to read"


def test_navigation_and_headings_are_said_in_the_chosen_language(
    compiled: None, lived_in: None, world: SmallWorld, sign_in: Callable[[str], FlaskClient]
) -> None:
    client = sign_in(world.coordinator)
    said = {}
    for code in LANGUAGES:
        client.post("/language", data={"locale": code})
        said[code] = shown(client.get("/mediators").text).texts
    for english, portuguese in (
        ("Week", "Semana"),
        ("Mediators", "Mediadores"),
        ("Offices", "Centros"),
        ("Sign out", "Sair"),
    ):
        assert english in said["en"]
        assert english not in said["pt"]
        assert portuguese in said["pt"]
        assert portuguese not in said["en"]


def test_a_text_of_the_other_language_would_be_found() -> None:
    pairs = [("Sign in", "Entrar"), ("%(n)d days ago", "há %(n)d dias"), ("Menu", "Menu")]
    strange = foreign(pairs)
    page = shown('<h1 title="Sign in">Menu</h1><p> 3  days ago </p><script>Sign in</script>')
    assert strange.among(page.texts) == ["Sign in", "3 days ago"]


def test_a_format_of_a_constant_is_told_in_each_reader_s_language(
    compiled: None, app: Flask
) -> None:
    template = app.jinja_env.from_string('{{ "CT 217" | article }}')
    told = []
    for locale in ("en", "pt"):
        with app.app_context(), in_language(locale):
            told.append(template.render())
    assert told == ["Labour Code, art. 217", "Código do Trabalho, art. 217"]
