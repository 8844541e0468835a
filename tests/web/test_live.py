"""The live site: safe headers on every answer, known hosts only, plain words for what is not there."""

from __future__ import annotations

import threading
import urllib.request
from pathlib import Path

import pytest

from clemency.web.headers import HEADERS, POLICY, POLICY_WITH_SCRIPT
from clemency.web.static_site import start
from tests.web.pages import addresses, each_kind_once

#: Seconds that a busy machine may take to answer; the test fails sooner where something is wrong.
PATIENCE = 300


@pytest.fixture(scope="module")
def client():
    start()
    from django.test import Client

    return Client(headers={"host": "localhost"})


def test_every_answer_carries_the_safe_headers(client, site: Path) -> None:
    for address in [*(one.address for one in each_kind_once(site)), "/", "/sitemap.xml", "/en/no-such-page/"]:
        answer = client.get(address)
        runs_script = "<script src=" in answer.content.decode() or "<script defer src=" in answer.content.decode()
        allowed = POLICY_WITH_SCRIPT if runs_script else POLICY
        assert answer.headers["Content-Security-Policy"] == allowed, address
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS, address
        assert not answer.cookies, address


@pytest.mark.parametrize("policy", [POLICY, POLICY_WITH_SCRIPT])
def test_the_policy_lets_nothing_in_from_outside_or_inline(policy) -> None:
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules.pop("default-src") == "'none'"
    assert set(rules.values()) <= {"'self'", "'none'"}
    assert ("script-src" in rules) == (policy == POLICY_WITH_SCRIPT)


def test_an_unknown_host_is_refused(client) -> None:
    assert client.get("/en/", headers={"host": "elsewhere.example"}).status_code == 400


@pytest.mark.parametrize(
    "address", ["/fr/", "/en/acts/az-1066/", "/en/claims/az-2025/c999/", "/ru/acts/", "/az/nothing/"]
)
def test_what_is_not_there(client, address) -> None:
    answer = client.get(address)
    if address == "/ru/acts/":
        assert answer.status_code == 200
        return
    assert answer.status_code == 404
    language = "az" if address.startswith("/az") else "en"
    assert f'<html lang="{language}">' in answer.content.decode()


def test_an_address_without_its_last_stroke_leads_on(client) -> None:
    answer = client.get("/en/acts")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/en/acts/")


def test_a_page_unchanged_is_not_sent_again(client) -> None:
    first = client.get("/en/acts/")
    second = client.get("/en/acts/", headers={"if-none-match": first.headers["ETag"]})
    assert (second.status_code, second.content) == (304, b"")


def test_the_folder_holds_the_same_pages(client, site: Path) -> None:
    """A page of the live site and its file differ in the ends of links and in where the policy stands."""
    for one in each_kind_once(site):
        live = client.get(one.address).content.decode()
        kept = (site / one.file).read_text(encoding="utf-8")
        plain = kept.replace('index.html"', '"').replace("index.html#", "#")
        lines = [
            line for line in plain.splitlines() if not line.startswith('<meta http-equiv="Content-Security-Policy"')
        ]
        shown = [line.replace('href="./', 'href="') for line in live.splitlines() if 'rel="preload"' not in line]
        assert shown == lines, one


def test_the_site_map_names_every_page(client) -> None:
    told = client.get("/sitemap.xml").content.decode()
    assert told.count("<loc>") == len(addresses())
    assert "<loc>http://localhost/az/claims/</loc>" in told


def test_a_change_of_the_library_is_seen(tmp_path, monkeypatch) -> None:
    from clemency.web import edition

    (tmp_path / "acts").mkdir()
    (tmp_path / "acts" / "note.txt").write_text("one")
    monkeypatch.setenv("CLEMENCY_LIBRARY", str(tmp_path))
    edition.refresh()
    first = edition.edition()
    (tmp_path / "acts" / "note.txt").write_text("another")
    edition.refresh()
    second = edition.edition()
    monkeypatch.undo()
    edition.refresh()
    assert first != second


def test_it_serves() -> None:
    """A real server on a port that the system gives answers with page, style and headers, and stops when told."""
    from waitress.server import create_server

    from clemency.web.wsgi import make_application

    server = create_server(make_application(), host="127.0.0.1", port=0, threads=2)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        for path, kind in (("/az/", "text/html"), ("/static/site.css", "text/css")):
            with urllib.request.urlopen(f"http://127.0.0.1:{server.effective_port}{path}", timeout=PATIENCE) as answer:
                assert answer.headers["Content-Type"].startswith(kind)
                assert answer.headers["Content-Security-Policy"] == POLICY
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
    finally:
        server.trigger.pull_trigger(server.close)  # by the thread that serves, which would else meet a closed socket
        thread.join(PATIENCE)
        server.task_dispatcher.shutdown()
    assert not thread.is_alive()
