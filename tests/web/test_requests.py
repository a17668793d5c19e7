"""Every request has an id and leaves one line: endpoint, status, ids of rows. What people typed is in none."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client import REGISTRY

from engine.serve.logs import _JsonLines
from tests.web.conftest import Browser, settings
from tests.web.world import ADDRESS, NIK, PHONE, STORY, WIFE, World
from web import create_app

SECRETS = (WIFE, "Zulaikha", NIK, PHONE, ADDRESS, STORY)


class Lines(logging.Handler):
    """What stands in the log, written as the processes write it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(_JsonLines("web"))
        self.text: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.text.append(self.format(record))

    def requests(self) -> list[dict[str, Any]]:
        found = [json.loads(line) for line in self.text]
        return [line for line in found if line["event"] == "request"]


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_a_request_is_told_with_its_id_and_who_asks(world: World, lines: Lines) -> None:
    before = counted("pilar_request_seconds_count", endpoint="cases.show", status="200")
    number = world.ids["case", "normal"]
    first = world.ask_and_take_back("tksk", "GET", f"/cases/{number}")
    second = world.ask_and_take_back("tksk", "GET", f"/cases/{number}")
    one, two = lines.requests()
    assert (one["endpoint"], one["status"], one["method"], one["case_id"]) == ("cases.show", 200, "GET", number)
    assert one["worker"] == world.actors["tksk"].id
    assert [one["request"], two["request"]] == [answer.headers["X-Request-ID"] for answer in (first, second)]
    assert one["request"] != two["request"]
    assert counted("pilar_request_seconds_count", endpoint="cases.show", status="200") == before + 2


def test_a_completion_is_told_with_its_case_and_instance(world: World, lines: Lines) -> None:
    steps = counted("pilar_step_seconds_count", kind="task.completed")
    answer = world.ask_and_take_back(
        "tksk", "POST", f"/tasks/{world.ids['task', 'normal']}", {"wish": STORY, "_form": "complete"}
    )
    assert answer.status_code < 400, answer.text
    told = lines.requests()[-1]
    assert (told["case"], told["task_id"]) == (world.ids["case", "normal"], world.ids["task", "normal"])
    assert told["instance"]
    assert counted("pilar_step_seconds_count", kind="task.completed") == steps + 1


def test_what_was_typed_is_in_no_line(world: World, lines: Lines) -> None:
    number = world.ids["case", "restricted"]
    with world.taken_back():
        world.ask("tksk+duty", "POST", "/people", {"q": WIFE})
        world.ask("tksk+duty", "POST", "/cases/find", {"q": NIK})
        world.ask("tksk+duty", "GET", f"/cases?q={WIFE}&phone={PHONE}")
        world.ask("tksk+duty", "GET", f"/{WIFE}/{NIK}")
        world.ask("tksk+duty", "POST", f"/cases/{number}/notes", {"body": STORY}, headers={"X-Request-ID": NIK})
        world.ask("tksk+duty", "POST", f"/tasks/{world.ids['task', 'restricted']}", {"wish": STORY, ADDRESS: PHONE})
        world.ask(None, "POST", "/sign-in", {"username": WIFE, "password": NIK})
    assert len(lines.requests()) >= 7
    assert [secret for secret in SECRETS if secret in "\n".join(lines.text)] == []


def test_health_is_not_told_and_needs_nobody(browser: Browser, lines: Lines) -> None:
    lines.setLevel(logging.INFO)
    assert (browser.get("/healthz").status_code, browser.get("/readyz").status_code) == (200, 200)
    assert lines.requests() == []


def test_metrics_are_for_who_knows_the_token(browser: Browser, sessions: Any) -> None:
    assert browser.get("/metrics").status_code == 404, "without a token in the settings there is no such page"
    client = create_app(settings(metrics_token="t" * 32), sessions).test_client()
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer " + "x" * 32}).status_code == 401
    told = client.get("/metrics", headers={"Authorization": "Bearer " + "t" * 32})
    assert told.status_code == 200
    for name in ("pilar_step_seconds_bucket", "pilar_sql_statements_total", "pilar_jobs_due", "pilar_outbox_pending"):
        assert f"\n{name}" in told.text
