"""`pilar migrate-instances`: says first what it will do, does that, goes on where it was stopped, and takes it back."""

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.store.definitions import Definition
from engine.store.instances import ProcessInstance
from engine.store.session import make_engine, make_sessions, unit_of_work
from tests import factories
from tests.bpmn import diagrams as d
from tests.casework.moving import LATE, deploy, groups
from tests.platform.running import Run

BARE = (d.start(), d.user("a", groups()), d.user("b", groups()), d.end(), d.chain("start", "a", "b", "end"))
RENAMED = (d.start(), d.user("a", groups()), d.user("c", groups()), d.end(), d.chain("start", "a", "c", "end"))
WORDS = ("migrate-instances", "--family", "p", "--from", "1", "--to", "2", "--by", "operator01")


@pytest.fixture
def instances(committed_db: str) -> None:
    """Twelve instances on version 1; version 2 calls the second task otherwise and has a timer."""
    engine = make_engine(committed_db)
    with unit_of_work(make_sessions(engine)) as session:
        factories.places(session)
        factories.worker(session, "operator01", "operator")
        factories.worker(session, "tksk01", "tksk")
        deploy(session, *BARE)
        for _ in range(12):
            factories.start(session, "p")
        deploy(session, *RENAMED, *LATE)
    engine.dispose()


def on_version(url: str, number: int) -> int:
    engine = make_engine(url)
    with make_sessions(engine)() as session:
        joined = select(func.count()).join_from(
            ProcessInstance, Definition, ProcessInstance.definition_id == Definition.id
        )
        found = session.scalar(joined.where(Definition.number == number)) or 0
    engine.dispose()
    return found


@pytest.mark.usefixtures("instances")
def test_it_says_what_it_will_do_and_does_that(run: Run, committed_db: str) -> None:
    told = run(*WORDS, "--dry-run")
    assert "12 can be moved" in told
    assert "12  added      p/late" in told
    assert "Nothing was changed." in told
    assert on_version(committed_db, 2) == 0
    done = run(*WORDS, "--reason", "Batas waktu baru", "--most", "2")
    assert "2 were moved" in done
    planned = json.loads(run(*WORDS, "--dry-run", "--json"))
    moved = json.loads(run(*WORDS, "--reason", "Batas waktu baru", "--json").partition("\n")[2])
    assert (planned["instances"], planned["dry_run"]) == (moved["instances"], True)
    assert on_version(committed_db, 2) == 12
    assert "12 instances taken back, 0 not." in run(
        "migrate-instances", "--take-back", "1", "--by", "operator01", "--reason", "Ternyata keliru"
    )
    assert on_version(committed_db, 1) == 12


@pytest.mark.usefixtures("instances")
def test_what_is_in_the_way_is_named_with_a_mend(run: Run, tmp_path: Path) -> None:
    back = (
        "migrate-instances",
        "--family",
        "p",
        "--from",
        "2",
        "--to",
        "1",
        "--by",
        "operator01",
        "--reason",
        "Kembali",
    )
    run(*WORDS, "--reason", "Batas waktu baru")
    told = run(*back)
    assert "12 were not moved" in told
    assert "element_missing p/late: the new version does not have it: name it under `rename` or `remove`" in told
    plan = tmp_path / "plan.yaml"
    plan.write_text("remove: [late]\n")
    assert "12 were moved" in run(*back, "--plan", str(plan))


@pytest.mark.usefixtures("instances")
def test_who_may_not_and_what_cannot_be_is_said_in_a_sentence(run: Run, tmp_path: Path) -> None:
    assert "[forbidden]" in run(*WORDS[:-1], "tksk01", "--dry-run", code=1)
    assert "no worker nobody" in run(*WORDS[:-1], "nobody", "--dry-run", code=1)
    assert "reason: required" in run(*WORDS, code=1)
    assert "There is no version 9" in run(*WORDS, "--to", "9", code=1)
    assert "Say --family" in run("migrate-instances", "--by", "operator01", code=2)
    plan = tmp_path / "plan.yaml"
    plan.write_text("rename: {nothing: c}\n")
    assert "unknown_element nothing" in run(*WORDS, "--plan", str(plan), code=1)
