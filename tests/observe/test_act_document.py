"""The document of an act: made from its file and its worked cases, and never behind them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from clemency.cli import run
from clemency.law.act import Act, library_acts, load_act
from clemency.observe.act_document import act_document


def folder_of(act: Act) -> Path:
    assert act.path is not None
    return act.path.parent


@pytest.mark.parametrize("name", library_acts())
def test_the_readme_of_an_act_is_what_its_file_and_cases_say(name: str) -> None:
    act = load_act(name)
    written = (folder_of(act) / "README.md").read_text(encoding="utf-8")
    assert written == act_document(act), f"write it anew: clemency act document {name} -o library/acts/{name}/README.md"


@pytest.mark.parametrize("name", library_acts())
def test_every_clause_every_case_and_every_source_stands_in_it(name: str) -> None:
    act = load_act(name)
    text = act_document(act)
    headings = re.findall(r"^### `(.+)`$", text, re.MULTILINE)
    assert headings == [clause.id for clause in (*act.grants, *act.exclusions, *act.reservations)]
    linked = set(re.findall(r"\(cases/([^)]+)\)", text))
    assert linked == {path.name for path in (folder_of(act) / "cases").glob("*.yaml")}
    assert all(f"**{key}**: <{url}>" in text for key, url in act.sources.items())


def test_the_command_writes_the_same_text_to_a_file_and_to_the_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "act.md"
    assert run(["act", "document", "az-2025", "-o", str(out)]) == 0
    assert capsys.readouterr().out == ""
    assert run(["act", "document", "az-2025"]) == 0
    assert capsys.readouterr().out == out.read_text(encoding="utf-8")
