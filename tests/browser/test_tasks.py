"""The task page in a real browser: drafts, questions that answers bring up, errors, the diagram, sending."""

import re
from collections.abc import Callable
from contextlib import suppress
from itertools import count

import pytest
from playwright.sync_api import BrowserContext, Error, Page, Route, expect
from sqlalchemy import select, update

from engine import clock
from engine.casework import cases, tasks
from engine.store.session import unit_of_work
from engine.store.tasks import Task, TaskState
from engine.store.workers import SignIn, Worker, by_username
from tests.browser.conftest import PASSWORD, LiveServer

ComeIn = Callable[[BrowserContext, str], None]
_number = count(1)


@pytest.fixture
def task(live_server: LiveServer) -> int:
    """A fresh verification task that tksk01 has taken."""
    with unit_of_work(live_server.sessions) as session:
        worker = by_username(session, "tksk01")
        assert isinstance(worker, Worker)
        actor = worker.actor()
        typed = {
            "reporter_name": "Pelapor Contoh",
            "reporter_kind": "psm",
            "client_name": f"Rukmini Contoh {next(_number)}",
            "sex": "P",
            "birth_date": "1952-03-04",
            "village_code": "99.01.01.2001",
            "problem_text": "Tinggal sendiri, jarang makan",
            "problem_domain": "lansia_terlantar",
            "threat_to_life": False,
            "disaster_kind": "tidak",
        }
        case_id = cases.register(session, actor, typed).case_id
        found = session.scalars(select(Task).where(Task.case_id == case_id, Task.state == TaskState.OPEN)).all()
        verify = next(row for row in found if row.element_id == "VerifyReport")
        tasks.claim(session, actor, verify.id)
        return verify.id


def state(live_server: LiveServer, task_id: int) -> TaskState:
    with live_server.sessions() as session:
        return session.get_one(Task, task_id).state


def test_what_is_typed_reaches_the_server_by_itself_and_comes_back(page: Page, come_in: ComeIn, task: int) -> None:
    come_in(page.context, "tksk01")
    page.goto(f"/tasks/{task}")
    page.locator("textarea").last.fill("Sudah ditemui di rumah")
    expect(page.locator("#draft-state")).to_contain_text("Draf tersimpan", timeout=3000)
    page.goto("/tasks")
    page.goto(f"/tasks/{task}")
    expect(page.locator("textarea").last).to_have_value("Sudah ditemui di rumah")


def test_what_is_typed_outlives_the_session(page: Page, live_server: LiveServer, come_in: ComeIn, task: int) -> None:
    """Who comes back from a long visit types on, signs in again and finds every word."""
    come_in(page.context, "tksk01")
    page.goto(f"/tasks/{task}")
    with unit_of_work(live_server.sessions) as session:
        worker = by_username(session, "tksk01") or Worker()
        session.execute(update(SignIn).where(SignIn.worker_id == worker.id).values(expires_at=clock.now()))
    page.locator("textarea").last.fill("Ditemui sore hari")
    expect(page.locator("#draft-state")).to_contain_text("Sesi Anda berakhir")
    page.get_by_role("button", name="Simpan dan lanjutkan").click()
    page.fill("input[name=username]", "tksk01")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    expect(page.locator("textarea").last).to_have_value("Ditemui sore hari")
    expect(page.locator("#draft-state")).to_contain_text("Draf tersimpan")
    assert page.evaluate("sessionStorage.length") == 0


def test_what_is_typed_outlives_the_network(page: Page, come_in: ComeIn, task: int) -> None:
    """Who sends without a network stays on the form; where it breaks on the way, going back brings the words back."""
    come_in(page.context, "tksk01")
    page.goto(f"/tasks/{task}")
    send = page.get_by_role("button", name="Simpan dan lanjutkan")
    page.context.set_offline(True)
    page.locator("textarea").last.fill("Di bukit tidak ada sinyal")
    send.click()
    expect(page.get_by_text("Teruskan mengisi; kirim setelah tersambung lagi.")).to_be_in_viewport()
    page.context.set_offline(False)
    expect(page.locator("#draft-state")).to_contain_text("Draf tersimpan")
    page.route(re.compile(rf"/tasks/{task}(/draft)?$"), lambda route: route.abort())
    page.locator("textarea").last.fill("Di lembah putus di jalan")
    with suppress(Error):
        send.click()
    page.unroute_all()
    page.reload()
    expect(page.locator("textarea").last).to_have_value("Di lembah putus di jalan")


def test_a_report_outlives_the_session(page: Page, live_server: LiveServer, come_in: ComeIn) -> None:
    come_in(page.context, "tksk01")
    page.goto("/cases/new/report")
    page.get_by_label("Uraian masalah").fill("Rumahnya roboh tadi malam")
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "pilar_session", "value": "lama", "url": live_server.url}])
    page.get_by_role("button", name="Catat laporan").click()
    page.fill("input[name=username]", "tksk01")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    expect(page.get_by_label("Uraian masalah")).to_have_value("Rumahnya roboh tadi malam")
    assert page.evaluate("sessionStorage.length") == 0


def test_an_answer_brings_up_its_questions_at_once(page: Page, come_in: ComeIn, task: int) -> None:
    come_in(page.context, "tksk01")
    page.goto(f"/tasks/{task}")
    page.locator("textarea").last.fill("Tetap di sini")
    expect(page.get_by_label("Desil")).to_have_count(0)
    page.get_by_role("group", name="Tercatat di DTSEN?").get_by_label("Ya").check()
    expect(page.get_by_label("Desil").first).to_be_visible()
    expect(page.locator("textarea").last).to_have_value("Tetap di sini")


@pytest.fixture
def held_answers(page: Page) -> Callable[[], None]:
    """A slow network: the form is not drawn anew before the test calls this."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    def let_go() -> None:
        page.route("**/answers", lambda route: route.continue_())
        for route in held:
            route.continue_()

    page.route("**/answers", hold)
    return let_go


def test_questions_answered_quickly_all_bring_up_theirs(
    page: Page, come_in: ComeIn, task: int, held_answers: Callable[[], None]
) -> None:
    come_in(page.context, "tksk01")
    page.goto(f"/tasks/{task}")
    page.get_by_label("Tidak ada NIK").check()
    is_in_register = page.get_by_role("group", name="Tercatat di DTSEN?")
    is_in_register.get_by_label("Tidak").check()
    is_in_register.get_by_label("Ya").check()
    held_answers()
    expect(page.get_by_label("Desil").first).to_be_visible()
    expect(page.locator("[name=verified_nik]")).to_have_count(0)
    expect(is_in_register.get_by_label("Ya")).to_be_checked()


def test_what_is_typed_while_questions_come_up_stays(
    page: Page, come_in: ComeIn, task: int, held_answers: Callable[[], None]
) -> None:
    come_in(page.context, "tksk01")
    page.goto(f"/tasks/{task}")
    size, note = page.locator("[name=household_size]"), page.locator("[name=verification_note]")
    size.fill("4")
    note.fill("Rumah kayu")
    page.get_by_role("group", name="Tercatat di DTSEN?").get_by_label("Ya").check()
    size.fill("5")
    note.fill("Rumah kayu, atap bocor")
    page.locator("[name=duplicate_of]").focus()
    held_answers()
    expect(page.get_by_label("Desil").first).to_be_visible()
    expect(size).to_have_value("5")
    expect(note).to_have_value("Rumah kayu, atap bocor")


def test_an_error_link_leads_to_its_field(page: Page, come_in: ComeIn, task: int) -> None:
    come_in(page.context, "tksk01")
    page.goto(f"/tasks/{task}")
    page.get_by_role("button", name="Simpan dan lanjutkan").click()
    link = page.locator(".govuk-error-summary a").first
    target = (link.get_attribute("href") or "")[1:]
    link.click()
    assert page.evaluate("document.activeElement.id") == target or page.locator(f"#{target}").is_visible()


def test_the_diagram_shows_where_the_case_stands(page: Page, come_in: ComeIn, task: int) -> None:
    come_in(page.context, "tksk01")
    page.goto(f"/tasks/{task}")
    page.locator("[data-diagram]").scroll_into_view_if_needed()
    expect(page.locator("[data-diagram] svg .djs-element[data-element-id=VerifyReport]").first).to_be_attached()


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no-script"])
def test_a_task_is_filled_and_sent(
    new_context: Callable[..., BrowserContext], come_in: ComeIn, task: int, live_server: LiveServer, scripts: bool
) -> None:
    page = new_context(java_script_enabled=scripts).new_page()
    come_in(page.context, "tksk01")
    page.goto(f"/tasks/{task}")
    page.get_by_label("Tidak ada NIK").check()
    page.get_by_role("group", name="Tercatat di DTSEN?").get_by_label("Tidak").check()
    page.get_by_role("button", name="Tambah baris").first.click()
    expect(page.get_by_label("Tidak ada NIK")).to_be_checked()
    page.get_by_role("button", name="Simpan dan lanjutkan").click()
    expect(page.get_by_text("Tugas ini selesai.")).to_be_visible()
    assert state(live_server, task) is TaskState.COMPLETED
