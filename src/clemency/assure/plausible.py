"""What holds of every person and every case: dates in their order, ages that can be."""

from __future__ import annotations

#: Nobody is younger than this at a crime, or older when an act takes effect.
YOUNGEST, OLDEST = 14, 100

#: Pairs of dates of a case of which the first cannot lie after the second.
ORDER = (
    ("birth_date", "judgment_date"),
    ("birth_date", "term_start"),
    ("term_start", "term_end"),
    ("judgment_date", "term_end"),
)
