"""Every route x every role x own and other region x normal and restricted: who gets in, and what the others learn."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from engine.actors import Role
from tests.web.conftest import settings
from tests.web.expected import EXPECTED, ROLES, SEES, Route, expected, role_of
from tests.web.world import World, reference
from web import create_app

JSON = {"Accept": "application/json"}
NOWHERE = 4_611_686_018_427_387_904
TOO_LARGE = 10**30
KEYS = sorted(EXPECTED)
BY_ID = [key for key in KEYS if EXPECTED[key].thing]


def routes(app: Flask) -> Iterator[tuple[str, str]]:
    """(method, endpoint) of everything that can be asked for."""
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield method, rule.endpoint


def address(world: World, key: tuple[str, str], number: object) -> str:
    """The route's path; `number` stands where it names a thing."""
    rule = next(rule for rule in world.app.url_map.iter_rules() if rule.endpoint == key[1] and key[0] in rule.methods)
    values = dict(EXPECTED[key].options)
    values |= {name: str(number) for name in rule.arguments if name not in values}
    return re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", lambda found: values[found[1]], rule.rule)


def thing(world: World, route: Route, kind: str) -> object:
    """The id of what the route is about."""
    if route.thing == "receipt":
        return world.ids["case", kind]
    return world.ids.get((route.thing, kind)) or world.ids.get(route.thing, "")


def kinds(route: Route) -> tuple[str, ...]:
    return ("normal", "restricted") if (route.thing, "normal") in SEES else ("normal",)


def seen(answer: TestResponse) -> int:
    """200 for everything that was served, be it that the form was incomplete or the row had moved on."""
    assert answer.status_code < 500, answer.text
    return answer.status_code if answer.status_code in (401, 403, 404) else 200


def ask(world: World, who: str | None, key: tuple[str, str], number: object, **options: Any) -> TestResponse:
    options.setdefault("headers", JSON)
    return world.ask_and_take_back(who, key[0], address(world, key, number), EXPECTED[key].form, **options)


def test_every_route_is_in_the_table() -> None:
    app = create_app(settings(), None)  # type: ignore[arg-type]  # no request is made
    assert set(routes(app)) == set(EXPECTED), "write down in tests/web/expected.py who may use the new route"


def test_every_role_is_in_the_table() -> None:
    assert set(ROLES) == {role.value for role in Role}


@pytest.mark.parametrize("key", [key for key in KEYS if key[1] != "profile.close_session"], ids=" ".join)
def test_who_may(world: World, key: tuple[str, str]) -> None:
    """And what is hidden answers word for word like what is not there; so does what is closed to a role."""
    route, absent = EXPECTED[key], Absent(world, key)
    for who in asking(world, route):
        for kind in kinds(route) if role_of(who) in (route.roles or ()) else ("restricted",):
            answer = ask(world, who, key, thing(world, route, kind))
            wanted = expected(route, who, kind)
            assert seen(answer) == wanted, f"{who}, {kind}: {answer.status_code}"
            if route.thing and (wanted == 404 or role_of(who) not in (route.roles or ())):
                assert (answer.status_code, answer.get_json()) == absent.answer(who, wanted), who


def asking(world: World, route: Route) -> list[str]:
    """Who tries: everybody who may enter, where regions or duties matter; of the others one of each role."""
    if route.roles is None:
        return ["tksk", "dpo"]
    by_place = (route.thing, "normal") in SEES or route.does is not None
    return [who for who in world.actors if who in ROLES or (by_place and role_of(who) in route.roles)]


class Absent:
    """What a route answers about an id that nothing has: asked once for each status."""

    def __init__(self, world: World, key: tuple[str, str]) -> None:
        self.world, self.key = world, key
        self.known: dict[int, tuple[int, Any]] = {}

    def answer(self, who: str, status: int) -> tuple[int, Any]:
        if status not in self.known:
            missing = ask(self.world, who, self.key, NOWHERE)
            self.known[status] = (missing.status_code, missing.get_json())
        return self.known[status]


@pytest.mark.parametrize("key", [key for key in KEYS if key[1] != "profile.close_session"], ids=" ".join)
def test_nobody_signed_in_gets_nothing(world: World, key: tuple[str, str]) -> None:
    route = EXPECTED[key]
    answer = ask(world, None, key, thing(world, route, "normal"))
    if route.roles is None:
        assert answer.status_code not in (401, 403, 404)
        return
    assert answer.status_code == 401
    assert answer.get_json()["code"] == "sign_in_needed"
    page = ask(world, None, key, thing(world, route, "normal"), headers={})
    assert (page.status_code, page.location.partition("?")[0]) == (303, "/sign-in")


@pytest.mark.parametrize("key", BY_ID, ids=" ".join)
def test_ids_of_nothing_are_not_found(world: World, key: tuple[str, str]) -> None:
    who = sorted(EXPECTED[key].roles or ())[0]
    for number in (NOWHERE, 0):
        assert ask(world, who, key, number).status_code == 404
    # Longer than any row's number: where a page stands under the same address, only its GET is known.
    assert ask(world, who, key, TOO_LARGE).status_code in (404, 405)


def test_a_hidden_page_looks_like_a_missing_one(world: World) -> None:
    """As pages, not as JSON: the same words, and nothing of the case."""
    shown = []
    for number in (world.ids["case", "restricted"], NOWHERE):
        page = world.ask_and_take_back("tksk", "GET", f"/cases/{number}")
        assert page.status_code == 404
        shown.append(re.sub(r'nonce="[^"]*"|(?:value|content)="\w{64,}"|/cases/\d+', "", page.text))
    assert shown[0] == shown[1]


def test_only_the_own_sign_ins_can_be_closed(world: World) -> None:
    with world.taken_back() as session:
        mine, theirs = reference(session, world, "camat"), reference(session, world, "admin")
    for number, status in ((mine, 200), (theirs, 404), ("0" * 24, 404)):
        assert seen(ask(world, "camat", ("POST", "profile.close_session"), number)) == status
