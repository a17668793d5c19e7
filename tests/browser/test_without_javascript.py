"""The main job with scripts switched off: a report, its verification and consent on a telephone; a decision."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.family import CONSENT, HUSBAND, REPORT, VERIFIED
from tests.browser.filling import fill
from tests.browser.office import Office, open_from_receipt, send

SignIn = Callable[[Page, str], Page]
NewContext = Callable[..., BrowserContext]


def test_a_report_is_verified_and_consented_to(new_context: NewContext, sign_in: SignIn) -> None:
    office = Office(new_context, sign_in, java_script_enabled=False)
    page = office.page("psm01")
    page.goto("/cases/new")
    page.fill("input[name=q]", "Marsinah Tanpa Skrip")
    page.locator("main").get_by_role("button", name="Cari").click()
    page.get_by_role("button", name="Catat orang baru").click()
    someone = {"client_name": "Marsinah Tanpa Skrip", "client_nik": "9901014107880021", "birth_date": "1988-07-01"}
    fill(page, **{**REPORT, **someone})
    page.get_by_role("button", name="Catat laporan").click()
    open_from_receipt(office, page)

    page = office.take("tksk01", "Verifikasi laporan")
    asked_at_once = {name: value for name, value in VERIFIED.items() if name != "desil"}
    fill(page, **asked_at_once, household_members=[HUSBAND])
    send_and_answer(page, "Desil DTSEN", desil=2)

    page = office.take("tksk01", "Minta persetujuan klien")
    asked_at_once = {name: value for name, value in CONSENT.items() if name != "purposes"}
    fill(page, **asked_at_once)
    send_and_answer(page, "Tujuan", purposes=CONSENT["purposes"])
    page.goto(office.address)
    expect(page.locator("main")).to_contain_text("Asesmen kebutuhan")


def send_and_answer(page: Page, question: str, **answers: object) -> None:
    """Without scripts a question that an answer brings up comes after sending, with the rest still filled in."""
    send(page)
    expect(page.get_by_text("Jawaban Anda memunculkan pertanyaan baru")).to_be_visible()
    expect(page.locator(".app-notice--warning")).to_contain_text(question)
    fill(page, **answers)
    send(page)
    expect(page.get_by_text("Tugas ini selesai.")).to_be_visible()


def test_a_plan_is_approved(new_context: NewContext, sign_in: SignIn, told: Callable[..., str]) -> None:
    somebody = {"client_name": "Parni Contoh", "client_nik": "9901014107860031", "birth_date": "1986-07-01"}
    number = told("case/plan_rejected", 6, **somebody)
    office = Office(new_context, sign_in, java_script_enabled=False)
    office.number = number
    page = office.decide("kb_rehsos", "Setujui rencana", "approve", signature=True)
    expect(page.get_by_role("list", name="Baru diputuskan")).to_contain_text(number)
