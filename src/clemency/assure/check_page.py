"""The check of an act and the answer to a question, in plain lines for a person."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from clemency.assure.act_findings import Finding
from clemency.assure.check import Checked
from clemency.assure.prove import Answer

_INDENT = "    "


def check_text(checked: Checked, file: str, width: int) -> str:
    """Every finding with its places, the person who shows it, and what would end it."""
    lines = [line for one in checked.open for line in _finding(one, file, width)]
    meant = [one for one in checked.findings if one.reason is not None]
    lines += [line for one in meant for line in _acknowledged(one, width)]
    lines += [f"not proved: {text}" for text in checked.unproved]
    if checked.offences is not None:
        lines.append(f"proved for cases of up to {checked.offences} offences")
    return "".join(f"{line}\n" for line in lines)


def _finding(one: Finding, file: str, width: int) -> Iterator[str]:
    yield f"{one.code}: {', '.join(one.clauses)}" + (f" (as of {one.as_of})" if one.as_of else "")
    yield from _wrapped(f"{one.what}: {one.says}", width)
    for place in one.places:
        yield f"{_INDENT}{file}:{place.line}:{place.column}: {place.excerpt}"
    if one.witness is not None:
        yield from _people(one.witness.records, one.witness.shown, one.witness.law, width)
    yield from _wrapped(f"to end it: {one.to_do}; or acknowledge it in the act, with a reason", width)


def _acknowledged(one: Finding, width: int) -> Iterator[str]:
    yield f"acknowledged: {one.code}: {', '.join(one.clauses)}"
    yield from _wrapped(one.reason or "", width)


def _people(
    records: tuple[Mapping[str, Any], ...], shown: tuple[Mapping[str, Any], ...], law: Mapping[str, Any], width: int
) -> Iterator[str]:
    for place, (record, answer) in enumerate(zip(records, shown, strict=True)):
        yield f"{_INDENT}{'beside' if place else 'shown by'} {json.dumps(record, ensure_ascii=False)}"
        yield from _wrapped(f"determine says: {_answer(answer)}", width)
    if law:
        readings = ", ".join(f"{item} is {_reading(value)}" for item, value in law.items())
        yield from _wrapped(f"where the law, which is open, reads: {readings}", width)


def _answer(answer: Mapping[str, Any]) -> str:
    said = [str(answer["outcome"])]
    if "relief" in answer:
        said[0] += f", {answer['relief']} by {answer['grant']}"
    if "grants" in answer and len(answer["grants"]) > 1:
        said.append(f"grants {', '.join(answer['grants'])}")
    if "exclusions" in answer:
        said.append(f"exclusions {', '.join(answer['exclusions'])}")
    if "missing" in answer:
        said.append(f"missing {', '.join(item['name'] for item in answer['missing'])}")
    return "; ".join(said)


def _reading(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def answer_text(answer: Answer, width: int) -> str:
    """True, with the clauses it follows from; or false, with a person of whom it is not true."""
    if answer.true:
        behind = ", ".join(answer.clauses) or "what holds of every case record"
        lines = list(_wrapped(f"true of everybody; it follows from {behind}", width, ""))
    elif answer.law:
        lines = ["not true of everybody, as long as the law is open"]
    else:
        lines = ["false"]
    lines += _people(tuple(answer.cases), tuple(answer.determinations), answer.law, width)
    if answer.offences is not None:
        lines.append(f"proved for cases of up to {answer.offences} offences")
    return "".join(f"{line}\n" for line in lines)


def _wrapped(text: str, width: int, indent: str = _INDENT) -> list[str]:
    return textwrap.wrap(
        text, max(width, 40), initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False
    )
