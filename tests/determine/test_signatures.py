"""Signatures of offences: what is remembered of an article is what the interpreter says of the offence itself."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest

from clemency.determine.columns import Engine, engine_for
from clemency.determine.plan import plan_for
from clemency.determine.signatures import Signatures
from clemency.law.act import Act, load_act
from clemency.law.vocabulary import FORM, GUILT
from clemency.records.layout import article_of, lay_out
from clemency.records.record import known_facts

NAMED: list[str | Path] = ["az-2025", *sorted((Path(__file__).parents[1] / "acts" / "good").glob("*.yaml"))]
ACTS = [act for act in map(load_act, NAMED) if isinstance(engine_for(act), Engine)]


def articles_of(act: Act, draw: random.Random) -> list[str | None]:
    """Articles, parts and sub-items: some that the act names, some that its code has, some that neither knows."""
    named = sorted(act.articles_named)
    written = [*named, *(act.code.parts if act.code else ()), "999", "999.1"]
    chosen = {*draw.sample(named, min(len(named), 12)), *draw.sample(written, min(len(written), 25))}
    spelled = {spelling for one in chosen for spelling in (one, one.partition(".")[0], f"{one}.1")}
    return [None, *sorted(spelled)]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.id)
def test_offences_that_share_a_signature_are_told_apart_by_no_rule(act: Act) -> None:
    articles = articles_of(act, random.Random(7))
    offences = [
        {"article": article, "guilt": guilt, "form": form}
        for article in articles
        for guilt in (None, *GUILT.values)
        for form in (None, FORM.values[1])
    ]
    layout = lay_out(pl.DataFrame({"case_id": ["1"], "offences": [offences]}), known_facts(act))
    signatures = Signatures(plan_for(act))
    assert (signatures.met_codes(layout) < 0).all()
    number = signatures.of_codes(layout)
    assert number.tolist() == signatures.met_codes(layout).tolist()
    assert signatures.of_layout(layout).tolist() == number[layout.offence_codes()].tolist()
    for code in sorted(set(layout.offence_codes().tolist())):
        place, guilt, form = article_of(code)
        article = None if place is None else layout.articles[place]
        assert signatures.all[number[code]] == signatures.signature(article, guilt, form)
