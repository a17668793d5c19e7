"""The team board: numbers per worker and step, and sharing out with an answer for each row."""

import pytest
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.casework import tasks
from engine.store.tasks import Task
from tests import deciding_case, factories
from tests.web.conftest import Browser


@pytest.fixture
def sari(session: Session) -> Actor:
    deciding_case.deploy(session)
    return factories.worker(session, "tksk95", "tksk")


@pytest.fixture
def open_tasks(session: Session, sari: Actor) -> list[Task]:
    factories.worker(session, "kb95", "kabid")
    ids = [deciding_case.register(session, sari, f"Orang {name}") for name in ("Satu", "Dua", "Tiga")]
    found = [deciding_case.open_task(session, case_id, "PlanIntervention") for case_id in ids]
    session.commit()
    return found


@pytest.fixture
def page(browser: Browser, open_tasks: list[Task]) -> Browser:
    browser.sign_in("kb95", factories.PASSWORD)
    return browser


def test_numbers_lead_to_their_tasks(page: Browser, open_tasks: list[Task], session: Session, sari: Actor) -> None:
    tasks.claim(session, sari, open_tasks[0].id)
    session.commit()
    html = page.get("/team").text
    assert "Petugas tksk95" in html
    assert html.count('class="app-row ') == 3
    assert page.get("/team?worker=none").text.count('class="app-row ') == 2
    assert page.get(f"/team?worker={sari.id}").text.count('class="app-row ') == 1
    assert page.get("/team?step=PlanIntervention").text.count('class="app-row ') == 3
    assert "Tidak ada tugas di sini" in page.get("/team?due=overdue").text


def test_several_are_given_at_once_and_each_row_is_answered(
    page: Browser, open_tasks: list[Task], session: Session, sari: Actor
) -> None:
    first, second, third = open_tasks
    tasks.complete(session, sari, third.id, {"goals": "Makan teratur"})
    session.commit()
    html = page.post("/team", {"select": [first.id, second.id, third.id], "to": sari.id}, page="/team").text
    assert "2 dari 3 tugas diserahkan kepada Petugas tksk95." in html
    assert "sudah selesai atau dibatalkan" in html
    for task in (first, second):
        session.refresh(task)
        assert task.assignee_id == sari.id


def test_who_may_not_do_it_does_not_get_it(page: Browser, open_tasks: list[Task], session: Session) -> None:
    bo = factories.worker(session, "bo95", "bo")
    session.commit()
    html = page.post("/team", {"select": open_tasks[0].id, "to": bo.id}, page="/team").text
    assert "0 dari 1 tugas diserahkan" in html
    assert "bukan untuk peran atau wilayah petugas itu" in html


def test_nothing_chosen_is_said(page: Browser, open_tasks: list[Task]) -> None:
    assert "Pilih sedikitnya satu tugas" in page.post("/team", {"to": ""}, page="/team").text


def test_other_regions_and_restricted_tasks_are_not_on_the_board(
    browser: Browser, session: Session, open_tasks: list[Task]
) -> None:
    factories.worker(session, "kb96", "kabid", at=("99.01.02",))
    on_duty = factories.worker(session, "peksos95", "tksk", restricted_duty=True)
    hidden = deciding_case.register(session, on_duty, "Melati", restricted="true")
    task = deciding_case.open_task(session, hidden, "PlanIntervention")
    session.commit()
    browser.sign_in("kb96", factories.PASSWORD)
    assert "Tidak ada tugas di sini" in browser.get("/team").text
    browser.post("/sign-out")
    browser.sign_in("kb95", factories.PASSWORD)
    assert f"/tasks/{task.id}" not in browser.get("/team").text
    html = browser.post("/team", {"select": task.id, "to": on_duty.id}, page="/team").text
    assert "tidak lagi di wilayah Anda" in html
