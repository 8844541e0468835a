"""Make the pictures of the documentation with the software itself; `--check` says whether they are up to date.

    .venv/bin/python docs/pictures/make.py

`at-a-glance.svg` draws the figures of `clemency demo`; `explain.svg` is what `clemency explain` prints on a terminal.
Both are made of shapes and text alone: no font, no script and no picture is fetched from anywhere.
"""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
CLEMENCY = Path(sys.executable).with_name("clemency")
SANS = "system-ui, 'Segoe UI', 'DejaVu Sans', Arial, sans-serif"
MONO = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"


# --- a terminal -----------------------------------------------------------------------------------------------

EXAMPLE = ["explain", "docs/examples/six-lines/people.jsonl"]
EXAMPLE += ["--case", "synthetic-ana", "--act", "docs/examples/six-lines"]


def explanation() -> str:
    """What the command prints for the person of the README, as a terminal shows it."""
    from rich.console import Console
    from rich.terminal_theme import SVG_EXPORT_THEME
    from rich.text import Text

    console = Console(record=True, width=101, file=io.StringIO(), force_terminal=True, highlight=False)
    console.print(Text("$ clemency " + " ".join(EXAMPLE), style="bold"))
    console.print()
    console.print(Text.from_ansi(on_a_terminal(EXAMPLE).rstrip()))
    svg = console.export_svg(
        title="clemency explain", theme=SVG_EXPORT_THEME, code_format=_frame(), unique_id="explain"
    )
    return svg.rstrip() + "\n"


def _frame() -> str:
    """Rich's frame without the fonts that it would fetch, and with a text for those who do not see it."""
    from rich._export_format import CONSOLE_SVG_FORMAT

    frame = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    frame = re.sub(r"font-family: (?:Fira Code|arial)[^;]*;", f"font-family: {MONO};", frame)
    frame = re.sub(r"<!--.*?-->\s*", "", frame, flags=re.DOTALL)
    said = "A terminal: the explanation of one invented case, refused by an exclusion."
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
    if command.returncode:
        raise SystemExit(printed.decode(errors="replace"))
    return printed.decode().replace("\r\n", "\n")


def _pieces(handle: int) -> Iterator[bytes]:
    while True:
        try:
            piece = os.read(handle, 1 << 16)
        except OSError:  # how a terminal says that it has been closed
            return
        if not piece:
            return
        yield piece


# --- the act of 2025 at a glance ------------------------------------------------------------------------------

LEFT, RIGHT, TOP, ROW, WIDTH = 244, 640, 124, 58, 1040
CERTAIN, POSSIBLE, ANNOUNCED, REPORTED = "#2f6f9f", "#a9cbe3", "#b7791f", "#1f2933"
COLUMNS = (768, 908, 1016)


def at_a_glance() -> str:
    """Announced, given by the rules, reported carried out: one line a relief, bars and marks on one scale."""
    from clemency.observe.glance import Claim, Glance, day_in_words, glance

    words = {"over": "over ", "up_to": "up to ", "nearly": "about "}

    def figure(claim: Claim) -> str:
        return f"{words.get(claim.qualifier, '')}{claim.value:,}"

    def told(view: Glance) -> list[str]:
        claims = [line.reported for line in view.lines if line.reported is not None]
        days = {claim.body: day_in_words(claim.as_of) for claim in sorted(claims, key=lambda one: one.as_of)}
        bodies = ", ".join(f"{_BODIES.get(body, body)} {day}" for body, day in days.items())
        return [
            f"SYNTHETIC: the bars count {view.cases:,} invented cases (seed {view.seed}), drawn from published "
            "statistics and stated assumptions. No real person is in them.",
            "Dark: certain on each case's record. Light: may be added by a missing fact or an open point of law. The "
            "rules count cases, the reports count people.",
            f"Announced by the presidency, 15 Dec 2025. Reported by {bodies}. Sources: library/claims/az.",
        ]

    with tempfile.TemporaryDirectory() as folder:
        view = glance(Path(folder))
    adopted = view.act.dates["adopted"]
    heading = f"The amnesty of {adopted.day} {adopted:%B %Y} in Azerbaijan, at a glance"
    most = max(line.possible for line in view.lines)
    scale = (RIGHT - LEFT) / most
    drawn = [_text(24, 40, heading, size=20, weight=600), *_legend()]
    drawn += _axis(most, scale, len(view.lines))
    for place, line in enumerate(view.lines):
        y = TOP + place * ROW + 22
        certain, possible = LEFT + line.certain * scale, LEFT + line.possible * scale
        drawn += _label(y, line.part.label)
        drawn.append(_rect(LEFT, y - 9, certain - LEFT, 18, CERTAIN))
        drawn.append(_rect(certain, y - 9, possible - certain, 18, POSSIBLE))
        announced = " + ".join(figure(claim) for claim in line.announced)
        drawn += _stacked(COLUMNS[0], y, announced, ANNOUNCED)
        drawn.append(_text(COLUMNS[1], y + 5, f"{line.certain:,} to {line.possible:,}", anchor="end"))
        if line.announced:
            drawn.append(_pointer(LEFT + sum(claim.value for claim in line.announced) * scale, y - 4, -1, ANNOUNCED))
        if line.reported is not None:
            drawn.append(_pointer(LEFT + line.reported.value * scale, y + 4, 1, REPORTED))
            drawn.append(_text(COLUMNS[2], y + 5, figure(line.reported), anchor="end", weight=600))
    foot = TOP + len(view.lines) * ROW + 46
    drawn += [_text(24, foot + 19 * place, text, size=12, colour="#52606d") for place, text in enumerate(told(view))]
    height = foot + 19 * 2 + 20
    said = "; ".join(
        f"{line.part.label}: announced {' + '.join(map(figure, line.announced)) or 'no figure'}, "
        f"rules {line.certain:,} to {line.possible:,}, "
        f"reported {figure(line.reported) if line.reported else 'no figure'}"
        for line in view.lines
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" font-family="{SANS}">',
            f"<title>{escape(heading)}</title>",
            f"<desc>{escape(said)}</desc>",
            f'<rect width="{WIDTH}" height="{height}" rx="10" fill="#ffffff" stroke="#d9e2ec"/>',
            *drawn,
            "</svg>\n",
        ]
    )


_BODIES = {"prosecutor": "the Prosecutor General", "ministry": "the Ministry of Justice"}


def _legend() -> Iterator[str]:
    y = 76
    yield _pointer(LEFT + 6, y + 2, -1, ANNOUNCED)
    yield _text(LEFT + 18, y, "announced", colour=ANNOUNCED)
    yield _rect(LEFT + 112, y - 12, 26, 14, CERTAIN)
    yield _rect(LEFT + 138, y - 12, 26, 14, POSSIBLE)
    yield _text(LEFT + 172, y, "the rules give, SYNTHETIC", colour=CERTAIN)
    yield _pointer(LEFT + 376, y - 12, 1, REPORTED)
    yield _text(LEFT + 390, y, "reported carried out")
    for x, head in zip(COLUMNS, ("announced", "the rules give", "reported"), strict=True):
        yield _text(x, 104, head, anchor="end", size=12, colour="#52606d")


def _axis(end: int, scale: float, rows: int) -> Iterator[str]:
    bottom = TOP + rows * ROW - 4
    for value in range(0, end + 1, 5_000):
        x = LEFT + value * scale
        yield f'<line x1="{x:.1f}" y1="{TOP - 8}" x2="{x:.1f}" y2="{bottom}" stroke="#e4e7eb"/>'
        yield _text(x, bottom + 18, f"{value:,}", anchor="middle", size=12, colour="#52606d")


def _label(y: float, text: str) -> Iterator[str]:
    """A label on one line, or on two where it is long."""
    if len(text) <= 30:
        yield _text(LEFT - 14, y + 5, text, anchor="end")
        return
    middle = min((abs(place - len(text) / 2), place) for place, one in enumerate(text) if one == " ")[1]
    yield _text(LEFT - 14, y - 4, text[:middle], anchor="end")
    yield _text(LEFT - 14, y + 14, text[middle + 1 :], anchor="end")


def _stacked(x: float, y: float, text: str, colour: str) -> Iterator[str]:
    first, plus, second = text.partition(" + ")
    yield _text(x, y - 4 if plus else y + 5, first, anchor="end", colour=colour)
    if plus:
        yield _text(x, y + 14, f"+ {second}", anchor="end", colour=colour)


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", size: int = 14, colour: str = REPORTED, weight: int = 400
) -> str:
    look = f'font-size="{size}" fill="{colour}"' + (f' font-weight="{weight}"' if weight != 400 else "")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {look}>{escape(text, quote=False)}</text>'


def _rect(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height}" fill="{colour}"/>'


def _pointer(x: float, y: float, side: int, colour: str) -> str:
    """A mark whose point lies on the bar, from above (-1) or from below (1)."""
    shape = f"M{x:.1f} {y:.1f}L{x - 7.5:.1f} {y + side * 15:.1f}L{x + 7.5:.1f} {y + side * 15:.1f}Z"
    return f'<path d="{shape}" fill="{colour}" stroke="#ffffff" stroke-width="1.5"/>'


# --- both -----------------------------------------------------------------------------------------------------

PICTURES: dict[str, Callable[[], str]] = {"at-a-glance.svg": at_a_glance, "explain.svg": explanation}


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
