"""Acts: good ones load, bad ones are told everything that is wrong with them, each with its place.

A bad act stands in `tests/acts/bad/NAME.yaml` beside `NAME.expected.txt`, which holds the messages word for word.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from clemency.law.act import ActFile, Grant, find_act, library_acts, load_act, parse_act
from clemency.law.calendar import Duration
from clemency.law.source import MAX_BYTES, SourceErrors

ACTS = Path(__file__).parents[1] / "acts"
BAD = sorted((ACTS / "bad").glob("*.yaml"))
GOOD = sorted((ACTS / "good").glob("*.yaml"))


def told(path: Path) -> str:
    with pytest.raises(SourceErrors) as caught:
        load_act(path)
    return "\n".join(problem.show(path.name) for problem in caught.value.problems) + "\n"


@pytest.mark.parametrize("path", BAD, ids=[path.stem for path in BAD])
def test_a_bad_act_is_told_everything_that_is_wrong(path: Path) -> None:
    assert told(path) == path.with_suffix(".expected.txt").read_text(encoding="utf-8")


def test_every_expected_message_has_its_act() -> None:
    assert {path.name.removesuffix(".expected.txt") for path in (ACTS / "bad").glob("*.txt")} == {
        path.stem for path in BAD
    }


@pytest.mark.parametrize("path", BAD, ids=[path.stem for path in BAD])
def test_the_caret_stands_under_the_place_that_is_named(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    with pytest.raises(SourceErrors) as caught:
        load_act(path)
    for problem in caught.value.problems:
        if problem.caret is None:
            continue
        line = lines[problem.line - 1] if problem.line <= len(lines) else ""
        assert problem.excerpt == line.strip()
        if "not YAML" not in problem.what:
            assert problem.column - 1 == problem.caret[0] + len(line) - len(line.lstrip())


@pytest.mark.parametrize("path", GOOD, ids=[path.stem for path in GOOD])
def test_a_good_act_loads(path: Path) -> None:
    act = load_act(path)
    assert act.id == path.stem
    assert act.grants
    assert set(act.limiting) == {grant.id for grant in act.grants}


@pytest.mark.parametrize("name", library_acts())
def test_every_act_of_the_library_loads(name: str) -> None:
    act = load_act(name)
    assert act.id == name
    for clause in (*act.grants, *act.exclusions, *act.reservations):
        assert clause.sources
        assert clause.title["en"]
        assert set(clause.sources) <= set(act.sources)
    for reservation in act.reservations:
        assert reservation.review["en"]


# files that cannot be shown beside their message


def test_a_file_that_is_not_utf8_is_told_where(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"id: small\ntitle: Amnisti\xff\n")
    assert told(path) == "latin.yaml:2:15: the file is not UTF-8 text\n    save it with the encoding UTF-8\n"


def test_utf16_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "wide.yaml"
    path.write_text("id: small\n", encoding="utf-16")
    assert told(path) == "wide.yaml:1:1: the file is not UTF-8 text\n    save it with the encoding UTF-8\n"


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    path.write_text("# " + "x" * MAX_BYTES, encoding="utf-8")
    assert told(path) == f"huge.yaml:1:1: the file has over {MAX_BYTES} bytes\n    an act is a small text file\n"


def test_a_control_character_is_told(tmp_path: Path) -> None:
    path = tmp_path / "control.yaml"
    path.write_bytes(b"id: small\ntitle: A\x00B\n")
    assert "this is not YAML" in told(path)


def test_very_deep_nesting_is_told_and_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "deep.yaml"
    path.write_text("id: small\nnotes: " + "[" * 500_000 + "]" * 500_000, encoding="utf-8")
    assert told(path) == "deep.yaml:2:47: lists and keys are nested over 40 deep\n"


def test_line_ends_and_byte_order_marks_of_other_systems_change_nothing(tmp_path: Path) -> None:
    plain = (ACTS / "bad" / "two-problems-in-one-folded-rule.yaml").read_bytes()
    path = tmp_path / "two-problems-in-one-folded-rule.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n"))
    expected = ACTS / "bad" / "two-problems-in-one-folded-rule.expected.txt"
    assert told(path) == expected.read_text(encoding="utf-8")


def test_an_act_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(FileNotFoundError, match=r"no act 'az-2052': did you mean az-2025\?"):
        load_act("az-2052")


def test_an_act_is_found_by_id_by_folder_and_by_file(tmp_path: Path) -> None:
    folder = tmp_path / "six-lines"
    folder.mkdir()
    (folder / "act.yaml").write_bytes((ACTS / "good" / "six-lines.yaml").read_bytes())
    assert find_act(folder) == folder / "act.yaml" == find_act(folder / "act.yaml")
    assert find_act("az-2025").parent.name == "az-2025"


# what a good act becomes


def test_the_smallest_act_takes_six_lines() -> None:
    text = (ACTS / "good" / "six-lines.yaml").read_text(encoding="utf-8")
    assert len(text.splitlines()) == 6
    act = parse_act(text)
    assert act.title == {"en": "The smallest act there is"}
    assert act.kind == "amnesty"
    assert act.in_force == date(2025, 12, 20)


def test_reliefs_are_read_with_their_measure() -> None:
    act = load_act(ACTS / "good" / "reliefs-of-every-kind.yaml")
    reliefs = {grant.id: (grant.relief.kind, grant.relief.terms()) for grant in act.grants}
    assert reliefs == {
        "a.record": ("lift_record", {}),
        "b.end": ("end_prosecution", {"consent": "accused"}),
        "c.long": ("reduce", {"months": 12}),
        "d.short": ("reduce", {"days": 90}),
        "e.release": ("release", {"after": {"en": "treatment finished"}}),
        "f.milder": ("replace", {"to": "restriction_of_liberty"}),
        "g.additional": ("lift_additional", {}),
        "h.shorter": ("reduce", {"months": 1, "days": 5}),
    }


def test_an_act_orders_reliefs_and_the_rest_follow_in_the_usual_order() -> None:
    act = load_act(ACTS / "good" / "reliefs-of-every-kind.yaml")
    assert act.favour == (
        "release",
        "end_prosecution",
        "replace",
        "reduce",
        "lift_additional",
        "lift_record",
        "release_point",
    )
    ordered = sorted(act.grants, key=lambda grant: act.favour_rank(grant.relief))
    assert [grant.id for grant in ordered] == [
        "e.release",
        "b.end",
        "f.milder",
        "c.long",
        "d.short",
        "h.shorter",
        "g.additional",
        "a.record",
    ]


def test_limits_name_grants_by_pattern_less_those_spared() -> None:
    act = load_act(ACTS / "good" / "exclusions-of-every-kind.yaml")
    assert act.limiting == {
        "personal.combatant": ("grave", "gravest", "listed", "stripped", "owing"),
        "personal.women": ("gravest", "listed", "owing"),
        "minor.release": ("gravest", "listed", "owing"),
        "minor.reduce": ("gravest", "listed", "listed_too", "owing"),
        "suspended.lift": ("gravest",),
    }
    assert [reservation.id for reservation in act.reservations] == ["standing_law", "mixed_sentence", "repeat"]


def test_a_clause_is_found_by_its_id() -> None:
    act = load_act("az-2025")
    found = act.clause("less_serious.reduce")
    assert isinstance(found, Grant)
    assert found.relief.by == Duration(6)
    with pytest.raises(KeyError):
        act.clause("less_serious")


def test_the_version_changes_with_the_text_alone(tmp_path: Path) -> None:
    text = (ACTS / "good" / "six-lines.yaml").read_text(encoding="utf-8")
    other = tmp_path / "act.yaml"
    other.write_text(text, encoding="utf-8")
    assert parse_act(text).version == parse_act(text).version == load_act(other).version
    assert parse_act(text).version != parse_act(text.replace("female", "male")).version


def test_an_act_read_again_after_a_change_is_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "act.yaml"
    text = (ACTS / "good" / "six-lines.yaml").read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    before = load_act(path)
    path.write_text(text.replace("female", "male"), encoding="utf-8")
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 1_000_000_000))
    assert load_act(path).version != before.version


# the schema for editors


def fits(value: Any, schema: dict[str, Any], whole: dict[str, Any]) -> bool:
    """Whether a value fits a JSON Schema, for the few words that the schema of an act uses."""
    if "$ref" in schema:
        return fits(value, whole["$defs"][schema["$ref"].rpartition("/")[2]], whole)
    if "anyOf" in schema:
        return any(fits(value, choice, whole) for choice in schema["anyOf"])
    if "const" in schema or "enum" in schema:
        return value in schema.get("enum", [schema.get("const")])
    match schema.get("type"):
        case "object":
            known, rest = schema.get("properties", {}), schema.get("additionalProperties", True)
            return (
                isinstance(value, dict)
                and set(schema.get("required", ())) <= set(value)
                and all(
                    fits(part, known[key], whole)
                    if key in known
                    else rest is True or (rest is not False and fits(part, rest, whole))
                    for key, part in value.items()
                )
            )
        case "array":
            return (
                isinstance(value, list)
                and len(value) >= schema.get("minItems", 0)
                and all(fits(part, schema["items"], whole) for part in value)
            )
        case "string":
            return isinstance(value, date if schema.get("format") == "date" else str)
        case "boolean":
            return isinstance(value, bool)
        case "null":
            return value is None
    return True


@pytest.mark.parametrize(
    "path",
    [*GOOD, *(find_act(name) for name in library_acts())],
    ids=lambda path: path.stem if path.stem != "act" else path.parent.name,
)
def test_the_json_schema_accepts_every_good_act(path: Path) -> None:
    schema = ActFile.model_json_schema()
    assert fits(yaml.safe_load(path.read_text(encoding="utf-8")), schema, schema)


@pytest.mark.parametrize("name", ["unknown-key", "source-missing", "confidence-missing", "wrong-type", "no-grants"])
def test_the_json_schema_refuses_what_the_loader_refuses_for_its_form(name: str) -> None:
    schema = ActFile.model_json_schema()
    assert not fits(yaml.safe_load((ACTS / "bad" / f"{name}.yaml").read_text(encoding="utf-8")), schema, schema)
