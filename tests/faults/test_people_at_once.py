"""Many people and machines at one task at one moment, through the pages: one outcome, and everybody is told which."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import pytest
from sqlalchemy import text

from engine.casework import accounts
from engine.store.session import unit_of_work
from engine.store.workers import Worker, WorkerRegion, WorkerRole, by_username
from tests.faults.clients import FORM, Answer, Browser
from tests.faults.ledger import Ledger
from tests.faults.rig import Rig, long_only

T = TypeVar("T")
CROWD = 20
ROUNDS = 20
pytestmark = long_only
TASK = text("SELECT id FROM task WHERE instance_id = :id AND state = 'open'")
DUE_NOW = text("UPDATE job SET due_at = now() WHERE instance_id = :id AND kind = 'timer' AND state = 'ready'")


@pytest.fixture(scope="module")
def crowd(rig: Rig) -> Iterator[list[Browser]]:
    """Twenty people, signed in."""
    with unit_of_work(rig.sessions) as session:
        like = by_username(session, "tksk00")
        assert like is not None
        rows = [
            Worker(
                username=f"ramai{number:02}", name=f"Petugas Ramai {number:02}", password_hash=like.password_hash,
                roles=[WorkerRole(role="tksk")], regions=[WorkerRegion(region_code="99.01.01")],
            )
            for number in range(CROWD)
        ]  # fmt: skip
        session.add_all(rows)
        session.flush()
        tokens = [accounts.open_session(session, row, "faults") for row in rows]
    browsers = [Browser(rig.port, rig.ledger, {"pilar_session": token}) for token in tokens]
    for browser in browsers:
        browser.read_token()
    yield browsers
    _close(browsers)


def test_f8_one_form_is_sent_twenty_times_at_once(rig: Rig, crowd: Sequence[Browser]) -> None:
    rig.ledger = Ledger()
    one = crowd[0]
    same = [Browser(rig.port, rig.ledger, one.cookies, one.token) for _ in range(CROWD)]
    instances = rig.supply(ROUNDS)
    for number, instance in enumerate(instances):
        task_id = _task(rig, instance)
        fields = {**FORM, "_key": f"f8-{instance}"}
        answers = _together([lambda b=browser, t=task_id, f=fields: _post(b, t, f) for browser in same])
        assert Counter(answer[0] for answer in answers) == {303: CROWD}
        assert len({answer[2]["Location"] for answer in answers}) == 1
        other = _post(one, task_id, {**fields, "note": f"Lain {number}"})
        assert other[0] == 422
        rig.ledger.completed[f"f8-{instance}"] = task_id
    _close(same)
    rig.settle("F8 one form sent 20 times at once", instances, ROUNDS)


def test_f9_two_and_twenty_people_complete_one_task(rig: Rig, crowd: Sequence[Browser]) -> None:
    rig.ledger = Ledger()
    instances = rig.supply(ROUNDS)
    for number, instance in enumerate(instances):
        task_id = _task(rig, instance)
        people = crowd[: CROWD if number % 2 else 2]
        for browser in people:
            browser.ledger = rig.ledger
        answers = _together(
            [lambda b=browser, t=task_id: _post(b, t, {**FORM, "_key": f"f9-{t}"}) for browser in people]
        )
        assert Counter(answer[0] for answer in answers) == {303: 1, 409: len(people) - 1}
        winner = next(index for index, answer in enumerate(answers) if answer[0] == 303)
        for answer in answers:
            if answer[0] == 409:
                assert f"Petugas Ramai {winner:02} sudah menyelesaikan" in answer[1]
                assert FORM["note"] in answer[1], "what was typed is not lost"
        rig.ledger.completed[f"f9-{task_id}"] = task_id
    _close(crowd)
    refused = rig.ledger.sent - rig.ledger.acknowledged
    rig.settle("F9 two and 20 people complete one task", instances, ROUNDS, note=f"{refused} told who was first")


def test_f10_a_completion_meets_a_timer_a_message_and_a_cancellation(rig: Rig, crowd: Sequence[Browser]) -> None:
    """Whoever is first decides; the others are told, or find nothing to do. No place is left without its row."""
    rig.ledger = Ledger()
    instances = rig.supply_raced(ROUNDS)
    outcomes: Counter[int] = Counter()
    for number, instance in enumerate(instances):
        task_id = _task(rig, instance)
        against = (
            lambda i=instance: rig.execute(DUE_NOW, id=i),
            lambda i=instance: rig.send_news(i),
            lambda i=instance: rig.cancel(i),
        )[number % 3]
        browser = crowd[number % CROWD]
        browser.ledger = rig.ledger
        answers: list[Answer] = []
        _together(
            [lambda b=browser, t=task_id, a=answers: a.append(_post(b, t, {**FORM, "_key": f"f10-{t}"})), against]
        )
        outcomes[answers[0][0]] += 1
        if answers[0][0] == 303:
            rig.ledger.completed[f"f10-{task_id}"] = task_id
    _close(crowd)
    assert set(outcomes) <= {303, 409}
    rig.settle("F10 completion against timer, message, cancel", instances, ROUNDS, note=f"{outcomes[303]} were first")


def _task(rig: Rig, instance: int) -> int:
    with rig.sessions() as session:
        return int(session.execute(TASK, {"id": instance}).scalar_one())


def _post(browser: Browser, task_id: int, fields: dict[str, str]) -> Answer:
    browser.ledger.note_sent()
    answer = browser.until_answered("POST", f"/tasks/{task_id}", fields)
    if answer[0] == 303:
        browser.ledger.note_done()
    return answer


def _together(acts: Sequence[Callable[[], T]]) -> list[T]:
    """Do all of it at one moment; what came of each, in order."""
    line = threading.Barrier(len(acts))
    found: dict[int, T] = {}

    def do(number: int, act: Callable[[], T]) -> None:
        line.wait(30)
        found[number] = act()

    threads = [threading.Thread(target=do, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return [found[number] for number in range(len(acts))]


def _close(browsers: Sequence[Browser]) -> None:
    for browser in browsers:
        browser.close()
