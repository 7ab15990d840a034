"""How large the numbers of a file may be: far beyond any roster, well within memory."""

MOST_SLOTS = 1_000_000
MOST_DAY_SLOTS = 10_000
"""Of one day, or of one shift. A day has 1,500 at most by the clock; a converted nurse instance
lays all its shift types end to end in one."""
MOST_COUNT = 100_000
MOST_ENTRIES = 1_000_000
MOST_COST = 10**8
MOST_COVERED_SLOTS = 1_000_000
"""Of all shifts, of all requirements, or of all busy time, together: what tables by slot keep
within 2 GB."""
