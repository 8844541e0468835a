"""The notebooks run from the first cell to the last, and show what is kept in them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parents[2] / "docs" / "notebooks"


def test_notebooks_show_what_is_kept() -> None:
    made = [sys.executable, str(NOTEBOOKS / "make.py"), "--check"]
    done = subprocess.run(made, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_notebooks_say_what_is_invented_and_fetch_nothing() -> None:
    for path in NOTEBOOKS.glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        told = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        assert "SYNTHETIC" in told
        assert "not legal advice" in told
        shown = "".join(
            "".join(one) for cell in cells for out in cell.get("outputs", ()) for one in out.get("data", {})
        )
        assert "javascript" not in shown
