"""Run the notebooks and keep what they show; `--check` says whether they show what is kept.

    .venv/bin/python docs/notebooks/make.py

A notebook is run from its first cell to its last in a fresh kernel, in the folder of the repository. What is kept holds
no time, no machine and no count of runs, so that the same library gives the same file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
LONGEST = 600


def run(path: Path) -> str:
    """The notebook with what its cells show, as the text of its file."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=LONGEST, resources={"metadata": {"path": str(REPOSITORY)}}).execute()
    return text_of(notebook)


def text_of(notebook: Any) -> str:
    """A notebook as the text that is kept: cells and what they show, and nothing about the run."""
    cells = []
    for number, cell in enumerate(notebook.cells, start=1):
        kept = {"cell_type": cell.cell_type, "id": f"cell-{number}", "metadata": {}, "source": _lines(cell.source)}
        if cell.cell_type == "code":
            kept |= {"execution_count": None, "outputs": [_output(one) for one in cell.outputs]}
        cells.append(kept)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    kept_notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(kept_notebook, ensure_ascii=False, indent=1) + "\n"


def _output(one: Any) -> dict[str, Any]:
    if one.output_type == "stream":
        return {"name": one.name, "output_type": "stream", "text": _lines(one.text)}
    data = {kind: _lines(content) for kind, content in sorted(one.data.items())}
    kept = {"data": data, "metadata": {}, "output_type": one.output_type}
    return kept | ({"execution_count": None} if one.output_type == "execute_result" else {})


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def main() -> int:
    """Write the notebooks, or with `--check` say which of them are not up to date."""
    stale = []
    for path in sorted(HERE.glob("*.ipynb")):
        made = run(path)
        if "--check" not in sys.argv[1:]:
            path.write_text(made, encoding="utf-8")
        elif path.read_text(encoding="utf-8") != made:
            stale.append(path.name)
    if stale:
        print(f"not up to date: {', '.join(stale)}; run docs/notebooks/{Path(__file__).name}")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
