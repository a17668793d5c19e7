"""The main job through the pages: a family's case from a villager's report to its closure."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import LiveServer
from tests.browser.family import CONSENT, FOUND_AT_HOME, HUSBAND, NAME, NIK, PLAN, REPORT, RETURNED, TODAY, VERIFIED
from tests.browser.filling import fill
from tests.browser.office import Office, come_to, open_from_receipt, send

SignIn = Callable[[Page, str], Page]


def test_a_case_from_report_to_closure(
    new_context: Callable[..., BrowserContext], sign_in: SignIn, live_server: LiveServer
) -> None:
    office = Office(new_context, sign_in)
    register(office)
    understand(office)
    agree_on_a_plan(office)
    reach_pkh(office)
    graduate(office)
    close(office, live_server)


def register(office: Office) -> None:
    """Search, find nobody, report with a wrong NIK first; the receipt leads to the case."""
    page = office.page("psm01")
    page.goto("/cases/new")
    page.fill("input[name=q]", NAME)
    page.locator("main").get_by_role("button", name="Cari").click()
    page.get_by_role("button", name="Catat orang baru").click()
    page.get_by_role("button", name="Catat laporan").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("Pilih jenis kelamin klien")
    fill(page, **REPORT)
    page.get_by_role("button", name="Catat laporan").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("NIK terdiri dari 16 angka")
    expect(page.locator("[name=client_name]")).to_have_value(NAME)
    fill(page, client_nik=NIK)
    page.get_by_role("button", name="Catat laporan").click()
    open_from_receipt(office, page)
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)


def understand(office: Office) -> None:
    """Verification and consent in the village, then what the social worker finds at home."""
    office.do("tksk01", "Verifikasi laporan", "Minta persetujuan", **VERIFIED, household_members=[HUSBAND])
    office.do("tksk01", "Minta persetujuan klien", "Asesmen kebutuhan", **CONSENT)
    office.do("tksk01", "Asesmen kebutuhan", "Susun rencana intervensi", **FOUND_AT_HOME)


def agree_on_a_plan(office: Office) -> None:
    """The rules suggest PKH and a business; the plan takes one and says why. It comes back once."""
    page = office.take("tksk01", "Susun rencana intervensi")
    expect(page.locator("[name=paths][value=PKH]")).to_be_checked()
    page.uncheck("[name=paths][value=UEP]")
    fill(page, **PLAN)
    send(page)
    expect(page.locator(".govuk-error-summary")).to_contain_text("Tuliskan alasannya")
    fill(page, change_reason="Usaha menunggu setelah melahirkan.")
    send(page)
    expect(page.locator("#following")).to_contain_text("Periksa kelengkapan berkas")
    review(office)

    office.decide("kb_linjamsos", "Setujui rencana", "return", **RETURNED)
    page = office.take("tksk01", "Susun rencana intervensi")
    expect(page.locator("main")).to_contain_text("Target terlalu dekat.")
    fill(page, target_date=(TODAY + timedelta(days=120)).isoformat())
    send(page)
    expect(page.locator("#following")).to_contain_text("Periksa kelengkapan berkas")
    review(office)
    office.decide("kb_linjamsos", "Setujui rencana", "approve", signature=True)


def review(office: Office) -> None:
    """The back office looks through the file."""
    checked = ["identitas", "persetujuan", "asesmen", "rencana"]
    office.do("bo01", "Periksa kelengkapan berkas", "Setujui rencana", file_checked=checked, file_complete=True)


def reach_pkh(office: Office) -> None:
    """Register, proposal, signature, the Ministry's reply, a companion who visits."""
    found = {"in_dtsen": True, "desil": 2, "nik_status": "padan"}
    office.do("bo01", "Periksa DTSEN di SIKS-NG", "Siapkan usulan PKH", **found)
    proposal = {"siks_no": "SIKS-2026-0009", "proposal_file": "usulan.pdf", "components_checked": True}
    office.do("bo01", "Siapkan usulan PKH", "Tanda tangani usulan PKH", **proposal)
    office.decide("kd01", "Tanda tangani usulan PKH", "approve", letter_no="460/09/2026", signature=True)

    operator = office.page("operator01")
    come_to(operator, f"/operation/agencies?q={office.number}", "Kementerian menetapkan peserta PKH")
    expect(operator.locator("main")).not_to_contain_text("Klien meninggal")
    office.reply("Kementerian menetapkan peserta PKH", admitted_on=TODAY.isoformat())
    office.decide("kb_linjamsos", "Tunjuk pendamping", "complete", companion="pendamping01", p2k2_group="P2K2-1")
    visit = {"visited_on": TODAY.isoformat(), "address_found": True, "components_confirmed": True}
    office.do("pendamping01", "Validasi peserta", tab="mine", **visit, account_state="aktif")


def graduate(office: Office) -> None:
    """The family has become self-reliant: the programme ends by rule, decision and letter."""
    office.reply("Usul graduasi", graduation_kind="mandiri")
    grown = {"graduation_kind": "mandiri", "household_income": 4_000_000, "graduation_consent": True}
    office.do("pendamping01", "Asesmen graduasi", tab="mine", **grown, still_vulnerable=False)
    office.do("bo01", "Verval graduasi", graduation_data_fit=True)
    office.decide("kb_linjamsos", "Putuskan graduasi", "approve", reason="Keluarga sudah mandiri.", signature=True)
    letter = {"graduation_letter_no": "460/10/2026", "letter_given_on": TODAY.isoformat()}
    office.do("bo01", "Sampaikan surat graduasi", **letter)


def close(office: Office, live_server: LiveServer) -> None:
    """A visit after its time, the end of the service confirmed by a second person, a last visit, the file closed."""
    office.status("tksk01", "Waktu kunjungan")
    live_server.let_time_pass(office.number, "WaitForVisit")
    visit = {"visit_date": TODAY.isoformat(), "visit_result": "bertemu", "risk_level": "rendah"}
    office.do("tksk01", "Kunjungan pemantauan", "Terminasi", **visit, progress="Keadaan membaik.", goals_done=3)
    ended = {"outcome": "mandiri", "termination_reason": "Keluarga sudah mandiri.", "satisfaction": "5"}
    later = (TODAY + timedelta(days=90)).isoformat()
    office.do("tksk01", "Terminasi layanan", "Setujui penutupan", **ended, aftercare_date=later)
    office.decide("kb_linjamsos", "Setujui penutupan", "complete", closure_confirmed=True)

    office.status("tksk01", "Tanggal bimbingan lanjut")
    live_server.let_time_pass(office.number, "WaitForAftercare")
    seen = {"aftercare_done_on": TODAY.isoformat(), "aftercare_result": "baik"}
    page = office.do("tksk01", "Bimbingan lanjut", "Penanganan kasus ini sudah berakhir", **seen)
    page.goto(office.address)
    expect(page.locator("main")).to_contain_text("Kasus ini sudah ditutup")
    page.goto("/cases?state=closed")
    expect(page.locator("main")).to_contain_text(office.number)
