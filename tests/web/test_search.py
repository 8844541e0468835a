"""Search finds a thing in any spelling, with a server and without, and orders it the same way in both."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clemency.web.headers import POLICY_WITH_SCRIPT
from clemency.web.observatory.spelling import plain, sound, words
from clemency.web.static_site import start
from tests.web.pages import elements

#: One name a line: Azerbaijani, without marks, in Azerbaijani Cyrillic, Russian, English.
SPELLINGS = [
    ("Həsənli", "Hesenli", "Һәсәнли", "Гасанли", "Hasanli"),
    ("Vaqifqızı", "Vaqifqizi", "Вагифгызы", "Вагифгызы", "Vagifgizi"),
    ("Sevinc", "Sevinc", "Севинҹ", "Севиндж", "Sevinj"),
    ("Qasımova", "Qasimova", "Гасымова", "Гасымова", "Gasimova"),
    ("Kəkəlov", "Kekelov", "Кәкәлов", "Кекалов", "Kekalov"),
    ("Şahnaz", "Sahnaz", "Шаһназ", "Шахназ", "Shahnaz"),
    ("İlham", "Ilham", "Илһам", "Ильхам", "Ilham"),
    ("Qarabağ", "Qarabag", "Гарабағ", "Карабах", "Karabakh"),
    ("Çingiz", "Cingiz", "Чинҝиз", "Чингиз", "Chingiz"),
    ("Yusif", "Yusif", "Јусиф", "Юсиф", "Yusif"),
    ("Əliyev", "Eliyev", "Әлијев", "Алиев", "Aliyev"),
    ("Cəfər", "Cefer", "Ҹәфәр", "Джафар", "Jafar"),
]


@pytest.mark.parametrize("spellings", SPELLINGS, ids=lambda one: one[-1])
def test_spellings_of_a_name_share_a_key(spellings) -> None:
    assert len({sound(plain(one)) for one in spellings}) == 1


def test_names_that_differ_do_not() -> None:
    for one, other in (("Ulvi", "Ali"), ("Meydan", "Toplum"), ("Sevinc", "Nərgiz"), ("Fərid", "Fəriz")):
        assert sound(plain(one)) != sound(plain(other))


def test_the_large_dotted_i_is_one_letter() -> None:
    assert plain("İI") == "ii"
    assert len(plain("İSTANBUL")) == len("istanbul")


@given(st.text(alphabet="aAbBcCçÇdDeEəƏgGğĞhHxXıIiİjJkKqQlmnoÖöprsSşŞtuÜüvyz", min_size=1, max_size=12))
def test_capitals_change_nothing(word) -> None:
    upper = word.replace("i", "İ").replace("ı", "I").upper()
    assert sound(plain(upper)) == sound(plain(word))


@given(st.text(max_size=40))
def test_any_text_can_be_asked_for(text) -> None:
    for word in words(text):
        assert plain(word) == word
        sound(word)


def test_numbers_stay_whole() -> None:
    assert list(words("18,355 · 18 355 · 206.3.2 · 193-1")) == ["18355", "18355", "206.3.2", "193-1"]
    assert sound("2006") == "2006"


# --- what is found ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def find():
    start()
    from clemency.web.observatory.selectors.search import find

    return find


@pytest.mark.parametrize("language", ["en", "az", "ru"])
@pytest.mark.parametrize("asked", ["Həsənli", "hesenli", "HASANLI", "Гасанли", "Һәсәнли", "hasan"])
def test_a_person_is_found_in_every_spelling(find, language, asked) -> None:
    assert find(asked, language)[0].place == "people/ulvi-hasanli/"


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ("act of 2025", "act"),
        ("Meydan TV", "organisation"),
        ("women", "clause"),
        ("qadınlar", "clause"),
        ("женщины", "clause"),
        ("AZERTAC 20,000", "claim"),
        ("largest", "statement"),
        ("Union for Freedom of Political Prisoners", "list"),
        ("smuggling", "article"),
        ("pardon order 2019", "history"),
        ("watch lists", "table"),
        ("Toplum TV case", "group"),
    ],
)
def test_every_kind_of_thing_is_found(find, asked, kind) -> None:
    assert kind in {one.kind for one in find(asked, "en")}


def test_everybody_and_everything_is_in_the_index(find) -> None:
    from clemency.observe.claims import claims
    from clemency.web.observatory.selectors.people import everybody
    from clemency.web.observatory.selectors.search import KINDS, index

    for language in ("en", "az", "ru"):
        found = index(language)
        places = {one.place for one in found}
        assert {f"people/{one.case.person_id}/" for one in everybody()} <= places
        assert {f"claims/{one.act_id}/{one.claim_id}/" for one in claims()} <= places
        assert {one.kind for one in found} == set(KINDS)


def test_every_word_must_be_there_and_nothing_asked_finds_nothing(find) -> None:
    assert find("hasanli xyzzy", "en") == []
    assert find("", "en") == find(" .,- ", "en") == []


def test_what_is_written_as_asked_comes_first(find) -> None:
    titles = [one.title for one in find("Ali", "en") if one.kind == "person"]
    assert {"Ali Karimli", "Ali Zeynal", "Ulviyya Ali"} == set(titles[:3])


def test_a_number_of_an_article_finds_its_parts_and_no_longer_number(find) -> None:
    assert find("206.3", "en")
    assert all(re.search(r"(?<!\d)206\.", " ".join(one.others)) for one in find("206.3", "en") if one.kind == "person")


def test_every_place_of_the_index_is_there(site, trees) -> None:
    from clemency.web.observatory.selectors.search import index

    ids: dict[str, set[str]] = {}
    for one, tree in trees.items():
        ids[one.address] = {each.get("id") for each in elements(tree) if each.get("id")}
    for language in ("en", "az", "ru"):
        for entry in index(language):
            path, _, fragment = f"/{language}/{entry.place}".partition("#")
            assert path in ids, entry
            assert not fragment or fragment in ids[path], entry


# --- the page ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client():
    start()
    from django.test import Client

    return Client(headers={"host": "localhost"})


def test_the_server_answers_without_a_script(client) -> None:
    answer = client.get("/ru/search/", {"q": "Həsənli"})
    told = answer.content.decode()
    assert 'href="../people/ulvi-hasanli/"' in told
    assert answer.headers["Content-Security-Policy"] == POLICY_WITH_SCRIPT
    assert 'value="Həsənli"' in told


def test_what_was_asked_is_shown_as_text(client) -> None:
    told = client.get("/en/search/", {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in told


def test_a_very_long_question_is_cut(client) -> None:
    assert client.get("/en/search/", {"q": "a" * 5000}).status_code == 200


def test_the_index_is_small(site) -> None:
    import gzip

    for language in ("en", "az", "ru"):
        content = (site / language / "search" / "index.js").read_bytes()
        assert len(gzip.compress(content, 6)) < 60_000


ASKED = [
    "Həsənli",
    "гасанли",
    "meydan",
    "206.3",
    "women",
    "act 2025",
    "18,355",
    "Вагифгызы",
    "İlham",
    "xyzzy",
    "qarabag",
]


def test_the_page_without_a_server_finds_the_same_in_the_same_order(browser, site, find) -> None:
    for language in ("en", "az", "ru"):
        page = browser.new_page()
        wrong: list[str] = []
        page.on("console", lambda message, wrong=wrong: wrong.append(message.text))
        page.on("pageerror", lambda error, wrong=wrong: wrong.append(str(error)))
        page.goto((site / language / "search" / "index.html").as_uri())
        for asked in ASKED:
            page.fill("#q", asked)
            shown = page.eval_on_selector_all("#results a", "all => all.map(one => one.getAttribute('href'))")
            expected = ["../" + re.sub(r"/(#|$)", r"/index.html\1", one.place) for one in find(asked, language)[:60]]
            assert shown == expected, (language, asked)
            assert page.is_visible("#nothing") == (not expected)
        assert not wrong
        page.close()


def test_an_address_with_a_question_opens_on_its_answer(browser, site) -> None:
    page = browser.new_page()
    page.goto((site / "en" / "search" / "index.html").as_uri() + "?q=hesenli")
    assert page.inner_text("#results a") == "Ulvi Hasanli"
    page.click("#results a")
    assert page.inner_text("h1") == "Ulvi Hasanli"
    page.close()


def test_without_scripts_the_page_lists_what_there_is(browser, site) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "az" / "search" / "index.html").as_uri())
    assert page.is_visible("noscript p")
    page.click("summary >> nth=0")
    assert page.is_visible('a[href="../people/ulvi-hasanli/index.html"]')
    context.close()
