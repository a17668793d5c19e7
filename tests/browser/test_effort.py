"""How many taps daily work takes, on a telephone and at a desk; and that every link on a case's page can be reached."""

import re
from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import Locator, Page, expect

from engine.store.session import unit_of_work
from tests.browser.conftest import LiveServer
from tests.shipped_case import newest_case, told

SignIn = Callable[[Page, str], Page]
WATI = "case/pregnant_mother"
NUMBERS = count()  # one person for each case: the same twice would be asked about


class Taps:
    """Taps of one worker, counted."""

    def __init__(self) -> None:
        self.number = 0

    def on(self, where: Locator) -> None:
        where.click()
        self.number += 1


@pytest.fixture
def case_no(live_server: LiveServer) -> Callable[[str], str]:
    """`case_no("PlanIntervention")`: a new case whose last step was that one; its number."""

    def tell(last: str) -> str:
        number = next(NUMBERS)
        somebody = {
            "client_name": f"Bunga{'abcdefghijklmnop'[number]} Melati",
            "client_nik": f"99010152039500{number + 30}",
            "kk_no": f"99010101012000{number + 30}",
            "address": f"Gang Mawar {number}",
        }
        with unit_of_work(live_server.sessions) as session:
            told(session, WATI, last, **somebody)
            return newest_case(session).case_no

    return tell


def test_a_task_is_taken_and_done_in_six_taps(any_page: Page, sign_in: SignIn, case_no: Callable[[str], str]) -> None:
    number, taps = case_no("PlanIntervention"), Taps()
    page = sign_in(any_page, "bo01")
    page.goto("/tasks?tab=queue")
    taps.on(page.locator("li", has_text=number).get_by_role("button", name="Ambil"))
    expect(page.locator("main")).to_contain_text("sekarang tugas Anda")
    expect(page.locator("#records")).to_contain_text("Asesmen kebutuhan")
    taps.on(page.get_by_label("Asesmen", exact=True))
    taps.on(page.get_by_label("Rencana", exact=True))
    taps.on(page.get_by_role("radio", name="Ya"))
    taps.on(page.get_by_role("button", name="Simpan dan lanjutkan"))
    expect(page.locator("#following")).to_contain_text("Setujui rencana", timeout=20_000)
    assert taps.number <= 6


def test_a_plan_is_approved_with_its_evidence_in_three_taps(
    any_page: Page, sign_in: SignIn, case_no: Callable[[str], str]
) -> None:
    number, taps = case_no("ReviewFile"), Taps()
    page = sign_in(any_page, "kb_linjamsos")
    page.goto("/approvals")
    taps.on(page.locator("li", has_text=number).get_by_role("link", name="Setujui rencana"))
    expect(page.locator("main")).to_contain_text("Jalur yang disarankan: Program Keluarga Harapan (PKH)")
    expect(page.locator("main")).to_contain_text("Pangan cukup, anak sekolah, dokumen lengkap.")
    taps.on(page.get_by_label("Saya menandatangani"))
    taps.on(page.get_by_role("button", name="Setujui", exact=True))
    expect(page.get_by_text("Keputusan dikirim.")).to_be_visible()
    assert taps.number <= 3


def test_what_follows_is_told_on_request(any_page: Page, sign_in: SignIn, case_no: Callable[[str], str]) -> None:
    number = case_no("PlanIntervention")
    page = sign_in(any_page, "bo01")
    page.goto("/tasks?tab=queue")
    page.locator("li", has_text=number).get_by_role("link").first.click()
    ask = page.get_by_role("button", name="Apa yang terjadi bila disimpan?")
    ask.click()
    expect(page.locator("#preview")).to_contain_text("Lengkapi dahulu")
    page.get_by_label("Asesmen", exact=True).check()
    page.get_by_role("radio", name="Ya").check()
    ask.click()
    expect(page.locator("#preview")).to_contain_text("Tugas “Setujui rencana” untuk Kepala bidang")
    expect(page.get_by_role("button", name="Simpan dan lanjutkan")).to_be_visible()


def test_the_links_of_a_case_lead_where_they_say(page: Page, sign_in: SignIn, case_no: Callable[[str], str]) -> None:
    number = case_no("PlanIntervention")
    sign_in(page, "tksk01").goto(f"/cases?q={number}")
    page.get_by_role("link", name="Ny. B., ").first.click()
    page.get_by_role("link", name="Halaman warga").click()
    expect(page).to_have_url(re.compile(r"/people/\d+$"))
    page.go_back()
    page.get_by_role("link", name="Semua isian dan catatan lengkap").click()
    expect(page).to_have_url(re.compile(r"/answers$"))
