"""What people come for. Arrivals and desks name a need by these codes."""

from __future__ import annotations

from app.i18n import _l

GENERAL = "general"
NEEDS = {
    GENERAL: _l("Reception"),
    "legal": _l("Legal support"),
    "social": _l("Social support"),
    "employment": _l("Employment"),
    "education": _l("Education"),
    "health": _l("Health"),
    "family_reunification": _l("Family reunification"),
    "indebted": _l("Indebted migrants"),
    "entrepreneurship": _l("Entrepreneurship"),
    "qualifications": _l("Recognition of qualifications"),
    "residence": _l("Residence permits"),
    "social_security": _l("Social security"),
    "work_conditions": _l("Working conditions"),
    "registry": _l("Civil registry"),
}
"""Code → name in the reader's language."""
DESK_NEEDS = tuple(code for code in NEEDS if code != GENERAL)
"""Needs that a desk of its own may answer."""
