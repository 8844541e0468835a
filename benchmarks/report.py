"""What was measured, in words, tables and one picture: the page `docs/speed.md` and what the terminal shows.

Every figure is the median of the rounds, and ratios are of figures of one run. What was to be reached stands beside
what was measured, met or not met.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.measure import INDEX, PEERS
from benchmarks.peers import az_2025 as act
from benchmarks.registers import AGREEMENT_CASES, SAMPLE_CASES

Results = Mapping[str, Any]
PLAIN, INDEXED = "clemency-plain", "clemency-indexed"
PAGE, PICTURE = Path("speed.md"), Path("pictures") / "speed.svg"

#: What was to be reached on two cores: cases a second, times OpenFisca, times as long as the query by hand, growth of
#: the peak of memory from the smallest register to the largest, milliseconds a case, seconds a cold explanation.
INDEXED_RATE, PLAIN_RATE = 5_000_000, 2_500_000
OPENFISCA_TIMES, POLARS_TIMES = 4.0, 1.3
MEMORY_GROWTH = 1.25
CASE_MILLISECONDS, EXPLAIN_SECONDS = 5.0, 1.0


# --- figures ------------------------------------------------------------------------------------------------------


def median(runs: Sequence[Mapping[str, float]], of: str = "seconds") -> float:
    """The median of one figure over the rounds."""
    return statistics.median(run[of] for run in runs)


def rate(runs: Sequence[Mapping[str, float]], of: str = "seconds") -> float:
    """Cases a second."""
    return runs[0]["cases"] / median(runs, of)


def grouped(number: float) -> str:
    """A count as a reader takes it in.

    >>> grouped(2_512_345), grouped(18_234), grouped(612)
    ('2.51 million', '18,200', '612')
    """
    if number >= 1_000_000:
        return f"{number / 1_000_000:.2f} million"
    digits = max(0, len(str(int(number))) - 3)
    return f"{round(number, -digits):,.0f}"


def size(cases: int | str) -> str:
    """A number of cases in words.

    >>> size(10_000_000), size(200_000)
    ('10 million', '200,000')
    """
    count = int(cases)
    return f"{count // 1_000_000} million" if count % 1_000_000 == 0 else f"{count:,}"


def megabytes(count: float) -> str:
    return f"{count / 1e6:,.0f} MB"


# --- what was to be reached ---------------------------------------------------------------------------------------


class Target(NamedTuple):
    """Something to be reached: what, how much, how much was measured, and whether that is met."""

    what: str
    wanted: str
    measured: str
    met: bool


def targets(results: Results) -> Iterator[Target]:
    """Everything that was to be reached, beside what was measured."""
    sizes = sorted(results["bulk"], key=int)
    for cases in sizes:
        yield from _speed_targets(results["bulk"][cases]["runs"], f"on {size(cases)} cases")
    if len(sizes) > 1:
        least, most = results["bulk"][sizes[0]]["runs"], results["bulk"][sizes[-1]]["runs"]
        for name in (PLAIN, INDEXED):
            growth = median(most[name], "memory") / median(least[name], "memory")
            kind = name.removeprefix("clemency-")
            what = f"Memory, {kind} register, {size(sizes[-1])} cases beside {size(sizes[0])}"
            wanted = f"flat: at most {MEMORY_GROWTH} times"
            yield Target(what, wanted, f"{growth:.2f} times", growth <= MEMORY_GROWTH)
    one = results["one_case"]["determination"]
    wanted = f"under {CASE_MILLISECONDS:.0f} ms"
    yield Target("One case, the act loaded", wanted, f"{one:.2f} ms", one < CASE_MILLISECONDS)
    for found in results["explain"].values():
        seconds = statistics.median(found["seconds"])
        what = f"`clemency explain` as a whole process, {size(found['cases'])} cases"
        yield Target(what, f"under {EXPLAIN_SECONDS:.0f} s", f"{seconds:.2f} s", seconds < EXPLAIN_SECONDS)


def _speed_targets(runs: Mapping[str, Any], on: str) -> Iterator[Target]:
    for name, what, least in ((INDEXED, "Indexed", INDEXED_RATE), (PLAIN, "Plain", PLAIN_RATE)):
        found = rate(runs[name])
        yield Target(f"{what} register, {on}", f"at least {grouped(least)} cases/s", grouped(found), found >= least)
    if "openfisca" in runs:
        times = rate(runs[PLAIN]) / rate(runs["openfisca"])
        wanted = f"at least {OPENFISCA_TIMES:.0f} times OpenFisca"
        what = f"Plain register beside OpenFisca, {on}"
        yield Target(what, wanted, f"{times:.1f} times", times >= OPENFISCA_TIMES)
    if "polars" in runs:
        times = median(runs[PLAIN]) / median(runs["polars"])
        what = f"Plain register beside the Polars query, {on}"
        yield Target(what, f"at most {POLARS_TIMES} times its time", f"{times:.2f} times", times <= POLARS_TIMES)


# --- tables -------------------------------------------------------------------------------------------------------


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are figures."""
    aligned = ["---", *["--:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, aligned, *rows))


def target_table(results: Results) -> str:
    rows = [(one.what, one.wanted, one.measured, "met" if one.met else "**not met**") for one in targets(results)]
    return table(("what", "to reach", "measured", ""), rows)


def bulk_table(one: Mapping[str, Any]) -> str:
    """Everybody on one register, the quickest first."""
    runs = one["runs"]
    rows = []
    for name in sorted(runs, key=lambda name: median(runs[name])):
        seconds = [run["seconds"] for run in runs[name]]
        rows.append(
            (
                f"**{PEERS[name].title}**" if name in (PLAIN, INDEXED) else PEERS[name].title,
                grouped(rate(runs[name])),
                f"{median(runs[name]):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})",
                _times(runs, name, "openfisca"),
                _times(runs, name, "limit"),
                megabytes(median(runs[name], "memory")),
            )
        )
    return table(("who", "cases/s", "time, least to most", "OpenFisca = 1", "the limit = 1", "peak memory"), rows)


def _times(runs: Mapping[str, Any], name: str, beside: str) -> str:
    return f"{rate(runs[name]) / rate(runs[beside]):.2f}" if beside in runs else "–"


def sampled_table(results: Results) -> str:
    rows = [
        (PEERS[name].title, grouped(rate(runs)), grouped(rate(runs, "calculation")), megabytes(median(runs, "memory")))
        for name, runs in results["sampled"].items()
    ]
    return table(("who", "records/s", "without reading and writing", "peak memory"), rows)


# --- the page -----------------------------------------------------------------------------------------------------


def page(results: Results) -> str:
    """`docs/speed.md`."""
    return "\n\n".join(_sections(results)) + "\n"


def _sections(results: Results) -> Iterator[str]:
    sizes = sorted(results["bulk"], key=int)
    yield "# Speed"
    yield (
        "`make bench` measured all of this and wrote this page and its picture. The act is that of 19 December 2025; "
        f"the registers are invented. Each figure is the median of {results['rounds']} rounds, and each ratio is of "
        "figures of this one run."
    )
    yield f"![Cases a second on {size(sizes[-1])} cases, by engine]({PICTURE.as_posix()})"
    yield "## To reach, and measured"
    yield target_table(results)
    for cases in sizes:
        yield f"## {size(cases)} cases, Parquet to Parquet"
        yield bulk_table(results["bulk"][cases])
        yield _below_table(results["bulk"][cases])
    if results["sampled"]:
        yield f"## Slow peers, on {size(SAMPLE_CASES)} cases"
        yield sampled_table(results)
    yield "## One case"
    yield _one_case(results)
    yield "## How it was measured"
    yield _machine(results)
    yield _METHOD
    yield "## First of all, they agree"
    yield _AGREEMENT
    yield "\n".join(f"- {_agreed(line)}" for line in results["agreement"])
    yield "## What the peers do, and do not"
    yield _PEERS


def _machine(results: Results) -> str:
    machine = results["machine"]
    memory = f"{machine['memory'] / 2**30:.0f} GiB of memory"
    versions = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    return (
        f"{machine['cpu']}, {machine['cores']} cores, {memory}, {machine['system']}; "
        f"{versions}; {results['date']}. Load of the machine before the first run: {machine['load']:.2f} (0 is idle)."
    )


def _below_table(one: Mapping[str, Any]) -> str:
    made, runs = one["index"], one["runs"]
    said = [
        f"The register has {megabytes(one['bytes'])}. {INDEX.title.capitalize()} took {made['seconds']:.2f} s once "
        f"({megabytes(made['bytes'])} on disk, {megabytes(made['memory'])} of memory) and is not in the time of the "
        "indexed register."
    ]
    if "openfisca" in runs:
        alone = rate(runs["openfisca"], "calculation")
        said.append(f"OpenFisca's calculation alone, its arrays ready, runs at {grouped(alone)} cases/s.")
    if "limit" in runs:
        said.append(f"Of the limit, {median(runs['limit'], 'reading'):.2f} s are reading.")
    loading = ", ".join(f"{PEERS[name].title} {median(of, 'loading'):.1f} s" for name, of in runs.items())
    said.append(f"Loading came before: {loading}.")
    return " ".join(said)


def _one_case(results: Results) -> str:
    one, explain = results["one_case"], results["explain"]
    cold = " and ".join(
        f"{statistics.median(found['seconds']):.2f} s on a {'text' if kind == 'lines' else 'Parquet'} register of "
        f"{size(found['cases'])} cases"
        for kind, found in explain.items()
    )
    return (
        f"Over a mix of {one['cases']:,} cases, the act loaded: from the record to the determination with its full "
        f"trace {one['determination']:.2f} ms in the median (99 of 100 cases within {one['determination_99']:.2f} ms); "
        f"to the explanation in words {one['explanation']:.2f} ms ({one['explanation_99']:.2f} ms).\n\n"
        f"The command `clemency explain` as a whole process, started cold, takes {cold} "
        f"(median of {len(explain['lines']['seconds'])} starts)."
    )


def _agreed(line: str) -> str:
    name, _, rest = line.partition(":")
    return f"{PEERS[name].title if name in PEERS else name}:{rest}"


_METHOD = """\
Each run is a process of its own, which tells the peak of its own memory. The clock runs from the register on disk to
the answers on disk; loading the libraries, the act and the offence code comes before, for everybody, and so does
loading this engine's compiled loops, for which it answers one case and forgets it. What an engine learns from a
register it learns within the time. Each register is read once before, so that no disk is
measured; what a run has written is put on the disk before the next begins, so that nobody waits for another, and
every run writes a new file. This engine alone has its answers on the disk when the clock stops; the others leave that
to the operating system. Everybody writes Parquet packed with Snappy; this engine leaves five columns unpacked, which
makes its file larger by 2 to 4 %. Rounds go through the peers in turn, every second one backwards. On every register
the counts of outcomes and reliefs of all peers are compared again."""

_COMPARED = f"one register of {size(AGREEMENT_CASES)} cases (slow ones its first {size(SAMPLE_CASES)})"
_AGREEMENT = f"""\
Before anything is measured, all answer {_COMPARED}.
These fields are compared case by case with those of this engine on the plain register: outcome, relief, counted grant,
the grants and exclusions that are true, reservations, the end of the term before and after, days remitted. What this
engine names as missing has to be among what the peer names.

This engine follows Kleene's rules by an exact check over the open facts, so that a case which is covered whatever those
are comes out as covered. The queries by hand know the cases of this act in which that matters: a less serious crime
whose end of term is not known, theft under 177.1 between two categories, a serious crime by negligence with an unknown
term, a sentence of which it is not known whether it is suspended, and two ends of a term that contradict each other. A
case that a peer calls undetermined and the exact check decides would be counted here; any other difference ends the
run."""

_CLAUSES = f"{len(act.GRANTS)} grants, {len(act.EXCLUSIONS)} exclusions and {len(act.RESERVATIONS)} reservations"
_PEERS = f"""\
- All hold the same {_CLAUSES}, and write outcome, relief,
  the counted grant, masks of true and unknown grants and exclusions, reservations, what is missing, and dates. Their
  list of what is missing is not minimal: it is what is unknown and read by a grant that is not decided. This engine
  writes the minimal list, what could improve the relief, and contradictions, all as texts, and looks at every row of a
  plain register for what does not fit.
- **The Polars query** keeps offences in their lists, joins nothing and streams. It is what a good analyst would write
  for this one act.
- **The DuckDB query** works inside the lists as well: that is as quick as unnesting, grouping and joining back, and its
  memory does not grow with the register.
- **OpenFisca** has no unknown. Each condition is a variable over whole arrays, with 1 for true, -1 for false and 0 for
  unknown; days not known are NaT, words not known a member of their enumeration. Offences are its persons, cases its
  groups. The register is read in parts of 100,000 cases, which is quicker than the whole at once.
- **The Python loop** takes one dictionary after the other.
- **The limit** only reads the columns that the act reads (PyArrow, two row groups side by side, repeated texts left as
  numbers), and then only writes the columns that this engine writes, ready before (Polars). An engine that reads and
  writes at once may come below it, and so may an index, which is another file and quicker to read."""


def terminal(results: Results) -> str:
    """The same figures without the prose."""
    parts = [target_table(results)]
    for cases, one in results["bulk"].items():
        parts += [f"{size(cases)} cases", bulk_table(one), _below_table(one)]
    if results["sampled"]:
        parts += [f"{size(SAMPLE_CASES)} cases", sampled_table(results)]
    return "\n\n".join([*parts, _one_case(results)])


# --- the picture --------------------------------------------------------------------------------------------------


def picture(results: Results) -> str:
    """Cases a second on the largest register as bars, as SVG."""
    import altair as alt
    import vl_convert

    largest = max(results["bulk"], key=int)
    runs = {**results["bulk"][largest]["runs"], **results["sampled"]}
    rows = [
        {
            "who": PEERS[name].title + (f" ({size(SAMPLE_CASES)} cases)" if PEERS[name].sampled else ""),
            "rate": rate(found) / 1e6,
            "label": grouped(rate(found)),
            "kind": "this engine"
            if name in (PLAIN, INDEXED, "interpreter")
            else "limit"
            if name == "limit"
            else "peers",
        }
        for name, found in sorted(runs.items(), key=lambda one: -rate(one[1]))
    ]
    order = [row["who"] for row in rows]
    bars = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("who:N", sort=order, title=None, axis=alt.Axis(labelLimit=300, ticks=False, domain=False)),
        x=alt.X("rate:Q", title="million cases a second, Parquet to Parquet", axis=alt.Axis(tickCount=6)),
    )
    colours = alt.Scale(domain=["this engine", "peers", "limit"], range=["#2a7f62", "#9aa3ad", "#d9c79a"])
    coloured = bars.mark_bar(height=18).encode(color=alt.Color("kind:N", scale=colours, legend=None))
    labels = bars.mark_text(align="left", dx=4, color="#333333").encode(text="label:N")
    title = alt.TitleParams(
        f"An amnesty on {size(largest)} cases: cases a second",
        subtitle=f"{results['machine']['cores']} cores; medians of {results['rounds']} rounds; all answers agree",
        anchor="start",
    )
    chart = (coloured + labels).properties(width=520, height=alt.Step(28), title=title, background="white")
    room = {
        "left": 60,
        "right": 80,
        "top": 12,
        "bottom": 12,
    }  # readers' fonts are wider than the one it is measured with
    chart = chart.configure_view(stroke=None).configure(font="sans-serif", padding=room)
    drawn = str(vl_convert.vegalite_to_svg(json.dumps(chart.to_dict())))
    return drawn.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")  # nothing in the picture links anywhere


def write(results: Results, docs: Path) -> list[Path]:
    """Write the page and its picture."""
    page_path, picture_path = docs / PAGE, docs / PICTURE
    picture_path.parent.mkdir(parents=True, exist_ok=True)
    picture_path.write_text(picture(results), encoding="utf-8")
    page_path.write_text(page(results), encoding="utf-8")
    return [page_path, picture_path]
