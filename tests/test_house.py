"""The house rules that a machine can hold: which floor may import which, no clock in the law, nothing left lying about.

The rules are functions over a folder and give back sentences, one per breach. They run on the source itself, and on
small invented houses that break them, so that a rule which no longer sees anything is noticed.
"""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
SOURCE = REPOSITORY / "src" / "clemency"

# The floors, lowest first. A module imports from its own folder and from lower floors; folders on one floor do not see
# each other. `clemency` is the front door (`from clemency import load_act, determine`), `cli` the command.
FLOORS: list[set[str]] = [
    {"law"},
    {"records"},
    {"determine"},
    {"assure", "observe"},
    {"clemency"},
    {"web"},
    {"cli"},
    {"__main__"},
]
HEIGHT = {part: height for height, floor in enumerate(FLOORS) for part in floor}

WEB = {"aiohttp", "django", "fastapi", "flask", "http", "httpx", "requests", "socket", "starlette", "urllib.request"}
DATABASE = {"psycopg", "psycopg2", "sqlalchemy", "sqlite3"}
KEPT_OUT = {"law": WEB | DATABASE, "determine": WEB | DATABASE, "records": WEB}

CLOCKLESS = {"law", "records", "determine"}
CLOCK_METHODS = {"now", "today", "utcnow"}
CLOCK_FUNCTIONS = {"asctime", "ctime", "gmtime", "localtime", "strftime", "time", "time_ns"}

# Folders that mean nothing about a machine, should the repository happen to lie right in one of them.
COMMON_PLACES = {"/", "/app", "/build", "/home", "/mnt", "/opt", "/repo", "/src", "/srv", "/tmp", "/usr", "/var/tmp"}
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME)\b")


# --- reading the source


def modules_of(package: Path) -> dict[str, Path]:
    """Every module under the package folder by its dotted name; a folder's `__init__` goes by the folder's name."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = [package.name, *path.relative_to(package).with_suffix("").parts]
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports_of(name: str, path: Path) -> Iterator[tuple[int, str]]:
    """Each import in a module, wherever it stands, as (line, full dotted name of what is imported)."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                home = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
                above = home[: len(home) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def module_meant(imported: str, modules: dict[str, Path]) -> str | None:
    """The module of ours that an import reaches: the longest leading part of its name that is one."""
    parts = imported.split(".")
    candidates = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((candidate for candidate in candidates if candidate in modules), None)


def part_of(module: str) -> str:
    """The part of the house a module belongs to: the folder or file right under the package; the package itself."""
    return [*module.split("."), module][1]


# --- the rules


def unplaced(package: Path) -> list[str]:
    parts = sorted({part_of(module) for module in modules_of(package)} - HEIGHT.keys())
    return [f"{package.name}/{part} stands on no floor; give it one in FLOORS or move its content" for part in parts]


def upward_imports(package: Path) -> list[str]:
    modules = modules_of(package)
    breaches = []
    for name, path in modules.items():
        own = part_of(name)
        for line, imported in imports_of(name, path):
            target = module_meant(imported, modules)
            if target is None or part_of(target) == own or own not in HEIGHT or part_of(target) not in HEIGHT:
                continue
            if HEIGHT[part_of(target)] >= HEIGHT[own]:
                breaches.append(f"{name}, line {line}: {own} imports {imported}, which is not on a lower floor")
    return breaches


def circles(package: Path) -> list[str]:
    """Modules that import each other in a circle, each circle told once."""
    modules = modules_of(package)
    reached = {
        name: {target for _, imported in imports_of(name, path) if (target := module_meant(imported, modules))} - {name}
        for name, path in modules.items()
    }
    told: dict[frozenset[str], str] = {}

    def walk(name: str, trail: list[str]) -> None:
        if name in trail:
            circle = trail[trail.index(name) :]
            told.setdefault(frozenset(circle), " -> ".join([*circle, name]))
        elif name not in done:
            for target in sorted(reached[name]):
                walk(target, [*trail, name])
            done.add(name)

    done: set[str] = set()
    for name in modules:
        walk(name, [])
    return list(told.values())


def strangers(package: Path) -> list[str]:
    """Imports of the web or a database where none may be."""
    return [
        f"{name}, line {line}: {part_of(name)} imports {imported}; it knows no web and no database"
        for name, path in modules_of(package).items()
        for line, imported in imports_of(name, path)
        for banned in KEPT_OUT.get(part_of(name), ())
        if f"{imported}.".startswith(f"{banned}.")
    ]


def clocks(package: Path) -> list[str]:
    """Places in the core that ask for today's date or time. The edge asks, and passes the date in."""
    breaches = []
    for name, path in modules_of(package).items():
        if part_of(name) not in CLOCKLESS:
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Attribute) and (
                node.attr in CLOCK_METHODS
                or (node.attr in CLOCK_FUNCTIONS and isinstance(node.value, ast.Name) and node.value.id == "time")
            ):
                breaches.append(f"{name}, line {node.lineno}: `{ast.unparse(node)}` reads the clock; take the date in")
        breaches += [
            f"{name}, line {line}: {imported} reads the clock; take the date in"
            for line, imported in imports_of(name, path)
            if imported in {f"time.{function}" for function in CLOCK_FUNCTIONS}
        ]
    return breaches


def undocumented(package: Path) -> list[str]:
    """Modules, and public functions and classes at their top level, that do not say what they are."""
    breaches = []
    for name, path in modules_of(package).items():
        tree = tree_of(path)
        if not ast.get_docstring(tree):
            breaches.append(f"{name} has no docstring")
        breaches += [
            f"{name}.{node.name}, line {node.lineno}: no docstring"
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ]
    return breaches


def vaguely_named(files: list[Path]) -> list[str]:
    return [f"{path}: name it after what it holds" for path in files if path.stem in {"utils", "util", "misc"}]


def texts(files: list[Path]) -> Iterator[tuple[Path, int, str]]:
    """Each line of each text file; files that are not UTF-8 text are left out."""
    for path in files:
        content = path.read_bytes()
        if b"\0" in content:
            continue
        try:
            lines = content.decode("utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        yield from ((path, number, line) for number, line in enumerate(lines, start=1))


def machine_paths(files: list[Path], places: set[Path]) -> list[str]:
    """Lines that name a folder of the machine they were written on."""
    names = {str(place) for place in places} - COMMON_PLACES
    if not names:
        return []
    anywhere = re.compile(r"(?<![\w.:/*~-])(?:" + "|".join(map(re.escape, sorted(names))) + r")(?:/|(?![\w.-]))")
    return [f"{path}, line {number}: {line.strip()}" for path, number, line in texts(files) if anywhere.search(line)]


def unfinished(files: list[Path]) -> list[str]:
    return [f"{path}, line {number}: {line.strip()}" for path, number, line in texts(files) if UNFINISHED.search(line)]


# --- the house itself


@pytest.fixture(scope="module")
def files() -> list[Path]:
    """Every file that is or will be kept: what git tracks or would add; without git, all but hidden folders."""
    try:
        listing = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=REPOSITORY,
            capture_output=True,
            check=True,
        ).stdout
        found = [REPOSITORY / name for name in listing.decode().split("\0") if name]
    except (FileNotFoundError, subprocess.CalledProcessError):
        hidden = re.compile(r"(?:^|/)(?:\.(?!ci/)[^/]*|__pycache__)/")
        found = [path for path in REPOSITORY.rglob("*") if not hidden.search(path.relative_to(REPOSITORY).as_posix())]
    found = sorted(path for path in found if path.is_file())
    assert Path(__file__).resolve() in found, "the listing of the repository does not even hold this test"
    assert REPOSITORY / "pyproject.toml" in found
    return found


def told(breaches: list[str]) -> str:
    return "\n" + "\n".join(breaches)


def test_there_is_a_house() -> None:
    assert "clemency" in modules_of(SOURCE)
    assert len(modules_of(SOURCE)) > 1


@pytest.mark.parametrize("rule", [unplaced, upward_imports, circles, strangers, clocks, undocumented])
def test_the_source_keeps(rule) -> None:
    breaches = rule(SOURCE)
    assert not breaches, told(breaches)


def test_every_file_has_a_telling_name(files) -> None:
    breaches = vaguely_named([path.relative_to(REPOSITORY) for path in files])
    assert not breaches, told(breaches)


def test_no_file_names_a_place_on_a_machine(files) -> None:
    breaches = machine_paths(files, {REPOSITORY, REPOSITORY.parent, Path.home()})
    assert not breaches, told(breaches)


def test_no_file_is_left_unfinished(files) -> None:
    breaches = unfinished(files)
    assert not breaches, told(breaches)


# --- the rules see what they are for


def house(folder: Path, **modules: str) -> Path:
    """A small house in a folder: module names with `__` for a dot, and their source."""
    package = folder / "clemency"
    for name, source in modules.items():
        path = package.joinpath(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
        (path.parent / "__init__.py").touch()
    return package


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("law__act", "from clemency.records import record"),
        ("law__act", "from ..records import record"),
        ("law__act", "def read():\n    import clemency.records.record"),
        ("law__act", "from clemency import determine"),
        ("determine__columns", "from clemency.cli import main"),
        ("observe__claims", "from clemency.assure import prove"),
    ],
)
def test_an_import_of_a_higher_or_neighbouring_floor_is_seen(tmp_path, module, source) -> None:
    package = house(tmp_path, **{module: source}, records__record="", assure__prove="", cli="")
    assert len(upward_imports(package)) == 1


def test_an_import_of_a_lower_floor_is_let_be(tmp_path) -> None:
    package = house(
        tmp_path, records__record="from ..law.act import Act", law__act="from . import rules", law__rules=""
    )
    assert upward_imports(package) == []
    assert circles(package) == []
    assert unplaced(package) == []


def test_a_circle_is_seen_once(tmp_path) -> None:
    package = house(
        tmp_path,
        law__act="from . import rules",
        law__rules="from .codes import Code",
        law__codes="import clemency.law.act",
    )
    assert circles(package) == ["clemency.law.act -> clemency.law.rules -> clemency.law.codes -> clemency.law.act"]


def test_a_part_without_a_floor_is_seen(tmp_path) -> None:
    assert len(unplaced(house(tmp_path, attic="", law__act=""))) == 1


@pytest.mark.parametrize(
    "source", ["import sqlite3", "from django.db import models", "from urllib.request import urlopen"]
)
def test_web_and_database_in_the_core_are_seen(tmp_path, source) -> None:
    assert len(strangers(house(tmp_path, law__act=source))) == 1


def test_reading_a_url_apart_is_let_be(tmp_path) -> None:
    assert strangers(house(tmp_path, law__act="from urllib.parse import urlsplit")) == []


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import date\nage_on = date.today()",
        "import datetime as calendar\nnow = calendar.datetime.now()",
        "import time\nstarted = time.time()",
        "from time import time",
    ],
)
def test_a_clock_in_the_core_is_seen(tmp_path, source) -> None:
    assert len(clocks(house(tmp_path, determine__columns=source))) == 1
    assert clocks(house(tmp_path / "edge", cli=source)) == []


def test_a_missing_docstring_is_seen(tmp_path) -> None:
    package = house(tmp_path, law__act="def read(): ...\ndef _open(): ...\nclass Act:\n    '''An act.'''\n")
    assert [breach.split(",")[0] for breach in undocumented(package)] == [
        "clemency.law has no docstring",
        "clemency.law.act has no docstring",
        "clemency.law.act.read",
    ]


def test_a_place_on_a_machine_is_seen(tmp_path) -> None:
    note = tmp_path / "note.md"
    note.write_text(
        "see /workshop/house/law.py\nin '/workshop'\nhttps://example.org/workshop/\n/workshops/a\n~/workshop/b\n"
    )
    assert len(machine_paths([note], {Path("/workshop")})) == 2


def test_a_mark_of_unfinished_work_is_seen(tmp_path) -> None:
    note = tmp_path / "note.md"
    note.write_text("# " + "TO" + "DO later\nthe todo list\n")
    assert len(unfinished([note])) == 1


def test_a_vague_name_is_seen() -> None:
    assert vaguely_named([Path("src/clemency/law/utils.py"), Path("src/clemency/law/act.py")]) == [
        "src/clemency/law/utils.py: name it after what it holds"
    ]
