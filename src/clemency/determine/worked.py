"""Worked cases: invented people beside an act, each with the answer that a lawyer expects of it.

A worked case is a YAML file in `cases/` beside `act.yaml`: a `title` that says what it shows, the ids it `shows`, the
`case` as a record, and what to `expect`: any of the fields of a determination. Of `missing` the names are compared, by
kind; of `could_improve` the ids of the grants. With `as_of` the case is answered by the act as it stands on that day.
With `each_article` the answer is the same with each of these articles in place of that of the first offence, and in
`missing` an open point of law `listed:ID:*` stands for that of the article.

A lawyer signs a case in the file itself: `signed_by`, `signed_on` and a `verdict`, agree or disagree, with a `comment`.
A case with which somebody disagrees is a finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from clemency.determine.interpreter import determine_case
from clemency.law.act import Act, NotInForce
from clemency.law.source import Source, SourceErrors, read_source
from clemency.records.record import RecordErrors, known_facts

SIGNATURE = ("signed_by", "signed_on", "verdict", "comment")
AGREE, DISAGREE = "agree", "disagree"
_KEYS = {"title", "shows", "synthetic", "as_of", "case", "each_article", "expect", "source", "note", *SIGNATURE}


@dataclass(frozen=True)
class WorkedCases:
    """What running the worked cases of an act showed."""

    count: int
    problems: tuple[str, ...]
    not_shown: tuple[str, ...]


def run_worked_cases(act: Act) -> WorkedCases:
    """Run every worked case of an act through the interpreter; each one that disagrees is told with its file."""
    folder = act.path.parent / "cases" if act.path else None
    paths = sorted(folder.glob("*.yaml")) if folder and folder.is_dir() else []
    problems: list[str] = []
    shown: set[str] = set()
    for path in paths:
        try:
            worked = read_worked_case(path)
            problems += [f"{path.name}: {problem}" for problem in (*disagreements(worked, act), *dissent(worked))]
            shown |= set(map(str, worked.get("shows") or ()))
        except (SourceErrors, RecordErrors) as error:
            problems.append(f"{path.name}: {error}")
    clauses = [clause.id for clause in act.every_clause()]
    return WorkedCases(len(paths), tuple(problems), tuple(clause for clause in clauses if clause not in shown))


def read_worked_case(path: Path) -> Mapping[str, Any]:
    """One worked case as plain data. Raises SourceErrors with line and column."""
    source = read_source(path)
    data = source.data
    if not isinstance(data, dict) or not isinstance(data.get("case"), dict) or not isinstance(data.get("expect"), dict):
        source.problem((), "a worked case has a case and what to expect", "write title:, case: and expect:")
        raise SourceErrors(source.file, source.problems)
    for key in data.keys() - _KEYS:
        source.problem((key,), f"unknown key {key}", f"keys here: {', '.join(sorted(_KEYS))}", at_key=True)
    if "as_of" in data and not isinstance(data["as_of"], date):
        source.problem(("as_of",), f"as_of: {data['as_of']!r} is no day", "write it as 2025-12-20, without quotes")
    _check_articles(data, source)
    _check_signature(data, source)
    if source.problems:
        raise SourceErrors(source.file, source.problems)
    return data


def _check_articles(data: Mapping[str, Any], source: Source) -> None:
    articles = data.get("each_article")
    if articles is None:
        return
    if not isinstance(articles, list) or not all(isinstance(article, str) for article in articles):
        source.problem(
            ("each_article",), "each_article is a list of articles", "write each in quotes: ['124.1', '125']"
        )
    if not data["case"].get("offences"):
        source.problem(("each_article",), "the case has no offence whose article could be another one")


def _check_signature(data: Mapping[str, Any], source: Source) -> None:
    signer, day, verdict = data.get("signed_by"), data.get("signed_on"), data.get("verdict")
    if verdict not in (None, AGREE, DISAGREE):
        source.problem(("verdict",), f"verdict: {verdict!r} is no verdict", f"write {AGREE} or {DISAGREE}")
    if day is not None and not isinstance(day, date):
        source.problem(("signed_on",), f"signed_on: {day!r} is no day", "write it as 2025-12-20, without quotes")
    if verdict is not None and (not signer or day is None):
        source.problem(("verdict",), "a verdict is signed", "write signed_by: and signed_on: beside it")
    if verdict is None and signer:
        source.problem(("signed_by",), "the case is signed and has no verdict", f"write verdict: {AGREE} or {DISAGREE}")


def is_signed(worked: Mapping[str, Any]) -> bool:
    """Whether somebody has put a name to a case; it is not written over then."""
    return bool(worked.get("signed_by"))


def dissent(worked: Mapping[str, Any]) -> list[str]:
    """What a lawyer who signed a case disagrees with."""
    if worked.get("verdict") != DISAGREE:
        return []
    said = f": {worked['comment']}" if worked.get("comment") else ""
    return [f"{worked['signed_by']} disagrees (signed on {worked['signed_on']}){said}"]


def each_case(worked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The case of a worked case, or all of them: one for each article that may stand in its first offence."""
    case = {"case_id": "worked", **worked["case"]}
    if not worked.get("each_article"):
        return [case]
    first, *others = case["offences"]
    return [{**case, "offences": [{**first, "article": article}, *others]} for article in worked["each_article"]]


def disagreements(worked: Mapping[str, Any], act: Act) -> list[str]:
    """Where the interpreter's answer differs from the one expected, field by field."""
    if "as_of" in worked:
        try:
            act = act.as_of(worked["as_of"])
        except NotInForce as error:
            return [str(error)]
    facts, problems = known_facts(act), []
    for case in each_case(worked):
        found = _differences(worked["expect"], determine_case(case, act, facts).as_json())
        told = f"with article {case['offences'][0]['article']} " if worked.get("each_article") else ""
        problems += [told + problem for problem in found]
    return problems


def _differences(expect: Mapping[str, Any], answer: Mapping[str, Any]) -> list[str]:
    problems: list[str] = []
    for name, expected in expect.items():
        if name not in answer:
            problems.append(f"expect has {name}, and a determination has no such field")
            continue
        found, wanted = _comparable(name, answer[name]), _comparable(name, expected)
        if name == "missing":
            found["law"] = sorted({_any_article(one, wanted["law"]) for one in found["law"]})
        if found != wanted:
            problems.append(f"{name} is {found}, expected {wanted}")
    return problems


def _any_article(item: str, wanted: Iterable[str]) -> str:
    """A point of law as it is expected: `listed:ID:*` stands for whether any article is on the list of a clause."""
    return next((one for one in wanted if one.endswith("*") and item.startswith(one[:-1])), item)


def _comparable(name: str, value: Any) -> Any:
    if name == "missing":
        if isinstance(value, Mapping):
            return {kind: sorted(set(value.get(kind) or ())) for kind in ("fact", "law")}
        return {kind: sorted({item["name"] for item in value if item["kind"] == kind}) for kind in ("fact", "law")}
    if name == "could_improve":
        return [item["grant"] if isinstance(item, Mapping) else item for item in value or ()]
    return value.isoformat() if isinstance(value, date) else value
