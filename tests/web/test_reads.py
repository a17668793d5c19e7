"""Whoever is shown a client is in the access log: asked of every route, of pages, fragments, downloads and refusals."""

import pytest
from sqlalchemy import func, select

from engine.store.audit import AccessLog, first_break
from tests.web.expected import EXPECTED, expected
from tests.web.test_matrix import address, thing
from tests.web.world import ADDRESS, CHILD, HUSBAND, NIK, PHONE, STORY, WIFE, World
from web import formats

# What tells who the client is. Lists show initials, village and case number only.
TELLING = (WIFE, HUSBAND, CHILD, ADDRESS, STORY, NIK, PHONE, formats.masked(NIK), "surat rahasia")
READERS = ("tksk+duty", "kabid+duty", "fo+named", "psm")
# Data that leads each route to the client, beside what stands in the table.
FORMS = {
    ("POST", "people.results"): {"q": "Zulaikha"},
    ("POST", "register.results"): {"q": "Zulaikha"},
    ("POST", "register.send"): {"_form": "use:{person}"},
    ("POST", "register.answers"): {"_person": "{person}"},
    ("POST", "cases.add_note"): {"body": ""},
    ("POST", "cases.numbers"): {"reason": ""},
    ("POST", "people.numbers"): {"reason": ""},
    ("POST", "cases.grant"): {},
    ("POST", "tasks.send"): {},
    ("POST", "approvals.decide"): {},
}
QUERIES = {("GET", "tasks.show"): "?show=client", ("GET", "register.report"): "?person={person}"}
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
SHOWS = {
    "approvals.decide", "approvals.show", "cases.add_document", "cases.add_note", "cases.answers", "case_events.show",
    "cases.grant", "cases.numbers", "case_events.report", "cases.show", "cases.story", "cases.walked", "people.numbers",
    "people.results", "people.show", "register.answers", "register.report", "register.results", "register.send",
    "tasks.answers", "tasks.records", "tasks.send", "tasks.show",
}  # fmt: skip


def filled(world: World, text: str) -> str:
    return text.format(person=world.ids["person", "restricted"])


def records(world: World, who: str) -> int:
    query = select(func.count()).where(AccessLog.actor_id == world.actors[who].id)
    return int(world.connection.scalar(query) or 0)


def shown(world: World, key: tuple[str, str], who: str, headers: dict[str, str]) -> bool:
    """Ask as `who`; whether the answer told of the client. If so, it must be written down."""
    route = EXPECTED[key]
    form = {name: filled(world, value) for name, value in FORMS.get(key, route.form).items()}
    path = address(world, key, thing(world, route, "restricted")) + filled(world, QUERIES.get(key, ""))
    with world.taken_back():
        before = records(world, who)
        answer = world.ask(who, key[0], path, form, headers=headers)
        tells = [word for word in TELLING if word and word in answer.text]
        if tells:
            assert records(world, who) > before, f"{key} shows {tells} to {who} ({answer.status_code}) without a record"
    return bool(tells)


@pytest.mark.parametrize("key", sorted(EXPECTED), ids=" ".join)
def test_who_sees_a_client_is_written_down(world: World, key: tuple[str, str]) -> None:
    route = EXPECTED[key]
    may = [who for who in READERS if expected(route, who, "restricted") == 200]
    fragments = [{**HTMX, "HX-Target": f"div#{name}"} for name in ("answers", "results", "rows")]
    kinds = [{}] if key[0] == "GET" and key[1] != "tasks.show" else [{}, *fragments]
    told = [shown(world, key, who, headers) for who in may for headers in kinds]
    assert any(told) == (key[1] in SHOWS), "keep SHOWS up to date: it is what this test has really seen"


def test_a_download_is_written_down(world: World) -> None:
    with world.taken_back() as session:
        before = records(world, "tksk+duty")
        answer = world.ask("tksk+duty", "GET", f"/documents/{world.ids['document', 'restricted']}")
        assert answer.status_code == 200
        assert records(world, "tksk+duty") == before + 1
        assert first_break(session) is None


def test_a_refusal_shows_nothing_and_writes_nothing(world: World) -> None:
    with world.taken_back():
        before = records(world, "tksk")
        answer = world.ask("tksk", "POST", f"/cases/{world.ids['case', 'restricted']}/notes", {"body": ""})
        assert answer.status_code == 404
        assert records(world, "tksk") == before
