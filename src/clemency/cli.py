"""The command `clemency`: thin, one function a verb.

Results go to standard output, problems to standard error. Exit codes: 0 done; 1 done, and there is something to look
at; 2 it could not be done. Only this floor may read the clock, the terminal and signals.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from clemency import __version__

if TYPE_CHECKING:
    from datetime import date

    import polars as pl
    from rich.console import Console

    from clemency.determine.moves import Comparison
    from clemency.determine.worked import WorkedCases
    from clemency.law.act import Act
    from clemency.observe.brief import Brief
    from clemency.observe.decisions import Compared, Decisions
    from clemency.observe.estimate import Estimate
    from clemency.observe.given import Given
    from clemency.observe.reconcile import Reconciliation
    from clemency.records.imports.importing import Prepared, Unanswered
    from clemency.records.quarantine import QuarantineLog
    from clemency.records.record import CaseRecord
    from clemency.records.register import Register

DONE, FINDINGS, FAILED, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141
_WIDEST = 110
_PIPE_WIDTH = 100
_PROBLEMS_SHOWN = 20

app = typer.Typer(
    name="clemency",
    help="Run, simulate and watch an amnesty: an act as data, and for every case an answer with its reason.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
act_app = typer.Typer(help="Acts: list, show, check, and the schema of their files.", no_args_is_help=True)
register_app = typer.Typer(help="Registers of cases: schema, check, index, and invented ones.", no_args_is_help=True)
app.add_typer(act_app, name="act")
app.add_typer(register_app, name="register")
population_app = typer.Typer(help="Synthetic populations, fitted to what is published.", no_args_is_help=True)
app.add_typer(population_app, name="population")
observatory_app = typer.Typer(help="The Observatory: its pages as a folder of files.", no_args_is_help=True)
app.add_typer(observatory_app, name="observatory")


class Language(StrEnum):
    """Languages of an explanation."""

    en = "en"
    az = "az"
    ru = "ru"


class SqlDialect(StrEnum):
    """Databases for which an act is written as a query."""

    duckdb = "duckdb"
    postgres = "postgres"
    spark = "spark"
    sqlite = "sqlite"
    mysql = "mysql"
    tsql = "tsql"
    oracle = "oracle"


RegisterArgument = Annotated[
    str, typer.Argument(metavar="REGISTER", help="JSON Lines, nested Parquet, a folder with two CSV sheets, or -")
]
ActOption = Annotated[str, typer.Option("--act", metavar="ACT", help="Id of an act of the library, or a path.")]
QuarantineOption = Annotated[
    Path | None, typer.Option("--quarantine", metavar="FILE", help="Write the rows that do not fit there.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON.")]
LangOption = Annotated[Language, typer.Option("--lang", help="Language of words, numbers and days.")]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="The act as it stands on this day; else after its last change."),
]


_CAUTION = (
    "Nothing here is a finding of guilt. Each record holds only what the press and watch groups published; all else is "
    "unknown, and an answer says what it would take to know. People decide, not this program."
)


class Refusal(Exception):
    """Something that cannot be done, in a sentence for the person who asked."""


# --- the verbs ------------------------------------------------------------------------------------------------


@app.callback(invoke_without_command=True)
def _clemency(version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False) -> None:
    if version:
        print(f"clemency {__version__}")
        raise typer.Exit


@app.command()
def determine(
    register: RegisterArgument,
    act: ActOption,
    out: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="OUT", help="Write to a .parquet, .csv or .jsonl file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON Lines, in the order of the register.")] = False,
    trace: Annotated[bool, typer.Option("--trace", help="With --json: every condition of every clause.")] = False,
    quarantine: QuarantineOption = None,
    as_of: AsOfOption = None,
) -> int:
    """Determine every case of a register under an act."""
    from clemency.records.quarantine import quarantine_log

    if trace and not as_json:
        raise Refusal("--trace goes with --json")
    if as_json and out:
        raise Refusal("--json writes to standard output; leave out either --json or -o")
    _check_outputs(register, out, quarantine)
    the_act, opened = _open(register, act, as_of)
    with quarantine_log(quarantine) as log:
        if as_json:
            _print_rows(opened, the_act, log, trace)
        else:
            _determine_table(opened, the_act, out, log)
    return _told_quarantine(log, quarantine)


@app.command()
def explain(
    register: RegisterArgument,
    case: Annotated[str, typer.Option("--case", metavar="ID", help="The case to explain.")],
    act: ActOption,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the explanation.")] = Language.en,
    as_json: JsonOption = False,
    everything: Annotated[bool, typer.Option("--all", help="Write every clause in full.")] = False,
    as_of: AsOfOption = None,
) -> int:
    """Explain the determination of one case, clause by clause."""
    from clemency.determine.explain import explain as explained
    from clemency.determine.interpreter import determine_case, full_trace
    from clemency.records.record import RecordErrors

    the_act, opened = _open(register, act, as_of)
    try:
        record = opened.find(case)
    except RecordErrors as errors:
        for problem in errors.problems:
            _say(f"case {case}: {problem}")
        return FINDINGS
    answer = determine_case(record, the_act, opened.facts)
    explanation = explained(answer, the_act, record, lang.value)
    if as_json:
        stored = {**answer.as_json(), "trace": full_trace(answer.trace)}
        print(json.dumps({**explanation.as_json(), "determination": stored}, ensure_ascii=False, indent=1))
    else:
        print(explanation.text(_width(), everything, _paint()), end="")
    return DONE


@app.command()
def demo(
    out: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FOLDER", help="Where charts and report are written.")
    ] = None,
    draws: Annotated[int, typer.Option("--draws", metavar="N", min=2, help="How many draws.")] = 60,
) -> int:
    """Show the amnesty of 2025 at a glance: announced, given by the rules, carried out; and the published cases."""
    from clemency.determine.explain import explain as explained
    from clemency.law.act import load_act
    from clemency.observe.brief import gather
    from clemency.observe.people import people_in_the_news
    from clemency.observe.tables import print_comparison, print_people

    act = load_act("az-2025")
    folder = _folder(out)
    with _progress(f"drawing invented people {draws:,} times") as progress:
        brief = gather(act, "en", draws, 1, progress=progress)
    people = list(people_in_the_news(act))
    one = people[0]
    with _drawn() as console:
        adopted = act.dates["adopted"]
        _heading(console, f"1. {act.title['en']}, {adopted.day} {adopted:%B %Y}")
        print_comparison(brief, console)
        _heading(console, f"2. {len(people)} published cases, on what is public and nothing else")
        console.print(_CAUTION + "\n")
        print_people(people, console)
        _heading(console, f"3. One case in full: {one.name}, {one.organisation}")
    print(explained(one.determination, act, one.record).text(_width(), False, _paint()), end="")
    with _drawn() as console:
        _heading(console, "4. Charts and a report to print")
    missing = _missing_for_charts()
    if missing:
        print(f"  charts and report need {', '.join(missing)}: pip install 'clemency[plot]'")
    else:
        _write_demo(brief, folder)
    with _drawn() as console:
        _heading(console, "5. What to try next")
    for line in _next_commands(one.record.case_id, act.id):
        print(f"  {line}")
    return DONE


def _write_demo(brief: Brief, folder: Path) -> None:
    from clemency.observe.pictures import write_picture
    from clemency.observe.report import write_report

    with _status() as tell:
        for picture in brief.pictures():
            tell(f"drawing {picture.name}")
            written = write_picture(picture, folder)
            print(f"  {written[0]}  {picture.title}; also as PNG, for a phone, and as data")
        for ending in (".html", ".pdf"):
            tell("setting the report")
            path = folder / f"report{ending}"
            write_report(brief, path)
            print(f"  {path}")


def _folder(wanted: Path | None) -> Path:
    """A folder to write into: the one that was named, or a new one among those that the system clears away."""
    import tempfile

    if wanted is None:
        return Path(tempfile.mkdtemp(prefix="clemency-demo-"))
    if wanted.exists() and not wanted.is_dir():
        raise Refusal(f"{wanted} is a file; name a folder")
    wanted.mkdir(parents=True, exist_ok=True)
    return wanted


def _next_commands(case: str, act: str) -> Iterator[str]:
    from clemency.law.library import library_path

    people = library_path() / "people" / "az" / "records.jsonl"
    shown = os.path.relpath(people) if people.is_relative_to(Path.cwd()) else str(people)
    yield f"clemency explain {shown} --case {case} --act {act} --lang az"
    yield f"clemency report {act} --lang az -o report.pdf"
    yield f"clemency reconcile {act}"
    yield "clemency register synthesise --cases 1000000 --seed 1 -o million.parquet"
    yield f"clemency determine million.parquet --act {act} -o answers.parquet"


@app.command()
def sentence(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A file with one sentence, or a register with --case.")],
    case_id: Annotated[str | None, typer.Option("--case", metavar="ID", help="The case of a register.")] = None,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the timeline.")] = Language.en,
    picture: Annotated[Path | None, typer.Option("--picture", help="Write the timeline as SVG or PNG.")] = None,
    as_json: JsonOption = False,
) -> int:
    """Work out one sentence: its last day, the day of release, what may be asked for before, when the record ends."""
    from clemency.observe.sentence_page import sentence_picture, sentence_text
    from clemency.records.files import atomic_path
    from clemency.records.record import RecordErrors
    from clemency.records.sentence import plain_text, read_sentence, work_out

    if picture is not None and picture.suffix not in (".svg", ".png"):
        raise Refusal(f"{picture} is neither .svg nor .png")
    try:
        found = work_out(_case_of(case, case_id)) if case_id else work_out(*read_sentence(Path(case)))
    except RecordErrors as errors:
        for problem in errors.problems:
            _say(f"{case}: {problem}")
        return FAILED
    if picture is not None:
        drawn = sentence_picture(found, lang.value)
        with atomic_path(picture) as partial:
            partial.write_bytes(drawn.svg().encode() if picture.suffix == ".svg" else drawn.png())
    print(plain_text(found) if as_json else sentence_text(found, _width(), lang.value), end="\n" if as_json else "")
    return DONE


def _case_of(register: str, case_id: str) -> CaseRecord:
    from clemency.records.record import known_facts
    from clemency.records.register import open_register

    return open_register(register, known_facts()).find(case_id)


# --- acts -----------------------------------------------------------------------------------------------------


@act_app.command("list")
def act_list() -> int:
    """List the acts of the library."""
    from clemency.law.act import library_acts, load_act
    from clemency.law.source import SourceErrors

    code = DONE
    names = library_acts()
    width = max(map(len, names), default=0)
    for name in names:
        try:
            act = load_act(name)
        except SourceErrors as errors:
            _say(f"{name} does not load: {len(errors.problems)} problems; see `clemency act check {name}`")
            code = FINDINGS
            continue
        counts = f"{_count(len(act.grants), 'grant')}, {_count(len(act.exclusions), 'exclusion')}"
        counts += f", {_count(len(act.reservations), 'reservation')}"
        print(f"{act.id:<{width}}  {act.dates.get('adopted', act.in_force)}  {act.title.get('en', '')}  ({counts})")
    return code


@act_app.command("show")
def act_show(
    act: Annotated[str, typer.Argument(metavar="ACT", help="Id of an act of the library, or a path.")],
    lang: Annotated[Language, typer.Option("--lang", help="Language of titles and questions.")] = Language.en,
    as_of: AsOfOption = None,
    html: Annotated[bool, typer.Option("--html", help="One HTML file: each clause as a sentence, to print.")] = False,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="The file to write; else standard output.")] = None,
) -> int:
    """Show an act: dates, facts, clauses, each with its rule, source and confidence."""
    from clemency.observe.act_html import act_html
    from clemency.observe.act_page import act_page
    from clemency.records.files import atomic_path

    shown = _act_as_of(act, as_of)
    text = act_html(shown, lang.value) if html else act_page(shown, _width(), lang.value)
    if out is None:
        print(text, end="")
        return DONE
    with atomic_path(out) as partial:
        partial.write_text(text, encoding="utf-8")
    return DONE


@act_app.command("document")
def act_document(
    act: Annotated[str, typer.Argument(metavar="ACT", help="Id of an act of the library, or a path.")],
    out: Annotated[Path | None, typer.Option("-o", "--out", help="The file to write; else standard output.")] = None,
) -> int:
    """Write an act with its worked cases as one Markdown document, the README of its folder."""
    from clemency.law.act import load_act
    from clemency.observe import act_document as made
    from clemency.records.files import atomic_path

    text = made.act_document(load_act(act))
    if out is None:
        print(text, end="")
        return DONE
    with atomic_path(out) as partial:
        partial.write_text(text, encoding="utf-8")
    return DONE


@act_app.command("check")
def act_check(
    path: Annotated[
        str | None, typer.Argument(metavar="[PATH]", help="An act; without it, every act of the library.")
    ] = None,
    no_proof: Annotated[bool, typer.Option("--no-proof", help="Leave out the proofs and the changes of law.")] = False,
    as_json: JsonOption = False,
) -> int:
    """Check an act: that it loads, that its worked cases agree with it, and what can be proved wrong with it."""
    from clemency.assure.check import check_act
    from clemency.assure.check_page import check_text
    from clemency.determine.worked import run_worked_cases
    from clemency.law.act import library_acts

    names = [path] if path else library_acts()
    if not names:
        raise Refusal("the library has no act")
    code, told = DONE, []
    for name in names:
        act = _loaded(name)
        if act is None:
            code = FINDINGS
            continue
        worked = run_worked_cases(act)
        for line in worked.problems:
            _say(f"{act.id}: {line}")
        if not as_json:
            print(_checked(act, worked))
        checked = None if no_proof else check_act(act)
        if checked is not None and not as_json:
            print(check_text(checked, _shown_path(act.path), _width()), end="")
        if worked.problems or (checked is not None and (checked.open or checked.unproved)):
            code = FINDINGS
        proofs = {"findings": None, "unproved": None, "offences": None} if checked is None else checked.as_json()
        told.append({**proofs, "act": act.id, "worked_cases": worked.count, "disagreements": list(worked.problems)})
    if as_json:
        print(json.dumps(told, ensure_ascii=False, indent=1))
    return code


@act_app.command("prove")
def act_prove(
    act: Annotated[str, typer.Argument(metavar="ACT", help="Id of an act of the library, or a path.")],
    question: Annotated[
        str, typer.Argument(metavar="QUESTION", help="A condition; A implies B; A equivalent B; never A.")
    ],
    as_json: JsonOption = False,
    as_of: AsOfOption = None,
) -> int:
    """Prove that something is true of everybody under an act, or show a person of whom it is not."""
    from clemency.assure.check_page import answer_text
    from clemency.assure.prove import prove

    answer = prove(_act_as_of(act, as_of), question)
    if as_json:
        print(json.dumps(answer.as_json(), ensure_ascii=False, indent=1))
    else:
        print(answer_text(answer, _width()), end="")
    return DONE if answer.true else FINDINGS


def _loaded(name: str) -> Act | None:
    """An act; or none, and every problem of its file on standard error."""
    from clemency.law.act import load_act
    from clemency.law.source import SourceErrors

    try:
        return load_act(name)
    except SourceErrors as errors:
        for problem in errors.problems:
            _say(problem.show(errors.file))
        _say(f"{name}: {_count(len(errors.problems), 'problem')}")
        return None


def _shown_path(path: Path | None) -> str:
    """A path as short as it can be written from here."""
    if path is None:
        return "act.yaml"
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def _checked(act: Act, worked: WorkedCases) -> str:
    clauses = _count(len(act.grants), "grant") + f", {_count(len(act.exclusions), 'exclusion')}"
    clauses += f", {_count(len(act.reservations), 'reservation')}"
    agree = worked.count - len({problem.partition(":")[0] for problem in worked.problems})
    told = f"{act.id}: loads ({clauses}); {agree} of {_count(worked.count, 'worked case')} agree"
    if worked.not_shown:
        told += f"; no worked case shows {', '.join(worked.not_shown)}"
    return told


@act_app.command("examples")
def act_examples(
    act: Annotated[str, typer.Argument(metavar="ACT", help="Id of an act of the library, or a path.")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FOLDER", help="Write what the cases there do not show.")
    ] = None,
    check: Annotated[
        Path | None, typer.Option("--check", metavar="FOLDER", help="Look only for what was disagreed with there.")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Write the examples that show every clause, exception and boundary of an act, for a lawyer to read and sign."""
    from clemency.assure import examples
    from clemency.assure.coverage_page import coverage_line
    from clemency.determine.worked import disagreements, dissent
    from clemency.law.act import load_act

    loaded = load_act(act)
    if check is not None:
        cases = examples.cases_in(check)
        found = [
            f"{name}: {one}" for name, case in cases.items() for one in (*dissent(case), *disagreements(case, loaded))
        ]
        for line in found:
            _say(line)
        print(f"{loaded.id}: {_count(len(cases), 'case')}, {_count(len(found), 'finding')}")
        return FINDINGS if found else DONE
    given = examples.cases_in(out) if out is not None else {}
    with _status() as say:
        made = examples.examples_of(loaded, given, say)
    if out is not None:
        examples.write_examples(made.examples, out)
    if as_json:
        cases_made = [example.worked for example in made.examples]
        told = {"coverage": made.coverage.as_json(), "examples": cases_made}
        print(json.dumps(told, ensure_ascii=False, indent=1, default=str))
        return DONE
    for example in made.examples if out is None else ():
        print(example.worked["title"])
    print(f"{loaded.id}: {_count(len(made.examples), 'example')} beside {_count(len(given), 'case')} there")
    print(coverage_line(made.coverage))
    return DONE


@act_app.command("coverage")
def act_coverage(
    act: Annotated[str, typer.Argument(metavar="ACT", help="Id of an act of the library, or a path.")],
    lines: Annotated[bool, typer.Option("--lines", help="Tell each line of the file, not each clause.")] = False,
    as_json: JsonOption = False,
) -> int:
    """Tell how much of an act its own cases show: each clause, each line, and what nobody can show."""
    from clemency.assure import examples
    from clemency.assure.coverage_page import coverage_text
    from clemency.law.act import load_act

    loaded = load_act(act)
    with _status() as say:
        found = examples.coverage_of(loaded, examples.cases_in(_cases_folder(loaded)), say)
    if as_json:
        print(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
    else:
        print(coverage_text(found, found.lines if lines else found.clauses), end="")
    return FINDINGS if found.unmet else DONE


@act_app.command("mutate")
def act_mutate(
    act: Annotated[str, typer.Argument(metavar="ACT", help="Id of an act of the library, or a path.")],
    every: Annotated[int, typer.Option("--every", metavar="N", min=1, help="Make only every N-th change.")] = 1,
    as_json: JsonOption = False,
) -> int:
    """Change an act in small ways, and tell which changes its own cases do not notice."""
    from clemency.assure import examples
    from clemency.assure.coverage_page import mutation_text
    from clemency.assure.mutation import mutate
    from clemency.law.act import load_act

    loaded = load_act(act)
    with _status() as say:
        found = mutate(loaded, examples.cases_in(_cases_folder(loaded)), say, every)
    if as_json:
        print(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
    else:
        print(mutation_text(found), end="")
    return FINDINGS if found.survivors else DONE


def _cases_folder(act: Act) -> Path:
    """Where the cases of an act lie."""
    return (act.path.parent if act.path is not None else Path()) / "cases"


@act_app.command("sql")
def act_sql(
    act: Annotated[str, typer.Argument(metavar="ACT", help="Id of an act of the library, or a path.")],
    dialect: Annotated[SqlDialect, typer.Option("--dialect", help="The database that is to run it.")],
    tables: Annotated[
        bool, typer.Option("--tables", help="Write the statements that make the two empty tables instead.")
    ] = False,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="The file to write; else standard output.")] = None,
    as_of: AsOfOption = None,
) -> int:
    """Write an act as one SQL query over the tables `cases` and `offences`, to be run inside a database."""
    from clemency.records.files import atomic_path

    try:
        from clemency.determine import sql
    except ModuleNotFoundError as missing:
        raise Refusal(f"{missing.name} is not installed; install clemency[sql]") from None
    try:
        write = sql.write_tables if tables else sql.write_query
        text = write(_act_as_of(act, as_of), dialect.value)
    except sql.NotWritten as error:
        raise Refusal(f"{act}: {error}") from None
    if out is None:
        print(text, end="")
        return DONE
    with atomic_path(out) as partial:
        partial.write_text(text, encoding="utf-8")
    return DONE


@act_app.command("schema")
def act_schema(
    amending: Annotated[
        bool, typer.Option("--amending", help="Print that of a file that amends another act instead.")
    ] = False,
) -> int:
    """Print the JSON Schema of an act file, for editors."""
    from clemency.law.act import ActFile
    from clemency.law.amending import AmendingFile

    file = AmendingFile if amending else ActFile
    print(json.dumps(file.model_json_schema(by_alias=True), indent=1))
    return DONE


# --- registers ------------------------------------------------------------------------------------------------


@register_app.command("schema")
def register_schema(
    frictionless: Annotated[
        bool, typer.Option("--frictionless", help="Print a Frictionless Data Package of the two CSV sheets instead.")
    ] = False,
) -> int:
    """Print the JSON Schema of a case record, with the facts that the library's acts ask."""
    from clemency.records.published_schema import data_package
    from clemency.records.record import record_json_schema

    print(json.dumps(data_package() if frictionless else record_json_schema(), indent=1, ensure_ascii=False))
    return DONE


@register_app.command("check")
def register_check(
    register: RegisterArgument,
    quarantine: QuarantineOption = None,
    code: Annotated[
        str, typer.Option("--code", metavar="CODE", help="Offence code that articles are looked up in.")
    ] = "az-cc",
) -> int:
    """Check a register: what does not fit, by row, field and value; articles unknown to the code; ends that differ."""
    from clemency.law.codes import load_code
    from clemency.records.findings import findings
    from clemency.records.quarantine import quarantine_log
    from clemency.records.record import known_facts
    from clemency.records.register import open_register

    _check_outputs(register, None, quarantine)
    the_code = load_code(code)
    opened, rows, found, kinds = open_register(register, known_facts()), 0, 0, dict[str, int]()
    with quarantine_log(quarantine) as log, _progress(f"checking {opened.name}") as progress:
        for batch in opened.batches():
            log.add(batch.quarantined)
            rows += batch.frame.height + len(batch.quarantined)
            progress(rows, opened.total)
            for finding in findings(batch, the_code):
                found += 1
                kinds[finding.kind] = kinds.get(finding.kind, 0) + 1
                if found <= _PROBLEMS_SHOWN:
                    print(_plain(str(finding)))
    if found > _PROBLEMS_SHOWN:
        print(f"… and {found - _PROBLEMS_SHOWN:,} more")
    _told_quarantine(log, quarantine)
    counted = f"{rows:,} {'row' if rows == 1 else 'rows'}"
    print(f"{opened.name}: {counted}, {rows - log.count:,} in order, {log.count:,} put aside, {found:,} to look at")
    for (field, what), count in log.kinds.most_common():
        print(_plain(f"{count:>10,}  put aside: {field or 'the row'}: {what}"))
    for kind, count in kinds.items():
        print(f"{count:>10,}  to look at: {kind}")
    return FINDINGS if found or log.count else DONE


def _stated_categories(register: str) -> pl.DataFrame | None:
    """The categories that an imported register's files stated, kept with its versions."""
    from clemency.records.imports.versions import stated_categories

    path = Path(register)
    return stated_categories(path) if path.suffix == ".parquet" and path.is_file() else None


@register_app.command("findings")
def register_findings(
    register: RegisterArgument,
    act: ActOption,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Write every finding to a file: .xlsx, .csv or .json.")
    ] = None,
    quarantine: QuarantineOption = None,
    as_json: JsonOption = False,
    as_of: AsOfOption = None,
) -> int:
    """Find what would free or hold somebody by mistake, before an act is applied to a register."""
    import polars as pl

    from clemency.assure.findings import findings
    from clemency.assure.findings_files import ENDINGS, tables, write_findings
    from clemency.records.files import check_place
    from clemency.records.quarantine import quarantine_log

    if out is not None and out.suffix not in ENDINGS:
        raise Refusal(f"{out} does not end in one of {', '.join(ENDINGS)}")
    the_act, opened = _open(register, act, as_of)
    _check_outputs(register, None, quarantine)
    if out is not None:
        check_place(out)
    frames = []
    with quarantine_log(quarantine) as log, _progress(f"reading {opened.name}") as progress:
        for batch in opened.batches():
            log.add(batch.quarantined)
            frames.append(batch.frame)
            progress(sum(frame.height for frame in frames), opened.total)
    if not frames:
        raise Refusal(f"{opened.name} holds no case that can be read")
    found = findings(pl.concat(frames), the_act, _stated_categories(register))
    if out is not None:
        write_findings(found, out)
    if as_json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
    elif out is None:
        with _drawn() as console:
            for table in tables(found):
                console.print(table)
                console.print()
    _told_quarantine(log, quarantine)
    return FINDINGS if found.found or log.count else DONE


@register_app.command("index")
def register_index(
    register: Annotated[Path, typer.Argument(metavar="FILE", help="A nested Parquet register.")],
    act: Annotated[
        str | None, typer.Option("--act", metavar="ACT", help="Also lay out the facts of this act, if it is your own.")
    ] = None,
    quarantine: QuarantineOption = None,
) -> int:
    """Lay a Parquet register out for the engine, beside it; determining it is then faster, with the same answers."""
    from clemency.law.act import load_act
    from clemency.records.index import write_index
    from clemency.records.quarantine import quarantine_log
    from clemency.records.record import known_facts

    _check_outputs(str(register), None, quarantine)
    if not register.is_file():
        raise Refusal(f"there is no register {register}")
    facts = known_facts(load_act(act) if act else None)
    with quarantine_log(quarantine) as log, _progress(f"laying out {register}") as progress:
        index = write_index(register, facts, progress)
        log.add(index.quarantined())
    print(f"{index.folder}: {_count(index.cases, 'case')} laid out in {_count(index.parts, 'part')}")
    return _told_quarantine(log, quarantine)


@register_app.command("synthesise")
def register_synthesise(
    cases: Annotated[int, typer.Option("--cases", metavar="N", min=1, help="How many cases.")],
    seed: Annotated[int, typer.Option("--seed", metavar="S", min=0, help="The same seed gives the same register.")],
    out: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="A .parquet or .jsonl file.")],
) -> int:
    """Write an invented register, drawn from published statistics. No real person is in it."""
    from clemency.records.files import check_place
    from clemency.records.synthesise import synthesise

    check_place(out)
    with _progress("drawing an invented register") as progress:
        try:
            synthesise(cases, seed, out, progress)
        except ValueError as error:
            raise Refusal(str(error)) from None
    print(f"{out}: {cases:,} invented cases, seed {seed}; SYNTHETIC, no real person is in it")
    return DONE


# --- pages ----------------------------------------------------------------------------------------------------


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = 8000,
    name: Annotated[
        list[str] | None, typer.Option("--name", metavar="HOST", help="A host name under which the site answers.")
    ] = None,
) -> int:
    """Serve the pages of the Observatory until stopped."""
    _check_pages()
    from clemency.web.serve import serve as run_server

    run_server(host, port, name or [], lambda address: _say(f"the Observatory answers at {address}"))
    return DONE


@observatory_app.command("build")
def observatory_build(
    out: Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="The folder for the site.")],
    site: Annotated[
        str, typer.Option("--site", metavar="URL", help="Where the folder will stand; adds a site map.")
    ] = "",
) -> int:
    """Write the pages of the Observatory as a folder of files, which any web server or a browser can show."""
    _check_pages()
    from clemency.web.static_site import SiteError, build

    try:
        with _progress(f"writing {out}") as progress:
            count = build(out, progress, site)
    except SiteError as error:
        raise Refusal(str(error)) from error
    print(f"{out}: {_count(count, 'file')}; open {out / 'index.html'}")
    return DONE


def _check_pages() -> None:
    from importlib.util import find_spec

    missing = [
        library
        for library in ("altair", "django", "vl_convert", "waitress", "whitenoise")
        if find_spec(library) is None
    ]
    if missing:
        raise Refusal(f"the pages need {', '.join(missing)}; install them with: pip install 'clemency[web]'")


# --- back-tests -----------------------------------------------------------------------------------------------


@app.command()
def backtest(
    act: Annotated[str | None, typer.Argument(metavar="[ACT]", help="An act; all with figures if left out.")] = None,
    draws: Annotated[int, typer.Option("--draws", metavar="N", min=2, help="How many draws.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="The same seed gives the same draws.")] = 1,
    as_json: JsonOption = False,
    page: Annotated[
        Path | None, typer.Option("--page", metavar="FILE", help="Write the result into the marked place of a page.")
    ] = None,
) -> int:
    """Hold what the model predicts of an act against what was announced and reported."""
    from clemency.observe.backtest import acts_with_claims
    from clemency.observe.backtest import backtest as tested
    from clemency.observe.backtest_page import backtest_tables, coverage_words, scope_notes, write_block

    tests = []
    with _status() as tell:
        for name in [act] if act else acts_with_claims():
            tell(f"predicting {name}")
            tests.append(tested(name, draws, seed))
    if page:
        write_block(page, tests)
        print(f"{page}: {_count(len(tests), 'back-test')}, {draws:,} draws, seed {seed}")
    elif as_json:
        print(json.dumps({"backtests": [test.as_json() for test in tests]}, ensure_ascii=False, indent=2))
    else:
        with _drawn() as console:
            for test in tests:
                for table in backtest_tables(test):
                    console.print(table)
                    console.print()
                for words in (*scope_notes(test), *coverage_words(test)):
                    console.print(words)
                for told in test.paragraphs():
                    console.print(f"\n{told}")
                console.print()
    return DONE


# --- estimates ------------------------------------------------------------------------------------------------


@app.command()
def estimate(
    act: Annotated[str, typer.Argument(metavar="ACT", help="Id of an act of the library, or a path.")],
    population: Annotated[
        str | None,
        typer.Option("--population", metavar="FILE", help="A register; without it, the country's invented people."),
    ] = None,
    draws: Annotated[int, typer.Option("--draws", metavar="N", min=2, help="How many draws.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", metavar="S", min=0, help="The same seed gives the same draws.")] = 1,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="OUT", help="A .csv, .parquet or .json file; .svg or .png: what moves it."
        ),
    ] = None,
    lang: LangOption = Language.en,
    as_json: JsonOption = False,
) -> int:
    """Estimate what an act does: expected numbers with intervals, what moves them, days remitted, places freed."""
    from clemency.law.act import load_act
    from clemency.observe.estimate import estimate as estimated
    from clemency.observe.estimate_tables import check_ending, print_estimate, write_estimate

    if as_json and out:
        raise Refusal("--json writes to standard output; leave out either --json or -o")
    if out:
        _check_outputs(population or "-", None, out)
        if out.suffix in _DRAWN:
            _check_plot()
        else:
            check_ending(out)
    the_act = load_act(act)
    with _progress(f"drawing {draws:,} times") as progress:
        found = estimated(the_act, population, draws, seed, progress)
    if out and out.suffix in _DRAWN:
        _draw_tornado(found, out, lang.value)
    elif out:
        write_estimate(found, out)
        print(f"{out}: {_count(len(found.quantities), 'line')} for {the_act.id}, {draws:,} draws, seed {seed}")
    elif as_json:
        print(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
    else:
        with _drawn() as console:
            print_estimate(found, the_act, console)
    return DONE


_DRAWN = (".svg", ".png")


def _draw_tornado(found: Estimate, out: Path, lang: str) -> None:
    from clemency.observe.tornado import tornado_picture
    from clemency.observe.words import Words
    from clemency.records.files import atomic_path

    try:
        picture = tornado_picture(found.as_json(), Words(lang))
    except LookupError as error:
        raise Refusal(str(error.args[0])) from None
    with atomic_path(out) as partial:
        partial.write_bytes(picture.svg().encode() if out.suffix == ".svg" else picture.png())
    print(f"{out}: {picture.title}")


# --- charts and the report ------------------------------------------------------------------------------------

DrawsOption = Annotated[int, typer.Option("--draws", metavar="N", min=2, help="How many draws of the estimate.")]
SeedOption = Annotated[int, typer.Option("--seed", metavar="S", min=0, help="The same seed gives the same draws.")]
PopulationOption = Annotated[
    str | None,
    typer.Option("--population", metavar="FILE", help="A register; without it, the country's invented people."),
]


@app.command()
def chart(
    name: Annotated[str, typer.Argument(metavar="NAME|all", help="relief, progress, grounds, history, flow, or all.")],
    act: ActOption,
    out: Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="The folder for the files.")],
    lang: LangOption = Language.en,
    draws: DrawsOption = 1000,
    seed: SeedOption = 1,
    population: PopulationOption = None,
) -> int:
    """Draw charts: SVG and PNG, wide and for a phone, each with its data and a text that says the same."""
    from clemency.law.act import load_act
    from clemency.observe.brief import gather
    from clemency.observe.charts import NAMES
    from clemency.observe.pictures import write_picture

    if name != "all" and name not in NAMES:
        raise Refusal(f"there is no chart {name!r}; there are: {', '.join(NAMES)}, and all of them with `all`")
    _check_plot()
    the_act, folder = load_act(act), _folder(out)
    wanted = NAMES if name == "all" else (name,)
    with _progress(f"drawing {draws:,} times") as progress:
        brief = gather(the_act, lang.value, draws, seed, population, wanted, progress)
    for one in wanted:
        try:
            picture = brief.picture(one)
        except LookupError as error:
            if name != "all":
                raise Refusal(str(error)) from None
            _say(str(error))
            continue
        for path in write_picture(picture, folder):
            print(path)
    return DONE


@app.command()
def report(
    act: Annotated[str, typer.Argument(metavar="ACT", help="Id of an act of the library, or a path.")],
    out: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="A .html or .pdf file.")],
    lang: LangOption = Language.en,
    draws: DrawsOption = 1000,
    seed: SeedOption = 1,
    population: PopulationOption = None,
) -> int:
    """Write the report on an act, to be read or printed: every number with its source, day and counting unit."""
    from clemency.law.act import load_act
    from clemency.observe.brief import gather
    from clemency.observe.report import ENDINGS, write_report
    from clemency.records.files import check_place

    if out.suffix not in ENDINGS:
        raise Refusal(f"{out} ends in neither {' nor '.join(ENDINGS)}")
    _check_plot()
    check_place(out)
    the_act = load_act(act)
    with _progress(f"drawing {draws:,} times") as progress:
        brief = gather(the_act, lang.value, draws, seed, population, progress=progress)
    with _status() as tell:
        tell("setting the report")
        write_report(brief, out)
    people = f"the rules counted on {population}" if population else "SYNTHETIC where the rules are counted"
    print(f"{out}: the report on {the_act.id}, {draws:,} draws, seed {seed}; {people}")
    return DONE


def _missing_for_charts() -> list[str]:
    from importlib.util import find_spec

    return [name for name in ("altair", "jinja2", "typst", "vl_convert") if find_spec(name) is None]


def _check_plot() -> None:
    missing = _missing_for_charts()
    if missing:
        raise Refusal(f"charts and reports need {', '.join(missing)}; install them with: pip install 'clemency[plot]'")


# --- two acts on one register ---------------------------------------------------------------------------------

_InForce = Annotated[str | None, typer.Option(metavar="DATE", help="As if this act took effect on that day.")]
_AsOf = Annotated[str | None, typer.Option(metavar="DATE", help="This act as it stands on a day.")]
_Reading = Annotated[
    list[str] | None,
    typer.Option(metavar="POINT=ANSWER", help="Answer open law, such as 'listed:*=yes'; may be given again."),
]


@app.command()
def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="Id of an act of the library, or a path.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Id of an act of the library, or a path.")],
    register: RegisterArgument,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Report (.html, .pdf), picture (.svg, .png), the cases that move (.csv, .parquet), or all (.json).",
        ),
    ] = None,
    in_force_a: _InForce = None,
    in_force_b: _InForce = None,
    as_of_a: _AsOf = None,
    as_of_b: _AsOf = None,
    reading_a: _Reading = None,
    reading_b: _Reading = None,
    lang: LangOption = Language.en,
    quarantine: QuarantineOption = None,
    as_json: JsonOption = False,
) -> int:
    """Compare two acts, drafts, days or readings on one register: who moves, by which clause, in which direction."""
    from clemency.assure.compare import Supposed, compared_on, facts_of
    from clemency.law.act import NotInForce
    from clemency.law.readings import ReadingError
    from clemency.records.quarantine import quarantine_log
    from clemency.records.register import open_register

    written = out or []
    _check_comparison(written)
    _check_places([register], [*written, *([quarantine] if quarantine else [])])
    sides = (
        Supposed(
            a, _day_or_none(in_force_a, "--in-force-a"), _day_or_none(as_of_a, "--as-of-a"), tuple(reading_a or ())
        ),
        Supposed(
            b, _day_or_none(in_force_b, "--in-force-b"), _day_or_none(as_of_b, "--as-of-b"), tuple(reading_b or ())
        ),
    )
    try:
        acts = (sides[0].load(), sides[1].load())
        opened = open_register(register, facts_of(acts))
    except (NotInForce, ReadingError, ValueError) as error:
        raise Refusal(str(error)) from None
    names = (sides[0].name(), sides[1].name())
    with quarantine_log(quarantine) as log, _progress(f"comparing on {opened.name}") as progress:
        found = compared_on(opened, acts, names, log, progress)
    for path in written:
        _write_comparison(found, path, Path(opened.name).name, lang.value, acts[1].in_force.isoformat())
    if as_json:
        print(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
    elif not written:
        from clemency.assure.comparison_table import tables

        with _drawn() as console:
            for table in tables(found):
                console.print(table)
                console.print()
    return _told_quarantine(log, quarantine)


def _day_or_none(text: str | None, option: str) -> date | None:
    return None if text is None else _day(text, option)


_COMPARISONS = (".html", ".pdf", ".svg", ".png", ".csv", ".parquet", ".json")


def _check_comparison(written: Sequence[Path]) -> None:
    for path in written:
        if path.suffix not in _COMPARISONS:
            raise Refusal(f"{path} ends in none of {', '.join(_COMPARISONS)}")
    if any(path.suffix in (".html", ".pdf", ".svg", ".png") for path in written):
        _check_plot()


def _write_comparison(found: Comparison, path: Path, register: str, lang: str, day: str) -> None:
    from clemency.observe.comparison import comparison_page, comparison_picture, write_comparison
    from clemency.observe.words import Words
    from clemency.records.files import atomic_path

    told, words = found.as_json(), Words(lang)
    if path.suffix in (".html", ".pdf"):
        write_comparison(comparison_page(told, register, words, day), path)
        return
    with atomic_path(path) as partial:
        if path.suffix in (".svg", ".png"):
            picture = comparison_picture(told, register, words)
            partial.write_bytes(picture.svg().encode() if path.suffix == ".svg" else picture.png())
        elif path.suffix == ".csv":
            found.moved.write_csv(partial)
        elif path.suffix == ".parquet":
            found.moved.write_parquet(partial)
        else:
            partial.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


# --- bringing a register in -----------------------------------------------------------------------------------


@register_app.command("import")
def register_import(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILES...", help="CSV, TSV, xlsx, xls, ods, JSON, JSON Lines or Parquet.")
    ],
    profile: Annotated[
        Path | None, typer.Option("--profile", metavar="P", help="How the files of this office are read (YAML).")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="REGISTER", help="The .parquet register they go into.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do all of it, and write no register.")] = False,
    as_json: JsonOption = False,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write the report there, as JSON.")
    ] = None,
    quarantine: QuarantineOption = None,
    give_back: Annotated[
        Path | None, typer.Option("--give-back", metavar="FOLDER", help="Write the files again, with what is wrong.")
    ] = None,
    propose: Annotated[
        Path | None, typer.Option("--propose", metavar="P", help="Write the guess as a profile to edit.")
    ] = None,
    sheet: Annotated[
        list[str] | None, typer.Option("--sheet", metavar="NAME", help="Read this sheet alone; may be repeated.")
    ] = None,
    day: Annotated[
        str | None, typer.Option("--day", metavar="DAY", help="The day of the import; without it, today.")
    ] = None,
) -> int:
    """Bring files of an office into a register: new, changed, unchanged, put aside, gone; nothing is dropped."""
    from clemency.records.imports.importing import Unanswered, prepare, write_prepared
    from clemency.records.imports.profile import Profile, load_profile
    from clemency.records.record import known_facts

    if out is None and not dry_run:
        raise Refusal("say where the register goes with -o, or look first with --dry-run")
    _check_import_outputs(files, [out, report, quarantine, propose])
    imported_on = (_day(day, "--day") if day else date.today()).isoformat()
    facts = known_facts()
    chosen = load_profile(profile, facts) if profile else Profile()
    with _status() as status:
        status("reading the files")
        try:
            prepared = prepare(files, chosen, facts, out, tuple(sheet or ()))
        except Unanswered as asked:
            return _told_questions(asked, propose, as_json)
        told = prepared.report
        if not dry_run and out is not None:
            status(f"writing {out}")
            told = write_prepared(prepared, out, imported_on)
        given_back = _write_beside(prepared, report, quarantine, give_back, propose)
    print(json.dumps(told.as_json(), ensure_ascii=False, indent=1) if as_json else told.text(_width()).rstrip("\n"))
    for path in given_back:
        _say(f"{path} is given back")
    return FINDINGS if told.put_aside or told.to_look_at else DONE


@register_app.command("history")
def register_history(
    register: Annotated[Path, typer.Argument(metavar="REGISTER", help="A register that was brought in.")],
    case: Annotated[str, typer.Option("--case", metavar="ID", help="The case.")],
    as_json: JsonOption = False,
) -> int:
    """Show every version of a case: which import brought it, what was typed, and where it stood."""
    from clemency.records.imports.versions import history

    found = history(register, case)
    if not found:
        raise Refusal(f"{register} never had a case {case}")
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=1, default=str))
        return DONE
    for one in found:
        place = f"{one['file']}{', sheet ' + one['sheet'] if one['sheet'] else ''}" if one["file"] else "no file"
        rows = ", ".join(map(str, one["rows"] or []))
        print(
            _plain(f"version {one['version']}: {one['change']} by import {one['import']}, {place}, row {rows or '-'}")
        )
        print(_plain(f"  record  {json.dumps(one['record'], ensure_ascii=False, default=str)}"))
        for typed in one["as_typed"]:
            print(_plain(f"  typed   {json.dumps(typed, ensure_ascii=False)}"))
    return DONE


def _check_import_outputs(files: list[Path], places: list[Path | None]) -> None:
    """What is written has a place, is no file that is read, and is written once."""
    from clemency.records.files import check_place

    written = [path for path in places if path is not None]
    for path in written:
        check_place(path)
        if any(path.exists() and file.exists() and path.samefile(file) for file in files):
            raise Refusal(f"{path} is one of the files that are read; name another file")
    if len({path.resolve() for path in written}) < len(written):
        raise Refusal("two of the outputs are the same file")
    if places[0] is not None and places[0].suffix.lower() not in (".parquet", ".pq"):
        raise Refusal(f"{places[0]}: a register of several versions is kept as .parquet")


def _told_questions(asked: Unanswered, propose: Path | None, as_json: bool) -> int:
    """What only a person can say stops the import; the guess and the questions go into a profile to edit."""
    from clemency.records.files import atomic_path

    if propose is not None:
        with atomic_path(propose) as partial:
            partial.write_text(asked.profile, encoding="utf-8")
    if as_json:
        print(json.dumps(asked.report.as_json() | {"questions": [one.as_json() for one in asked.questions]},
                         ensure_ascii=False, indent=1))  # fmt: skip
    else:
        print("\n".join(asked.report.readings(_width())))
    for question in asked.questions:
        _say(str(question))
    where = f"{propose} holds the guess; answer there, and give it with --profile" if propose else (
        "--propose P writes the guess as a profile to answer in"
    )  # fmt: skip
    _say(f"{_count(len(asked.questions), 'question')} about the files, and nothing was written; {where}")
    return FAILED


def _write_beside(
    prepared: Prepared, report: Path | None, quarantine: Path | None, give_back: Path | None, propose: Path | None
) -> list[Path]:
    from clemency.records.files import atomic_path
    from clemency.records.imports.giving_back import give_back as given_back

    if report is not None:
        with atomic_path(report) as partial:
            partial.write_text(json.dumps(prepared.report.as_json(), ensure_ascii=False, indent=1), encoding="utf-8")
    if quarantine is not None:
        with atomic_path(quarantine) as partial, partial.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(prepared.put_aside())
    if propose is not None:
        with atomic_path(propose) as partial:
            partial.write_text(prepared.proposal, encoding="utf-8")
    return [] if give_back is None else given_back(prepared.tables, prepared.report.problems, give_back)


@population_app.command("build")
def population_build(
    country: Annotated[str, typer.Argument(metavar="COUNTRY", help="A country of the library, such as az.")],
    out: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="A .parquet or .jsonl file.")],
    seed: Annotated[int, typer.Option("--seed", metavar="S", min=0, help="The same seed gives the same register.")],
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DAY", help="The day of the register, such as 2025-12-20.")
    ] = None,
    cases: Annotated[
        int | None, typer.Option("--cases", metavar="N", min=1, help="How many cases; as many as the country without.")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Write a synthetic register of a country, and lay every published figure beside the synthetic one."""
    from clemency.observe.population import build
    from clemency.observe.population_table import print_population
    from clemency.records.assumptions import load_assumptions
    from clemency.records.files import check_place
    from clemency.records.stock import Stock

    check_place(out)
    try:
        stock = Stock(load_assumptions(country), _day(as_of, "--as-of") if as_of else None)
        with _progress("drawing a synthetic register") as progress:
            population = build(stock, seed, out, cases, progress)
    except ValueError as error:
        raise Refusal(str(error)) from None
    if as_json:
        print(json.dumps(population.as_json(), ensure_ascii=False, indent=1))
    else:
        with _drawn() as console:
            print_population(population, console)
    return DONE


def _day(text: str, option: str) -> date:
    """A day of the calendar from what was typed."""
    from datetime import date

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal(f"{option} {text} is no day; write it as in 2025-12-20") from None


# --- reconciliation -------------------------------------------------------------------------------------------


@app.command()
def reconcile(
    act: Annotated[str, typer.Argument(metavar="ACT", help="Id of an act with figures, such as az-2025, or a path.")],
    register: Annotated[
        str | None, typer.Option("--register", metavar="REGISTER", help="Count what the rules give on this register.")
    ] = None,
    estimate: Annotated[
        Path | None, typer.Option("--estimate", metavar="FILE", help="Take it from what clemency estimate -o wrote.")
    ] = None,
    decisions: Annotated[
        Path | None,
        typer.Option("--decisions", metavar="FILE", help="An office's own decisions: .csv, .jsonl, .parquet."),
    ] = None,
    draws: Annotated[
        int, typer.Option("--draws", metavar="N", min=0, help="Draws where neither is given; 0 leaves the rules out.")
    ] = 200,
    seed: Annotated[int, typer.Option("--seed", metavar="S", min=0, help="The same seed gives the same draws.")] = 1,
    out: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="OUT", help="Write to a .md or .json file.")
    ] = None,
    quarantine: QuarantineOption = None,
    as_json: JsonOption = False,
) -> int:
    """Lay side by side what was announced, what the rules give, what was reported, and what an office decided."""
    from clemency.observe.decisions import read_decisions
    from clemency.observe.reconcile import act_with_claims
    from clemency.observe.reconcile import reconcile as reconciled
    from clemency.records.quarantine import quarantine_log

    if as_json and out:
        raise Refusal("--json writes to standard output; leave out either --json or -o")
    if register and estimate:
        raise Refusal("what the rules give comes from --register or from --estimate; leave out one of them")
    if out and out.suffix not in (".md", ".json"):
        raise Refusal(f"{out}: a reconciliation is written to a .md or .json file")
    if register == "-" and decisions:
        raise Refusal("a register on standard input is read once; write it to a file to compare decisions with it")
    sources = [path for path in (register or "-", estimate, decisions) if path]
    _check_places(sources, [path for path in (out, quarantine) if path])
    act_id, the_act = act_with_claims(act)
    if the_act is None and (register or estimate or decisions):
        raise Refusal(f"the library has figures of {act_id} and not its rules, so nothing can be held against them")
    decided = read_decisions(decisions, the_act) if decisions and the_act else None
    with quarantine_log(quarantine) as log:
        given = _given(the_act, register, estimate, draws, seed, log) if the_act else None
        compared = _compared(decided, the_act, register) if decided and the_act else None
    _print_reconciliation(reconciled(act_id, the_act, given, compared), out, as_json)
    return _told_quarantine(log, quarantine)


def _given(
    act: Act, register: str | None, estimate: Path | None, draws: int, seed: int, log: QuarantineLog
) -> Given | None:
    from clemency.observe.claims import quantities
    from clemency.observe.given import counted, estimated, read_estimate
    from clemency.records.record import known_facts
    from clemency.records.register import open_register

    if register:
        with _progress(f"determining {register}") as progress:
            return counted(open_register(register, known_facts(act)), act, quantities(), log, progress)
    if estimate:
        return read_estimate(estimate, act.id)
    if not draws:
        return None
    from clemency.observe.estimate import estimate as estimated_afresh

    with _progress(f"drawing {draws:,} times") as progress:
        return estimated(estimated_afresh(act, None, draws, seed, progress).as_json(), act.id, "the estimate")


def _compared(decided: Decisions, act: Act, register: str | None) -> Compared:
    from clemency.observe.claims import quantities
    from clemency.observe.decisions import compare_decisions, count_decisions
    from clemency.records.quarantine import QuarantineLog
    from clemency.records.record import known_facts
    from clemency.records.register import open_register

    if register is None:
        return count_decisions(decided, act, quantities())
    with _progress(f"comparing with {register}") as progress:
        opened = open_register(register, known_facts(act))
        return compare_decisions(decided, opened, act, quantities(), QuarantineLog(), progress)


def _print_reconciliation(found: Reconciliation, out: Path | None, as_json: bool) -> None:
    from clemency.observe.reconcile_page import markdown, print_reconciliation
    from clemency.records.files import atomic_path

    plain = json.dumps(found.as_json(), ensure_ascii=False, indent=1) if as_json or out else ""
    if out:
        with atomic_path(out) as partial:
            partial.write_text(markdown(found) if out.suffix == ".md" else plain + "\n", encoding="utf-8", newline="\n")
        print(f"{out}: {found.act_id}, {_count(len(found.lines), 'line')}, {_count(found.findings, 'finding')}")
    elif as_json:
        print(plain)
    else:
        with _drawn() as console:
            print_reconciliation(found, console)


# --- what the verbs share -------------------------------------------------------------------------------------


def _act_as_of(act: str, as_of: str | None) -> Act:
    """An act as it stands on a day that was typed, or after its last change."""
    from clemency.law.act import NotInForce, load_act

    the_act = load_act(act)
    try:
        return the_act if as_of is None else the_act.as_of(_day(as_of, "--as-of"))
    except NotInForce as error:
        raise Refusal(str(error)) from None


def _open(register: str, act: str, as_of: str | None = None) -> tuple[Act, Register]:
    from clemency.records.record import known_facts
    from clemency.records.register import open_register

    the_act = _act_as_of(act, as_of)
    return the_act, open_register(register, known_facts(the_act))


def _check_outputs(register: str, out: Path | None, quarantine: Path | None) -> None:
    """What is written must not be what is read, and must have a place, before any work is done."""
    if out is not None:
        from clemency.determine.delivery import check_output

        check_output(out)
    _check_places([register], [path for path in (out, quarantine) if path is not None])
    if out and quarantine and out.resolve() == quarantine.resolve():
        raise Refusal("the output and the quarantine file are the same file")


def _check_places(read: Sequence[str | Path], written: Sequence[Path]) -> None:
    """Files to write have a place, and none of them is a file to read."""
    from clemency.records.files import check_place

    for path in written:
        check_place(path)
        for source in map(Path, read):
            if path.exists() and source.exists() and path.samefile(source):
                what = "the register" if source == Path(read[0]) else str(source)
                raise Refusal(f"{path} is {what} itself; name another file")


def _print_rows(register: Register, act: Act, log: QuarantineLog, trace: bool) -> None:
    from clemency.determine.delivery import results, traced_rows, write_json

    if trace:
        for row in traced_rows(register, act, log):
            print(json.dumps(row, ensure_ascii=False))
        return
    with _progress(f"determining {register.name}") as progress:
        for result in results(register, act, log, progress):
            write_json(result, act, sys.stdout)


def _determine_table(register: Register, act: Act, out: Path | None, log: QuarantineLog) -> None:
    from clemency.determine.delivery import determine_register
    from clemency.observe.tables import summary_tables

    with _progress(f"determining {register.name}") as progress:
        summary = determine_register(register, act, out, log, progress)
    if out:
        print(f"{out}: {summary.cases:,} determinations under {act.id}")
        return
    with _drawn() as console:
        for table in summary_tables(summary, act):
            console.print(table)
            console.print()


def _told_quarantine(log: QuarantineLog, path: Path | None) -> int:
    """Tell the rows that were put aside, the first of them one by one."""
    if not log.count:
        return DONE
    for row in log.examples[:_PROBLEMS_SHOWN]:
        for line in row.lines():
            _say(line)
    if log.count > len(log.examples):
        _say(f"… and {log.count - len(log.examples):,} more rows")
    where = f"; all of them are in {path}" if path else "; --quarantine FILE keeps them all"
    _say(f"{_count(log.count, 'row')} did not fit and {'was' if log.count == 1 else 'were'} put aside{where}")
    return FINDINGS


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _say(text: str) -> None:
    """Tell a problem, on standard error."""
    print(_plain(text), file=sys.stderr)


def _plain(text: str) -> str:
    """Text with what could drive a terminal made visible, line by line."""
    from clemency.records.quarantine import shown

    return "\n".join(map(shown, text.split("\n")))


# --- the terminal ---------------------------------------------------------------------------------------------


def _width() -> int:
    return min(shutil.get_terminal_size((_PIPE_WIDTH, 24)).columns, _WIDEST)


def _console() -> Console:
    from rich.console import Console

    return Console(width=min(shutil.get_terminal_size((_PIPE_WIDTH, 24)).columns, 120), highlight=False)


@contextmanager
def _drawn() -> Iterator[Console]:
    """A console whose lines are printed without the blanks that fill a table up."""
    console = _console()
    with console.capture() as capture:
        yield console
    print("\n".join(line.rstrip() for line in capture.get().split("\n")), end="")


def _heading(console: Console, text: str) -> None:
    from rich.text import Text

    console.print()
    console.print(Text(text, style="bold"))
    console.print()


_COLOURS = {
    "met": "32", "not_met": "31", "not_known": "33", "applies": "1;32", "possible": "1;33", "closed": "1;31",
    "bars": "1;31", "may_bar": "1;33", "section": "1;4", "headline": "1", "source": "2", "case": "2",
}  # fmt: skip


def _paint() -> Callable[[str, str], str]:
    """Colours where a person reads on a terminal that has not asked for none."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return lambda _, text: text
    return lambda style, text: f"\x1b[{_COLOURS[style]}m{text}\x1b[0m" if style in _COLOURS else text


@contextmanager
def _progress(title: str) -> Iterator[Callable[[int, int | None], None]]:
    """A progress bar where a person watches; silence in a pipe."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def _status() -> Iterator[Callable[[str], None]]:
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield status.update


# --- the door -------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and leave with its exit code; whatever happens, no traceback."""
    code = run(arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = _closed_pipe()
    sys.exit(code)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command and give back its exit code."""
    _prepare()
    try:
        result = app(args=None if arguments is None else list(arguments), standalone_mode=False)
    except BrokenPipeError:
        return _closed_pipe()
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as left:
        if isinstance(left.__context__, BrokenPipeError):
            return _closed_pipe()
        return left.code if isinstance(left.code, int) else FAILED
    except Exception as error:
        return _refused(error)
    return result if isinstance(result, int) else DONE


def _prepare() -> None:
    """Output is UTF-8 where it is no terminal, and a request to stop lets unfinished files be removed."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace", **({} if stream.isatty() else {"encoding": "utf-8"}))
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            number = getattr(signal, name)
            signal.signal(number, lambda number, _: sys.exit(128 + number))


def _closed_pipe() -> int:
    """Whoever read has gone; what is left in the buffer goes nowhere, without a word."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return PIPE_CLOSED


def _refused(error: Exception) -> int:
    """One sentence, or one a problem, for everything that can go wrong in an expected way."""
    if type(error).__name__ == "NoArgsIsHelpError":  # the help has been printed
        return FAILED
    if hasattr(error, "format_message"):  # a mistake in the arguments
        context = getattr(error, "ctx", None)
        usage = context.get_usage() + "\n" if context else ""
        _say(f"{usage}clemency: {error.format_message()}")
    elif isinstance(error, _expected()) or (isinstance(error, FileNotFoundError) and error.errno is None):
        _say(f"clemency: {error}")
    elif isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        _say(f"clemency: {place}{error.strerror or error}")
    elif isinstance(error, MemoryError):
        _say("clemency: there is not enough memory for this")
    else:
        if os.environ.get("CLEMENCY_DEBUG"):
            raise error
        _say(
            f"clemency: an error in the program itself ({type(error).__name__}: {error}); please report it. "
            "CLEMENCY_DEBUG=1 shows where it happened."
        )
    return FAILED


def _expected() -> tuple[type[Exception], ...]:
    from clemency.assure.prove import QuestionError
    from clemency.assure.solver import NotModelled, SolverMissing, Unsettled
    from clemency.law.codes import CodeError
    from clemency.law.source import SourceErrors
    from clemency.observe.backtest import BacktestError
    from clemency.observe.decisions import DecisionErrors
    from clemency.observe.estimate import EstimateError
    from clemency.observe.given import EstimateFileError
    from clemency.observe.library_files import SheetErrors
    from clemency.observe.reconcile import ReconcileError
    from clemency.records.files import OutputError
    from clemency.records.quarantine import RegisterError

    proofs = (QuestionError, SolverMissing, NotModelled, Unsettled)
    ours = (*proofs, DecisionErrors, EstimateFileError, ReconcileError, SheetErrors)
    return (*ours, Refusal, RegisterError, OutputError, SourceErrors, CodeError, BacktestError, EstimateError)


if __name__ == "__main__":
    main()
