"""Figures and their units: written together, in every language."""

from __future__ import annotations

import pytest
from flask import Flask

from app.i18n import _, in_language
from app.routes.formats import dialled, hours


@pytest.mark.parametrize(
    ("minutes", "written"), [(1710, "28 h 30"), (480, "8 h"), (-90, "−1 h 30"), (0, "0 h")]
)
def test_hours_never_break(minutes: int, written: str) -> None:
    assert hours(minutes) == written.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("language", "written"), [("en", "Try again in 5\u00a0min."), ("pt", "5\u00a0min.")]
)
def test_a_figure_of_a_sentence_keeps_its_unit(
    application: Flask, language: str, written: str
) -> None:
    with application.test_request_context(), in_language(language):
        assert _("Try again in %(n)d min.", n=5).endswith(written)
        assert "%(" not in _("%(percent)d %% of the usual", percent=80)
        assert _("%(percent)d %% of the usual", percent=80).startswith("80\u00a0%")


@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("+351 210 000-000", "+351210000000"),
        ("(21) 000.00.00", "210000000"),
        ("+44 (0)20 7946 0000", "+442079460000"),
        ("210 000 000 / 210 000 001", ""),
        ("210 000 000 ext. 4", ""),
        ("javascript:alert(1)", ""),
        ("-", ""),
        ("", ""),
    ],
)
def test_of_a_number_only_what_a_telephone_dials_is_left(written: str, called: str) -> None:
    assert dialled(written) == called
