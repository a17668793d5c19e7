"""Cases in the archive: whoever might have read one is told that it is there; nobody else learns anything."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.store import folding
from engine.store.archived import ArchivedCase, ArchiveFile
from engine.store.audit import AccessLog
from tests import factories
from tests.web.conftest import Browser

NIK = "9901014403520001"
NUMBER, HIDDEN = "99.01.01-2019-000007", "99.01.01-2019-000008"
FILE = "archive-2020-000001.tar"


@pytest.fixture(autouse=True)
def gone(session: Session) -> None:
    """One case in the archive, and a restricted one."""
    admin = factories.worker(session, "admin81", "admin", "dpo")
    file = ArchiveFile(name=FILE, archived_by=admin.id or 0, cases=2, bytes=9, sha256="0")
    session.add(file)
    session.flush()
    closed = datetime(2020, 3, 2, tzinfo=clock.now().tzinfo)
    for number, case_no in enumerate((NUMBER, HIDDEN)):
        session.add(
            ArchivedCase(
                case_id=8100 + number, case_no=case_no, village_code=factories.VILLAGE, status="closed",
                restricted=case_no == HIDDEN, opened_at=closed, closed_at=closed, nik_index=folding.nik_index(NIK),
                file_id=file.id, place=0, length=1, sha256="0", rows=1,
            )
        )  # fmt: skip
    factories.worker(session, "tksk81", "tksk")
    factories.worker(session, "tksk82", "tksk", at=("99.01.02",))
    factories.worker(session, "tksk83", "tksk", restricted_duty=True)
    factories.worker(session, "psm81", "psm")
    session.commit()


@pytest.mark.parametrize(
    ("who", "told"), [("tksk81", [NUMBER]), ("tksk82", []), ("tksk83", [NUMBER, HIDDEN]), ("psm81", [])]
)
def test_a_search_tells_those_who_might_have_read_it(
    browser: Browser, session: Session, who: str, told: list[str]
) -> None:
    browser.sign_in(who, factories.PASSWORD)
    page = browser.post("/people", {"q": NIK}, page="/people").text
    assert [number for number in (NUMBER, HIDDEN) if f"Kasus {number} ada di arsip" in page] == told
    assert (FILE in page) == bool(told)
    logged = session.scalars(select(AccessLog.subject_id).where(AccessLog.action == "found")).all()
    assert len(logged) == len(told)
    for number, case_id in ((NUMBER, 8100), (HIDDEN, 8101)):
        found = browser.get(f"/cases?q={number}").text
        assert (f"Kasus {number} ada di arsip" in found) == (number in told)
        assert ("Tidak ada kasus yang cocok" in found) == (number not in told)
        shown = browser.get(f"/cases/{case_id}")
        assert (shown.status_code, FILE in shown.text) == ((410, True) if number in told else (404, False))


def test_the_access_log_goes_on_naming_its_number(browser: Browser, session: Session) -> None:
    browser.sign_in("tksk81", factories.PASSWORD)
    browser.post("/people", {"q": NIK}, page="/people")
    browser.sign_in("admin81", factories.PASSWORD)
    page = browser.get(f"/access-log?q={NUMBER}").text
    assert ("menemukan lewat pencarian" in page, NUMBER in page) == (True, True)
