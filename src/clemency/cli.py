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
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from clemency import __version__

if TYPE_CHECKING:
    from rich.console import Console

    from clemency.determine.worked import WorkedCases
    from clemency.law.act import Act
    from clemency.records.quarantine import QuarantineLog
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


class Language(StrEnum):
    """Languages of an explanation."""

    en = "en"
    az = "az"
    ru = "ru"


RegisterArgument = Annotated[
    str, typer.Argument(metavar="REGISTER", help="JSON Lines, nested Parquet, a folder with two CSV sheets, or -")
]
ActOption = Annotated[str, typer.Option("--act", metavar="ACT", help="Id of an act of the library, or a path.")]
QuarantineOption = Annotated[
    Path | None, typer.Option("--quarantine", metavar="FILE", help="Write the rows that do not fit there.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON.")]


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
) -> int:
    """Determine every case of a register under an act."""
    from clemency.records.quarantine import quarantine_log

    if trace and not as_json:
        raise Refusal("--trace goes with --json")
    if as_json and out:
        raise Refusal("--json writes to standard output; leave out either --json or -o")
    _check_outputs(register, out, quarantine)
    the_act, opened = _open(register, act)
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
) -> int:
    """Explain the determination of one case, clause by clause."""
    from clemency.determine.explain import explain as explained
    from clemency.determine.interpreter import determine_case, full_trace
    from clemency.records.record import RecordErrors

    the_act, opened = _open(register, act)
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
def demo() -> int:
    """Show the amnesty of 2025 at a glance, on an invented register and the published cases."""
    import tempfile

    from clemency.determine.explain import explain as explained
    from clemency.observe.glance import glance, people_in_the_news
    from clemency.observe.tables import print_glance, print_people

    with tempfile.TemporaryDirectory(prefix="clemency-") as folder, _status() as status:
        view = glance(Path(folder), status)
    people = list(people_in_the_news(view.act))
    one = people[0]
    with _drawn() as console:
        adopted = view.act.dates["adopted"]
        _heading(console, f"1. {view.act.title['en']}, {adopted.day} {adopted:%B %Y}")
        print_glance(view, console)
        _heading(console, f"2. {len(people)} published cases, on what is public and nothing else")
        console.print(_CAUTION + "\n")
        print_people(people, console)
        _heading(console, f"3. One case in full: {one.name}, {one.organisation}")
    print(explained(one.determination, view.act, one.record).text(_width(), False, _paint()), end="")
    with _drawn() as console:
        _heading(console, "4. What to try next")
    for line in _next_commands(one.record.case_id, view.act.id):
        print(f"  {line}")
    return DONE


def _next_commands(case: str, act: str) -> Iterator[str]:
    from clemency.law.library import library_path

    people = library_path() / "people" / "az" / "records.jsonl"
    shown = os.path.relpath(people) if people.is_relative_to(Path.cwd()) else str(people)
    yield f"clemency explain {shown} --case {case} --act {act} --lang az"
    yield "clemency register synthesise --cases 1000000 --seed 1 -o million.parquet"
    yield f"clemency determine million.parquet --act {act} -o answers.parquet"


# --- acts -----------------------------------------------------------------------------------------------------


@act_app.command("list")
def act_list() -> int:
    """List the acts of the library."""
    from clemency.law.act import library_acts, load_act
    from clemency.law.source import SourceErrors

    code = DONE
    for name in library_acts():
        try:
            act = load_act(name)
        except SourceErrors as errors:
            _say(f"{name} does not load: {len(errors.problems)} problems; see `clemency act check {name}`")
            code = FINDINGS
            continue
        counts = f"{len(act.grants)} grants, {len(act.exclusions)} exclusions, {len(act.reservations)} reservations"
        print(f"{act.id:<12} {act.dates.get('adopted', act.in_force)}  {act.title.get('en', '')}  ({counts})")
    return code


@act_app.command("show")
def act_show(
    act: Annotated[str, typer.Argument(metavar="ACT", help="Id of an act of the library, or a path.")],
    lang: Annotated[Language, typer.Option("--lang", help="Language of titles and questions.")] = Language.en,
) -> int:
    """Show an act: dates, facts, clauses, each with its rule, source and confidence."""
    from clemency.law.act import load_act
    from clemency.observe.act_page import act_page

    print(act_page(load_act(act), _width(), lang.value), end="")
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
) -> int:
    """Check an act: that it loads, and that its worked cases agree with it. Without PATH, every act of the library."""
    from clemency.law.act import library_acts

    names = [path] if path else library_acts()
    if not names:
        raise Refusal("the library has no act")
    return max([_check_act(name) for name in names])


def _check_act(name: str) -> int:
    from clemency.determine.worked import run_worked_cases
    from clemency.law.act import load_act
    from clemency.law.source import SourceErrors

    try:
        act = load_act(name)
    except SourceErrors as errors:
        for problem in errors.problems:
            _say(problem.show(errors.file))
        _say(f"{name}: {_count(len(errors.problems), 'problem')}")
        return FINDINGS
    worked = run_worked_cases(act)
    for line in worked.problems:
        _say(f"{act.id}: {line}")
    print(_checked(act, worked))
    return FINDINGS if worked.problems else DONE


def _checked(act: Act, worked: WorkedCases) -> str:
    clauses = _count(len(act.grants), "grant") + f", {_count(len(act.exclusions), 'exclusion')}"
    clauses += f", {_count(len(act.reservations), 'reservation')}"
    agree = worked.count - len({problem.partition(":")[0] for problem in worked.problems})
    told = f"{act.id}: loads ({clauses}); {agree} of {_count(worked.count, 'worked case')} agree"
    if worked.not_shown:
        told += f"; no worked case shows {', '.join(worked.not_shown)}"
    return told


@act_app.command("schema")
def act_schema() -> int:
    """Print the JSON Schema of an act file, for editors."""
    from clemency.law.act import ActFile

    print(json.dumps(ActFile.model_json_schema(by_alias=True), indent=1))
    return DONE


# --- registers ------------------------------------------------------------------------------------------------


@register_app.command("schema")
def register_schema() -> int:
    """Print the JSON Schema of a case record, with the facts that the library's acts ask."""
    from clemency.records.record import record_json_schema

    print(json.dumps(record_json_schema(), indent=1, ensure_ascii=False))
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


# --- what the verbs share -------------------------------------------------------------------------------------


def _open(register: str, act: str) -> tuple[Act, Register]:
    from clemency.law.act import load_act
    from clemency.records.record import known_facts
    from clemency.records.register import open_register

    the_act = load_act(act)
    return the_act, open_register(register, known_facts(the_act))


def _check_outputs(register: str, out: Path | None, quarantine: Path | None) -> None:
    """What is written must not be what is read, and must have a place, before any work is done."""
    from clemency.records.files import check_place

    places = [path for path in (out, quarantine) if path is not None]
    if out is not None:
        from clemency.determine.delivery import check_output

        check_output(out)
    for path in places:
        check_place(path)
        if register != "-" and path.exists() and Path(register).exists() and path.samefile(register):
            raise Refusal(f"{path} is the register itself; name another file")
    if out and quarantine and out.resolve() == quarantine.resolve():
        raise Refusal("the output and the quarantine file are the same file")


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
    from clemency.law.codes import CodeError
    from clemency.law.source import SourceErrors
    from clemency.records.files import OutputError
    from clemency.records.quarantine import RegisterError

    return (Refusal, RegisterError, OutputError, SourceErrors, CodeError)


if __name__ == "__main__":
    main()
