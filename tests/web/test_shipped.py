"""Pages of the shipped processes as those who work with them see them: what a decision rests on, what comes next."""

import re
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection
from sqlalchemy.orm import Session, sessionmaker

from engine.casework import work
from engine.service_tasks import OPERATIONS
from engine.store.session import make_engine
from tests.shipped_case import newest_case, open_task, told
from tests.web.conftest import Browser, settings
from web import create_app

PASSWORD = "contoh-pilar-2026"
WATI = "pregnant_mother"


@pytest.fixture(scope="module")
def office(make_demo_db: Callable[[], str]) -> Iterator[Connection]:
    """A connection to the demo's office; what the module does is rolled back."""
    engine = make_engine(make_demo_db())
    with engine.connect() as connection:
        outer = connection.begin()
        yield connection
        outer.rollback()
    engine.dispose()


@pytest.fixture
def session(office: Connection) -> Iterator[Session]:
    """A session in the office; each test begins where the office began."""
    with office.begin_nested() as begun:
        with Session(office, join_transaction_mode="create_savepoint", expire_on_commit=False) as opened:
            yield opened
        begun.rollback()


SignIn = Callable[[str], Browser]


@pytest.fixture
def sign_in(office: Connection, session: Session) -> SignIn:
    """`sign_in("bo01")`: that worker's browser."""
    app = create_app(settings(), sessionmaker(office, join_transaction_mode="create_savepoint", expire_on_commit=False))

    def enter(username: str) -> Browser:
        browser = Browser(app.test_client())
        browser.sign_in(username, PASSWORD)
        return browser

    return enter


def words(html: str) -> str:
    """What a page says, without its marks."""
    main = html[html.index("<main") : html.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).replace("\u00a0", " ")


def test_who_prepares_and_who_signs_a_pkh_proposal_sees_how_much_for_whom(session: Session, sign_in: SignIn) -> None:
    told(session, f"case/{WATI}", "CheckRegister")
    propose = open_task(session, "ProposeFamily")
    shown = words(sign_in("bo01").get(f"/tasks/{propose.id}").text)
    told(session, "pkh/six_children", "ProposeFamily")
    sign = open_task(session, "SignProposal")
    signed = words(sign_in("kd01").get(f"/approvals/{sign.id}").text)
    for part in (
        "Bantuan setahun Rp 9.300.000",
        "Setiap penyaluran Rp 2.325.000",
        "4 Mertua 72 lanjut usia Rp 2.400.000",
    ):
        assert part in shown
    for part in (
        "Bantuan setahun Rp 9.500.000",
        "Tidak dihitung 2",
        "3 anak 8 anak SD Rp 900.000 batas anggota tercapai",
        "40 Tidak tidak ada tidak ada yang cocok",  # the mother: no component
        "Kelayakan PKH, aturan 7 : Memenuhi syarat untuk diusulkan",
        "Desil melebihi batas Tidak",
    ):
        assert part in signed
    assert "pkh_" not in signed, "no names of settings"


def test_who_reviews_the_file_has_assessment_and_plan_beside_it(session: Session, sign_in: SignIn) -> None:
    told(session, f"case/{WATI}", "PlanIntervention")
    review = open_task(session, "ReviewFile")
    page = sign_in("bo01")
    html = page.get(f"/tasks/{review.id}").text
    assert f'hx-get="/tasks/{review.id}/records" hx-trigger="load"' in html
    assert "Jalur yang disarankan: Program Keluarga Harapan (PKH)" in words(html)
    records = words(page.get(f"/tasks/{review.id}/records").text)
    for part in ("Rencana intervensi", "Pangan cukup, anak sekolah", "Asesmen kebutuhan", "Ingin anak tetap sekolah"):
        assert part in records
    assert "Hubungan Umur Hamil atau nifas? Kehamilan ke- Sekolah Disabilitas berat? Klien 31 Ya 2" in records
    assert "9901015203950001" not in records


def test_after_graduation_the_case_is_accompanied_and_waits_for_the_visit(session: Session, sign_in: SignIn) -> None:
    told(session, f"case/{WATI}", "SendGraduationLetter")
    here = f"/cases/{newest_case(session).id}"
    page = sign_in("tksk01")
    html = page.get(here).text
    assert re.search(r'aria-current="step">Pendampingan', html)
    shown = words(html)
    assert "Menunggu waktunya Sampai" in shown
    assert "Waktu kunjungan. Lalu: Kunjungan pemantauan" in shown
    assert "Menunggu kabar dari luar" not in shown
    assert "lulus dari PKH: mandiri" in shown
    assert "graduated" not in shown
    assert "Menunggu sampai" in words(page.get("/cases").text)


def test_an_agency_is_waited_for_until_a_limit(session: Session, sign_in: SignIn) -> None:
    told(session, f"case/{WATI}", "SignProposal")
    shown = words(sign_in("tksk01").get(f"/cases/{newest_case(session).id}").text)
    assert "Menunggu kabar dari luar “Penetapan diterima” atau “Usulan ditolak”, ditunggu sejak" in shown
    assert "(6 bulan tanpa kabar). Lalu: Laporkan ke provinsi" in shown
    assert "Menunggu waktunya" not in shown


def test_the_history_says_by_which_rule_and_condition(session: Session, sign_in: SignIn) -> None:
    told(session, f"case/{WATI}", "CheckRegister")
    shown = words(sign_in("tksk01").get(f"/cases/{newest_case(session).id}/history").text)
    for part in (
        "Mengapa: Triase laporan: P3 · 3 hari kerja",
        "Triase laporan, aturan 8",
        "Tanggapan pertama? Biasa Lanjut ke Verifikasi laporan",
        "Ada di DTSEN? Ya Lanjut ke Hitung komponen bantuan Karena: Keluarga ada di DTSEN? Ya",
        "Keputusan? Setuju Lanjut ke Disetujui lisan? Karena: Keputusan Setujui Syarat pada diagram",
        "return_count = 0",
        "Syarat pada diagram: in_dtsen = true",
        "Menurut Batas waktu",
    ):
        assert part in shown
    assert "Disetujui lisan? Lanjut" not in shown, "a way that is always taken has no reason"


def test_the_form_with_the_clients_number_opens_once_the_task_is_taken(session: Session, sign_in: SignIn) -> None:
    told(session, f"case/{WATI}", "ibu")
    task = open_task(session, "VerifyReport")
    page, here = sign_in("tksk01"), f"/tasks/{task.id}"
    html = page.get(here).text
    assert "Formulir ini memuat nomor klien (NIK" in words(html)
    assert "9901015203950001" not in html
    answer = page.post(f"{here}/claim", page=here, follow_redirects=True)
    assert "sekarang tugas Anda" in words(answer.text)
    assert 'value="9901015203950001"' in answer.text


def test_what_happens_on_sending_is_tried_and_nothing_is_written(session: Session, sign_in: SignIn) -> None:
    told(session, f"case/{WATI}", "PlanIntervention")
    review = open_task(session, "ReviewFile")
    page, here = sign_in("bo01"), f"/tasks/{review.id}"
    missing = words(page.post(here, {"_form": "preview"}, page=here).text)
    assert "Lengkapi dahulu, lalu lihat lagi: Yang sudah diperiksa; Berkas lengkap?" in missing
    answers = {"file_checked": ["identitas", "asesmen"], "file_complete": "true"}
    tried = words(page.post(here, {"_form": "preview", **answers}, page=here).text)
    assert "Bila disimpan: Tugas “Setujui rencana” untuk Kepala bidang, tenggat" in tried
    part = page.client.post(
        here,
        data={"_form": "preview", **answers},
        headers={
            "X-CSRF-Token": page.token(here),
            "HX-Request": "true",
            "HX-Request-Type": "partial",
            "HX-Target": "div#preview",
        },
    ).text
    assert "Setujui rencana" in part
    assert "<html" not in part
    assert open_task(session, "ReviewFile").id == review.id
    back = words(page.post(here, {"_form": "preview", **answers, "file_complete": "false", "missing_note": "KTP"},
                           page=here).text)  # fmt: skip
    assert "Setujui rencana" not in back


def test_errors_name_their_questions(session: Session, sign_in: SignIn) -> None:
    page = sign_in("psm01")
    html = page.post("/cases/new/report", {"_form": "register"}, page="/cases/new").text
    summary = re.findall(r'<li><a href="#[^"]+">([^<]+)</a></li>', html)
    assert len(summary) > 5
    assert len(summary) == len(set(summary)), "each says which question it is about"


def test_the_receipt_says_how_soon_somebody_comes(session: Session, sign_in: SignIn) -> None:
    told(session, f"case/{WATI}", "ibu")
    shown = words(sign_in("psm01").get(f"/cases/new/{newest_case(session).id}/receipt").text)
    assert "P3 · biasa · ditanggapi dalam 3 hari kerja" in shown
    assert "Verifikasi laporan" in shown


def test_the_receipt_of_a_protected_case_tells_no_steps(session: Session, sign_in: SignIn) -> None:
    told(session, "case/beaten_wife", "istri")
    case = newest_case(session)
    assert case.restricted
    shown = words(sign_in("psm01").get(f"/cases/new/{case.id}/receipt").text)
    assert case.case_no in shown
    assert "Lakukan kontak pertama" not in shown
    assert "hanya petugas yang ditunjuk" in shown


def test_a_decision_opens_with_its_evidence_from_the_inbox(session: Session, sign_in: SignIn) -> None:
    told(session, f"case/{WATI}", "ReviewFile")
    task = open_task(session, "ApprovePlan")
    page = sign_in("kb_linjamsos")
    answer = page.get(f"/tasks/{task.id}")
    assert (answer.status_code, answer.location) == (302, f"/approvals/{task.id}")
    shown = words(page.get(answer.location).text)
    assert "Bila “Setujui”: Tugas “Periksa DTSEN di SIKS-NG” untuk Staf seksi" in shown
    assert "Bila “Tolak”: Tugas “Tulis surat penolakan” untuk Staf seksi" in shown


def test_a_disaster_is_known_by_its_number_and_shows_what_it_needs(session: Session, sign_in: SignIn) -> None:
    page = sign_in("tksk01")
    here = "/reports/laporan_desa_bencana"
    typed = {"village_code": "99.01.01.2003", "hazard": "banjir", "event_kind": "alam", "message_id": "r-1"}
    answer = page.post(here, {**typed, "event_time-date": "2026-10-01", "event_time-time": "09:10"}, page=here)
    assert answer.status_code == 302
    work.run_due(session, OPERATIONS)
    session.commit()
    task = open_task(session, "FirstReport")
    shown = words(page.get(f"/tasks/{task.id}").text)
    assert re.search(r"Nomor B-99\.01\.01-\d{4}-\d{4}", shown)
    told(session, "tagana/house_fire", "RapidAssess")
    decide = open_task(session, "ApproveLogistics")
    needs = words(sign_in("kb_linjamsos").get(f"/approvals/{decide.id}").text)
    assert "Makanan siap santap (porsi) 56" in needs
    assert "Beras (kg) 11,2" in needs
    assert "Beras 400 g per orang per hari" in needs


def test_an_operator_sees_what_a_case_waits_for_in_one_row(session: Session, sign_in: SignIn) -> None:
    told(session, f"case/{WATI}", "SignProposal")
    number = newest_case(session).case_no
    page = sign_in("operator01")
    html = page.get(f"/operation/agencies?q={number}").text
    shown = words(html)
    assert f"{number} PKH" in shown
    assert "Kementerian menetapkan peserta PKH Kementerian menolak usulan PKH" in shown
    part = page.get(
        f"/operation/agencies?q={number}",
        headers={"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#waiting"},
    ).text
    assert "<html" not in part


def test_a_camat_finds_the_decree_to_ask_for(session: Session, sign_in: SignIn) -> None:
    told(session, "tagana/flood", "RapidAssess")
    page = sign_in("camat01")
    assert "Ajukan SK Tanggap Darurat" in words(page.get("/tasks?tab=queue").text)
    shown = words(page.get(f"/tasks/{open_task(session, 'RequestDecree').id}").text)
    assert "Kebutuhan logistik" in shown
