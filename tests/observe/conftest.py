"""One act, estimated and counted once for all tests of charts and report."""

from __future__ import annotations

from functools import cache

import pytest

from clemency.law.act import LANGUAGES, load_act
from clemency.observe.brief import Brief, gather
from clemency.observe.words import Words

DRAWS, SEED = 4, 1


@cache
def _in(language: str) -> Brief:
    if language == "en":
        return gather(load_act("az-2025"), language, DRAWS, SEED)
    found = _in("en")
    return Brief(found.act, Words(language), found.estimate, found.counted)


@pytest.fixture(params=LANGUAGES)
def brief(request: pytest.FixtureRequest) -> Brief:
    """The act of 2025 with a small estimate and a determined invented register, in each language."""
    return _in(request.param)


@pytest.fixture
def english() -> Brief:
    """The same in English alone."""
    return _in("en")
