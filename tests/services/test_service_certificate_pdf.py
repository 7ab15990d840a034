"""The paper of a certificate: what it costs that no font has a letter, and what else may fail."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path

import pytest
import typst

from app.services import certificate_pdf
from app.services.certificate_pdf import CertificateWords, render_pdf

NO_FONT_HAS_IT = "\U000f1234"


def words(name: str) -> CertificateWords:
    return CertificateWords(
        language="en",
        issuer="AIMA",
        title="Certificate",
        says="says that",
        name=name,
        course="has passed",
        lines=("A line",),
        check="Check it",
        qr_says="Leads to the check",
        number_says="Number",
        number="ABCD",
        address="https://escala.example.org/certificates/ABCD",
    )


def test_a_name_that_no_font_has_costs_the_mark_and_not_the_paper(
    caplog: pytest.LogCaptureFixture, now: dt.datetime
) -> None:
    with caplog.at_level(logging.WARNING):
        assert b"pdfuaid" in render_pdf(words("Fatou"), now)
        assert caplog.text == ""
        paper = render_pdf(words(f"Fatou {NO_FONT_HAS_IT}"), now)
    assert paper.startswith(b"%PDF-")
    assert b"pdfuaid" not in paper
    assert "A certificate is not PDF/UA: no font has one of its characters" in caplog.text
    assert "Fatou" not in caplog.text


def test_what_else_is_wrong_with_the_sheet_is_not_taken_for_a_letter(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, now: dt.datetime
) -> None:
    """Without a title it is no PDF/UA either, whatever the name."""
    untitled = tmp_path / "certificate.typ"
    text = certificate_pdf.TEMPLATE.read_text()
    untitled.write_text(text.replace("title: data.title, ", ""))
    assert untitled.read_text() != text
    monkeypatch.setattr(certificate_pdf, "TEMPLATE", untitled)
    with pytest.raises(typst.TypstError, match="title"):
        render_pdf(words("Fatou"), now)
