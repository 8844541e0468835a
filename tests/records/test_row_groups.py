"""A register read by its row groups says what the general way says: the same cases, the same rows put aside."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from clemency.law.calendar import EARLIEST, LATEST
from clemency.law.vocabulary import BOOLEAN, CASE_FIELDS, DATE, FORM, GUILT, NUMBER, TEXT, Kind, ValueType
from clemency.records import row_groups
from clemency.records.frames import duplicate_ids, parquet_part, record_schema
from clemency.records.layout import Layout, lay_out
from clemency.records.quarantine import QuarantinedRow, RegisterError
from clemency.records.record import MOST_OFFENCES, known_facts
from clemency.records.row_groups import PlainParts, plain_parts
from clemency.records.synthesise import synthesise

FACTS = {
    "combatant": BOOLEAN,
    "displaced": BOOLEAN,
    "disability_percent": NUMBER,
    "since": DATE,
    "unit": TEXT,
    "grade": ValueType(Kind.ENUMERATION, ("low", "high"), True),
    "award_holder": BOOLEAN,
}

# --- registers of all sorts


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


fine_days = st.dates(date(1960, 1, 1), date(2030, 1, 1)) | st.sampled_from([EARLIEST, LATEST, date(2024, 2, 29)])
odd_days = st.sampled_from([EARLIEST - timedelta(1), LATEST + timedelta(1), date(1, 1, 1)])
fine_counts = st.sampled_from([0, 1, 12, 60, 99, 100_000])
odd_counts = st.sampled_from([-1, 100_001, 2**31 - 1])


def of_kind(kind: ValueType, odd: bool) -> st.SearchStrategy[Any]:
    """Values of a field; with `odd`, now and then one that does not fit."""
    match kind.kind:
        case Kind.BOOLEAN:
            return st.booleans()
        case Kind.DATE:
            return fine_days | odd_days if odd else fine_days
        case Kind.NUMBER:
            return fine_counts | odd_counts if odd else fine_counts
        case Kind.TEXT:
            return st.sampled_from(["", "əsgər", "AZ"])
    return st.sampled_from([*kind.values, "?"] if odd else list(kind.values))


def fact_values(kind: ValueType, odd: bool) -> st.SearchStrategy[Any]:
    if kind.kind is Kind.NUMBER:
        fine = st.sampled_from([0.0, 61.5, -3.0])
        return fine | st.sampled_from([1e12, float("nan"), float("inf")]) if odd else fine
    return of_kind(kind, odd)


def rows(odd: bool) -> st.SearchStrategy[dict[str, Any]]:
    articles = st.sampled_from(["177.2.3", "320.1", "ə" * 40]) | (
        st.sampled_from(["", "x" * 41]) if odd else st.just("1")
    )
    offence = st.fixed_dictionaries(
        {
            "article": maybe(articles),
            "committed_on": maybe(of_kind(DATE, odd)),
            "guilt": maybe(of_kind(GUILT, odd)),
            "form": maybe(of_kind(FORM, odd)),
        }
    )
    return st.fixed_dictionaries(
        {
            **{name: maybe(of_kind(kind, odd)) for name, kind in CASE_FIELDS.items()},
            "offences": maybe(st.lists(maybe(offence) if odd else offence, max_size=3)),
            "facts": maybe(
                st.fixed_dictionaries({name: maybe(fact_values(kind, odd)) for name, kind in FACTS.items()})
            ),
        }
    )


def identities(odd: bool) -> st.SearchStrategy[Any]:
    fine = st.integers(0, 40).map(lambda number: f"case-{number:03}")
    return fine | maybe(st.sampled_from(["", "é" * 100, "é" * 200, "x" * 201, "y" * 40])) if odd else fine


@st.composite
def registers(draw: st.DrawFn) -> pl.DataFrame:
    odd = draw(st.booleans())
    count = draw(st.integers(1, 12))
    ids = draw(st.lists(identities(odd), min_size=count, max_size=count, unique=draw(st.booleans())))
    if draw(st.booleans()):
        ids = sorted(ids, key=lambda one: (one is None, one or ""))
    bodies = draw(st.lists(rows(odd and draw(st.booleans())), min_size=count, max_size=count))
    schema = {name: dtype for name, dtype in record_schema(FACTS).items() if name != "person_id"}
    frame = pl.DataFrame([{"case_id": one, **body} for one, body in zip(ids, bodies, strict=True)], schema=schema)
    lacking = draw(st.sets(st.sampled_from([name for name in frame.columns if name != "case_id"]), max_size=3))
    return frame.drop(lacking)


def with_texts(dtype: pa.DataType, text: pa.DataType) -> pa.DataType:
    if pa.types.is_large_string(dtype):
        return text
    if pa.types.is_struct(dtype):
        return pa.struct([field.with_type(with_texts(field.type, text)) for field in dtype])
    if pa.types.is_large_list(dtype):
        return pa.list_(dtype.value_field.with_type(with_texts(dtype.value_type, text)))
    return dtype


def cast(frame: pl.DataFrame, text: pa.DataType) -> pa.Table:
    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    return table.cast(pa.schema([field.with_type(with_texts(field.type, text)) for field in table.schema]))


def by_arrow(frame: pl.DataFrame, path: Path, size: int) -> None:
    pq.write_table(cast(frame, pa.string()), path, row_group_size=size, store_schema=False)


def without_dictionaries(frame: pl.DataFrame, path: Path, size: int) -> None:
    pq.write_table(
        cast(frame, pa.large_string()), path, row_group_size=size, use_dictionary=False, write_statistics=False
    )


def with_views(frame: pl.DataFrame, path: Path, _: int) -> None:
    table = cast(frame, pa.string())
    ids = table.column("case_id").cast(pa.string_view())
    pq.write_table(table.set_column(0, "case_id", ids), path, data_page_version="2.0")


def with_broken_off_dictionaries(frame: pl.DataFrame, path: Path, size: int) -> None:
    small: dict[str, Any] = {"dictionary_pagesize_limit": 8, "write_batch_size": 1, "data_page_size": 1}
    pq.write_table(cast(frame, pa.string()), path, row_group_size=size, **small)


def by_polars(frame: pl.DataFrame, path: Path, size: int) -> None:
    frame.write_parquet(path, row_group_size=size)


def with_categories(frame: pl.DataFrame, path: Path, size: int) -> None:
    words = [name for name in ("sex", "stage", "punishment", "case_id") if name in frame.columns]
    frame.with_columns(pl.col(name).cast(pl.Categorical) for name in words).write_parquet(path, row_group_size=size)


def with_wide_numbers(frame: pl.DataFrame, path: Path, size: int) -> None:
    numbers = [name for name in ("term_months", "credit_days") if name in frame.columns]
    frame.with_columns(pl.col(name).cast(pl.Int64) for name in numbers).write_parquet(path, row_group_size=size)


def with_times(frame: pl.DataFrame, path: Path, size: int) -> None:
    days = [name for name in ("term_start", "birth_date") if name in frame.columns]
    frame.with_columns(pl.col(name).cast(pl.Datetime("us")) for name in days).write_parquet(path, row_group_size=size)


WRITERS = [
    by_arrow,
    without_dictionaries,
    with_views,
    with_broken_off_dictionaries,
    by_polars,
    with_categories,
    with_wide_numbers,
    with_times,
]

# --- what is compared


def spelled_out(layout: Layout) -> tuple[pl.DataFrame, pl.DataFrame]:
    whole = layout.chosen(np.arange(layout.cases.height), layout.first_offence())
    texts = pl.Series(whole.articles, dtype=pl.String)
    offences = whole.offences.with_columns(texts.gather(whole.offences.get_column("article")).alias("article"))
    cases = whole.cases.with_columns(pl.Series("case_id", layout.case_ids()))
    return cases, offences.select("article", "committed_on", "guilt", "form")


def joined(parts: list[tuple[Layout, list[QuarantinedRow]]]) -> tuple[pl.DataFrame, pl.DataFrame, str]:
    cases, offences = zip(*(spelled_out(layout) for layout, _ in parts), strict=True)
    aside = [row for _, rows in parts for row in rows]
    return pl.concat(cases), pl.concat(offences), repr(aside)


def assert_same(path: Path, parts: PlainParts) -> None:
    """All parts say what the general way says of the whole file."""
    twice = duplicate_ids(lambda: [pl.read_parquet(path).get_column("case_id").cast(pl.String)])
    batch = parquet_part(path, 0, parts.rows, parts.facts, twice)
    expected = joined([(lay_out(batch.frame, parts.facts), batch.quarantined)])
    found = joined([parts.read(number) for number in range(parts.count)])
    assert_frame_equal(found[0], expected[0])
    assert_frame_equal(found[1], expected[1])
    assert found[2] == expected[2]


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(registers(), st.sampled_from(WRITERS), st.integers(1, 12), st.sampled_from([1, 5, 100]))
def test_row_groups_say_what_the_general_way_says(tmp_path, frame, write, size, rows) -> None:
    path = tmp_path / "register.parquet"
    write(frame, path, size)
    assert_same(path, plain_parts(path, FACTS, rows))


@pytest.fixture
def only_row_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    def general(*_: object) -> None:
        raise AssertionError("went the general way")

    monkeypatch.setattr(row_groups, "parquet_part", general)


@pytest.mark.usefixtures("only_row_groups")
@pytest.mark.parametrize("write", [by_arrow, without_dictionaries, with_views, by_polars, with_wide_numbers])
@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(bodies=st.lists(rows(False), min_size=1, max_size=8))
def test_what_is_in_order_is_read_by_its_row_groups(tmp_path, write, bodies) -> None:
    frame = pl.DataFrame(bodies, schema=record_schema(FACTS)).with_columns(
        case_id=pl.int_range(pl.len()).cast(pl.String)
    )
    write(frame, tmp_path / "register.parquet", 5)
    parts = plain_parts(tmp_path / "register.parquet", FACTS, 5)
    assert sum(parts.read(number)[0].cases.height for number in range(parts.count)) == frame.height


@pytest.mark.usefixtures("only_row_groups")
def test_a_synthetic_register_is_read_by_its_row_groups(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("clemency.records.synthesise._ROW_GROUP", 300)
    path = tmp_path / "register.parquet"
    synthesise(1000, 7, path)
    parts = plain_parts(path, known_facts(), 600)
    stated = [(part.first, part.rows, part.groups) for part in parts.parts]
    assert stated == [(0, 300, (0,)), (300, 600, (1, 2)), (900, 100, (3,))]
    monkeypatch.undo()
    assert_same(path, parts)


def test_facts_beyond_those_that_are_packed_have_columns_of_their_own(tmp_path) -> None:
    facts = {f"fact_{number}": BOOLEAN for number in range(70)}
    stated = [{name: [None, True, False][(row + place) % 3] for place, name in enumerate(facts)} for row in range(9)]
    frame = pl.DataFrame({"case_id": [str(row) for row in range(9)], "facts": stated})
    frame.write_parquet(tmp_path / "register.parquet")
    parts = plain_parts(tmp_path / "register.parquet", facts, 9)
    assert parts.read(0)[0].cases.get_column("facts.fact_66").to_list() == [None, True, False] * 3
    assert_same(tmp_path / "register.parquet", parts)


def test_lists_and_structs_that_are_slices_keep_their_rows(tmp_path) -> None:
    offences = [[{"article": str(row)}] * (row % 3) if row % 4 else None for row in range(30)]
    stated = [{"combatant": row % 2 == 0} if row % 5 else None for row in range(30)]
    frame = pl.DataFrame({"case_id": [f"{row:02}" for row in range(30)], "offences": offences, "facts": stated})
    table = cast(frame, pa.string()).slice(3, 20)
    pq.write_table(table, tmp_path / "register.parquet", row_group_size=7)
    assert_same(tmp_path / "register.parquet", plain_parts(tmp_path / "register.parquet", FACTS, 14))


def test_texts_that_nobody_asks_for_are_left_in_the_file(tmp_path) -> None:
    frame = pl.DataFrame({"case_id": ["A"], "person_id": ["P"], "citizenship": ["AZ"], "holder": ["prison 4"]})
    frame.write_parquet(tmp_path / "register.parquet")
    layout, _ = plain_parts(tmp_path / "register.parquet", {}, 9, {"holder"}).read(0)
    assert layout.cases.get_column("holder").to_list() == ["prison 4"]
    assert "citizenship" not in layout.cases.columns


def test_a_very_large_row_group_is_read_in_ranges(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(row_groups, "_LARGEST", 10)
    path = tmp_path / "register.parquet"
    pl.DataFrame({"case_id": [f"{row:02}" for row in range(25)]}).write_parquet(path, row_group_size=25)
    parts = plain_parts(path, FACTS, 10)
    assert [(part.first, part.rows, part.groups) for part in parts.parts] == [(0, 10, ()), (10, 10, ()), (20, 5, ())]
    assert_same(path, parts)


def test_a_file_that_is_no_register_is_refused(tmp_path) -> None:
    path = tmp_path / "register.parquet"
    pl.DataFrame({"case_id": ["A"], "sexx": ["male"]}).write_parquet(path)
    with pytest.raises(RegisterError, match="did you mean sex"):
        plain_parts(path, FACTS, 10)
    pl.DataFrame({"case_id": [datetime(2024, 1, 1)]}).write_parquet(path)
    with pytest.raises(RegisterError, match="case_id"):
        plain_parts(path, FACTS, 10)
    path.write_bytes(b"PAR1" + b"\0" * 20 + b"PAR1")
    with pytest.raises(RegisterError, match="damaged"):
        plain_parts(path, FACTS, 10)


def test_a_case_with_more_offences_than_a_record_holds_is_put_aside(tmp_path) -> None:
    listed = [[{"article": "177.1"}] * count for count in (1, MOST_OFFENCES, MOST_OFFENCES + 1)]
    path = tmp_path / "register.parquet"
    pl.DataFrame({"case_id": ["A", "B", "C"], "offences": listed}).write_parquet(path)
    parts = plain_parts(path, FACTS, 9)
    layout, aside = parts.read(0)
    assert layout.case_ids().to_pylist() == ["A", "B"]
    assert [(row.row, row.case_id, row.problems[0].field) for row in aside] == [(3, "C", "offences")]
    assert_same(path, parts)


# --- ids given twice


def of_ids(path: Path, groups: list[list[str]], **options: Any) -> Path:
    with pq.ParquetWriter(path, pa.schema({"case_id": pa.string()}), **options) as writer:
        for group in groups:
            writer.write_table(pa.table({"case_id": pa.array(group, pa.string())}))
    return path


APART = [
    [["a", "b"], ["c", "d"]],
    [["c", "d"], ["a", "b"]],
    [["b", "a", "b"], ["c", "c"]],
    [["a"], ["aa"], ["ab", None]],
    [[None, None], ["a"]],
]
TOGETHER = [
    [["a", "c"], ["b", "d"]],
    [["a", "b"], ["b", "c"]],
    [["x" * 40], ["x" * 40 + "y"]],
]


@pytest.mark.parametrize("groups", APART)
def test_groups_whose_ids_do_not_overlap_are_not_searched_as_a_whole(tmp_path, groups) -> None:
    parts = plain_parts(of_ids(tmp_path / "register.parquet", groups), FACTS, 2)
    assert parts.bounds is not None
    assert_same(parts.path, parts)


@pytest.mark.parametrize("groups", TOGETHER)
def test_groups_whose_ids_overlap_are_searched_as_a_whole(tmp_path, groups) -> None:
    parts = plain_parts(of_ids(tmp_path / "register.parquet", groups), FACTS, 2)
    assert parts.bounds is None
    assert_same(parts.path, parts)


def test_a_file_without_bounds_is_searched_as_a_whole(tmp_path) -> None:
    groups = [["a"], ["b"], ["a"]]
    parts = plain_parts(of_ids(tmp_path / "register.parquet", groups, write_statistics=False), FACTS, 1)
    assert (parts.bounds, parts.twice) == (None, {"a"})
    assert_same(parts.path, parts)


@pytest.mark.parametrize(("last", "apart"), [(["9", "10"], True), (["9", "15"], False), (["9", "9", "10"], False)])
def test_a_few_groups_that_overlap_are_looked_into(tmp_path, monkeypatch, last, apart) -> None:
    monkeypatch.setattr(row_groups, "_FEW", 0.5)
    groups = [["11", "19"], ["2", "3"], ["4", "5", "6"], last]
    parts = plain_parts(of_ids(tmp_path / "register.parquet", groups), FACTS, 3)
    assert (parts.bounds is not None) == apart
    assert_same(parts.path, parts)


@pytest.mark.parametrize("ids", [["a", "b", "c", "d"], ["a", "b", "c", "a"]])
def test_a_file_that_is_wrong_about_its_ids_does_not_hide_one_given_twice(tmp_path, monkeypatch, ids) -> None:
    path = of_ids(tmp_path / "register.parquet", [ids[:2], ids[2:]])
    wrong = (row_groups.Bounds(b"a", b"b"), row_groups.Bounds(b"c", b"c"))
    monkeypatch.setattr(row_groups, "_bounds", lambda _: wrong)
    parts = plain_parts(path, FACTS, 2)
    if len(set(ids)) == 4:
        assert_same(path, parts)
    else:
        with pytest.raises(RegisterError, match="is damaged"):
            parts.read(1)
