"""The arithmetic of one sentence: a worked case for each rule, laws that hold for all, and files that do not fit."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from clemency.cli import run
from clemency.law.calendar import Duration, add
from clemency.law.sentence_rules import load_rest_days, load_sentence_rules
from clemency.law.sentences import Custody, Derived, converted, custody_days, exchanged, share_of
from clemency.law.source import SourceErrors
from clemency.observe.sentence_page import phrases
from clemency.records.record import CaseRecord, RecordErrors
from clemency.records.sentence import as_json, as_plain, parse_sentence, read_sentence, work_out

CASES = Path(__file__).parents[1] / "cases" / "sentences"
_BESIDE = ("expect", "missing", "notes", "steps", "confidence")
DAYS = st.dates(date(1990, 1, 1), date(2034, 12, 31))


def plain(value: Any) -> Any:
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def stated(one: Derived) -> Any:
    settled = one.least == one.most
    return as_plain(one.least) if settled else [as_plain(one.least), as_plain(one.most)]


@pytest.mark.parametrize("path", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_worked_case(path: Path) -> None:
    worked = yaml.safe_load(path.read_text(encoding="utf-8"))
    given_ = {key: value for key, value in worked.items() if key not in _BESIDE}
    found = {one.name: one for one in work_out(*parse_sentence(yaml.safe_dump(given_))).derived}
    assert worked["expect"], "a worked case expects something"
    assert {name: stated(found[name]) for name in worked["expect"]} == {
        name: plain(value) for name, value in worked["expect"].items()
    }
    for name, items in worked.get("missing", {}).items():
        assert list(found[name].missing) == items
    for name, keys in worked.get("notes", {}).items():
        assert [step.key for step in found[name].notes] == keys
    for name, keys in worked.get("steps", {}).items():
        assert [step.key for step in found[name].steps] == keys
    for name, level in worked.get("confidence", {}).items():
        assert found[name].confidence == level


def test_every_rule_of_the_file_stands_in_a_worked_case() -> None:
    shown = set()
    for path in CASES.glob("*.yaml"):
        given_ = {k: v for k, v in yaml.safe_load(path.read_text(encoding="utf-8")).items() if k not in _BESIDE}
        for one in work_out(*parse_sentence(yaml.safe_dump(given_))).derived:
            shown |= {step.key for step in (*one.steps, *one.notes)}
    words = yaml.safe_load(Path("src/clemency/observe/sentence_words.yaml").read_text(encoding="utf-8"))
    assert shown | {"record_one", "end_agrees"} == set(words["step"])


@given(st.lists(st.tuples(DAYS, st.integers(0, 400)), max_size=6))
def test_custody_is_the_number_of_days_in_any_stretch(stretches: list[tuple[date, int]]) -> None:
    given_ = [Custody(first, first + timedelta(days=length)) for first, length in stretches]
    days = {one.first + timedelta(days=n) for one in given_ for n in range((one.last - one.first).days + 1)}
    assert custody_days(given_) == len(days)


@given(st.integers(0, 10_000))
def test_what_is_exchanged_over_a_day_of_prison_is_what_is_converted(days: int) -> None:
    rules = load_sentence_rules("az-cc")
    for to in ("restriction_of_liberty", "correctional_works", "military_restriction", "public_works"):
        there = converted(days, to, rules)
        assert exchanged(int(there), to, "imprisonment", rules) == days


@given(DAYS, st.integers(1, 300), st.sampled_from([Fraction(1, 3), Fraction(1, 2), Fraction(2, 3), Fraction(3, 4)]))
def test_a_share_of_a_term_lies_inside_it_and_grows_with_the_share(start: date, months: int, share: Fraction) -> None:
    term = Duration(months)
    day = add(start, share_of(term, share))
    assert start <= day <= add(start, term) + timedelta(days=3)
    assert day <= add(start, share_of(term, Fraction(1)))


@given(DAYS)
def test_release_is_on_a_working_day_and_never_after_the_last_day(day: date) -> None:
    rest = load_rest_days("az")
    released, passed = rest.working_day_by(day)
    assert released <= day
    assert rest.reason(released) is None
    assert [one for one, *_ in passed] == [day - timedelta(days=n) for n in range((day - released).days)]


@given(
    st.sampled_from(["imprisonment", "restriction_of_liberty", "correctional_works"]),
    DAYS,
    st.integers(1, 240),
    st.integers(0, 700),
    st.sampled_from(["177.1", "177.2.3", "177.3", "120.1", "999", None]),
)
def test_nothing_is_later_than_what_follows_it(
    punishment: Any, start: date, months: int, credit: int, article: str | None
) -> None:
    record = CaseRecord(
        case_id="a",
        punishment=punishment,
        term_months=months,
        term_start=start,
        credit_days=credit,
        recidivism="none",
        offences=[{"article": article}],  # type: ignore[list-item]
    )
    found = {one.name: one for one in work_out(record).derived}
    assert all(one.least is None or one.least <= one.most for one in found.values())  # type: ignore[operator]
    end = found["term_end"].value
    assert isinstance(end, date)
    assert found["release_day"].value is None or found["release_day"].value <= end  # type: ignore[operator]
    if (least := found["record_end"].least) is not None:
        assert isinstance(least, date)
        assert least > end


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file is empty"),
        ("[1]", "a sentence is an object"),
        ("case: {case_id: a", "this is not YAML"),
        ("case: {case_id: a, sexx: male}", "sexx = 'male': unknown field (did you mean sex?)"),
        ("case: {case_id: a}\ncustodyy: []", "custodyy = []: unknown field"),
        ("case: {case_id: a}\ncustody: [{from: 2024-02-01, to: 2024-01-01}]", "custody ends before it begins"),
        ("case: {case_id: a}\nterms: [six months]", "write a length as 40 months"),
        ("case: {case_id: a, offences: []}\nterms: [6 months]", "there are 1 terms and 0 offences"),
        ("case: {case_id: a, offences: [{article: 177.2}]}", "offences.0.article"),
        ("case: {case_id: a}\nprobation_months: -1", "probation_months"),
        ("case: {case_id: ə, term_start: 2024-02-30}", "this is no day of the calendar"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_what_and_where(text: str, told: str) -> None:
    with pytest.raises((RecordErrors, SourceErrors)) as refused:
        parse_sentence(text)
    assert told in str(refused.value)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sentence.yaml"
    path.write_bytes("case: {case_id: Əliyev}".encode("utf-16"))
    with pytest.raises(SourceErrors, match="not UTF-8"):
        read_sentence(path)


def test_a_key_given_twice_is_refused() -> None:
    with pytest.raises(SourceErrors, match="given twice"):
        parse_sentence("case: {case_id: a}\ncase: {case_id: b}")


def test_the_plain_data_reads_back_as_json() -> None:
    record, file = parse_sentence("case: {case_id: a, punishment: imprisonment, term_months: 6}")
    told = json.loads(json.dumps(as_json(work_out(record, file))))
    assert {one["name"] for one in told["derived"]} >= {"term_end", "release_day", "record_end"}


def test_the_command_tells_the_timeline_draws_it_and_gives_it_as_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case, picture = CASES / "release-on-a-sunday-moves-to-friday.yaml", tmp_path / "timeline.svg"
    given_ = {k: v for k, v in yaml.safe_load(case.read_text(encoding="utf-8")).items() if k not in _BESIDE}
    file = tmp_path / "sentence.yaml"
    file.write_text(yaml.safe_dump(given_), encoding="utf-8")
    assert run(["sentence", str(file), "--picture", str(picture)]) == 0
    told = capsys.readouterr().out
    assert "12 December 2025" in told
    assert "release moves to the working day before" in told
    assert "<title" in picture.read_text(encoding="utf-8")
    for language, month in (("az", "dekabr"), ("ru", "декабря")):
        assert run(["sentence", str(file), "--lang", language]) == 0
        assert month in capsys.readouterr().out
    assert run(["sentence", str(file), "--json"]) == 0
    days = {one["name"]: one["value"] for one in json.loads(capsys.readouterr().out)["derived"]}
    assert days["release_day"] == "2025-12-12"


@pytest.mark.parametrize(
    "arguments", [["nowhere.yaml"], ["library/acts/az-2025/act.yaml"], ["x.yaml", "--picture", "a.gif"]]
)
def test_the_command_refuses_what_it_cannot_read(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sentence", *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" not in told.err
    assert told.err


def test_a_case_of_a_register_is_worked_out_as_its_file_would_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = '{"case_id": "ş1", "punishment": "imprisonment", "term_months": 12, "term_start": "2024-12-14"}'
    register, file = tmp_path / "register.jsonl", tmp_path / "one.json"
    register.write_text(row + "\n", encoding="utf-8")
    file.write_text(row, encoding="utf-8")
    assert run(["sentence", str(register), "--case", "ş1", "--json"]) == 0
    of_register = capsys.readouterr().out
    assert run(["sentence", str(file), "--json"]) == 0
    assert capsys.readouterr().out == of_register


def test_every_phrase_of_the_timeline_stands_in_every_language_with_the_same_places() -> None:
    def leaves(node: Any) -> Any:
        if set(node) == {"en", "az", "ru"}:
            yield node
        else:
            for one in node.values():
                yield from leaves(one)

    found = list(leaves(phrases()))
    assert len(found) > 80
    for leaf in found:
        places = [sorted(re.findall(r"{(\w+?)(?:_than)?}", leaf[language])) for language in ("en", "az", "ru")]
        assert places[0] == places[1] == places[2], leaf
