"""Inbox and task page through the browser's eyes: claim, draft, errors, conflict, documents; nothing typed is lost."""

import io
import re
from hashlib import sha256
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.casework import tasks
from engine.store.audit import AccessLog
from engine.store.documents import Document
from engine.store.incidents import Incident
from engine.store.tasks import Task, TaskDraft, TaskState
from engine.store.workers import Worker
from tests import factories, small_case
from tests.web.conftest import Browser

WISH = "Ingin tinggal dekat cucu"


@pytest.fixture
def sari(session: Session) -> Actor:
    return factories.worker(session, "tksk41", "tksk")


@pytest.fixture
def task(session: Session, sari: Actor) -> Task:
    case_id = small_case.register(session, sari)
    session.commit()
    return small_case.open_task(session, case_id)


@pytest.fixture
def page(browser: Browser, task: Task) -> Browser:
    browser.sign_in("tksk41", factories.PASSWORD)
    return browser


def send(page: Browser, task: Task, **fields: Any) -> Any:
    return page.post(f"/tasks/{task.id}", {"_form": "complete", **fields}, page=f"/tasks/{task.id}")


def test_the_inbox_shows_the_queue_and_claiming_opens_the_task(page: Browser, task: Task, session: Session) -> None:
    html = page.get("/tasks?tab=queue").text
    assert "Asesmen" in html
    assert "Ny. R., 74 th" in html
    assert "Rukmini" not in html, "a list names nobody"
    answer = page.post(f"/tasks/{task.id}/claim", page="/tasks?tab=queue")
    assert (answer.status_code, answer.location) == (303, f"/tasks/{task.id}")
    session.refresh(task)
    assert task.assignee_id is not None
    assert "Asesmen" in page.get("/tasks").text


def test_the_second_to_claim_is_told_and_stays_on_the_list(page: Browser, task: Task, session: Session) -> None:
    tasks.claim(session, factories.worker(session, "tksk42", "tksk"), task.id)
    session.commit()
    answer = page.post(f"/tasks/{task.id}/claim", page="/tasks", follow_redirects=True)
    assert "baru saja diambil rekan lain" in answer.text
    assert "Sedang dikerjakan Petugas tksk42" in page.get(f"/tasks/{task.id}").text


def test_release_gives_the_task_back(page: Browser, task: Task, session: Session) -> None:
    page.post(f"/tasks/{task.id}/claim", page="/tasks?tab=queue")
    answer = page.post(f"/tasks/{task.id}/release", {"next": "https://jahat.example/tasks"}, page=f"/tasks/{task.id}")
    assert answer.location == "/tasks", "only addresses of ours"
    session.refresh(task)
    assert task.assignee_id is None


def test_the_page_shows_form_client_way_and_history(page: Browser, task: Task, session: Session) -> None:
    html = page.get(f"/tasks/{task.id}").text
    for part in (
        "Harapan klien",
        "Ny. R.",
        "Asesmen menentukan bantuan.",
        "Anda di sini",
        "Kasus dicatat",
        "Catat laporan",
    ):
        assert part in html
    assert "Rukmini" not in html
    reads = session.scalars(select(AccessLog.action).where(AccessLog.case_id == task.case_id)).all()
    assert "read" in reads


def test_the_whole_client_is_shown_on_request_and_recorded(page: Browser, task: Task, session: Session) -> None:
    assert "Rukmini Contoh" in page.get(f"/tasks/{task.id}?show=client").text
    assert "unmask" in session.scalars(select(AccessLog.action).where(AccessLog.case_id == task.case_id)).all()


def test_errors_lead_to_their_fields_and_nothing_typed_is_lost(page: Browser, task: Task, session: Session) -> None:
    answer = send(page, task, income="banyak", alone="false", carer="Tetangga")
    assert answer.status_code == 422
    assert '<a href="#wish">Tuliskan harapan klien dengan kata-katanya sendiri</a>' in answer.text
    assert 'value="banyak"' in answer.text
    assert 'value="Tetangga"' in answer.text
    assert 'value="banyak"' in page.get(f"/tasks/{task.id}").text, "kept as a draft too"
    session.refresh(task)
    assert task.state is TaskState.OPEN


def test_a_good_form_completes_and_says_what_comes_next(page: Browser, task: Task, session: Session) -> None:
    answer = send(page, task, wish=WISH, income="Rp 350.000", alone="true")
    assert answer.status_code == 303
    session.refresh(task)
    assert task.state is TaskState.COMPLETED
    html = page.get(answer.location).text
    assert "Tugas ini selesai." in html
    assert "Putuskan rencana" in html
    assert "350.000" in html
    assert WISH in html
    assert "Ubah" not in html


def test_what_follows_is_asked_for_again_while_work_goes_on(page: Browser, task: Task, session: Session) -> None:
    send(page, task, wish=WISH)
    html = page.get(f"/tasks/{task.id}/following").text
    assert "Putuskan rencana" in html
    assert "Kepala bidang" in html
    assert "<html" not in html
    following = small_case.open_task(session, task.case_id or 0)
    tasks.complete(session, factories.worker(session, "kb41", "kabid"), following.id, {})
    session.commit()
    assert "sudah berakhir" in page.get(f"/tasks/{task.id}/following").text


def test_the_same_submission_twice_has_one_effect(page: Browser, task: Task, session: Session) -> None:
    key = re.search(r'name="_key" value="([^"]+)"', page.get(f"/tasks/{task.id}").text)
    assert key is not None
    first, second = (send(page, task, wish=WISH, _key=key[1]) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    open_tasks = select(Task).where(Task.case_id == task.case_id, Task.state == TaskState.OPEN)
    assert len(session.scalars(open_tasks).all()) == 1


def test_a_draft_is_saved_while_typing_and_comes_back(page: Browser, task: Task) -> None:
    token = page.token(f"/tasks/{task.id}")
    answer = page.client.post(f"/tasks/{task.id}/draft", data={"wish": WISH}, headers={"X-CSRF-Token": token})
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert answer.text.startswith("Draf tersimpan")
    assert WISH in page.get(f"/tasks/{task.id}").text


def test_the_draft_button_and_rows_work_without_javascript(page: Browser, task: Task, session: Session) -> None:
    send(page, task, _form="add:members", wish=WISH, **{"members-0-who": "Cucu"})
    html = page.get(f"/tasks/{task.id}").text
    assert 'name="members-0-who" type="text" value="Cucu"' in html
    assert 'name="members-1-who"' in html
    send(page, task, _form="remove:members:0", wish=WISH, **{"members-0-who": "Cucu", "members-1-who": "Anak"})
    html = page.get(f"/tasks/{task.id}").text
    assert 'name="members-0-who" type="text" value="Anak"' in html
    answer = send(page, task, _form="draft", wish="Lain")
    assert answer.status_code == 303
    assert "Draf disimpan" in page.get(answer.location).text
    assert session.scalars(select(TaskDraft.answers)).one()["wish"] == ["Lain"]


def test_a_conflict_shows_who_was_faster_and_keeps_every_word(page: Browser, task: Task, session: Session) -> None:
    other = factories.worker(session, "tksk43", "tksk")
    tasks.complete(session, other, task.id, {"wish": "Lain"})
    session.commit()
    answer = send(page, task, wish=WISH, alone="false", **{"members-0-who": "Cucu"})
    assert answer.status_code == 409
    assert "Petugas tksk43 sudah menyelesaikan tugas ini" in answer.text
    assert WISH in answer.text
    assert "Cucu" in answer.text
    assert "Tidak" in answer.text, "choices by their labels"
    token = page.token("/profile")
    draft = page.client.post(f"/tasks/{task.id}/draft", data={"wish": WISH}, headers={"X-CSRF-Token": token})
    assert draft.status_code == 409


def test_a_state_that_cannot_be_read_calls_an_operator_and_the_list_still_works(
    page: Browser, task: Task, session: Session
) -> None:
    session.execute(text(r"UPDATE process_instance SET body = '\x00ff' WHERE id = :id"), {"id": task.instance_id})
    session.commit()
    for _ in range(2):
        answer = send(page, task, wish=WISH)
        assert answer.status_code == 500
        assert "Operator sudah diberi tahu" in answer.text
    (incident,) = session.scalars(select(Incident)).all()
    assert (incident.instance_id, incident.code) == (task.instance_id, "state_unreadable")
    assert page.get("/tasks?tab=queue").status_code == 200


def test_conditions_are_settled_on_the_server_for_htmx(page: Browser, task: Task) -> None:
    headers = {
        "X-CSRF-Token": page.token(f"/tasks/{task.id}"),
        "HX-Request": "true",
        "HX-Request-Type": "partial",
        "HX-Target": "div#answers",
    }
    fields = {"wish": WISH, "alone": "false"}
    answer = page.client.post(f"/tasks/{task.id}/answers", data=fields, headers=headers)
    assert "Pengasuh" in answer.text
    assert "<html" not in answer.text
    assert WISH in answer.text
    fields["alone"] = "true"
    assert "Pengasuh" not in page.client.post(f"/tasks/{task.id}/answers", data=fields, headers=headers).text


def test_a_question_that_an_answer_brings_up_is_asked_before_the_form_is_taken(page: Browser, task: Task) -> None:
    """Without JavaScript the page cannot show it in time."""
    html = page.get(f"/tasks/{task.id}").text
    shown = re.search(r'name="_shown" value="([^"]+)"', html)
    assert shown is not None
    assert "carer" not in shown[1].split()
    answer = send(page, task, wish=WISH, alone="false", _shown=shown[1])
    assert answer.status_code == 422
    assert "memunculkan pertanyaan baru" in answer.text
    again = re.search(r'name="_shown" value="([^"]+)"', answer.text)
    assert again is not None
    assert send(page, task, wish=WISH, alone="false", _shown=again[1]).status_code == 303


def picture() -> tuple[io.BytesIO, str]:
    body = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(body, "JPEG")
    body.seek(0)
    return body, "rumah.jpg"


def test_an_uploaded_photo_survives_an_error_in_another_field(page: Browser, task: Task, session: Session) -> None:
    answer = send(page, task, **{"photo-upload": picture()}, content_type="multipart/form-data")
    assert answer.status_code == 422
    document = session.scalars(select(Document)).one()
    assert f'name="photo" value="{document.id}"' in answer.text
    assert "rumah.jpg" in answer.text
    assert send(page, task, wish=WISH, photo=str(document.id)).status_code == 303
    shown = page.get(f"/documents/{document.id}")
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")


def test_a_file_that_is_no_picture_is_refused_with_advice(page: Browser, task: Task) -> None:
    answer = send(page, task, wish=WISH, **{"photo-upload": (io.BytesIO(b"MZ..."), "x.jpg")})
    assert answer.status_code == 422
    assert "harus foto" in answer.text
    assert WISH in answer.text


def test_a_document_beside_the_form(page: Browser, task: Task, session: Session) -> None:
    where = f"/tasks/{task.id}"
    page.post(f"{where}/documents", {"file": picture()}, page=where, content_type="multipart/form-data")
    assert "rumah.jpg" in page.get(where).text
    answer = page.post(f"{where}/documents", {"file": (io.BytesIO(b""), "x.jpg")}, page=where, follow_redirects=True)
    assert "kosong" in answer.text


def test_a_draft_typed_into_an_older_form_shows_the_difference(page: Browser, task: Task, session: Session) -> None:
    old = small_case.form_file(
        "AssessNeeds",
        small_case.component("textarea", "wish", "Harapan klien"),
        small_case.component("textfield", "hobby", "Kegemaran"),
    )
    factories.deploy(session, {**small_case.FILES, "case/AssessNeeds.form": old})
    worker = session.scalars(select(Worker).where(Worker.username == "tksk41")).one()
    tasks.save_draft(session, worker.actor(), task.id, {"wish": [WISH], "hobby": ["Menyulam"]}, sha256(old).hexdigest())
    session.commit()
    html = page.get(f"/tasks/{task.id}").text
    assert "Formulir ini diperbarui" in html
    assert "Tidak ditanyakan lagi: Kegemaran" in html
    assert "Menyulam" in html
    assert WISH in html


def test_the_diagram_is_served_once(page: Browser, task: Task) -> None:
    answer = page.get(f"/tasks/{task.id}/diagram")
    assert b"AssessNeeds" in answer.data
    again = page.get(f"/tasks/{task.id}/diagram", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_nobody_opens_what_they_may_not_see(browser: Browser, task: Task, session: Session) -> None:
    factories.worker(session, "tksk44", "tksk", at=("99.01.02",))
    session.commit()
    browser.sign_in("tksk44", factories.PASSWORD)
    for path in (f"/tasks/{task.id}", f"/tasks/{task.id}/diagram"):
        assert browser.get(path).status_code == 404
    for path in ("", "/draft", "/answers", "/claim", "/documents"):
        assert browser.post(f"/tasks/{task.id}{path}").status_code == 404


def test_four_eyes_is_said_before_anything_is_typed(page: Browser, task: Task, session: Session) -> None:
    send(page, task, wish=WISH)
    following = small_case.open_task(session, task.case_id or 0)
    html = page.get(f"/tasks/{following.id}").text
    assert "perlu orang lain" in html
    assert "Tandai selesai" not in html


def test_both_languages(page: Browser, task: Task) -> None:
    page.client.set_cookie("pilar_lang", "en")
    html = page.get(f"/tasks/{task.id}").text
    assert '<html lang="en"' in html


@pytest.mark.parametrize("path", ["/tasks", "/tasks?tab=queue", "/tasks/{id}"])
def test_few_statements_and_few_bytes(page: Browser, task: Task, session: Session, path: str) -> None:
    path = path.format(id=task.id)
    page.get(path)
    session.expire_all()
    statements: list[str] = []
    connection = session.connection()
    listener = lambda *given: statements.append(given[2])  # noqa: E731
    event.listen(connection, "before_cursor_execute", listener)
    answer = page.get(path, headers={"Accept-Encoding": "br"})
    event.remove(connection, "before_cursor_execute", listener)
    counted = [text for text in statements if not text.startswith(("SAVEPOINT", "RELEASE"))]
    assert len(counted) <= 8, "\n".join(text.splitlines()[0][:90] for text in counted)
    assert len(answer.data) < 10_000
