"""QR codes on pages: dark on light in either theme, or cameras would not read them."""

from __future__ import annotations

import segno
from markupsafe import Markup

from app.i18n import _


def qr_code(text: str) -> Markup:
    """`text` as a drawing, as large as the page's style lets it be."""
    drawn = segno.make(text, error="m").svg_inline(
        scale=4, border=3, dark="#000", light="#fff", omitsize=True, title=_("QR code")
    )
    # Squares drawn by segno, and the title, which it escapes.
    return Markup(drawn)  # nosec B704 # noqa: S704
