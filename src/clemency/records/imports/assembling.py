"""Rows of all tables brought together as cases of the record, each with its offences.

A case is read whole or not at all: where one of its rows does not fit, all of its rows are put aside. Every row of
every file ends in a case or in the list of what was put aside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from clemency.law.codes import OffenceCode
from clemency.law.vocabulary import ValueType
from clemency.records.frames import record_schema, screened
from clemency.records.imports.looking import articles_to_look_at
from clemency.records.imports.offences import offence_rows
from clemency.records.imports.problems import Fault, Question
from clemency.records.imports.profile import Profile
from clemency.records.imports.reading_tables import ReadTable
from clemency.records.imports.spelling import LOOK_ALIKE
from clemency.records.imports.told import TOLD, told_of


def flat_schema(facts: Mapping[str, ValueType]) -> dict[str, pl.DataType]:
    """The columns of the record without the offences, and with one column a fact."""
    schema = record_schema(facts)
    flat = {name: dtype for name, dtype in schema.items() if name not in ("offences", "facts")}
    struct = schema["facts"]
    inner = struct.fields if isinstance(struct, pl.Struct) else []
    return flat | {f"facts.{one.name}": _instance(one.dtype) for one in inner}


def _instance(dtype: Any) -> pl.DataType:
    made: pl.DataType = dtype() if isinstance(dtype, type) else dtype
    return made


@dataclass
class Assembled:
    """The cases of all tables, one row a case with the columns of the record; and where every row went.

    `rows` has one row a row of the tables: table, place, row number, case and whether it was put aside.
    """

    cases: pl.DataFrame
    rows: pl.DataFrame
    faults: pl.DataFrame
    notes: pl.DataFrame
    stated: pl.DataFrame
    kind_of_rows: str = "case"
    questions: list[Question] = field(default_factory=list)


def assemble(read: list[ReadTable], profile: Profile, facts: Mapping[str, ValueType], code: OffenceCode) -> Assembled:
    """All tables as cases."""
    return _Assembler(read, profile, facts, code).assembled()


class _Assembler:
    def __init__(
        self, read: list[ReadTable], profile: Profile, facts: Mapping[str, ValueType], code: OffenceCode
    ) -> None:
        self.read, self.profile, self.facts, self.code = read, profile, facts, code
        self.faults: list[pl.DataFrame] = [one for table in read for one in table.faults]
        self.notes: list[pl.DataFrame] = [one for table in read for one in table.notes]
        self.questions: list[Question] = [one for table in read for one in table.questions]
        self.fields = [name for name in self._schema() if name != "case_id"]

    def _schema(self) -> dict[str, pl.DataType]:
        return flat_schema(self.facts) | {"category": pl.String()}

    def assembled(self) -> Assembled:
        """Rows, then cases, then the last look that every register gets."""
        offences = pl.concat([self._offences(table) for table in self.read])
        rows = pl.concat([self._rows_of(table) for table in self.read])
        cases = pl.concat(
            [self._cases_of(table) for table in self.read if not table.mapped.offences_alone] or [self._none()]
        )
        self._look_for_case_ids()
        kind = self._kind_of_rows(cases)
        self._look_for_twins(cases, kind)
        self._look_for_orphans(offences, cases)
        rows = self._put_aside(rows)
        fine = rows.filter(~pl.col("aside"))
        cases = cases.join(fine.select("table", "place"), on=["table", "place"], how="semi", maintain_order="left")
        cases = self._one_a_case(cases)
        frame = self._framed(
            cases,
            offences.join(fine.select("table", "place"), on=["table", "place"], how="semi", maintain_order="left"),
        )
        frame, cases = self._last_look(frame, cases)
        rows = self._put_aside(rows.drop("aside"))
        self._look_for_look_alikes(cases)
        looked_at = offences.join(rows.filter("aside"), on=["table", "place"], how="anti")
        self.notes += articles_to_look_at(looked_at, self.read, self.code)
        stated = cases.select("case_id", "category").filter(pl.col("category").is_not_null())
        return Assembled(frame, rows, self._joined(self.faults), self._joined(self.notes), stated, kind, self.questions)

    def _joined(self, told: list[pl.DataFrame]) -> pl.DataFrame:
        return pl.concat(told) if told else pl.DataFrame(schema=TOLD)

    def _none(self) -> pl.DataFrame:
        return pl.DataFrame(schema={"table": pl.UInt32(), "place": pl.UInt32(), **self._schema()})

    def _offences(self, table: ReadTable) -> pl.DataFrame:
        """The offences of a table; the columns they came from are let go, because a large file needs the room."""
        found = offence_rows(table, self.profile)
        table.values = {name: one for name, one in table.values.items() if not name.startswith("offences.")}
        table.nested = {}
        self.faults += found.faults
        self.notes += found.notes
        self.questions += found.questions
        return found.rows

    def _rows_of(self, table: ReadTable) -> pl.DataFrame:
        height = table.mapped.table.height
        case_id = table.values.get("case_id", pl.Series("case_id", [None] * height, pl.String))
        return pl.DataFrame(
            {
                "table": pl.repeat(table.mapped.place, height, dtype=pl.UInt32, eager=True),
                "place": pl.select(pl.int_range(height, dtype=pl.UInt32)).to_series(),
                "row": table.mapped.table.rows,
                "case_id": case_id,
            }
        )

    def _cases_of(self, table: ReadTable) -> pl.DataFrame:
        """The fields of a case in every row of a table, with the parts of a term brought to months and days."""
        frame = self._rows_of(table).drop("row", "case_id")
        values = table.values
        table.values = {name: values[name] for name in ("case_id", "category") if name in values}
        term = values.pop("term", None)
        years = values.pop("term_years", None)
        if term is not None:
            self._check_term(table, term, values)
            values.setdefault("term_months", term.struct.field("months"))
            values.setdefault("term_days", term.struct.field("days"))
        if years is not None:
            months = values.get("term_months")
            values["term_months"] = years if months is None else _sum(years, months)
        return frame.with_columns(
            values[name].cast(dtype).alias(name) if name in values else pl.lit(None, dtype).alias(name)
            for name, dtype in self._schema().items()
        )

    def _check_term(self, table: ReadTable, term: pl.Series, values: dict[str, pl.Series]) -> None:
        """A term in words beside one in columns of its own has to say the same."""
        for name, inner in (("term_months", "months"), ("term_days", "days")):
            if name in values:
                own = term.struct.field(inner)
                apart = (own != values[name]).fill_null(False)
                if apart.any():
                    fault = Fault("does_not_fit", "the term in words says otherwise", "mend the one that is wrong")
                    self.faults.append(told_of(apart.arg_true(), table.mapped, name, fault))

    # --- what puts rows aside ---------------------------------------------------------------------------------

    def _look_for_case_ids(self) -> None:
        """A row without a case number is no case."""
        fault = Fault("no_case_id", "the row has no case number")
        for table in self.read:
            ids = table.values["case_id"]
            without = [place for place in ids.is_null().arg_true() if place not in table.no_cases]
            unread = self._unread_ids(table)
            without = [place for place in without if place not in unread]
            if without:
                self.faults.append(told_of(pl.Series(without), table.mapped, "case_id", fault))

    def _unread_ids(self, table: ReadTable) -> set[int]:
        """Rows whose case number is there and could not be read, which is told already."""
        return {
            place
            for one in table.faults
            for place, field in one.select("place", "field").iter_rows()
            if field == "case_id"
        }

    def _aside_so_far(self) -> pl.DataFrame:
        return self._joined(self.faults).select("table", "place").unique()

    def _kind_of_rows(self, cases: pl.DataFrame) -> str:
        """Whether a row is a case or one offence of a case: by the profile, else by what rows of one case share."""
        if self.profile.rows is not None:
            return self.profile.rows
        twins = self._twins(cases)
        if not twins.height or not any(one.mapped.heading("offences.article") for one in self.read):
            return "case"
        same = [name for name in self.fields if name != "category"]
        agree = twins.group_by("case_id").agg(pl.col(same).drop_nulls().n_unique() <= 1)
        share = agree.select(pl.all_horizontal(same).mean()).item()
        return "offence" if share is not None and share >= 0.5 and self._some_offences_differ(twins) else "case"

    def _twins(self, cases: pl.DataFrame) -> pl.DataFrame:
        fine = cases.join(self._aside_so_far(), on=["table", "place"], how="anti", maintain_order="left")
        return fine.filter(pl.col("case_id").is_not_null() & pl.col("case_id").is_duplicated())

    def _some_offences_differ(self, twins: pl.DataFrame) -> bool:
        typed = twins.select("table", "place", "case_id").join(
            self._typed_offences(), on=["table", "place"], how="left"
        )
        return bool(typed.group_by("case_id").agg(pl.col("typed").n_unique() > 1).get_column("typed").any())

    def _typed_offences(self) -> pl.DataFrame:
        """What every row says of its offence, as it was typed."""
        pieces = []
        for table in self.read:
            typed = [one.column.text.fill_null("") for one in table.mapped.columns if one.field.startswith("offences.")]
            rows = self._rows_of(table).select("table", "place")
            joined = (
                pl.DataFrame([one.alias(str(n)) for n, one in enumerate(typed)]).select(
                    pl.concat_str(pl.all(), separator="\x1f").alias("typed")
                )
                if typed
                else pl.DataFrame({"typed": pl.repeat("", rows.height, dtype=pl.String, eager=True)})
            )
            pieces.append(rows.with_columns(joined.to_series()))
        return pl.concat(pieces)

    def _look_for_twins(self, cases: pl.DataFrame, kind: str) -> None:
        """Several rows with one case number: mistaken twins where a row is a case, else rows that must agree."""
        twins = self._twins(cases)
        if not twins.height:
            return
        if kind == "case":
            fault = Fault("case_id_twice", "several rows bear this case number")
            self._tell(twins, "case_id", fault)
            return
        for name in self.fields:
            if name == "category":  # it may be that of each offence
                continue
            counted = twins.group_by("case_id").agg(pl.col(name).drop_nulls().n_unique().alias("count"))
            apart = counted.filter(pl.col("count") > 1).get_column("case_id")
            if len(apart):
                fault = Fault("rows_disagree", "the rows of this case say different things here")
                self._tell(twins.filter(pl.col("case_id").is_in(apart.implode())), name, fault)
        same = twins.join(self._typed_offences(), on=["table", "place"], how="left", maintain_order="left")
        repeated = same.filter(pl.struct("case_id", "typed").is_duplicated())
        if repeated.height:
            self._tell(
                repeated, "case_id", Fault("row_repeated", "the same offence of the same case stands here twice")
            )

    def _tell(self, rows: pl.DataFrame, name: str, fault: Fault) -> None:
        for table in self.read:
            places = rows.filter(pl.col("table") == table.mapped.place).get_column("place")
            if len(places):
                self.faults.append(told_of(places, table.mapped, name, fault))

    def _look_for_orphans(self, offences: pl.DataFrame, cases: pl.DataFrame) -> None:
        """An offence on a sheet of its own belongs to a case of the other sheet."""
        alone = [table.mapped.place for table in self.read if table.mapped.offences_alone]
        if not alone:
            return
        rows = pl.concat([self._rows_of(table) for table in self.read if table.mapped.offences_alone])
        known = cases.get_column("case_id").drop_nulls().unique()
        orphans = rows.filter(pl.col("case_id").is_not_null() & ~pl.col("case_id").is_in(known.implode()))
        if orphans.height:
            self._tell(orphans, "case_id", Fault("offence_without_case", "no sheet of cases has this case"))

    def _put_aside(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Which rows are put aside: those with a fault, and the other rows of their cases, which are told so."""
        bad = self._aside_so_far()
        own = rows.join(bad, on=["table", "place"], how="semi")
        cases = own.get_column("case_id").drop_nulls().unique()
        others = rows.filter(pl.col("case_id").is_in(cases.implode())).join(
            bad, on=["table", "place"], how="anti", maintain_order="left"
        )
        if others.height:
            self._tell(others, "case_id", Fault("case_aside", "another row of this case was put aside"))
        bad = self._aside_so_far().with_columns(pl.lit(True).alias("aside"))
        joined = rows.join(bad, on=["table", "place"], how="left", maintain_order="left")
        return joined.with_columns(pl.col("aside").fill_null(False))

    # --- cases ------------------------------------------------------------------------------------------------

    def _one_a_case(self, cases: pl.DataFrame) -> pl.DataFrame:
        if not cases.get_column("case_id").is_duplicated().any():
            return cases
        first = [pl.col("table").first(), pl.col("place").first()]
        known = [pl.col(name).drop_nulls().first() for name in self.fields]
        return cases.group_by("case_id", maintain_order=True).agg(*first, *known)

    def _framed(self, cases: pl.DataFrame, offences: pl.DataFrame) -> pl.DataFrame:
        """Cases with the columns of the record."""
        parts = ("article", "committed_on", "guilt", "form")
        some = offences.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in parts))
        grouped = some.group_by("case_id", maintain_order=True).agg(pl.struct(*parts).alias("offences"))
        joined = cases.join(grouped, on="case_id", how="left", maintain_order="left")
        inner = [name for name in joined.columns if name.startswith("facts.")]
        stated = pl.struct(pl.col(name).alias(name.removeprefix("facts.")) for name in inner) if inner else pl.lit(None)
        schema = record_schema(self.facts)
        return joined.with_columns(stated.alias("facts").cast(schema["facts"])).select(
            pl.col(name).cast(dtype) for name, dtype in schema.items()
        )

    def _last_look(self, frame: pl.DataFrame, cases: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """What the record itself refuses, whatever file it came from, is put aside here."""
        if not frame.height:
            return frame, cases
        batch = screened(frame, 0, self.facts, frozenset())
        for row in batch.quarantined:
            place = cases.row(row.row, named=True)
            mapped = self.read[place["table"]].mapped
            for problem in row.problems:
                name = problem.field.split(".")[0] if problem.field.startswith("offences") else problem.field
                name = (
                    f"offences.{problem.field.split('.')[-1]}" if name == "offences" and "." in problem.field else name
                )
                fault = Fault("does_not_fit", problem.what, problem.mend)
                self.faults.append(told_of(pl.Series([place["place"]]), mapped, name, fault))
        kept = batch.rows.cast(pl.Int64)
        return batch.frame, cases[kept]

    def _look_for_look_alikes(self, cases: pl.DataFrame) -> None:
        """Two case numbers that differ only in letters of two alphabets that look the same."""
        ids = cases.select("table", "place", "case_id")
        latin = pl.col("case_id").str.replace_many(list(LOOK_ALIKE), list(LOOK_ALIKE.values()))
        some = ids.with_columns(latin.alias("latin")).filter(pl.col("latin").is_duplicated())
        if some.height:
            self.notes += [
                told_of(
                    some.filter(pl.col("table") == table.mapped.place).get_column("place"),
                    table.mapped,
                    "case_id",
                    Fault("ids_look_alike", "another case number differs only in letters that look the same"),
                )
                for table in self.read
            ]


def _sum(years: pl.Series, months: pl.Series) -> pl.Series:
    frame = pl.DataFrame({"a": years, "b": months})
    both = pl.when(pl.all_horizontal(pl.all().is_null())).then(None).otherwise(pl.sum_horizontal("a", "b"))
    return frame.select(both.alias("sum")).to_series()
