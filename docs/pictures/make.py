"""Make the pictures of the documentation with the software itself; `--check` says whether they are up to date.

    .venv/bin/python docs/pictures/make.py

The charts are those of `clemency chart all --act az-2025`, with few draws; `explain.svg` and `import.svg` are what
`clemency explain` and `clemency register import` print on a terminal; `sentence.svg` is that of `clemency sentence`.
All are made of shapes and text alone: no font, no script and no picture is fetched from anywhere.
"""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clemency.observe.brief import Brief

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
CLEMENCY = Path(sys.executable).with_name("clemency")
MONO = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"


# --- a terminal -----------------------------------------------------------------------------------------------

EXAMPLE = ["explain", "docs/examples/six-lines/people.jsonl"]
EXAMPLE += ["--case", "synthetic-ana", "--act", "docs/examples/six-lines"]


IMPORT = ["register", "import", "docs/examples/import/siyahi.csv"]
IMPORT += ["--profile", "docs/examples/import/profile.yaml", "--dry-run"]


def explanation() -> str:
    """What the command prints for the person of the README, as a terminal shows it."""
    return terminal(EXAMPLE, "explain", "A terminal: the explanation of one invented case, refused by an exclusion.")


def imported() -> str:
    """What the command says of a spreadsheet of an invented office, with rows that are put aside."""
    return terminal(IMPORT, "import", "A terminal: the report on an invented file, with the rows that are put aside.")


def terminal(arguments: list[str], name: str, said: str) -> str:
    """A command and what it prints, as a terminal shows it."""
    from rich.console import Console
    from rich.terminal_theme import SVG_EXPORT_THEME
    from rich.text import Text

    console = Console(record=True, width=101, file=io.StringIO(), force_terminal=True, highlight=False)
    console.print(Text("$ clemency " + " ".join(arguments), style="bold"))
    console.print()
    console.print(Text.from_ansi(on_a_terminal(arguments).rstrip()))
    title = "clemency " + ("register import" if name == "import" else name)
    svg = console.export_svg(title=title, theme=SVG_EXPORT_THEME, code_format=_frame(said), unique_id=name)
    return svg.rstrip() + "\n"


def _frame(said: str) -> str:
    """Rich's frame without the fonts that it would fetch, and with a text for those who do not see it."""
    from rich._export_format import CONSOLE_SVG_FORMAT

    frame = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    frame = re.sub(r"font-family: (?:Fira Code|arial)[^;]*;", f"font-family: {MONO};", frame)
    frame = re.sub(r"<!--.*?-->\s*", "", frame, flags=re.DOTALL)
    return frame.replace('xmlns="', f'role="img" aria-label="{said}" xmlns="', 1)


def on_a_terminal(arguments: list[str]) -> str:
    """What the command prints where a person reads on a terminal of a hundred columns."""
    wanted = {"COLUMNS": "100", "LINES": "60", "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | wanted
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [CLEMENCY, *arguments], stdout=theirs, stderr=theirs, env=environment, cwd=REPOSITORY
    ) as command:
        os.close(theirs)
        printed = b"".join(_pieces(ours))
    os.close(ours)
    if command.returncode not in (0, 1):  # 1: done, and there is something to look at
        raise SystemExit(printed.decode(errors="replace"))
    shown = printed.decode().replace("\r\n", "\n")
    shown = re.sub(r"\x1b\[\?25[lh]", "", shown)  # the cursor hidden while work goes on
    shown = re.sub(r"[^\n]*\n\r?\x1b\[1A\r?\x1b\[2K", "", shown)  # the line that went up and was wiped away
    return re.sub(r"^.*\r\x1b\[2K", "", shown, flags=re.MULTILINE)


def _pieces(handle: int) -> Iterator[bytes]:
    while True:
        try:
            piece = os.read(handle, 1 << 16)
        except OSError:  # how a terminal says that it has been closed
            return
        if not piece:
            return
        yield piece


# --- the act of 2025 ------------------------------------------------------------------------------------------

DRAWS, SEED = 40, 1
CHARTS = {
    "at-a-glance.svg": "relief",
    "progress.svg": "progress",
    "grounds.svg": "grounds",
    "history.svg": "history",
    "flow.svg": "flow",
}


@cache
def brief() -> Brief:
    """The act of 2025, estimated with few draws."""
    from clemency.law.act import load_act
    from clemency.observe.brief import gather

    return gather(load_act("az-2025"), "en", DRAWS, SEED)


def chart(name: str) -> str:
    """One chart of the act, wide."""
    return brief().picture(name).svg()


# --- one sentence ---------------------------------------------------------------------------------------------


def sentence() -> str:
    """The days of the invented sentence of the examples."""
    from clemency.observe.sentence_page import sentence_picture
    from clemency.records.sentence import read_sentence, work_out

    return sentence_picture(work_out(*read_sentence(REPOSITORY / "docs" / "examples" / "sentence.yaml"))).svg()


# --- what moves an estimate -----------------------------------------------------------------------------------


def tornado() -> str:
    """What moves the estimate that the library keeps of the act of 2025."""
    import json

    from clemency.observe.tornado import tornado_picture
    from clemency.observe.words import Words

    kept = REPOSITORY / "library" / "estimates" / "az-2025.json"
    return tornado_picture(json.loads(kept.read_text(encoding="utf-8")), Words("en")).svg()


# --- two acts -------------------------------------------------------------------------------------------------


def comparison() -> str:
    """The acts of 2021 and 2025 on one small invented register, every open point of law answered yes."""
    import tempfile

    from clemency.assure.compare import Supposed, compared_on
    from clemency.observe.comparison import comparison_picture
    from clemency.observe.words import Words
    from clemency.records.quarantine import QuarantineLog
    from clemency.records.record import known_facts
    from clemency.records.register import open_register
    from clemency.records.synthesise import synthesise

    sides = [Supposed(act, reading=("*=yes",)) for act in ("az-2021", "az-2025")]
    with tempfile.TemporaryDirectory() as folder:
        register = Path(folder) / "invented.parquet"
        synthesise(3_000, 1, register)
        acts = (sides[0].load(), sides[1].load())
        opened = open_register(register, known_facts())
        found = compared_on(opened, acts, ("az-2021", "az-2025"), QuarantineLog(), lambda done, total: None)
        return comparison_picture(found.as_json(), register.name, Words("en")).svg()


# --- all ------------------------------------------------------------------------------------------------------

PICTURES: dict[str, Callable[[], str]] = {
    **{file: partial(chart, name) for file, name in CHARTS.items()},
    "explain.svg": explanation,
    "import.svg": imported,
    "sentence.svg": sentence,
    "comparison.svg": comparison,
    "tornado.svg": tornado,
}


def main() -> int:
    """Write the pictures, or with `--check` say which of them are not up to date."""
    stale = []
    for name, made in PICTURES.items():
        svg, path = made(), HERE / name
        if "--check" not in sys.argv[1:]:
            path.write_text(svg, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != svg:
            stale.append(name)
    if stale:
        print(f"not up to date: {', '.join(stale)}; run docs/pictures/{Path(__file__).name}")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
