"""The main job through the pages: from a villager's report to the companion whom the Ministry's reply calls."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import NARROW
from tests.browser.filling import fill

SignIn = Callable[[Page, str], Page]
NAME = "Sulastri Ningsih"
NIK = "9901015406960011"
MEMBERS: list[dict[str, Any]] = [
    {"relation": "klien", "age": 30, "pregnant": True, "pregnancy_no": 2, "school": "tidak"},
    {"relation": "anak", "age": 4, "school": "tidak"},
    {"relation": "anak", "age": 8, "school": "sd"},
    {"relation": "mertua", "age": 73, "school": "tidak"},
]


class Office:
    """The people of the case, each in a browser of their own: field workers on a telephone."""

    def __init__(self, new_context: Callable[..., BrowserContext], sign_in: SignIn) -> None:
        self._new_context, self._sign_in = new_context, sign_in
        self._pages: dict[str, Page] = {}
        self.number = ""

    def page(self, username: str) -> Page:
        """The worker's page, signed in once."""
        if username not in self._pages:
            telephone = {"viewport": NARROW, "has_touch": True, "is_mobile": True}
            is_field = username.startswith(("psm", "tksk", "pendamping"))
            page = self._new_context(**(telephone if is_field else {})).new_page()
            self._pages[username] = self._sign_in(page, username)
        return self._pages[username]

    def take(self, username: str, title: str, tab: str = "queue") -> Page:
        """Open the case's task, taking it where it is in the queue."""
        page = self.page(username)
        row = page.locator("li", has_text=self.number).filter(has_text=title)
        come_to(page, f"/tasks?tab={tab}", row)
        if tab == "queue":
            row.get_by_role("button", name="Ambil").click()
        else:
            row.get_by_role("link", name=title).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        page.wait_for_load_state()
        return page

    def do(self, username: str, title: str, then: str, tab: str = "queue", **answers: Any) -> None:
        """Do a task; `then` is what the case waits for afterwards, as its page says."""
        page = self.take(username, title, tab)
        fill(page, **answers)
        send(page)
        expect(page.locator("#following")).to_contain_text(then, timeout=20_000)

    def decide(self, username: str, title: str, decision: str, **answers: Any) -> Page:
        """Decide from the list of approvals."""
        page = self.page(username)
        page.goto("/approvals")
        waiting = page.get_by_role("list", name="Menunggu keputusan")
        waiting.locator("li", has_text=self.number).get_by_role("link", name=title).click()
        fill(page, signature=True, **answers)
        page.locator(f"button[name=decision][value={decision}]").click()
        expect(page.get_by_text("Keputusan dikirim.")).to_be_visible()
        return page


def come_to(page: Page, address: str, wanted: Locator) -> None:
    """Open a list until background work has put there what is wanted, as somebody does who reloads it."""
    for _ in range(40):
        page.goto(address)
        if wanted.count():
            return
    expect(wanted.first).to_be_visible()


def send(page: Page) -> None:
    """Send a task's form."""
    page.get_by_role("button", name="Simpan dan lanjutkan").click()


def register(page: Page) -> str:
    """Search, find nobody, report with a wrong NIK first; the new case's number."""
    page.goto("/cases/new")
    page.fill("input[name=q]", NAME)
    page.locator("main").get_by_role("button", name="Cari").click()
    page.get_by_role("button", name="Catat orang baru").click()
    page.get_by_role("button", name="Catat laporan").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("Pilih jenis kelamin klien")
    fill(
        page,
        reporter_kind="warga",
        client_name=NAME,
        client_nik="12345",
        sex="P",
        birth_date="1996-06-14",
        village_code="99.01.01.2001",
        address="RT 02/RW 01, dekat masjid",
        problem_domain="keluarga_miskin",
        problem_text="Suami sakit, hamil anak ketiga.",
        threat_to_life=False,
        disaster_kind="tidak",
    )
    page.get_by_role("button", name="Catat laporan").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("NIK terdiri dari 16 angka")
    expect(page.locator("[name=client_name]")).to_have_value(NAME)
    fill(page, client_nik=NIK)
    page.get_by_role("button", name="Catat laporan").click()
    expect(page.get_by_role("heading", name="Laporan tercatat")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Verifikasi laporan")
    page.get_by_role("link", name="Buka kasus").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
    return page.title().split()[1]


def test_a_report_becomes_a_case_and_reaches_the_companion(
    new_context: Callable[..., BrowserContext], sign_in: SignIn
) -> None:
    office = Office(new_context, sign_in)
    office.number = register(office.page("psm01"))

    verified = {"nik_status": "padan", "citizen": True, "in_dtsen": True, "desil": 2, "household_size": 5}
    row = [{"member_name": "Joko Santoso", "member_relation": "suami", "member_sex": "L"}]
    office.do("tksk01", "Verifikasi laporan", "Minta persetujuan", **verified, household_members=row)
    consent = {"consent_given": True, "purposes": ["penanganan", "rujukan"], "language": "id", "channel": "ttd"}
    office.do("tksk01", "Minta persetujuan klien", "Asesmen kebutuhan", **consent, legal_basis="persetujuan")
    assess(office)
    plan(office)
    review(office)

    office.decide("kb_linjamsos", "Setujui rencana", "return", reason="Target terlalu dekat.")
    page = office.take("tksk01", "Susun rencana intervensi")
    expect(page.locator("main")).to_contain_text("Target terlalu dekat.")
    fill(page, target_date="2027-03-31")
    send(page)
    expect(page.locator("#following")).to_contain_text("Periksa kelengkapan berkas", timeout=20_000)
    review(office)
    office.decide("kb_linjamsos", "Setujui rencana", "approve")

    office.do("bo01", "Periksa DTSEN di SIKS-NG", "Siapkan usulan PKH", in_dtsen=True, desil=2, nik_status="padan")
    proposal = {"siks_no": "SIKS-2026-0009", "proposal_file": "usulan.pdf", "components_checked": True}
    office.do("bo01", "Siapkan usulan PKH", "Tanda tangani usulan PKH", **proposal)
    office.decide("kd01", "Tanda tangani usulan PKH", "approve", letter_no="460/09/2026")
    reply(office)

    office.do("kb_linjamsos", "Tunjuk pendamping", "Validasi peserta", companion="pendamping01", p2k2_group="P2K2-1")
    page = office.take("pendamping01", "Validasi peserta", tab="mine")
    page.goto("/cases")
    expect(page.locator("main")).to_contain_text(office.number)


def assess(office: Office) -> None:
    """What the social worker finds at home."""
    office.do(
        "tksk01",
        "Asesmen kebutuhan",
        "Susun rencana intervensi",
        physical="Sehat, hamil.",
        psych="Cemas.",
        social="Rukun.",
        spiritual="Rajin ibadah.",
        signs=["none"],
        basic_needs=["pangan"],
        risk_level="sedang",
        client_wish="Anak tetap sekolah.",
        income="900.000",
        able_to_work=True,
        pmks_codes=["24"],
        members=MEMBERS,
    )


def plan(office: Office) -> None:
    """The rules suggest PKH and a business; the plan takes one and says why."""
    page = office.take("tksk01", "Susun rencana intervensi")
    expect(page.locator("[name=paths][value=PKH]")).to_be_checked()
    page.uncheck("[name=paths][value=UEP]")
    fill(page, goals="Pangan cukup.", goals_count=3, interventions="Kunjungan.", pillar="jaminan")
    fill(page, responsible="TKSK", target_date="2027-01-31")
    send(page)
    expect(page.locator(".govuk-error-summary")).to_contain_text("Tuliskan alasannya")
    fill(page, change_reason="Usaha menunggu setelah melahirkan.")
    send(page)
    expect(page.locator("#following")).to_contain_text("Periksa kelengkapan berkas", timeout=20_000)


def review(office: Office) -> None:
    """The back office looks through the file."""
    checked = ["identitas", "persetujuan", "asesmen", "rencana"]
    office.do("bo01", "Periksa kelengkapan berkas", "Setujui rencana", file_checked=checked, file_complete=True)


def reply(office: Office) -> None:
    """The operator records what the Ministry answers."""
    page = office.page("operator01")
    waited_for = page.get_by_role("link", name="Kementerian menetapkan peserta PKH")
    come_to(page, f"/operation/agencies?q={office.number}", waited_for)
    expect(page.locator("main")).not_to_contain_text("Klien meninggal")
    waited_for.click()
    page.get_by_role("button", name="Catat dan teruskan kasus").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("Isi tanggal penetapan")
    fill(page, admitted_on="2026-11-22")
    page.get_by_role("button", name="Catat dan teruskan kasus").click()
    expect(page.get_by_text("Balasan lembaga dicatat")).to_be_visible()
