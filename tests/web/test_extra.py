"""The extra `web` brings all that the pages import."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
#: What a library is called when it is imported, where that is not the name it is installed by.
IMPORTED_AS = {"pyyaml": "yaml", "vl-convert-python": "vl_convert", "python-calamine": "python_calamine"}
#: `polib` writes the catalogues, which are kept compiled; a caller who hands over pandas has it; reports alone load the
#: rest, from within the functions that write one.
NOT_FOR_PAGES = {"polib", "pandas", "jinja2", "typst"}


def imports(path: Path) -> Iterator[str]:
    """Every module that a file names, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def file_of(module: str) -> Path | None:
    path = SOURCE.joinpath(*module.split("."))
    return next((one for one in (path.with_suffix(".py"), path / "__init__.py") if one.is_file()), None)


def named(requirement: str) -> str:
    name = requirement.partition(">")[0].partition("=")[0].partition("<")[0]
    return IMPORTED_AS.get(name.lower(), name.lower().replace("-", "_"))


def test_the_extra_brings_what_the_pages_import() -> None:
    to_see, seen, needed = list((SOURCE / "clemency" / "web").rglob("*.py")), set(), set()
    while to_see:
        path = to_see.pop()
        if path in seen:
            continue
        seen.add(path)
        for module in imports(path):
            top = module.partition(".")[0]
            if top == "clemency":
                to_see += filter(None, [file_of(module)])
            elif top not in sys.stdlib_module_names:
                needed.add(top)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    brought = {named(one) for one in (*project["dependencies"], *project["optional-dependencies"]["web"])}
    assert {"django", "altair"} <= needed
    assert needed - NOT_FOR_PAGES <= brought
