"""The page of the acts names every act of the library, and every act that amends one."""

from __future__ import annotations

from pathlib import Path

from clemency.law.act import library_acts
from clemency.law.library import library_path

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "acts.md").read_text(encoding="utf-8")


def test_every_act_of_the_library_is_on_the_page() -> None:
    folders = sorted(path.parent.name for path in (library_path() / "acts").glob("*/act.yaml"))
    assert set(library_acts()) < set(folders)
    assert not [name for name in folders if f"(../library/acts/{name}/" not in PAGE]
