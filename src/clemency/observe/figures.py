"""A figure and all that a reader needs to check it: what is counted, in which unit, up to which day, by whom.

Charts and the report are made of these and of nothing else. Each has an id that leads back to its row: a claim of the
library, a row of the history, a number of an estimate, a count on an invented register.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields

# `announced` was said before the act was carried out, `reported` afterwards; `rules` comes out of the act's clauses on
# drawn invented populations, with intervals; `counted` is counted on one invented register; `projected` carries reports
# on to a later day.
KINDS = ("announced", "rules", "reported", "counted", "projected")
UNITS = ("people", "cases", "days", "places", "percent", "rows", "draws")


@dataclass(frozen=True)
class Cited:
    """One number with its source. `value` is None where no source gives the number; that is not zero.

    `partial` says that only some of the bodies that apply the act are counted.

    >>> told = Cited("c091", "reported", "released_from_imprisonment", 5638, as_of="2026-02-19", body="prosecutor")
    >>> told.known, Cited("history.1996-05-22.actual_total", "reported", "total", None).known
    (True, False)
    """

    id: str
    kind: str
    quantity: str
    value: float | None
    qualifier: str = "exact"
    low50: float | None = None
    high50: float | None = None
    low90: float | None = None
    high90: float | None = None
    unit: str = "people"
    as_of: str = ""
    body: str = ""
    scope: str = ""
    partial: bool = False
    source: str = ""
    url: str = ""
    synthetic: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.unit not in UNITS:
            raise ValueError(f"figure {self.id}: kind {self.kind!r} or unit {self.unit!r} is none of the house")

    @property
    def known(self) -> bool:
        """Whether a number is there."""
        return self.value is not None

    def as_json(self) -> dict[str, object]:
        """The figure as a plain object; whole numbers stay whole."""
        return {name: _whole(value) for name, value in asdict(self).items()}


COLUMNS = tuple(one.name for one in fields(Cited))


def write_csv(figures: Iterable[Cited], labels: Mapping[str, str]) -> str:
    """Figures as a table with a header, one a row, each with the label that a chart gives it. No number: empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("id", "label", *COLUMNS[1:]))
    for figure in figures:
        cells = {name: "" if value is None else value for name, value in figure.as_json().items()}
        cells |= {name: str(getattr(figure, name)).lower() for name in ("partial", "synthetic")}
        writer.writerow((figure.id, labels.get(figure.id, ""), *(cells[name] for name in COLUMNS[1:])))
    return text.getvalue()


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value
