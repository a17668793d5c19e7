"""Versions of a family: what a folder may put in force, and what stays because an analyst published it."""

from pathlib import Path

from sqlalchemy.orm import Session

from engine.actors import SYSTEM
from engine.casework import definitions
from engine.store import definitions as store
from tests import factories
from tests.bpmn import diagrams as d


def _family(folder: Path, task: str) -> dict[str, bytes]:
    diagram = d.process(d.start(), d.user("Do", name=task), d.end(), d.flow("start", "Do"), d.flow("Do", "end"))
    (folder / "p").mkdir(exist_ok=True)
    (folder / "p" / "p.bpmn").write_bytes(diagram)
    return {"p/p.bpmn": diagram}


def test_a_folder_takes_the_place_of_what_a_folder_brought(session: Session, tmp_path: Path) -> None:
    _family(tmp_path, "Lama")
    definitions.deploy_folder(session, SYSTEM, tmp_path)
    _family(tmp_path, "Baru")
    assert [row.number for row in definitions.deploy_folder(session, SYSTEM, tmp_path)] == [2]
    assert definitions.deploy_folder(session, SYSTEM, tmp_path) == []


def test_a_restart_leaves_in_force_what_an_analyst_published(session: Session, tmp_path: Path) -> None:
    analyst = factories.worker(session, "analis42", "analyst")
    shipped = _family(tmp_path, "Dari berkas")
    definitions.deploy_folder(session, SYSTEM, tmp_path)
    definitions.deploy_files(session, analyst, _family(tmp_path, "Dari analis"), created_by=analyst.id)
    (tmp_path / "p" / "p.bpmn").write_bytes(shipped["p/p.bpmn"])

    assert definitions.deploy_folder(session, SYSTEM, tmp_path) == []
    current = store.latest(session, "p")
    assert current is not None
    assert current.number == 2
    assert [row.family for row in definitions.published_by_workers(session)] == ["p"]

    assert [row.number for row in definitions.deploy_folder(session, SYSTEM, tmp_path, replace=True)] == [3]
    assert definitions.published_by_workers(session) == []
