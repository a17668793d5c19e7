"""The own page: a worker's name as others read it."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.store.history import History
from tests.web.conftest import Browser, MakeWorker

KEPT = {"language": "id", "time_zone": "Asia/Jakarta"}


def test_the_own_name_is_changed_and_the_history_keeps_it(
    browser: Browser, make_worker: MakeWorker, session: Session
) -> None:
    worker = make_worker("tksk01", name="Sari Contoh")
    browser.sign_in("tksk01")
    answer = browser.post("/profile/settings", {**KEPT, "name": "  Sari   Ayu Contoh "})
    assert answer.status_code == 303
    assert "Sari Ayu Contoh" in browser.get("/profile").text
    noted = session.scalars(select(History.detail).where(History.kind == "worker.renamed")).all()
    assert noted == [{"worker": worker.id}]
    browser.post("/profile/settings", {**KEPT, "name": "Sari Ayu Contoh"})
    assert len(session.scalars(select(History.id).where(History.kind == "worker.renamed")).all()) == 1


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_name_is_needed_and_short(browser: Browser, make_worker: MakeWorker, name: str) -> None:
    make_worker("tksk01", name="Sari Contoh")
    browser.sign_in("tksk01")
    answer = browser.post("/profile/settings", {**KEPT, "name": name})
    assert answer.status_code == 422
    assert "Tulis nama Anda" in answer.text
    assert "Sari Contoh" in browser.get("/profile").text
