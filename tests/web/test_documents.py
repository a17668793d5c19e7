"""Documents: told by content, pictures without their metadata, downloaded by those who may, each time recorded."""

import io

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.casework import documents
from engine.casework.documents import Upload
from engine.errors import InvalidForm, NotFound
from engine.store.audit import AccessLog
from engine.store.documents import Document
from tests import deciding_case, factories
from tests.web.conftest import Browser

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def photo(kind: str = "JPEG", *, rotated: bool = False) -> bytes:
    """A picture 6 wide and 4 high that says where it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "Kamera Rahasia"
    exif[0x0112] = 6 if rotated else 1
    target = io.BytesIO()
    Image.new("RGB", (6, 4), "red").save(target, kind, exif=exif)
    return target.getvalue()


@pytest.fixture
def sari(session: Session) -> Actor:
    deciding_case.deploy(session)
    actor = factories.worker(session, "tksk71", "tksk")
    session.commit()
    return actor


@pytest.fixture
def case_id(session: Session, sari: Actor) -> int:
    found = deciding_case.register(session, sari)
    session.commit()
    return found


def test_a_picture_is_drawn_anew_and_stands_upright(session: Session, sari: Actor, case_id: int) -> None:
    data = photo(rotated=True)
    assert b"Kamera Rahasia" in data
    row = documents.add(session, sari, case_id, "foto", Upload("../../rumah.exe", data))
    assert b"Kamera Rahasia" not in row.body
    with Image.open(io.BytesIO(row.body)) as kept:
        assert kept.size == (4, 6)
        assert not kept.getexif()
    assert (row.name, row.content_type) == ("rumah.jpg", "image/jpeg")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"MZ\x90\x00 this is a program", "file_unknown_kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "file_unknown_kind"),
        (b"%PDF-1.7 cut off", "file_damaged"),
        (photo()[:60], "file_damaged"),
        (b"%PDF-" + b"x" * documents.MOST_BYTES + b"%%EOF", "file_too_big"),
    ],
)
def test_what_is_no_picture_and_no_pdf_is_refused(
    session: Session, sari: Actor, case_id: int, data: bytes, code: str
) -> None:
    with pytest.raises(InvalidForm) as refused:
        documents.add(session, sari, case_id, "foto", Upload("rumah.jpg", data))
    assert refused.value.messages["file"] == [code]


def test_a_picture_that_would_burst_is_refused(
    session: Session, sari: Actor, case_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MOST_PIXELS", 10)
    with pytest.raises(InvalidForm):
        documents.add(session, sari, case_id, "foto", Upload("besar.png", photo("PNG")))


def test_the_body_is_kept_as_ciphertext(session: Session, sari: Actor, case_id: int) -> None:
    row = documents.add(session, sari, case_id, "surat_desa", Upload("surat.pdf", PDF))
    raw = session.connection().exec_driver_sql("SELECT body, name FROM document").one()
    assert b"%PDF" not in bytes(raw.body)
    assert b"surat" not in bytes(raw.name)
    assert documents.read(session, sari, row.id).body == PDF


def test_only_who_reads_the_case_reads_its_documents(session: Session, sari: Actor, case_id: int) -> None:
    row = documents.add(session, sari, case_id, "surat_desa", Upload("surat.pdf", PDF))
    other = factories.worker(session, "tksk72", "tksk", at=("99.01.02",))
    with pytest.raises(NotFound):
        documents.read(session, other, row.id)
    with pytest.raises(NotFound):
        documents.add(session, other, case_id, "surat_desa", Upload("surat.pdf", PDF))


def test_a_waiting_file_is_its_owners_alone(session: Session, sari: Actor) -> None:
    other = factories.worker(session, "tksk73", "tksk")
    typed = documents.keep_all(session, sari, None, {"photo": [Upload("a.jpg", photo())]}, {})
    numbers = typed["photo"]
    assert isinstance(numbers, list)
    assert [row.name for row in documents.waiting(session, sari, numbers)] == ["a.jpg"]
    assert documents.waiting(session, other, numbers) == []
    with pytest.raises(NotFound):
        documents.read(session, sari, int(numbers[0]))


def test_upload_and_download_through_the_page(browser: Browser, session: Session, sari: Actor, case_id: int) -> None:
    browser.sign_in("tksk71", factories.PASSWORD)
    here = f"/cases/{case_id}"

    def send(name: str, data: bytes) -> int:
        fields = {"kind": "surat_desa", "file": (io.BytesIO(data), name)}
        return browser.post(f"{here}/documents", fields, page=here, content_type="multipart/form-data").status_code

    assert send("surat.pdf", b"bukan surat") == 422
    assert send("surat.pdf", PDF) == 303 or session.scalars(select(Document)).one()
    document = session.scalars(select(Document)).one()
    assert "Surat keterangan desa" in browser.get(here).text
    answer = browser.get(f"/documents/{document.id}")
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"] == "attachment; filename=surat.pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    downloads = select(AccessLog.subject_id).where(AccessLog.action == "download")
    assert session.scalars(downloads).all() == [document.id]
