"""How large the numbers of a file may be: far beyond any roster, well within memory."""

MOST_SLOTS = 2_000_000
MOST_COUNT = 100_000
MOST_ENTRIES = 1_000_000
MOST_COST = 10**8
MOST_COVERED_SLOTS = 50_000_000
"""Of all shifts, or of all requirements, together."""
