"""The documentation is true: its commands print what it shows, its examples load, its tables are those of the code."""

from __future__ import annotations

import doctest
import json
import os
import re
import shutil
import subprocess
import sys
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import NoneType, UnionType
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from clemency.determine.coded import RESULT_SCHEMA
from clemency.determine.interpreter import determine_case
from clemency.law import act as acts
from clemency.law import rules
from clemency.law.act import load_act
from clemency.law.codes import load_code
from clemency.law.source import SourceErrors
from clemency.law.vocabulary import (
    BOOLEAN,
    CASE_FIELDS,
    CATEGORIES,
    CUSTODY_CREDIT,
    DERIVED_FIELDS,
    IDENTITY_FIELDS,
    NUMBER,
    OFFENCE_FIELDS,
    OUTCOMES,
    RELIEFS,
)
from clemency.records.record import CaseRecord, Offence, known_facts, read_record

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS = REPOSITORY / "docs"
EXAMPLES = DOCS / "examples"
PAGES = {
    str(path.relative_to(REPOSITORY)): path
    for path in (REPOSITORY / "README.md", *sorted(DOCS.rglob("*.md")))
    if path.name != "speed.md"  # written by the benchmark
}
TEXTS = {name: path.read_text(encoding="utf-8") for name, path in PAGES.items()}


# --- reading pages


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: the words after its fence, its text, the line on which it begins."""

    language: str
    title: str
    text: str
    line: int


def blocks_of(text: str) -> list[Block]:
    found = []
    for match in re.finditer(r"^```(\w*)([^\n]*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        title = re.search(r'title="([^"]+)"', match[2])
        found.append(Block(match[1], title[1] if title else "", match[3], text.count("\n", 0, match.start()) + 2))
    return found


def prose_of(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def table_under(text: str, heading: str, nth: int = 0) -> list[list[str]]:
    """The rows of a table below a heading, without its head; cells as they are written."""
    section = re.search(rf"^#+ {re.escape(heading)}$(.*?)(?=^#+ |\Z)", prose_of(text), re.DOTALL | re.MULTILINE)
    assert section, f"no heading {heading}"
    tables = re.findall(r"(?:^\|.*\n)+", section[1], re.MULTILINE)
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in tables[nth].splitlines()]
    return rows[2:]


def coded(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def of_kind(*languages: str) -> dict[str, list[Block]]:
    found = {name: [block for block in blocks_of(text) if block.language in languages] for name, text in TEXTS.items()}
    return {name: blocks for name, blocks in found.items() if blocks}


def test_every_fence_is_closed_and_says_its_language() -> None:
    for name, text in TEXTS.items():
        fences = re.findall(r"^```.*$", text, re.MULTILINE)
        assert len(fences) == 2 * len(blocks_of(text)), name
        assert all(block.language for block in blocks_of(text)), name


# --- commands and Python


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the examples in it, where a reader might try the pages."""
    shutil.copytree(EXAMPLES, tmp_path / "docs" / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", of_kind("console", "python"))
def test_what_a_page_runs_gives_what_it_shows(page: str, desk: Path) -> None:
    names: dict[str, Any] = {}
    for block in of_kind("console", "python")[page]:
        place = f"{page}, line {block.line}"
        if block.language == "console":
            run_console(block.text, desk, place)
        elif ">>>" in block.text:
            run_session(block, names, place)
        else:
            exec(compile(block.text, place, "exec"), names)


def run_console(text: str, desk: Path, place: str) -> None:
    """Run each `$` line of a block; what follows it is what it has to print, with `...` for anything."""
    pieces = re.split(r"^\$ ", text, flags=re.MULTILINE)
    assert not pieces[0].strip(), f"{place}: a block begins with a command"
    for piece in pieces[1:]:
        command, _, shown = piece.partition("\n")
        printed = run_shell(command, desk)
        assert "Traceback" not in printed, f"{place}: $ {command}\n{printed}"
        if not matches(shown, printed):
            pytest.fail(f"{place}: $ {command}\n--- the page shows\n{shown}\n--- the command prints\n{printed}")


def run_shell(command: str, desk: Path) -> str:
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "CLEMENCY_LIBRARY")}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])
    environment = {**kept, "PATH": path, "NO_COLOR": "1", "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=desk,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        check=False,
    )
    return done.stdout.decode()


def matches(shown: str, printed: str) -> bool:
    pattern = ".*".join(map(re.escape, trimmed(shown).split("...")))
    return re.fullmatch(pattern, trimmed(printed), re.DOTALL) is not None


def trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


def test_three_dots_stand_for_anything_and_nothing_else_does() -> None:
    assert matches("a\n...\nd\n", "a\nb\nc\nd\n")
    assert matches("rules x@....\n", "rules x@12ab.\n")
    assert not matches("a\n", "a\nb\n")
    assert not matches("a.c\n", "abc\n")


def run_session(block: Block, names: dict[str, Any], place: str) -> None:
    session = doctest.DocTestParser().get_doctest(block.text, names, place, place, block.line - 1)
    told: list[str] = []
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
    failed = runner.run(session, out=told.append, clear_globs=False).failed
    names.update(session.globs)
    assert not failed, "".join(told)


# --- examples


def test_the_act_of_six_lines_is_one() -> None:
    path = EXAMPLES / "six-lines" / "act.yaml"
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) == 6
    act = load_act(path)
    assert act.grants
    assert act.exclusions
    for clause in (*act.grants, *act.exclusions):
        assert clause.sources
        assert clause.confidence
    assert any(block.title == "docs/examples/six-lines/act.yaml" for block in blocks_of(TEXTS["README.md"]))


@pytest.mark.parametrize(
    ("page", "block"), [(page, b) for page, found in of_kind("yaml", "lark").items() for b in found]
)
def test_a_block_that_names_a_file_stands_in_it(page: str, block: Block) -> None:
    if block.title:
        assert block.text in (REPOSITORY / block.title).read_text(encoding="utf-8"), f"{page}, line {block.line}"
    else:
        yaml.safe_load(block.text)


def test_records_shown_as_json_fit() -> None:
    for page, blocks in of_kind("json").items():
        for block in blocks:
            for line in block.text.splitlines():
                assert read_record(json.loads(line), known_facts()).case_id, page


def test_everybody_in_the_examples_is_marked_as_invented() -> None:
    for path in EXAMPLES.rglob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert json.loads(line)["case_id"].startswith("synthetic-"), path
    for path in EXAMPLES.rglob("*.csv"):
        assert all(line.startswith("synthetic-") for line in case_lines(path)), path
    for path in EXAMPLES.rglob("cases/*.yaml"):
        assert yaml.safe_load(path.read_text(encoding="utf-8"))["synthetic"] is True, path


def case_lines(path: Path) -> list[str]:
    """The rows of a sheet below its heading, without the numbers of its columns and its total."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    heading = next((place for place, line in enumerate(lines) if line.startswith("İşin nömrəsi")), 0)
    below = [line for line in lines[heading + 1 :] if line.strip(";, ")]
    return [line for line in below if not (line.startswith("Cəmi") or all(cell.isdigit() for cell in line.split(";")))]


# --- links


@pytest.mark.parametrize("page", TEXTS)
def test_every_link_leads_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose_of(TEXTS[page])):
        if re.match(r"https?://", target):
            continue
        file, _, anchor = target.partition("#")
        path = (PAGES[page].parent / file).resolve() if file else PAGES[page]
        assert path.exists(), f"{page}: {target}"
        if anchor:
            assert anchor in anchors(path.read_text(encoding="utf-8")), f"{page}: {target}"


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", prose_of(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_index_of_decisions_names_every_page() -> None:
    pages = {path.name for path in (DOCS / "decisions").glob("*.md")} - {"README.md"}
    assert set(re.findall(r"\]\(([\w-]+\.md)\)", TEXTS["docs/decisions/README.md"])) == pages
    for name in pages:
        text = TEXTS[f"docs/decisions/{name}"]
        assert all(f"**{word}**" in text for word in ("Decided.", "Why.", "What it costs.", "Where.")), name


@pytest.mark.parametrize("page", [page for page in TEXTS if page.startswith("docs/decisions/")])
def test_files_that_decisions_name_exist(page: str) -> None:
    for name in coded(prose_of(TEXTS[page])):
        if re.fullmatch(r"[\w./-]+\.(py|yaml|toml|lock|lark)", name) and "/" in name:
            assert (REPOSITORY / name).exists(), f"{page}: {name}"
        elif re.fullmatch(r"\w+\.py", name):
            assert list((REPOSITORY / "src").rglob(name)), f"{page}: {name}"


def test_the_modules_of_the_layout_exist() -> None:
    floor = ""
    for named, modules, _ in table_under(TEXTS["docs/decisions/layout.md"], "Layout of the code"):
        floor = coded(named)[0] if named else floor
        for module in coded(modules):
            assert (REPOSITORY / "src" / "clemency" / floor / f"{module}.py").is_file(), f"{floor}/{module}"


# --- tables that are those of the code


def type_words(annotation: Any) -> str:
    """The type of a field of a record in the words of the page."""
    plain = (
        [one for one in typing.get_args(annotation) if one is not NoneType] if is_union(annotation) else [annotation]
    )
    kind = plain[0]
    while typing.get_origin(kind) is typing.Annotated:
        kind = typing.get_args(kind)[0]
    if typing.get_origin(kind) is typing.Literal:
        return ", ".join(f"`{value}`" for value in typing.get_args(kind))
    words = {str: "text", date: "date", bool: "true or false", int: "whole number"}
    if kind in words:
        return words[kind]
    return {list: "list of objects", dict: "object"}[typing.get_origin(kind)]


def is_union(annotation: Any) -> bool:
    return typing.get_origin(annotation) in (typing.Union, UnionType)


def rows_of(model: type[BaseModel]) -> list[tuple[str, str]]:
    hints = typing.get_type_hints(model, include_extras=True)
    return [(f"`{name}`", type_words(hints[name])) for name in model.model_fields]


@pytest.mark.parametrize(("heading", "model"), [("The fields", CaseRecord), ("Offences", Offence)])
def test_the_record_is_the_model(heading: str, model: type[BaseModel]) -> None:
    shown = table_under(TEXTS["docs/record.md"], heading)
    assert [tuple(row[:2]) for row in shown] == rows_of(model)
    assert all(row[2] for row in shown)


def test_the_record_is_what_rules_may_name() -> None:
    names = [coded(row[0])[0] for row in table_under(TEXTS["docs/record.md"], "The fields")]
    assert set(names) == {*CASE_FIELDS, *IDENTITY_FIELDS, "offences", "facts"}
    offence = [coded(row[0])[0] for row in table_under(TEXTS["docs/record.md"], "Offences")]
    assert {*offence, "category"} == set(OFFENCE_FIELDS)


MODELS = (acts.ActFile, acts.DatesFile, acts.DatedPoint, acts.FactFile, acts.NoteFile, acts.GrantFile)


@pytest.mark.parametrize("model", [*MODELS, acts.ExclusionFile, acts.Translated])
def test_every_key_of_an_act_is_explained(model: type[BaseModel]) -> None:
    known = set(coded(prose_of(TEXTS["docs/write-an-act.md"])))
    keys = {field.alias or name for name, field in model.model_fields.items()}
    assert keys <= known, f"{model.__name__}: {keys - known}"


def test_the_words_of_rules_are_explained() -> None:
    known = set(coded(prose_of(TEXTS["docs/write-an-act.md"])))
    assert {*DERIVED_FIELDS, *OFFENCE_FIELDS, *CATEGORIES} <= known
    assert set(RELIEFS) <= {word.strip("{").partition(":")[0] for word in known}


def test_the_fields_of_a_determination_are_those_of_the_page() -> None:
    text = TEXTS["docs/determination.md"]
    shown = [coded(row[0])[0] for row in table_under(text, "Every field")]
    assert shown == list(determine_case({"case_id": "1"}, load_act("az-2025")).as_json())
    assert {coded(row[0])[0] for row in table_under(text, "Four answers")} == set(OUTCOMES)
    columns = [name for row in table_under(text, "The table") for name in coded(row[0])]
    assert sorted(columns) == sorted(RESULT_SCHEMA)


def test_the_rates_of_credit_are_those_of_the_code() -> None:
    shown = {coded(row[0])[0]: int(row[1]) for row in table_under(TEXTS["docs/determination.md"], "Dates", 1)}
    assert shown == CUSTODY_CREDIT


# --- rules


def scope() -> rules.Scope:
    dates = dict.fromkeys(("in_force", "adopted", "deadline"), date(2027, 9, 10))
    return rules.Scope({"disability_percent": NUMBER, "combatant": BOOLEAN}, dates, {}, load_code("az-cc"))


SHOWN_RULES = (
    "stage = 'serving'",
    "sex != 'male'",
    "term_months < 60",
    "stage in ('investigation', 'trial')",
    "disability_percent between 61 and 100",
    "suspended",
    "not suspended",
    "term_end is known",
    "term <= 5 years",
    "age on in_force >= 60",
    "any offence (age on committed_on < 18)",
    "term_end > in_force + 6 months",
    "any offence (article = '177.2')",
    "worst_category >= 'serious'",
    "any offence (category >= 'serious')",
    "term <= 6 months",
    "punishment in ('fine', 'public_works')",
)
SHOWN_MISTAKES = (
    "stage = serving",
    "stage == 'serving'",
    "\"stage\" = 'serving'",
    "category >= 'serious'",
    "term <= 0.5 years",
    "punishment >= 'fine'",
    "term_end > 6 months",
)


@pytest.mark.parametrize("text", SHOWN_RULES)
def test_rules_that_the_page_shows_are_rules(text: str) -> None:
    assert text in coded(prose_of(TEXTS["docs/write-an-act.md"]))
    rules.parse(text, scope())


@pytest.mark.parametrize("text", SHOWN_MISTAKES)
def test_mistakes_that_the_page_shows_are_refused(text: str) -> None:
    assert text in coded(prose_of(TEXTS["docs/write-an-act.md"]))
    with pytest.raises(rules.RuleErrors):
        rules.parse(text, scope())


def test_the_act_with_mistakes_has_as_many_as_it_says() -> None:
    with pytest.raises(SourceErrors) as errors:
        load_act(EXAMPLES / "with-mistakes")
    assert len(errors.value.problems) == 6
    assert "six mistakes" in (EXAMPLES / "with-mistakes" / "act.yaml").read_text(encoding="utf-8")


# --- pictures


def pictures() -> Iterator[Path]:
    return (DOCS / "pictures").glob("*.svg")


def test_pictures_are_up_to_date() -> None:
    made = [sys.executable, str(DOCS / "pictures" / "make.py"), "--check"]
    done = subprocess.run(made, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_pictures_fetch_nothing() -> None:
    for path in pictures():
        drawn = re.sub(r">[^<]*<", "><", path.read_text(encoding="utf-8"))  # what is text may name an address
        addresses = set(re.findall(r"https?://[^\"' )]+", drawn)) - {"http://www.w3.org/2000/svg"}
        assert not addresses, path.name
        assert not re.search(r"@import|@font-face|<script|<image|<use|href=", drawn), path.name


def test_every_picture_of_a_page_has_words_beside_it() -> None:
    for page, text in TEXTS.items():
        assert "![](" not in text, page
