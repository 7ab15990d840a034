"""Names written from right to left stand apart from the hours and names beside them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st
from small_world import SmallWorld

from app.models import Mediator
from app.routes.right_to_left import HINT, isolated_page
from calendars.right_to_left import END, ISOLATE, RUN, isolated

SARA, ALI = "سارة الحسن", "علي"


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<td>Ana 09:00</td>", "<td>Ana 09:00</td>"),
        (f"<td>{SARA} 09:00</td>", f"<td><bdi>{SARA}</bdi> 09:00</td>"),
        (f"<p>{SARA}, {ALI}</p>", f"<p><bdi>{SARA}</bdi>, <bdi>{ALI}</bdi></p>"),
        ("<p>ד&#39;ור לוי</p>", "<p><bdi>ד&#39;ור לוי</bdi></p>"),
        (f'<input value="{SARA}">', f'<input value="{SARA}">'),
        (f'<i title="{SARA} 9">x</i>', f'<i title="{ISOLATE}{SARA}{END} 9">x</i>'),
        (
            f'<button aria-label="{ALI}, 9" data-name="{ALI}" value="{ALI}">x</button>',
            f'<button aria-label="{ISOLATE}{ALI}{END}, 9" data-name="{ALI}" value="{ALI}">'
            "x</button>",
        ),
        (
            f'<svg><g><text x="1">{ALI} 9</text></g></svg>{ALI}',
            f'<svg><g><text x="1">{ISOLATE}{ALI}{END} 9</text></g></svg><bdi>{ALI}</bdi>',
        ),
        (f"<textarea>{SARA} 9</textarea> {ALI}", f"<textarea>{SARA} 9</textarea> <bdi>{ALI}</bdi>"),
        (f"<script>'{SARA}'</script>", f"<script>'{SARA}'</script>"),
        (f"<option>{ALI} 9</option>", f"<option>{ISOLATE}{ALI}{END} 9</option>"),
        (f"<title>{ALI} · Escala</title>", f"<title>{ISOLATE}{ALI}{END} · Escala</title>"),
        (f"<bdi>{ALI}</bdi>", f"<bdi>{ALI}</bdi>"),
        (f"<!-- {ALI} > --><b>{ALI}</b>", f"<!-- {ALI} > --><b><bdi>{ALI}</bdi></b>"),
    ],
)
def test_right_to_left_words_are_isolated_in_what_is_shown_and_not_in_data(
    page: str, expected: str
) -> None:
    assert isolated_page(page) == expected


@given(st.text(st.sampled_from("aé 09,:.-'<>/bسאعٌ܀߀٣𐤀𞤀")))
@example(f"{SARA} (09:00–13:00), {ALI}")
def test_nothing_but_the_marks_is_added(text: str) -> None:
    marks = f"</?bdi>|[{ISOLATE}{END}]"
    assert re.sub(marks, "", isolated_page(text)) == re.sub(marks, "", text)
    assert isolated(text).replace(ISOLATE, "").replace(END, "") == text


def test_no_such_letter_is_overlooked_in_a_page_s_bytes() -> None:
    letters = [one for one in map(chr, range(0x590, 0x20000)) if RUN.fullmatch(one)]
    assert {"א", "ع", "ܐ", "ߊ", "ࢠ", "ﭐ", "ﻼ", "𐤀", "𞤀"} <= set(letters)
    for one in letters:
        if not "\ud800" <= one <= "\udfff":
            assert HINT.search(one.encode()), hex(ord(one))


def test_a_name_is_shown_apart_and_kept_as_it_was_written(
    world: SmallWorld, sign_in: Callable[[str], FlaskClient]
) -> None:
    ana = world.mediators[0]
    Mediator.update(name=SARA, called_name=SARA).where(Mediator.id == ana.id).execute()
    client = sign_in(world.coordinator)
    assert f"<bdi>{SARA}</bdi>" in client.get(f"/mediators/{ana.id}").text
    form = client.get(f"/mediators/{ana.id}/edit").text
    assert f'value="{SARA}"' in form
    assert ISOLATE not in client.get("/me/feeds").text
