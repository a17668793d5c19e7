"""The analyst's way through the pages: change a diagram, have it checked, reviewed and published; who uses it."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from engine import clock
from tests.browser.filling import fill
from tests.browser.office import Office, come_to, send

SignIn = Callable[[Page, str], Page]
# The family of disasters: no other browser test begins one.
TASK, RENAMED, APPENDED = "Laporan kejadian awal", "Catat kejadian dari lapangan", "Kabari kepala desa"
HAPPENED: dict[str, Any] = {
    "hazard": "angin",
    "event_kind": "alam",
    "event_time": clock.now().strftime("%Y-%m-%dT00:01"),
}


def test_a_changed_diagram_reaches_new_cases_only(new_context: Callable[..., BrowserContext], sign_in: SignIn) -> None:
    office = Office(new_context, sign_in)
    report(office, "99.01.01.2001")
    analyst = office.page("analis01")
    open_editor(analyst)
    rename(analyst)
    append(analyst)
    keep(analyst)
    ask_for_review(analyst)
    publish(office.page("analis02"))
    report(office, "99.01.01.2003")

    page = office.page("tksk01")
    come_to(page, "/tasks?tab=queue", "Desa Contoh Asri", TASK)
    come_to(page, "/tasks?tab=queue", "Desa Contoh Indah", RENAMED)
    row = page.locator("li", has_text="Desa Contoh Indah").filter(has_text=RENAMED)
    row.get_by_role("button", name="Ambil").click()
    fill(page, **HAPPENED, families_estimate=3, urgent_needs=["pangan"])
    send(page)
    expect(page.locator("#following")).to_contain_text(APPENDED)


def report(office: Office, village: str) -> None:
    """A disaster is reported: the newest version of the process begins."""
    page = office.page("fo01")
    page.goto("/reports/laporan_bpbd")
    fill(page, village_code=village, **HAPPENED)
    page.get_by_role("button", name="Catat laporan").click()
    expect(page.get_by_text("Laporan diterima.")).to_be_visible()


def open_editor(page: Page) -> None:
    """From the families to the drawing."""
    page.goto("/processes")
    page.get_by_role("link", name="Penanganan bencana oleh Tagana").click()
    page.get_by_role("button", name="Ubah proses ini").click()
    page.wait_for_url(re.compile(r"/drafts/\d+$"))
    page.locator("a[href$='/edit/tagana/tagana.bpmn']").first.click()
    expect(page.locator("[data-editor][data-ready]")).to_be_visible()


def find(page: Page, name: str) -> None:
    """Select an element by the editor's own search, as for any element that is off the screen."""
    page.locator("[data-editor-canvas] .djs-container > svg").focus()
    page.keyboard.press("Control+f")
    page.keyboard.type(name)
    page.locator(".djs-search-result", has_text=name).first.click()
    expect(page.locator(".bio-properties-panel-header-label")).to_have_text(name)


def group(page: Page, title: str) -> Locator:
    """A group of the panel beside the drawing, opened."""
    found = page.locator(".bio-properties-panel-group").filter(has=page.get_by_text(title, exact=True))
    header = found.locator(".bio-properties-panel-group-header")
    if "open" not in (header.get_attribute("class") or ""):
        header.click()
    return found


def findings(page: Page) -> Locator:
    """What the check says under the drawing."""
    return page.locator("[data-editor-findings]")


def rename(page: Page) -> None:
    """Another name for a task: nothing is found wrong."""
    find(page, TASK)
    group(page, "Umum").locator("textarea[name=name]").fill(RENAMED)
    expect(page.locator("[data-editor-state]")).to_have_text("Belum disimpan")


def append(page: Page) -> None:
    """One more task: the check says what it lacks until it is a task for somebody, with an end."""
    pad = page.locator(".djs-context-pad")
    pad.locator("[data-action='append.append-task']").click()
    page.keyboard.type(APPENDED)
    page.keyboard.press("Enter")
    expect(findings(page)).to_contain_text("jalan berhenti di sini tanpa peristiwa akhir")
    expect(findings(page)).to_contain_text("mesin melewati tugas ini tanpa menunggu")

    pad.locator("[data-action=replace]").click()
    page.locator(".djs-popup .entry", has_text="Tugas orang").click()
    expect(findings(page)).to_contain_text("tidak disebut siapa yang boleh mengerjakan tugas ini")
    group(page, "Penugasan").locator("[name=assignmentDefinitionCandidateGroups]").fill("tksk")
    expect(findings(page)).not_to_contain_text("tidak disebut siapa")
    findings(page).get_by_role("button", name=APPENDED).first.click()
    pad.locator("[data-action='append.end-event']").click()
    expect(findings(page)).not_to_contain_text("jalan berhenti di sini")


def keep(page: Page) -> None:
    """Save the draft: without a network nothing is lost; what is saved is there when the page is opened anew."""
    save, state = page.get_by_role("button", name="Simpan"), page.locator("[data-editor-state]")
    page.context.set_offline(True)
    save.click()
    expect(state.get_by_role("link")).to_have_attribute("download", "diagram.bpmn")
    page.context.set_offline(False)
    save.click()
    expect(state).to_have_text("Tersimpan")
    page.reload()
    expect(page.locator("[data-editor][data-ready]")).to_be_visible()
    find(page, APPENDED)


def ask_for_review(page: Page) -> None:
    """The draft's page says what changed; who wrote it cannot publish it."""
    page.get_by_role("link", name="Rancangan:").click()
    expect(page.locator("main")).to_contain_text(RENAMED)
    expect(page.locator("main")).to_contain_text(APPENDED)
    page.get_by_role("button", name="Kirim").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    page.get_by_label("Apa yang berubah dan mengapa").fill("Kepala desa perlu segera tahu.")
    page.get_by_role("button", name="Kirim").click()
    expect(page.get_by_text("Menunggu tinjauan")).to_be_visible()
    expect(page.get_by_role("button", name="Setujui dan terbitkan")).to_have_count(0)


def publish(page: Page) -> None:
    """A second analyst looks and publishes."""
    page.goto("/processes")
    page.get_by_role("link", name="Tinjau").click()
    expect(page.locator("main")).to_contain_text("Kepala desa perlu segera tahu.")
    expect(page.locator("main")).to_contain_text(RENAMED)
    expect(page.locator("[data-diagram][data-ready] .pilar-you").first).to_have_text("Diubah")
    page.get_by_role("button", name="Setujui dan terbitkan").click()
    expect(page.locator("main")).to_contain_text("versi 2. Kasus baru memakainya")
